"""The tool that compares all output of two trees repeats itself, and names what differs."""

import json
from pathlib import Path

import facemask
import pytest
from output_hashes.__main__ import GROUPS, main
from output_hashes.comparison import compare_counts, compare_hashes
from output_hashes.instructions import steps


def test_two_runs_are_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "hashes.json"
    assert main(["--quick", "--write", str(file)]) == 0
    written = json.loads(file.read_text())
    assert {name.split("/")[0] for name in written} == GROUPS.keys()
    assert main(["--quick", "--compare", str(file)]) == 0, capsys.readouterr().out
    assert f"{len(written)} cases compared: 0 differ; 0 missing, 0 new" in capsys.readouterr().out


def test_another_tolerance_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    file, find_contours = tmp_path / "hashes.json", facemask.find_contours
    only = ["--quick", "--only", "contours", "errors"]
    assert main([*only, "--write", str(file)]) == 0
    monkeypatch.setattr(
        facemask,
        "find_contours",
        lambda labels, *, tolerance=0.0, **options: find_contours(labels, tolerance=1.1 * tolerance, **options),
    )
    assert main([*only, "--compare", str(file)]) == 1
    report = capsys.readouterr().out
    assert "differs: contours/sample, tolerance 6, straight, min_area 0, background False points" in report
    assert "differs: contours/sample, tolerance 0, smooth" not in report


def test_a_missing_case_fails_and_a_new_one_does_not():
    assert compare_hashes({"a/1": "x"}, {"a/1": "x", "a/2": "y"}) == (
        ["1 cases compared: 0 differ; 0 missing, 1 new"],
        True,
    )
    report, is_same = compare_hashes({"a/1": "x", "a/2": "y"}, {"a/1": "x"})
    assert not is_same
    assert "missing: a/2" in report
    assert not compare_hashes({}, {"a/1": "x"})[1]


def test_counts_may_grow_by_a_hundredth():
    before = {"step": 100_000}
    assert compare_counts(before, {"step": 100_900})[1]
    assert compare_counts(before, {"step": 50_000})[1]
    assert not compare_counts(before, {"step": 101_100})[1]
    assert not compare_counts(before, {})[1]


@pytest.mark.parametrize("name", steps())
def test_a_counted_step_has_a_result(name: str):
    assert steps()[name]() is not None
