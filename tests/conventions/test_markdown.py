"""Form of the Markdown pages: short lines, one sentence a line, links that resolve."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLUMNS = 120
PLACES = ("*.md", "docs/**/*.md", "findings/*.md", "samples/*/*.md", "examples/**/*.md", ".github/**/*.md")
# Texts of licenses, as their owners wrote them.
QUOTED_PAGES = {"THIRD-PARTY-LICENSES.md"}
PAGES = sorted({page for place in PLACES for page in ROOT.glob(place) if page.name not in QUOTED_PAGES})
# Pages whose prose is not yet in this form; their links are checked all the same.
PENDING: set[str] = set()
# Fences of these languages quote the output of a program, which decides where its lines end.
QUOTED = {"console", "log"}
ABBREVIATIONS = {"al", "approx", "cf", "e.g", "fig", "i.e", "pp", "vs"}
SENTENCE_END = re.compile(r"([\w.]*\w)?[.!?][)\"”*_]* +[(\"“*_\[]*[A-Z]")
LIST_MARKER = re.compile(r"^[\s>]*(?:(?:[*+-]|\d+[.)])\s+)?")
RUN_IN_HEADING = re.compile(r"^\*\*[^*]+\*\*\s*")
CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\([^()\s]*\)|\[[^\]]*\])")
TARGET = re.compile(r"\]\(([^()\s]+)\)|^\s*\[[^\]]+\]:\s+(\S+)|\b(?:src|href)=\"([^\"]+)\"", re.MULTILINE)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def numbered_lines(text: str) -> Iterator[tuple[int, str, str | None]]:
    """Yield number, line, and the language of the fence around it: None outside of fences, "" for a bare fence."""
    fence, language = "", None
    for number, line in enumerate(text.splitlines(), 1):
        opening = re.match(r"\s*(`{3,}|~{3,})\s*(\w*)", line)
        if opening and not fence:
            fence, language = opening[1], opening[2]
        elif opening and opening[1].startswith(fence) and not line.strip().strip(fence[0]):
            yield number, line, language
            fence, language = "", None
            continue
        yield number, line, language


def is_bare_url(line: str) -> bool:
    """Whether a line holds nothing but one address, with or without a list marker or a reference label."""
    return re.fullmatch(r"\s*(?:[*+-]\s+)?(?:\[[^\]]+\]:\s+)?<?https?://\S+>?", line) is not None


def long_lines(text: str) -> list[int]:
    lines = numbered_lines(text)
    return [n for n, line, fence in lines if len(line) > COLUMNS and fence not in QUOTED and not is_bare_url(line)]


def has_two_sentences(line: str) -> bool:
    text = LINK.sub(r"\1", CODE_SPAN.sub("Code", LIST_MARKER.sub("", line, count=1)))
    text = RUN_IN_HEADING.sub("", text)
    for match in SENTENCE_END.finditer(text):
        word = match[1] or ""
        is_initial = len(word) == 1 and word.isupper()
        if not is_initial and word.lower() not in ABBREVIATIONS:
            return True
    return False


def lines_of_two_sentences(text: str) -> list[int]:
    prose = [(n, line) for n, line, fence in numbered_lines(text) if fence is None]
    return [n for n, line in prose if not line.lstrip().startswith(("|", "#", "<")) and has_two_sentences(line)]


def without_code(text: str) -> str:
    prose = "\n".join(line for _, line, fence in numbered_lines(text) if fence is None)
    return CODE_SPAN.sub("", prose)


def link_targets(text: str) -> list[str]:
    targets = ["".join(match) for match in TARGET.findall(without_code(text))]
    return [target for target in targets if not re.match(r"\w+:", target)]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page by GitHub's rule for headings, and those set with `id`."""
    found = set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))
    repeats: Counter[str] = Counter()
    headings = [line for _, line, fence in numbered_lines(text) if fence is None and re.match(r"#{1,6} ", line)]
    for heading in headings:
        title = LINK.sub(r"\1", heading.lstrip("# ").strip()).lower()
        slug = re.sub(r"[^\w\- ]", "", title).replace(" ", "-")
        found.add(f"{slug}-{repeats[slug]}" if repeats[slug] else slug)
        repeats[slug] += 1
    return found


WRITTEN = [page for page in PAGES if name_of(page) not in PENDING]


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_lines_fit_into_the_columns(page: Path):
    assert long_lines(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_a_line_holds_one_sentence(page: Path):
    assert lines_of_two_sentences(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_relative_links_and_their_anchors_resolve(page: Path):
    for target in link_targets(page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), f"{name_of(page)} links to {target}"
        if anchor and linked.suffix == ".md":
            assert anchor in anchors(linked.read_text(encoding="utf-8")), f"{name_of(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pictures_on_pages_are_small(page: Path):
    for target in link_targets(page.read_text(encoding="utf-8")):
        linked = page.parent / target
        assert linked.suffix not in (".png", ".jpg", ".webp") or linked.stat().st_size < 150_000, target


def test_pending_pages_exist():
    assert {name_of(page) for page in PAGES} >= PENDING


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("One sentence with `a. B` in code.", False),
        ("One sentence. Another one.", True),
        ("* **Term.** A sentence behind a heading in bold.", False),
        ("* **Term.** A sentence. Another one.", True),
        ("12. An item of a numbered list.", False),
        ("It is `exact`. `similar` needs a database.", True),
        ("It returns 200 (or 304). The client may cache it.", True),
        ("A mean face, e.g. Basel's, by J. Doe et al. and others.", False),
        ("See [one. Two](page.md#one) for RFC 9110, section 12.5.1.", True),
        ("Version 0.1 of the page.", False),
    ],
)
def test_two_sentences_are_found(line: str, expected: bool):
    assert has_two_sentences(line) is expected


def test_long_lines_are_found_except_addresses_and_quoted_output():
    long = "x" * (COLUMNS + 1)
    text = f"{long}\n```text\n{long}\n```\n```log\n{long}\n```\n* <https://example.org/{long}>\n| {long} |\n"
    assert long_lines(text) == [1, 3, 9]


def test_anchors_follow_the_headings():
    text = '# A, b & `c_d`\n## Same\n## Same\n```sh\n# no heading\n```\n## [Link](x.md) (to x)\n<a id="own"></a>\n'
    assert anchors(text) == {"a-b--c_d", "same", "same-1", "link-to-x", "own"}


def test_links_are_found_in_every_form():
    text = '[a](b.md#c) ![d](e.png) `[f](g)` <img src="h.jpg">\n[i](https://example.org)\n[j]: k.md\n'
    assert link_targets(text) == ["b.md#c", "e.png", "h.jpg", "k.md"]
