"""The audit never takes silence for a good answer."""

import pytest
from audit import judged

ASKED = {"name": "good", "version": "1", "vulns": []}
SKIPPED = {"name": "far", "skip_reason": "not found"}
FAULTY = {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-1"}]}


@pytest.mark.parametrize(
    ("packages", "good", "words"),
    [
        ([ASKED, SKIPPED], True, "fine: 1 of 2"),
        ([SKIPPED, SKIPPED], True, "NOT RUN"),
        ([], True, "NOT RUN"),
        ([ASKED, FAULTY], False, "bad 2: PYSEC-1"),
    ],
)
def test_what_could_not_be_asked_is_said(
    capsys: pytest.CaptureFixture[str], packages: list, good: bool, words: str
) -> None:
    assert judged(packages) is good
    said = capsys.readouterr().out
    assert words in said
    assert said.startswith("audit: ")
