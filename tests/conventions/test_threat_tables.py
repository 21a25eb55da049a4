"""Every attack on the lists names its tests, and every test that is named exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A numbered item of a list with its indented lines.
ITEM = re.compile(r"^(\d+)\. (.*\n(?:[ ]+.*\n)*)", re.MULTILINE)
# The attack in bold, the answer, then a list of tests.
ENTRY = re.compile(r"\*\*([^*]+)\*\*\n((?:(?! *\* ).*\n)+)((?: +.*\n)*)")
# A file, then the functions in it.
NAMED = re.compile(r"`((?:tests|crates|fuzz)/[\w/.\-]+\.(?:py|rs))`((?:[:,]? `\w+`)*)")


def rows(page: str) -> dict[int, str]:
    found = ITEM.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert len({number for number, _ in found}) == len(found), "a number comes twice"
    return {int(number): entry for number, entry in found}


def named(entry: str) -> list[tuple[Path, str]]:
    """The files and functions in a row; a file alone has an empty function."""
    text = entry.replace("`I/", "`crates/facemask-image/tests/image/").replace("`C/", "`crates/facemask-core/")
    found = []
    for path, functions in NAMED.findall(re.sub(r"\s+", " ", text)):
        found += [(ROOT / path, name) for name in re.findall(r"`(\w+)`", functions) or [""]]
    return found


def test_the_reader_of_rows_sees_files_and_functions():
    entry = "x\n * `tests/a/b.py`:\n  `test_c`,\n  `test_d`\n * `I/e.rs`: `f`\n * `fuzz/targets/g.rs`\n"
    image = "crates/facemask-image/tests/image/e.rs"
    wanted = [("tests/a/b.py", "test_c"), ("tests/a/b.py", "test_d"), (image, "f"), ("fuzz/targets/g.rs", "")]
    assert named(entry) == [(ROOT / path, name) for path, name in wanted]


def test_the_attacks_are_numbered_without_gaps():
    assert list(rows("threats.md")) == list(range(1, len(rows("threats.md")) + 1))


@pytest.mark.parametrize("number", rows("threats.md"))
def test_every_attack_has_an_answer_and_a_test(number: int):
    entry = ENTRY.fullmatch(rows("threats.md")[number])
    assert entry, "an attack in bold, its countermeasure, a list of tests"
    attack, answer, tests = entry.groups()
    assert attack.strip()
    assert answer.strip()
    assert named(tests), "no test"


@pytest.mark.parametrize("page", ["threats.md", "hostile.md"])
def test_every_test_that_is_named_exists(page: str):
    everything = [each for entry in rows(page).values() for each in named(entry)]
    assert len(everything) > 40
    for path, name in everything:
        assert path.exists(), path
        if name:
            assert re.search(rf"^\s*(async )?(def|fn) {name}\b", path.read_text(encoding="utf-8"), re.MULTILINE), name


@pytest.mark.parametrize("page", ["threats.md", "hostile.md"])
def test_no_test_is_promised_for_later(page: str):
    assert "to be added" not in (ROOT / "docs" / page).read_text(encoding="utf-8")
