"""Tables of the pages that repeat what the code defines."""

import re
from pathlib import Path

import pytest
from facemask import _core

ROOT = Path(__file__).parents[2]
SCHEMES = (ROOT / "docs/schemes.md").read_text(encoding="utf-8")


def rows_of(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("| ---")]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


def test_label_schemes_on_the_page_are_those_of_the_code():
    section = SCHEMES[SCHEMES.index("## Label schemes") : SCHEMES.index("Sources of the lists")]
    on_page: dict[str, list[str]] = {}
    columns: list[str] = []
    for number, *names in rows_of(section):
        if number == "id":
            columns = names
            continue
        for column, name in zip(columns, names, strict=True):
            if name:
                on_page.setdefault(column, []).append(name)
                assert int(number) == len(on_page[column]) - 1
    assert on_page == _core.label_schemes()


def test_landmark_schemes_on_the_page_are_those_of_the_code():
    sections = re.split(r"^### `([\w-]+)`: .*$", SCHEMES, flags=re.MULTILINE)[1:]
    on_page = {}
    for name, section in zip(sections[::2], sections[1::2], strict=True):
        text = section.split("\n## ")[0]
        parts = dict(rows_of(text)[1:])
        parts |= dict(re.findall(r"`(\w+)`:\n\n```text\n(.*?)```", text, re.DOTALL))
        on_page[name] = {part: [int(index) for index in indices.split()] for part, indices in parts.items()}
    assert on_page == {name: parts for name, (_, parts) in _core.landmark_schemes().items()}


CURVES = (ROOT / "docs/curves.md").read_text(encoding="utf-8")
CONSTANT = re.compile(r"\bconst ([A-Z_0-9]+): [^=]+ = ([^;]+);")


@pytest.mark.parametrize("file", ["spline/tuning.rs", "corridor/tolerances.rs"])
def test_constants_of_the_curve_fit_on_the_page_are_those_of_the_code(file: str):
    code = (ROOT / "crates/facemask-core/src/contour" / file).read_text(encoding="utf-8")
    on_page = dict(re.findall(r"^\| `([A-Z_0-9]+)` \| ([^|]+) \|", CURVES, re.MULTILINE))
    in_code = dict(CONSTANT.findall(code))
    assert in_code
    assert {name: on_page.get(name) for name in in_code} == in_code
