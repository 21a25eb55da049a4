"""Landmarks as keypoints: COCO, Label Studio and CVAT, in either frame, and in the answer."""

from typing import Any
from xml.etree import ElementTree as ET

import facemask
import numpy as np
import pytest
from facemask.formats.annotation.keypoints import Keypoints, select_keypoints
from facemask.formats.options import KEYPOINTS
from numpy.typing import NDArray
from support import sample
from support.landmark_schemes import CONVERTERS, to_scheme

FRAMES = ["crop", "image"]
COUNTS = {"five": 5, "68": 68, "all": 478, "auto": 68}
SIZE = (900, 900)


def trace(frame: str = "crop", angle: float = 0.0, **options: Any) -> facemask.FaceMask:
    copy = sample.copy(angle)
    return facemask.trace_face(copy.labels, copy.landmarks, image_size=copy.photo.size, frame=frame, **options)


def true_points(mask: facemask.FaceMask, kind: str) -> NDArray[np.float64]:
    """The keypoints from the landmarks of the sample, by other code."""
    landmarks = mask.landmarks
    assert landmarks is not None
    if kind == "five":
        return landmarks[[468, 473, 1, 61, 291]]
    return landmarks if kind == "all" else to_scheme(landmarks, "ibug-68")


def selected(mask: facemask.FaceMask, kind: str) -> Keypoints:
    keypoints = select_keypoints(mask, kind)
    assert keypoints is not None
    return keypoints


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("kind", COUNTS)
def test_all_formats_have_the_same_points(kind: str, frame: str):
    mask = trace(frame, 140.0)
    width, height = mask.size
    true = true_points(mask, kind)
    names = selected(mask, kind).names
    assert len(set(names)) == len(names) == COUNTS[kind]

    document = mask.to_coco(keypoints=kind)
    (category,), (annotation,) = document["categories"], document["annotations"]
    assert category["keypoints"] == list(names)
    assert annotation["num_keypoints"] == len(names)
    coco = np.reshape(annotation["keypoints"], (-1, 3))[:, :2]

    task = mask.to_label_studio(keypoints=kind)["predictions"][0]["result"]
    points = [result for result in task if result["type"] == "keypointlabels"]
    assert [result["value"]["keypointlabels"] for result in points] == [[name] for name in names]
    assert {(result["from_name"], result["original_width"], result["original_height"]) for result in points} == {
        ("keypoint", width, height)
    }
    studio = np.array([[result["value"][axis] for axis in "xy"] for result in points]) * [width, height] / 100.0

    root = ET.fromstring(mask.to_cvat(keypoints=kind))
    (skeleton,) = root.iter("skeleton")
    assert [point.get("label") for point in skeleton] == list(names)
    cvat = np.array([point.get("points", "").split(",") for point in skeleton], float)

    for found in (coco, studio, cvat):
        assert np.abs(found - true).max() < 0.0051 + 1e-4


def test_points_in_the_photo_are_the_given_ones():
    mask = trace("image", 35.0)
    assert np.abs(selected(mask, "all").points - sample.copy(35.0).landmarks).max() < 1e-9


def test_the_labels_of_a_skeleton_are_declared():
    root = ET.fromstring(trace().to_cvat(keypoints="five"))
    labels = {label.findtext("name"): label for label in root.iter("label")}
    assert labels["face"].findtext("type") == "skeleton"
    for name in ("eye_r", "eye_l", "nose_tip", "mouth_r", "mouth_l"):
        # The regions eye_r and eye_l are labels too; those of the skeleton have a parent.
        own = [
            each for each in root.iter("label") if each.findtext("name") == name and each.findtext("parent") == "face"
        ]
        assert [each.findtext("type") for each in own] == ["points"]
    config = ET.fromstring(trace().to_label_studio_config(keypoints="five"))
    (tag,) = config.iter("KeyPointLabels")
    assert [label.get("value") for label in tag] == ["eye_r", "eye_l", "nose_tip", "mouth_r", "mouth_l"]
    assert tag.get("name") == "keypoint"


def test_without_the_option_nothing_is_added():
    mask = trace()
    assert not list(ET.fromstring(mask.to_cvat()).iter("skeleton"))
    assert "KeyPointLabels" not in mask.to_label_studio_config()
    assert mask.to_coco(keypoints=False) == mask.to_coco() == mask.to_coco(keypoints="none")
    assert mask.to_coco(keypoints=True) == mask.to_coco(keypoints="auto") == mask.to_coco(keypoints="68")


@pytest.mark.parametrize("kind", ["five", "68", "all"])
def test_skeletons_connect_neighbors(kind: str):
    mask = trace()
    keypoints = selected(mask, kind)
    lines = np.array(keypoints.lines)
    assert len({tuple(sorted(line)) for line in lines.tolist()}) == len(lines)
    lengths = np.linalg.norm(keypoints.points[lines[:, 0]] - keypoints.points[lines[:, 1]], axis=1)
    eyes = np.linalg.norm(keypoints.points[0] - keypoints.points[1]) if kind == "five" else None
    limit = 0.2 * mask.size[0] if eyes is None else 1.2 * eyes
    assert 0 < lengths.min() < lengths.max() < limit


@pytest.mark.parametrize("scheme", facemask._core.landmark_schemes())
def test_every_scheme_has_what_it_can(scheme: str):
    points = to_scheme(sample.LANDMARKS, scheme)
    mask = facemask.trace_face(sample.LABELS, points, image_size=SIZE, landmark_scheme=scheme, frame="image")
    auto = selected(mask, "auto")
    assert len(auto.points) == (68 if scheme in ("mediapipe-478", "ibug-68") else len(points))
    assert len(selected(mask, "all").points) == len(points)
    if scheme not in ("mediapipe-478", "ibug-68"):
        with pytest.raises(facemask.FacemaskError, match="have no 68 points") as caught:
            mask.to_coco(keypoints="68")
        assert (caught.value.code, caught.value.field) == ("format_impossible", "keypoints")
    if scheme in ("dlib-5", "blazeface-6"):
        with pytest.raises(facemask.FacemaskError, match="one of the five points"):
            mask.to_coco(keypoints="five")
    else:
        distance = np.linalg.norm(selected(mask, "five").points - sample.LANDMARKS[[468, 473, 1, 61, 291]], axis=1)
        assert distance.max() < 15.0  # of 100 between the eyes: some schemes have the tip of the nose higher


def test_a_mesh_without_irises_has_five_points():
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS[:468], image_size=SIZE)
    assert len(selected(mask, "five").points) == 5
    assert len(selected(mask, "all").points) == 468
    lines = np.array(selected(mask, "all").lines)
    assert lines.max() < 468


def test_points_beside_the_picture_are_left_out_or_marked():
    cut = facemask.trace_face(sample.LABELS[:, 480:], sample.LANDMARKS - (480, 0))
    keypoints = selected(cut, "68")
    inside = keypoints.inside(cut.size)
    assert 0 < inside.sum() < 68
    results = cut.to_label_studio(keypoints="68")["predictions"][0]["result"]
    assert sum(result["type"] == "keypointlabels" for result in results) == inside.sum()
    skeleton = next(ET.fromstring(cut.to_cvat(keypoints="68")).iter("skeleton"))
    assert [point.get("outside") for point in skeleton] == ["0" if each else "1" for each in inside]


@pytest.mark.parametrize("name", ["to_coco", "to_label_studio", "to_cvat", "to_label_studio_config"])
def test_faces_without_landmarks_have_no_keypoints(name: str):
    mask = facemask.trace_face(sample.LABELS)
    with pytest.raises(facemask.FacemaskError, match="no landmarks") as caught:
        getattr(mask, name)(keypoints="five")
    assert (caught.value.code, caught.value.field) == ("format_impossible", "keypoints")
    for wrong in ("twelve", 5, None, ["five"]):
        with pytest.raises(facemask.FacemaskError, match="must be none or auto or five or 68 or all"):
            getattr(trace(), name)(keypoints=wrong)


def test_the_answer_has_the_landmarks_on_request():
    mask = trace("image", with_landmarks=True)
    assert np.abs(np.array(mask.to_dict()["landmarks"]) - sample.LANDMARKS).max() <= 0.005 + 1e-9
    assert "landmarks" not in trace().to_dict()
    assert "landmarks" not in facemask.trace_face(sample.LABELS, with_landmarks=True).to_dict()
    with pytest.raises(facemask.FacemaskError, match="with_landmarks"):
        trace(with_landmarks="yes")


def test_the_list_of_values_is_complete():
    assert set(KEYPOINTS) == {"none", *COUNTS}
    assert set(CONVERTERS) >= {"ibug-68"}
