"""Each form of landmarks from Python and JSON is read as the same points, in the units of its form."""

# ruff: noqa: E501 - a table with a form on each line
import json
import re
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
from api_forms import API_FORMS
from facemask import _core
from facemask.landmarks import landmark_array, read_landmarks
from landmark_forms import BLAZE, DENSE, DLIB_FIVE, FIVE, FORMS, IBUG, JSON_FORMS, MESH, SIZE, Form, to_json
from support import sample

ALL_FORMS = FORMS + API_FORMS
ALL_JSON_FORMS = JSON_FORMS + [form for form in API_FORMS if to_json(form.value) is not None]
PAGE = (Path(__file__).parents[2] / "docs" / "inputs.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## Landmarks from Python and JSON") : PAGE.index("## Landmark files")]


@pytest.mark.parametrize("form", ALL_FORMS, ids=lambda form: form.name)
def test_a_form_is_read_as_its_points_and_units(form: Form):
    faces = read_landmarks(form.value)
    assert len(faces.points) == 1
    (points,) = faces.points
    assert points.dtype == np.float64
    assert points.flags.c_contiguous
    assert np.allclose(points, form.points, rtol=1e-6, atol=0)
    assert faces.units == form.units


@pytest.mark.parametrize("form", ALL_FORMS, ids=lambda form: form.name)
def test_a_form_sets_the_sample_upright(form: Form):
    # Five points are detected by their order, and blazeface has no corners of the eyes.
    mask = facemask.trace_face(sample.LABELS, form.value, image_size=SIZE)
    assert mask.roll_degrees == pytest.approx(sample.TILT, abs=2.5)
    assert not mask.mirrored
    assert mask.roll_from == "landmarks"
    assert mask.warnings == []


def test_the_points_of_the_table_have_their_schemes():
    schemes = {5: "arcface-5", 6: "blazeface-6", 68: "ibug-68", 106: "insightface-106", 478: "mediapipe-478"}
    for points in (FIVE, BLAZE, IBUG, DENSE, MESH):
        assert facemask.trace_face(sample.LABELS, points).schemes["landmarks"] == schemes[len(points)]
    assert facemask.trace_face(sample.LABELS, DLIB_FIVE).schemes["landmarks"] == "dlib-5"


def test_the_page_lists_each_form_and_its_units():
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", SECTION, re.MULTILINE)
    on_page = {row: units for row, _, units in rows[2:]}
    assert set(on_page) == {form.row for form in ALL_FORMS}
    words = {"pixel": "pixels", "normalized": "ratios", "auto": "`auto`"}
    for form in ALL_FORMS:
        if form.name != "pixels in a form of ratios":
            assert words[form.units] in on_page[form.row], form.name


@pytest.mark.parametrize("form", ALL_JSON_FORMS, ids=lambda form: form.name)
def test_a_form_survives_its_json(form: Form):
    faces = read_landmarks(json.loads(to_json(form.value) or ""))
    assert np.allclose(faces.points[0], form.points, rtol=1e-6, atol=0)


def test_a_reader_does_not_write_to_its_input():
    for form in ALL_FORMS:
        if isinstance(form.value, np.ndarray):
            value = form.value.copy()
            value.flags.writeable = False
            facemask.trace_face(sample.LABELS, value, image_size=SIZE)
            assert (value == form.value).all()


REFUSED: dict[str, tuple[Any, str, str]] = {
    "heatmaps": (np.zeros((68, 64, 64)), "heatmaps", "np.unravel_index("),
    "raw output of a network": (np.zeros(1434), "raw output of a face mesh network", "reshape(-1, 3)[:, :2]"),
    "raw output in a batch": (np.zeros((1, 1, 1, 1434), np.float32), "raw output of a face mesh", "reshape(-1, 3)[:, :2]"),
    "boxes": (np.array([[10.0, 20, 110, 140], [5, 5, 90, 80]]), "boxes", "landmark model"),
    "boxes with scores": (np.array([[10.0, 20, 110, 140, 0.9]]), "boxes", "landmark model"),
    "rows of box, score and points": (np.array([[10.0, 20, 110, 140, 0.9, *FIVE.ravel()]]), "a box, a score", "array[:, 5:15]"),
    "complex numbers": (IBUG @ [1, 1j], "complex128", "np.column_stack([z.real, z.imag])"),
    "records of other names": (np.zeros(5, [("a", "f8"), ("b", "f8")]), "fields x and y", "np.column_stack(["),
    "text": ("[[1, 2]]", "got str", "json.loads(text)"),
    "a path": (Path("landmarks.json"), "got PosixPath", "json.loads(path.read_text())"),
    "a generator": ((point for point in IBUG.tolist()), "got generator", "list(landmarks)"),
    "a set": ({(1.0, 2.0)}, "got set", "list(landmarks)"),
    "a dict of boxes": ({"box": [1, 2, 3, 4], "confidence": 0.9}, "boxes", "landmark model"),
    "faces of boxes": ({"face_1": {"score": 0.9, "facial_area": [1, 2, 3, 4]}}, "boxes", "landmark model"),
    "eyes alone": ({"facial_area": {"x": 1, "left_eye": (3, 4), "right_eye": (5, 4)}}, "2 of the five points", "retinaface"),
    "an unknown dict": ({"roll": 3.0}, "got dict of an unknown form", "landmarks=[[x, y], ...]"),
    "a missing point of COCO": ([*[1.0, 2.0, 2] * 67, 0, 0, 0], "1 of 68 points are marked as missing", "visibility 0"),
    "photos of COCO": (
        {"annotations": [{"image_id": i, "keypoints": [1, 2, 2] * 68} for i in (1, 2)]}, "several photos", "image_id == image_id"[:8]),
    "labels with gaps": (
        {"shapes": [{"label": n, "points": [[1, 2]], "shape_type": "point"} for n in "013"]}, "numbers with gaps", "counted from 0 or 1"),
    "labelme without points": ({"shapes": [{"label": "a", "points": [[1, 2], [3, 4]], "shape_type": "rectangle"}]}, "no points", "draw one"),
    "several photos": ([[IBUG.tolist()] * 2, [IBUG.tolist()]], "as for several photos", "landmarks[0]"),
    "meters in space": ({f"{axis}_{i}": 1.0 for axis in "XYZ" for i in range(68)}, "millimeters in space", "-2Dfp"),
    "other columns": ({"x": [1, 2], "y": [1]}, "same length", "got 2 and 1"),
    "three named points of Rekognition": ([{"Type": n, "X": 0.1, "Y": 0.2} for n in ("eyeLeft", "eyeRight", "nose")], "Amazon Rekognition has 3 of the five", "landmarks=None"),
    "half a face of Azure": ({"faceLandmarks": {"pupilLeft": {"x": 1, "y": 2}, "pupilRight": {"x": 3, "y": 2}}}, "Azure Face has 2 of the five", "landmarks=None"),
    "contours of ML Kit": ({"LEFT_EYE": [1, 2], "RIGHT_EYE": [3, 4], "NOSE_BASE": None}, "ML Kit has 2 of the five", "landmarks=None"),
    "a missing point of OpenPose": ({"face_keypoints_2d": [*[1.0, 2.0, 0.9] * 67, 0, 0, 0, *[1.0, 2.0, 0.9] * 2]}, "1 of 68 points are marked as missing", ""),
    "two groups of menpo": ({"version": 3, "groups": {"a": {}, "b": {}}}, "the groups a, b", "document['groups'][NAME]"),
    "a missing point of menpo": ({"version": 3, "groups": {"a": {"landmarks": {"points": [[None, 2]]}}}}, "must be [y, x] of menpo", "all its points"),
    "rectangles of VIA": ({"filename": "a", "regions": [{"shape_attributes": {"name": "rect"}}]}, "1 regions and no points", "draw one point"),
    "photos of VIA": ({f"{n}": {"filename": n, "regions": [{"shape_attributes": {}}]} for n in "ab"}, "holds 2 pictures", "pass the entry"),
    "boxes of Label Studio": ({"annotations": [{"result": [{"value": {"x": 1, "rectanglelabels": ["a"]}}]}]}, "1 regions and no key points", "label one key point"),
    "per cent of no size": ({"kp": [{"x": 1, "y": 2, "keypointlabels": ["a"]}]}, "whose size is missing", "original_width"),
    "lines of GeoJSON": ({"type": "FeatureCollection", "features": [{"geometry": {"type": "Polygon", "coordinates": []}}]}, "no points", "one Point"),
    "boxes of Datumaro": ({"items": [{"annotations": [{"type": "bbox", "bbox": [1, 2, 3, 4]}]}]}, "Datumaro holds no face", "landmarks=None"),
    "a point of OpenPose's body": ({"face_keypoints_2d": [1, 2]}, "in turn", "got 2 numbers"),
    "deep": ([[[[[[[[[[IBUG.tolist()]]]]]]]]]], "nested too deeply", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_names_its_form_and_the_code_that_converts_it(name: str):
    value, form, code = REFUSED[name]
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(sample.LABELS, value)
    assert caught.value.code == "landmarks_invalid"
    assert form in caught.value.detail
    assert code in caught.value.detail
    assert "\n" not in caught.value.detail
    assert len(caught.value.detail) < 320


def test_what_converts_a_form_does_convert_it():
    peaks = np.floor(IBUG / 8).astype(int)
    maps = np.zeros((68, 128, 128))
    maps[np.arange(68), peaks[:, 1], peaks[:, 0]] = 1.0
    found = np.stack(np.unravel_index(maps.reshape(len(maps), -1).argmax(1), maps.shape[1:]), 1)[:, ::-1]
    assert (found == peaks).all()
    z = IBUG @ [1, 1j]
    assert (np.column_stack([z.real, z.imag]) == IBUG).all()


NO_FACE = [
    {"faceLandmarks": []},
    {"multi_face_landmarks": None},
    {"detections": []},
    {"faces": []},
    {"annotations": [], "images": []},
    (1, None),
    (None, [None], None),
    (None, [None]),
    [None],
    np.array([None]),
    {"people": []},
    {"people": [{"face_keypoints_2d": []}]},
    {"version": 1.3, "people": [{"face_keypoints_2d": [0.0] * 210}]},
    {"FaceDetails": []},
    {"a.jpg": {"filename": "a.jpg", "regions": []}},
    {"annotations": [{"result": []}], "data": {"image": "a.jpg"}},
]


@pytest.mark.parametrize("value", NO_FACE, ids=str)
def test_a_result_without_a_face_is_an_error_and_not_silence(value: Any):
    with pytest.raises(facemask.FacemaskError) as caught:
        read_landmarks(value)
    assert "holds no face; landmarks=None" in caught.value.detail


@pytest.mark.parametrize(
    "value", [None, [], (), {"landmarks": []}, {"landmarks": None}, np.zeros((0, 68, 2)), [[]]], ids=repr
)
def test_nothing_leaves_the_face_to_the_label_map(value: Any):
    assert read_landmarks(value).core_argument() is None
    assert facemask.trace_face(sample.LABELS, value).roll_from == "labels"


def test_no_flat_list_in_turn_is_taken_for_halves():
    rng = np.random.default_rng(1)
    counts = {count for counts, _ in _core.landmark_schemes().values() for count in counts}
    assert counts >= {5, 68}
    for points in (FIVE, DLIB_FIVE, BLAZE, IBUG, DENSE, MESH):
        centered = (points - points.mean(0)) / points.std()
        for _ in range(300):
            turn, shift, scale = rng.uniform(0, 2 * np.pi), rng.uniform(-8, 8, 2), rng.uniform(1, 400)
            matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
            moved = (centered @ matrix.T + shift) * scale
            assert np.allclose(landmark_array(moved.ravel().tolist()), moved)


def test_messages_hold_no_coordinates():
    secret = 271.828182
    for value in (
        [[secret, "a"]],
        {"landmarks": {"left_eye": [secret, 1], "right_eye": [secret]}},
        {"x": [secret, 2], "y": [secret]},
        {"shapes": [{"label": "3", "points": [[secret, 1]]}]},
        np.full((5, 5), secret),
        {"keypoints": [secret, 2, 0] * 5},
    ):
        with pytest.raises(facemask.FacemaskError) as caught:
            read_landmarks(value)
        assert "271" not in str(caught.value)
