"""Every row of the threat tables names its tests, and every named test exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)
# A file, then functions in it.
TEST_REFERENCE = re.compile(r"`((?:tests|crates|fuzz)/[\w/.\-]+\.(?:py|rs))`((?:,? `\w+`)*)")


def rows(page: str) -> dict[int, str]:
    """Rows of a page's tables by their numbers."""
    found = ROW.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert len({number for number, _ in found}) == len(found), "a number comes twice"
    return {int(number): cells for number, cells in found}


def referenced_tests(cells: str) -> list[tuple[Path, str]]:
    """Files and functions that a row names; a file alone has an empty function."""
    text = cells.replace("`I/", "`crates/facemask-image/tests/image/").replace("`C/", "`crates/facemask-core/")
    found = []
    for path, functions in TEST_REFERENCE.findall(text):
        found += [(ROOT / path, name) for name in re.findall(r"`(\w+)`", functions) or [""]]
    return found


def test_the_reader_of_rows_sees_files_and_functions():
    cells = " x | `tests/a/b.py` `test_c`, `test_d`; `I/e.rs` `f`; `fuzz/targets/g.rs` "
    image = "crates/facemask-image/tests/image/e.rs"
    wanted = [("tests/a/b.py", "test_c"), ("tests/a/b.py", "test_d"), (image, "f"), ("fuzz/targets/g.rs", "")]
    assert referenced_tests(cells) == [(ROOT / path, name) for path, name in wanted]


def test_the_attacks_are_numbered_without_gaps():
    assert list(rows("threats.md")) == list(range(1, len(rows("threats.md")) + 1))


@pytest.mark.parametrize("number", rows("threats.md"))
def test_every_attack_has_an_answer_and_a_test(number: int):
    attack, answer, tests = rows("threats.md")[number].split(" | ")
    assert attack.strip()
    assert answer.strip()
    assert referenced_tests(tests), "no test"


@pytest.mark.parametrize("page", ["threats.md", "hostile.md"])
def test_every_test_that_is_named_exists(page: str):
    everything = [each for cells in rows(page).values() for each in referenced_tests(cells)]
    assert len(everything) > 40
    for path, name in everything:
        assert path.exists(), path
        if name:
            assert re.search(rf"^\s*(async )?(def|fn) {name}\b", path.read_text(encoding="utf-8"), re.MULTILINE), name


@pytest.mark.parametrize("page", ["threats.md", "hostile.md"])
def test_no_test_is_promised_for_later(page: str):
    assert "to be added" not in (ROOT / "docs" / page).read_text(encoding="utf-8")
