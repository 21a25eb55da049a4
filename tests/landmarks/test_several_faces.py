"""The choice of one face among several, and its option `face`, in Python and on the command line."""

import json
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
from detector_results import FaceLandmarkerResult, FullObjectDetection, KeyPoints, NormalizedLandmark, Point
from facemask.cli import main
from landmark_forms import FIVE, IBUG, MESH, RETINAFACE, SIZE
from PIL import Image
from support import sample
from support.synthetic_face import Face

FACES = [
    Face(),
    Face(angle=180),
    Face(angle=-75, mirror="pixels"),
    Face(angle=30, mirror="points", scale=1.4),
]


def distant(points: np.ndarray, scale: float = 0.5, offset: float = 10.0) -> np.ndarray:
    """Another face, whose crop still holds some of the labeled one."""
    return (points - points.mean(0)) * scale + points.mean(0) + offset


def codes(mask: facemask.FaceMask) -> list[str]:
    return [warning["code"] for warning in mask.warnings]


@pytest.mark.parametrize("face", FACES, ids=str)
@pytest.mark.parametrize("index", range(3))
def test_the_face_of_the_map_is_traced_and_told(face: Face, index: int):
    others = [distant(face.landmarks), distant(face.landmarks, scale=1.6, offset=300.0)]
    faces = [*others[:index], face.landmarks, *others[index:]]
    mask = facemask.trace_face(face.labels, faces)
    alone = facemask.trace_face(face.labels, face.landmarks)
    assert mask.svg == alone.svg
    assert mask.roll_degrees == alone.roll_degrees
    (warning,) = [warning for warning in mask.warnings if warning["code"] == "several_faces"]
    assert warning["detail"].startswith(f"3 faces were given, face {index} was taken because its eyes are nearest")
    assert "face" in warning["detail"].rpartition("; ")[2]


@pytest.mark.parametrize("scale", [0.25, 3.0])
def test_the_map_may_have_another_size_than_the_photo(scale: float):
    face = Face()
    labels = face.labels_at((int(480 * scale), int(470 * scale)))
    faces = [distant(face.landmarks), face.landmarks]
    mask = facemask.trace_face(labels, faces, image_size=face.size)
    assert mask.svg == facemask.trace_face(labels, face.landmarks, image_size=face.size).svg


def test_a_named_face_is_traced_without_a_word():
    face = Face()
    faces = [face.landmarks, distant(face.landmarks)]
    for index, points in enumerate(faces):
        mask = facemask.trace_face(face.labels, faces, face=index)
        assert mask.svg == facemask.trace_face(face.labels, points).svg
        assert "several_faces" not in codes(mask)
    one = facemask.trace_face(face.labels, face.landmarks)
    assert facemask.trace_face(face.labels, face.landmarks, face=0).svg == one.svg
    assert facemask.trace_face(face.labels, faces, face=np.int64(0)).svg == one.svg


@pytest.mark.parametrize("scheme", ["custom", "auto"])
def test_without_eyes_in_the_map_the_largest_face_is_traced(scheme: str):
    labels = np.zeros((470, 480), np.uint8)
    labels[100:300, 100:300] = 1
    points = Face().landmarks
    faces = [distant(points), distant(points, scale=0.9, offset=20.0), distant(points, offset=30.0)]
    mask = facemask.trace_face(labels, faces, label_scheme=scheme)
    assert mask.svg == facemask.trace_face(labels, faces[1], label_scheme=scheme).svg
    assert "face 1 was taken because it is the largest" in mask.warnings[0]["detail"]


def test_faces_of_different_detectors_are_compared_by_their_whole_face():
    # Five points span a smaller box than 68 of the same face; the oval of a mean face completes them.
    five = MESH[[468, 473, 4, 61, 291]]
    labels = np.ones(sample.LABELS.shape, np.uint8)
    mask = facemask.trace_face(labels, [distant(IBUG, 0.6, 200.0).tolist(), five.tolist()], label_scheme="custom")
    assert mask.schemes["landmarks"] == "arcface-5"


@pytest.mark.parametrize(
    ("faces", "face", "rule"),
    [
        ([IBUG, IBUG], 2, "there is no face 2: 2 faces were given, 0 to 1"),
        (IBUG, 1, "there is no face 1: one face was given, face 0"),
        (None, 0, "there is no face 0: no landmarks were given"),
        ([IBUG.tolist(), []], 1, "face 1 has no points"),
        ([IBUG, IBUG], -1, "must be the index of a face, from 0 on"),
        ([IBUG, IBUG], 10**30, "must be the index of a face, from 0 on"),
        ([IBUG, IBUG], True, "must be an index from 0 on, got True"),
        ([IBUG, IBUG], 0.0, "must be an index from 0 on, got 0.0"),
        ([IBUG, IBUG], "0", "must be an index from 0 on, got '0'"),
    ],
)
def test_an_index_without_a_face_is_refused(faces: Any, face: Any, rule: str):
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(sample.LABELS, faces, face=face)
    assert (caught.value.code, caught.value.field) == ("option_invalid", "face")
    assert rule in caught.value.detail


def test_a_face_that_cannot_be_read_is_passed_over_and_named_it_is_an_error():
    face = Face()
    broken = face.landmarks * np.nan
    mask = facemask.trace_face(face.labels, np.stack([broken, face.landmarks]))
    assert mask.svg == facemask.trace_face(face.labels, face.landmarks).svg
    assert "it alone forms a face" in mask.warnings[0]["detail"]
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(face.labels, np.stack([broken, face.landmarks]), face=0)
    assert caught.value.code == "landmarks_invalid"
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(face.labels, np.stack([broken, broken]))
    assert caught.value.code == "landmarks_invalid"


def test_no_more_than_a_thousand_faces_are_compared():
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(sample.LABELS, np.zeros((1001, 5, 2)))
    assert (caught.value.code, caught.value.field) == ("landmarks_invalid", "landmarks")
    assert "at most 1000 faces, got 1001" in caught.value.detail


def test_zones_are_those_of_the_selected_face():
    mask = facemask.trace_face(sample.LABELS, [distant(MESH), MESH], regions="zones")
    assert mask.svg == facemask.trace_face(sample.LABELS, MESH, regions="zones").svg


def test_the_choice_says_nothing_about_where_faces_lie():
    mask = facemask.trace_face(sample.LABELS, [MESH, distant(MESH)])
    for x in (f"{MESH[0, 0]:.1f}", f"{MESH[0, 1]:.1f}"):
        assert x not in mask.warnings[0]["detail"]


def _dlib(points: np.ndarray) -> FullObjectDetection:
    return FullObjectDetection([Point(int(x), int(y)) for x, y in points])


def _several_of(kind: str) -> Any:
    """Two faces in one form; the second is the sample's."""
    dense, five = distant(IBUG), distant(FIVE)
    annotations = [np.column_stack([points, np.full(68, 2)]).ravel().tolist() for points in (dense, IBUG)]
    rows = np.stack([np.r_[0, 0, 99.5, 99.5, points.ravel(), 0.9] for points in (five, FIVE)]).astype(np.float32)
    names = list(RETINAFACE["landmarks"])
    elsewhere = RETINAFACE | {"landmarks": dict(zip(names, five.tolist(), strict=True))}
    forms = {
        "mediapipe": _result(distant(MESH) / SIZE, MESH / SIZE),
        "mediapipe JSON": {"faceLandmarks": [(distant(MESH) / SIZE).tolist(), (MESH / SIZE).tolist()]},
        "dlib": [_dlib(np.round(dense)), _dlib(np.round(IBUG))],
        "face-alignment": [dense, IBUG],
        "YuNet": (2, rows),
        "RetinaFace": {"face_1": elsewhere, "face_2": RETINAFACE},
        "supervision": KeyPoints(np.stack([dense, IBUG])),
        "COCO": {"annotations": [{"image_id": 1, "keypoints": flat} for flat in annotations]},
        "flat rows": np.stack([dense.ravel(), IBUG.ravel()]),
        "flat lists": [dense.ravel().tolist(), IBUG.ravel().tolist()],
        "rows of triples": np.array(annotations),
        "two detectors": [five.tolist(), IBUG.tolist()],
        "columns": np.stack([dense.T, IBUG.T]),
    }
    return forms[kind]


KINDS = [
    *["mediapipe", "mediapipe JSON", "dlib", "face-alignment", "YuNet", "RetinaFace", "supervision", "COCO"],
    *["flat rows", "flat lists", "rows of triples", "two detectors", "columns"],
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_of_several_faces_keeps_their_order(kind: str):
    mask = facemask.trace_face(sample.LABELS, _several_of(kind), image_size=SIZE)
    assert mask.roll_degrees == pytest.approx(sample.TILT, abs=0.5)
    assert mask.warnings[0]["detail"].startswith("2 faces were given, face 1 was taken because its eyes")
    named = facemask.trace_face(sample.LABELS, _several_of(kind), image_size=SIZE, face=0)
    assert named.size < mask.size


def _result(*faces: np.ndarray) -> FaceLandmarkerResult:
    points = [[NormalizedLandmark(x, y, 0.0) for x, y in face.tolist()] for face in faces]
    return FaceLandmarkerResult(points)


def test_ratios_of_mediapipe_are_ratios_in_the_smallest_photo_and_pixels_of_dlib_are_pixels():
    # In a photo of 4 pixels, `auto` takes plain numbers up to 2 for pixels.
    small = np.zeros((4, 4), np.uint8)
    ratios = MESH / SIZE
    as_ratios = facemask.trace_face(small, ratios, landmark_units="normalized")
    as_pixels = facemask.trace_face(small, ratios, landmark_units="pixel")
    assert as_ratios.size != as_pixels.size
    assert facemask.trace_face(small, ratios).size == as_pixels.size
    assert facemask.trace_face(small, _result(ratios)).size == as_ratios.size
    assert facemask.trace_face(small, {"faceLandmarks": [ratios.tolist()]}).size == as_ratios.size
    # The option has the last word.
    assert facemask.trace_face(small, _result(ratios), landmark_units="pixel").size == as_pixels.size
    # A face within two pixels of the corner of a larger photo.
    tiny, photo = IBUG / IBUG.max() * 2, np.zeros((100, 100), np.uint8)
    coco = np.column_stack([tiny, np.full(68, 2)]).ravel().tolist()
    assert facemask.trace_face(photo, tiny).size != facemask.trace_face(photo, tiny, landmark_units="pixel").size
    pixels = facemask.trace_face(photo, tiny, landmark_units="pixel").size
    assert facemask.trace_face(photo, {"keypoints": coco}).size == pixels
    ratios = facemask.trace_face(photo, {"keypoints": coco}, landmark_units="normalized").size
    assert ratios == facemask.trace_face(photo, tiny, landmark_units="normalized").size


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    face = Face()
    Image.fromarray(face.photo).save(tmp_path / "photo.png")
    Image.fromarray(face.labels).save(tmp_path / "map.png")
    faces = [distant(face.landmarks).tolist(), face.landmarks.tolist()]
    (tmp_path / "faces.json").write_text(json.dumps({"faces": faces}))
    return [str(tmp_path / name) for name in ("photo.png", "map.png", "faces.json")]


def test_the_command_line_selects_and_tells(files: list[str], capsys: pytest.CaptureFixture[str]):
    face = Face()
    expected = facemask.trace_face(face.labels, face.landmarks).svg
    assert main(["trace", *files]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == expected
    assert err.startswith("facemask: warning: 2 faces were given, face 1 was taken")
    assert main(["trace", *files, "--face", "1"]) == 0
    assert capsys.readouterr() == (expected + "\n", "")
    assert main(["trace", *files, "--face", "0"]) == 0
    out, _ = capsys.readouterr()
    assert out.strip() == facemask.trace_face(face.labels, distant(face.landmarks)).svg
    assert main(["trace", *files, "--face", "2"]) == 1
    assert capsys.readouterr().err == "facemask: face: there is no face 2: 2 faces were given, 0 to 1\n"
    assert main(["trace", *files, "--face", "-1"]) == 1
    assert capsys.readouterr().err.startswith("facemask: face: must be the index of a face")


def test_the_command_line_reads_the_json_of_a_detector(files: list[str], tmp_path: Path, capsys: Any):
    face = Face()
    ratios = face.landmarks / face.size
    points = [{"x": x, "y": y, "z": 0.0} for x, y in ratios.tolist()]
    (tmp_path / "result.json").write_text(json.dumps({"faceLandmarks": [points]}))
    assert main(["trace", *files[:2], str(tmp_path / "result.json")]) == 0
    expected = facemask.trace_face(face.labels, ratios, landmark_units="normalized")
    assert capsys.readouterr().out.strip() == expected.svg
