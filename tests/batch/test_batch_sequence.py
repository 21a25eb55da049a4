"""`facemask batch --sequence`: frames as by `trace_sequence`, resumed, and as one animated drawing."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import data_sets
import facemask
import numpy as np
import pytest
from facemask.models.store import FOLDER_VARIABLE
from support import sample
from support.face_model import fetched_face_model
from support.paths import MAP_FILE, PHOTO_FILE

PHOTO = PHOTO_FILE.read_bytes()
MAP = MAP_FILE.read_bytes()


def points(number: int) -> list[list[float]]:
    random = np.random.default_rng(number)
    return (sample.LANDMARKS + random.normal(0.0, 1.0, sample.LANDMARKS.shape)).round(3).tolist()


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """Six frames of landmarks with noise, of which the third has none that can be read."""
    for number in range(6):
        data_sets.write(tmp_path / f"in/f{number}.jpg", PHOTO)
        data_sets.write(tmp_path / f"in/f{number}.json", json.dumps(points(number)).encode())
    data_sets.write(tmp_path / "in/f2.json", b"[[1, 2]]")
    return tmp_path / "in"


def expected(**options: Any) -> list[Any]:
    items: list[dict[str, Any]] = [{"image": PHOTO, "landmarks": points(number)} for number in range(6)]
    items[2]["landmarks"] = [[1, 2]]
    return list(facemask.trace_sequence(items, **options))


@pytest.mark.parametrize("workers", ["1", "3"])
def test_frames_are_those_of_trace_sequence(frames: Path, tmp_path: Path, batch: Callable[..., Any], workers: str):
    run = batch(frames, tmp_path / "out", "--sequence", "--fps", "25", "--workers", workers)
    assert (run.code, run.report["done"], run.report["failed"]) == (3, 5, 1)
    assert run.report["options"]["sequence"] == {"fps": 25.0, "min_cutoff": 1.0, "beta": 20.0}
    assert run.report["failures"][0]["key"] == "f2"
    results = expected(fps=25.0)
    assert [type(result).__name__ for result in results].count("Failure") == 1
    for number, result in enumerate(results):
        if isinstance(result, facemask.Result):
            assert (tmp_path / f"out/svg/f{number}.svg").read_text() == result.mask.svg, number
    sizes = {result.mask.size for result in results if isinstance(result, facemask.Result)}
    assert len(sizes) == 1


def test_maps_have_smoothed_crops(tmp_path: Path, batch: Callable[..., Any]):
    for number in range(3):
        data_sets.write(tmp_path / f"in/f{number}.map.png", MAP)
        data_sets.write(tmp_path / f"in/f{number}.json", json.dumps(points(number)).encode())
    assert batch(tmp_path / "in", tmp_path / "out", "--sequence").code == 0
    items = [{"labels": MAP, "landmarks": points(number)} for number in range(3)]
    for number, result in enumerate(facemask.trace_sequence(items)):
        assert (tmp_path / f"out/svg/f{number}.svg").read_text() == result.mask.svg


def test_a_changed_frame_changes_those_behind_it(frames: Path, tmp_path: Path, batch: Callable[..., Any]):
    assert batch(frames, tmp_path / "out", "--sequence").report["done"] == 5
    assert batch(frames, tmp_path / "out", "--sequence").report["kept"] == 6
    data_sets.write(frames / "f3.json", json.dumps(points(99)).encode())
    run = batch(frames, tmp_path / "out", "--sequence")
    assert (run.report["kept"], run.report["retraced"]) == (3, 3)
    assert batch(frames, tmp_path / "fresh", "--sequence").report["done"] == 5
    assert data_sets.files_below(tmp_path / "out") == data_sets.files_below(tmp_path / "fresh")
    assert batch(frames, tmp_path / "out", "--sequence", "--beta", "5").report["retraced"] == 6


def test_an_animation_has_every_frame_for_its_time(frames: Path, tmp_path: Path, batch: Callable[..., Any]):
    run = batch(frames, tmp_path / "out", "--sequence", "--fps", "10", "--outputs", "animation", "--id-prefix", "me")
    assert run.report["files"] == ["animation.svg"]
    text = (tmp_path / "out/animation.svg").read_text()
    root = ET.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    shown = root.findall(f"{space}g")
    assert [group.get("style") for group in shown] == [f"animation-delay:{number / 10:g}s" for number in range(5)]
    assert [group.get("visibility") for group in shown] == [None] + ["hidden"] * 4
    assert "animation:frame 0.5s step-end infinite" in text
    assert "20%{visibility:hidden}" in text
    sizes = {result.mask.size for result in expected(fps=10.0) if isinstance(result, facemask.Result)}
    assert {(int(root.get("width", "")), int(root.get("height", "")))} == sizes
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    # Every frame has the outlines of the frame's own drawing.
    first = next(result for result in expected(fps=10.0, id_prefix="me") if isinstance(result, facemask.Result))
    drawn = [path.get("d") for path in shown[0].iter(f"{space}path")]
    assert drawn == [path.get("d") for path in ET.fromstring(first.mask.svg).iter(f"{space}path")]


def test_photos_alone_are_detected_in_order(tmp_path: Path, batch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(fetched_face_model().parent))
    for number in range(3):
        data_sets.write(tmp_path / f"in/f{number}.jpg", PHOTO)
    run = batch(tmp_path / "in", tmp_path / "out", "--sequence", "--workers", "2")
    assert run.code == 0, run.report
    # A still face stays where it is: what is detected goes through the filter as it is.
    drawings = [(tmp_path / f"out/svg/f{number}.svg").read_bytes() for number in range(3)]
    alone = facemask.trace_photo(PHOTO)
    assert drawings[0].decode() == alone.svg
    assert drawings[1] == drawings[2]


def test_face_names_the_one_that_is_followed(tmp_path: Path, batch: Callable[..., Any]):
    for number in range(3):
        both = [[[x / 2, y / 2] for x, y in points(number)], points(number)]
        data_sets.write(tmp_path / f"in/f{number}.jpg", PHOTO)
        data_sets.write(tmp_path / f"in/f{number}.json", json.dumps(both).encode())
    run = batch(tmp_path / "in", tmp_path / "none", "--sequence")
    assert {failure["code"] for failure in run.report["failures"]} == {"landmarks_invalid"}
    assert batch(tmp_path / "in", tmp_path / "out", "--sequence", "--face", "1").code == 0
    items = [{"image": PHOTO, "landmarks": points(number)} for number in range(3)]
    for number, result in enumerate(facemask.trace_sequence(items)):
        assert (tmp_path / f"out/svg/f{number}.svg").read_text() == result.mask.svg


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["--sequence", "--fps", "0"], "fps"),
        (["--sequence", "--min-cutoff=-1"], "min_cutoff"),
        (["--sequence", "--beta=-1"], "beta"),
        (["--fps", "25"], "fps"),
        (["--outputs", "animation"], "outputs"),
    ],
)
def test_options_of_a_sequence(
    frames: Path, tmp_path: Path, batch: Callable[..., Any], arguments: list[str], field: str
):
    run = batch(frames, tmp_path / "out", *arguments)
    assert run.code == 1
    assert run.err.startswith(f"facemask: {field}: ")
    assert not (tmp_path / "out").exists()
