"""Lists and stacks of pictures: what are masks, what are scores, and what is no single map."""

import json

import cv2
import facemask
import numpy as np
import pytest
from numpy.typing import NDArray
from shapely.geometry import Point
from support.sample import LABELS, LANDMARKS

MASKS = [label == LABELS for label in range(1, 11)]
EXPECTED = facemask.find_contours(LABELS, tolerance=0.5)


def soften(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return cv2.GaussianBlur(np.where(mask, 255, 0).astype(np.uint8), (3, 3), 0)


@pytest.mark.parametrize(
    "masks",
    [
        [soften(mask) for mask in MASKS],
        [soften(mask) / 255 for mask in MASKS],
        [mask * np.uint8(200) for mask in MASKS],
    ],
    ids=["bytes", "fractions", "200"],
)
def test_a_list_of_soft_masks_counts_above_one_half(masks: list[NDArray[np.uint8]]):
    contours = facemask.find_contours(masks, tolerance=0.5)
    assert list(contours) == list(EXPECTED)
    for label, contour in contours.items():
        assert contour.area == pytest.approx(EXPECTED[label].area, rel=0.06)


def test_a_list_of_one_hot_classes_is_the_same_as_the_array():
    classes = [label == LABELS for label in range(11)]
    for value in (classes, np.stack(classes)):
        assert list(facemask.find_contours(value)) == list(range(1, 11))


@pytest.mark.parametrize(
    "value",
    [
        np.stack([LABELS, LABELS]),
        [LABELS, LABELS],
        np.stack([LABELS, LABELS[::-1]] * 4),
        np.dstack([LABELS, np.full_like(LABELS, 255)]),
    ],
    ids=["two maps", "a list of maps", "eight maps", "gray with alpha"],
)
def test_several_maps_are_no_scores(value: object):
    with pytest.raises(facemask.FacemaskError, match="pictures of whole numbers") as caught:
        facemask.trace_face(value)
    assert (caught.value.code, caught.value.field) == ("map_invalid", "labels")


def test_masks_with_an_axis_of_one_are_told_the_right_slice():
    with pytest.raises(facemask.FacemaskError, match=r"pass labels\[:, 0\]"):
        facemask.trace_face(np.zeros((10, 1, 64, 64)))


@pytest.mark.parametrize("value", [LANDMARKS, str(LANDMARKS.tolist())], ids=["array", "text"])
def test_landmarks_as_labels_are_told_without_a_coordinate(value: object):
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(value, LABELS)
    assert caught.value.field == "labels"
    assert not any(f"{number:g}"[:4] in str(caught.value) for number in LANDMARKS.ravel()[:60])


def test_flat_points_of_shapely_are_read():
    mask = facemask.trace_face(LABELS, [Point(x, y) for x, y in LANDMARKS.tolist()])
    assert mask.svg == facemask.trace_face(LABELS, LANDMARKS).svg


def test_contours_of_opencv_are_polygons():
    size = (LABELS.shape[1], LABELS.shape[0])
    found = {
        label: list(cv2.findContours((label == LABELS).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0])
        for label in (1, 6)
    }
    mask = facemask.trace_face(found, LANDMARKS, image_size=size)
    assert [region["id"] for region in mask.regions] == [1, 6]
    # OpenCV's contour runs through the centers of the outermost pixels.
    assert mask.regions[1]["area"] == pytest.approx(float((LABELS == 6).sum()), rel=0.1)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            {"shapes": [{"label": "a", "points": [[1, 2]], "shape_type": "point"}]},
            "1 shapes, none of which has",
        ),
        ({"shapes": [{"label": "a", "points": [[1, 2], [3, 4]], "shape_type": "linestrip"}]}, "none of which"),
        ({"shapes": [{"label": "a", "points": [[1, 2], [3, 4]]}]}, "a polygon of 4 numbers"),
        ({"annotations": [{"segmentation": [[1, 2, 3, 4, 5]]}]}, "a polygon of 5 numbers"),
        ({"annotations": [{"bbox": [1, 2, 3, 4]}]}, "none of which has a segmentation"),
        ({"annotations": [{"segmentation": [[0.1, 0.2, 0.8, 0.2, 0.5, 0.9]]}]}, "multiply ratios by the size"),
    ],
    ids=["points", "lines", "two points", "half a point", "boxes", "ratios"],
)
def test_a_document_without_areas_is_no_drawing_of_nothing(document: dict[str, object], words: str):
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(document | {"imageWidth": 90, "imageHeight": 80}, LANDMARKS, image_size=(90, 80))
    assert (caught.value.code, caught.value.field) == ("map_invalid", "labels")
    assert words in caught.value.detail


def test_landmarks_in_place_of_a_document_are_told():
    points = [{"x": x, "y": y} for x, y in LANDMARKS.tolist()]
    with pytest.raises(facemask.FacemaskError, match="look like landmarks; check the order of the files"):
        facemask.trace_face(json.dumps(points).encode(), LANDMARKS)


def test_landmarks_in_place_of_labels_are_told_without_a_coordinate():
    points = [{"x": x, "y": y} for x, y in LANDMARKS.tolist()]
    with pytest.raises(facemask.FacemaskError, match=r"which looks? like landmarks; labels come first$") as caught:
        facemask.trace_face(points, LANDMARKS)
    assert not set("123456789") & set(caught.value.detail)
    for named in ({"nose": {"x": 12.34, "y": 5}}, {"x": 12.34, "y": 12.34}):
        with pytest.raises(facemask.FacemaskError, match="must be a mask") as caught:
            facemask.find_contours(named)
        assert "12.34" not in caught.value.detail
    for record, words in ({"points": [12.34]}, r"keys \['points'\]"), ("12.34", "got str"):
        with pytest.raises(facemask.FacemaskError, match=words) as caught:
            facemask.find_contours([{"mask": np.eye(3)}, record])
        assert "12.34" not in caught.value.detail


def test_numbers_of_a_document_may_be_floats_or_text():
    square = [[2, 1, 6, 1, 6, 4, 2, 4]]
    plain = {"images": [{"id": 1, "width": 9, "height": 8}], "categories": [{"id": 3, "name": "nose"}]}
    other = {"images": [{"id": 1, "width": 9.0, "height": "8"}], "categories": [{"id": "3", "name": "nose"}]}
    annotations = [{"category_id": 3, "segmentation": square}], [{"category_id": "3", "segmentation": square}]
    found = [facemask.find_contours(a | {"annotations": b}) for a, b in zip((plain, other), annotations, strict=True)]
    assert (found[0]["nose"].points == found[1]["nose"].points).all()
    with pytest.raises(facemask.FacemaskError):
        facemask.find_contours(other | {"annotations": [{"category_id": 3.5, "segmentation": square}]})


def test_polygons_without_a_size_have_that_of_the_photo_that_they_show():
    document = {"annotations": [{"segmentation": [[2, 1, 60, 1, 60, 40, 2, 40]], "category_id": 1}]}
    photo = np.zeros((80, 90, 3), np.uint8)
    mask = facemask.trace_face(document, image=photo, crop="none", landmarks=LANDMARKS / 12)
    assert mask.regions[0]["area"] == pytest.approx(58 * 39, rel=0.02)
    with pytest.raises(facemask.FacemaskError, match="without the size of their picture"):
        facemask.trace_face(document, image=photo, map_fit="stretch", landmarks=LANDMARKS / 12)
