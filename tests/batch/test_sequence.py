"""`trace_sequence`: the one-euro filter, and how much less the outlines of a still face tremble."""

import itertools
import math
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.batch.one_euro import OneEuroFilter
from support import sample

SIZE = (sample.LABELS.shape[1], sample.LABELS.shape[0])
NOISE = 1.0  # pixels, of a face 400 pixels wide


def noisy_frames(count: int, *, labels: Any = None, speed: float = 0.0) -> list[dict[str, Any]]:
    random = np.random.default_rng(3)
    frames = []
    for number in range(count):
        moved = sample.LANDMARKS + np.array([speed * number, 0.0])
        frames.append({"labels": labels, "landmarks": moved + random.normal(0.0, NOISE, sample.LANDMARKS.shape)})
    return [{**frame, "image_size": SIZE} for frame in frames]


def reference(values: list[float], rate: float, min_cutoff: float, beta: float, size: float) -> list[float]:
    """The paper's algorithm 1 for one coordinate, as its pseudocode has it."""

    def alpha(cutoff: float) -> float:
        return 1.0 / (1.0 + rate / (2.0 * math.pi * cutoff))

    filtered, speed, found = 0.0, 0.0, []
    for number, value in enumerate(values):
        if number == 0:
            filtered = value
        else:
            speed += alpha(1.0) * ((value - filtered) * rate / size - speed)
            filtered += alpha(min_cutoff + beta * abs(speed)) * (value - filtered)
        found.append(filtered)
    return found


def test_the_filter_is_the_papers():
    random = np.random.default_rng(1)
    values = np.cumsum(random.normal(0.0, 2.0, 50)).tolist()
    one_euro = OneEuroFilter(min_cutoff=1.2, beta=3.0)
    # A second point keeps the size of the face at 100.
    ours = [one_euro.filter(np.array([[value, 0.0], [value + 100.0, 0.0]]), 1 / 30)[0, 0] for value in values]
    assert ours == pytest.approx(reference(values, 30.0, 1.2, 3.0, 100.0), abs=1e-9)


def test_points_of_an_enlarged_face_are_enlarged():
    plain, enlarged = (OneEuroFilter(min_cutoff=1.0, beta=20.0) for _ in range(2))
    random = np.random.default_rng(2)
    base = random.normal(0.0, 50.0, (20, 2))
    for _ in range(20):
        points = base + random.normal(0.0, 1.0, 2)
        own = plain.filter(points, 1 / 30)
        other = enlarged.filter(2.5 * points, 1 / 30)
        assert other == pytest.approx(2.5 * own, abs=1e-9)


def test_another_number_of_points_begins_anew():
    one_euro = OneEuroFilter(min_cutoff=1.0, beta=1.0)
    one_euro.filter(np.zeros((5, 2)), 0.03)
    points = np.ones((7, 2))
    assert np.array_equal(one_euro.filter(points, 0.03), points)


def outline_movement(results: list[Any]) -> float:
    """Mean distance that the sides of the regions' boxes move between frames, in pixels of the photo."""
    boxes = [np.array([region["bbox"] for region in result.mask.regions]) for result in results]
    return float(np.mean([np.abs(after - before).mean() for before, after in itertools.pairwise(boxes)]))


def test_outlines_and_roll_of_a_still_face_tremble_much_less():
    frames = noisy_frames(24)
    raw = list(facemask.trace_many(frames, frame="image"))
    smooth = list(facemask.trace_sequence(frames, frame="image"))
    assert [result.index for result in smooth] == list(range(24))
    assert all(isinstance(result, facemask.Result) for result in smooth), smooth
    # The first frames have little past to lean on.
    before, after = outline_movement(raw[8:]), outline_movement(smooth[8:])
    assert before > NOISE / 4
    assert after < 0.4 * before
    rolls = [[result.mask.roll_degrees for result in results[8:]] for results in (raw, smooth)]
    steps = [np.abs(np.diff(each)).mean() for each in rolls]
    assert steps[1] < 0.3 * steps[0]


def test_a_face_that_moves_hardly_lags():
    """At a face's width a second, half of it in these frames."""
    width = float(np.ptp(sample.LANDMARKS[:, 0]))
    one_euro = OneEuroFilter(min_cutoff=1.0, beta=20.0)
    for number in range(15):
        points = sample.LANDMARKS + np.array([width / 30 * number, 0.0])
        filtered = one_euro.filter(points, 1 / 30)
    assert np.abs(points - filtered).max() < 0.06 * width


def test_crops_have_one_size_and_regions_keep_their_ids():
    frames = noisy_frames(6, labels=sample.LABELS)
    results = list(facemask.trace_sequence(frames, workers=2))
    assert {result.mask.size for result in results} == {results[0].mask.size}
    assert len({tuple(region["id"] for region in result.mask.regions) for result in results}) == 1
    sizes = {result.mask.size for result in facemask.trace_many(frames)}
    assert len(sizes) > 1, "the noise changes the size of the crop, or this test shows nothing"
    named = list(facemask.trace_sequence(frames, crop_size=200))
    assert {result.mask.size for result in named} == {(200, 200)}


def test_a_frame_without_a_face_is_a_failure_and_the_others_go_on():
    frames: list[Any] = noisy_frames(5, labels=sample.LABELS)
    frames[0] = {**frames[0], "landmarks": None, "source": "frame 0"}
    frames[2] = {**frames[2], "landmarks": [[1, float("nan")]]}
    frames[3] = "no frame"
    results = list(facemask.trace_sequence(frames))
    assert [type(result).__name__ for result in results] == ["Failure", "Result", "Failure", "Failure", "Result"]
    assert [result.index for result in results] == [0, 1, 2, 3, 4]
    assert (results[0].code, results[0].source) == ("landmarks_invalid", "frame 0")
    assert results[3].field == "frames"


def test_no_frames():
    assert list(facemask.trace_sequence([])) == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"fps": 0}, "fps"),
        ({"fps": "30"}, "fps"),
        ({"min_cutoff": 0.0}, "min_cutoff"),
        ({"min_cutoff": float("nan")}, "min_cutoff"),
        ({"beta": -1}, "beta"),
        ({"frames": {}}, "frames"),
        ({"tolerance": -1}, "tolerance"),
        ({"workers": 0}, "workers"),
    ],
)
def test_options_are_checked_at_the_call(arguments: dict[str, Any], field: str):
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_sequence(**({"frames": []} | arguments))
    assert (caught.value.code, caught.value.field) == ("option_invalid", field)
