"""The pages name the formats, their options and the readers that there are."""

import re
import tomllib
from pathlib import Path

import pytest
from facemask.formats import FORMATS, OPTIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
SECTION = CONTRACT[CONTRACT.index("### Formats") : CONTRACT.index("### Limits")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
READERS = (PAGE + (ROOT / "docs" / "svg_readers.md").read_text(encoding="utf-8")).lower()
# Names that the pages do not spell as the package index does.
SPELLINGS = {"pyside6-essentials": "pyside6", "resvg-py": "resvg"}
# What the readers stand on, and what runs them.
NOT_READERS = {"numpy", "opencv-python-headless", "pillow", "pytest"}


def table_rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in row.strip("| ").split(" | ")] for row in re.findall(r"^\| `.*$", text, re.MULTILINE)
    ]


def test_the_contract_lists_the_formats_in_their_order() -> None:
    rows = [row for row in table_rows(SECTION.split("####")[0]) if "/" in row[1]]
    assert [(row[0].strip("`"), row[1].strip("`")) for row in rows] == [
        (form.name, form.media_type) for form in FORMATS.values()
    ]


def test_the_contract_lists_the_options_and_who_has_them() -> None:
    rows = table_rows(SECTION.split("####")[1])
    listed = {row[0].strip("`"): set(re.findall(r"`([\w-]+)`", row[1])) for row in rows}
    assert listed == {name: {form.name for form in FORMATS.values() if name in form.options} for name in OPTIONS}


@pytest.mark.parametrize("package", PROJECT["dependency-groups"]["consumers"])
def test_a_page_names_each_reader_in_its_version(package: str) -> None:
    name, equal, version = package.partition("==")
    assert equal, "what the page says of a reader was seen with one version"
    if name not in NOT_READERS:
        assert version in READERS
        assert SPELLINGS.get(name, name) in READERS


def test_the_makefile_pins_ultralytics_as_the_page_does() -> None:
    pinned = re.search(r"ultralytics==(\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert pinned is not None
    assert f"| Ultralytics | {pinned[1]} |" in PAGE
