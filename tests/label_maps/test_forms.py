"""Every form of a label map that Python callers have gives the ids of the plain array."""

import json
import re
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.label_maps import read_labels
from PIL import Image
from pycocotools import mask as coco_mask
from support.label_map_forms import (
    BINARY,
    COUNT,
    HEIGHT,
    IDS,
    LABELS,
    MASKS,
    ONE,
    ONE_HOT,
    SAME,
    WIDTH,
    coco_document,
    run_lengths,
    scores,
)
from support.synthetic_face import Face

POINTS = Face(angle=20, scale=1.0, size=(150, 160)).landmarks


@pytest.mark.parametrize("form", SAME)
def test_every_form_of_ids_gives_the_ids(form: str):
    value = SAME[form]()
    source = read_labels(value)
    assert source.ids.dtype == np.uint8
    assert source.keys is None
    assert (source.ids == LABELS).all()
    if "name" in form or form.startswith("COCO document") or "pipeline" in form:
        assert source.names == {i: f"part {i}" for i in IDS}
    else:
        assert source.names == {}
    found = facemask.find_contours(value)
    assert list(found) == IDS
    assert (found[6].points == facemask.find_contours(LABELS)[6].points).all()


@pytest.mark.parametrize("form", ONE)
def test_every_form_of_one_mask_gives_region_1(form: str):
    assert (read_labels(ONE[form]()).ids == BINARY).all()
    assert list(facemask.find_contours(ONE[form]())) == [1]


def test_a_face_is_the_same_from_every_form():
    expected = facemask.trace_face(LABELS, POINTS)
    for form in ("logits (C, H, W)", "dict of masks by id", "Pillow P", "COCO annotations"):
        mask = facemask.trace_face(SAME[form](), POINTS)
        assert mask.svg == expected.svg, form
    named = facemask.trace_face(SAME["COCO document"](), POINTS, label_names={6: "my nose"})
    assert named.contours["my nose"] is not None
    assert (named.contours["part 7"].points == expected.contours["7"].points).all()
    zones = facemask.trace_face(SAME["COCO document"](), POINTS, regions="zones", label_scheme="lapa-11")
    assert "part 6" not in zones.contours
    assert "nose" in zones.contours, "the names of a document are those of labels, not of zones"


def test_maps_of_another_size_than_the_photo():
    half = scores(0)[:, ::2, ::2]
    mask = facemask.trace_face(half, POINTS, image_size=(WIDTH, HEIGHT))
    expected = facemask.trace_face(np.ascontiguousarray(LABELS[::2, ::2]), POINTS, image_size=(WIDTH, HEIGHT))
    assert mask.svg == expected.svg


def test_confidence_is_the_mean_probability_of_a_region():
    logits = scores(0, np.float64)
    top = np.exp(logits.max(0)) / np.exp(logits).sum(0)
    expected = {i: round(float(top[i == LABELS].mean()), 4) for i in range(COUNT)}
    probabilities = np.exp(logits) / np.exp(logits).sum(0)
    for value in (logits, probabilities, np.log(probabilities), np.moveaxis(logits, 0, 2), logits.astype(np.float32)):
        assert read_labels(value).confidence == pytest.approx(expected, abs=2e-4)
    mask = facemask.trace_face(probabilities, POINTS)
    for region in mask.regions:
        assert region["confidence"] == pytest.approx(expected[region["id"]], abs=2e-4)
    assert mask.to_dict()["regions"] == mask.regions
    assert json.dumps(mask.to_dict())
    huge = logits * 1000
    assert set((read_labels(huge).confidence or {}).values()) == {1.0}, "softmax of large scores does not overflow"
    minus = np.where(ONE_HOT, 0.0, -np.inf)
    assert set((read_labels(minus).confidence or {}).values()) == {1.0}


def test_only_scores_have_a_confidence():
    for value in (LABELS, ONE_HOT, MASKS, scores(0).astype(np.int16)):
        assert read_labels(value).confidence is None
    assert "confidence" not in facemask.trace_face(LABELS, POINTS).regions[0]
    assert "confidence" not in facemask.trace_face(scores(0), POINTS, regions="zones").regions[0]


def test_of_equal_scores_the_first_class_counts():
    value = np.zeros((5, 8, 9), np.float32)
    value[0] = 1.0
    value[:, 2:5, 2:5] = 0.0
    value[1:, 2:5, 2:5] = 0.25
    assert set(np.unique(read_labels(value).ids)) == {0, 1}


def test_a_later_mask_covers_an_earlier_one():
    wide, small = np.zeros((8, 9), bool), np.zeros((8, 9), bool)
    wide[1:7, 1:8] = True
    small[3:5, 3:5] = True
    for value in ({"a": wide, "b": small}, [wide, small], np.stack([wide, small]), [{"mask": wide}, {"mask": small}]):
        ids = read_labels(value).ids
        assert (ids[small] == 2).all()
        assert (ids == 1).sum() == wide.sum() - small.sum()
    assert set(np.unique(read_labels({"b": small, "a": wide}).ids)) == {0, 2}


def test_records_of_one_name_are_one_region():
    left, right = np.zeros((8, 9), bool), np.zeros((8, 9), bool)
    left[2:4, 1:3] = right[2:4, 6:8] = True
    source = read_labels(
        [{"label": "eye", "mask": left}, {"label": "nose", "mask": ~left}, {"label": "eye", "mask": right}]
    )
    assert source.names == {1: "eye", 2: "nose"}
    assert (source.ids[left | right] == 1).all()


def test_polygons_are_filled_by_pixel_centers():
    square = [[2.0, 1.0, 6.0, 1.0, 6.0, 4.0, 2.0, 4.0]]
    expected = np.zeros((8, 9), np.uint8)
    expected[1:4, 2:6] = 1
    for value in (
        {"segmentation": square},
        [{"segmentation": square[0]}],
        {"nose": [[[2.0, 1.0], [6, 1], [6, 4], [2, 4]]]},
        {"annotations": [{"segmentation": square, "category_id": 1}]},
        [{"segmentation": [np.array(square[0])], "category_id": 1}],
    ):
        assert (read_labels(value, size=(9, 8)).ids == expected).all()
        with pytest.raises(facemask.FacemaskError, match="without the size of their picture"):
            facemask.find_contours(value)
    beside = {"a": np.zeros((8, 9), bool), "b": square}
    assert (read_labels(beside).ids == expected * 2).all(), "polygons take the size of an array beside them"
    mask = facemask.trace_face(
        [{"segmentation": [[30, 30, 110, 30, 110, 140, 30, 140]]}], POINTS, image_size=(150, 160)
    )
    assert list(mask.contours) == ["1"]


def test_polygons_are_those_of_pycocotools_but_for_its_rounding():
    """pycocotools rounds points to a fifth of a pixel, so a few pixels on the outline differ."""
    random = np.random.default_rng(3)
    for _ in range(20):
        angles = np.sort(random.uniform(0, 2 * np.pi, 40))
        radii = random.uniform(20, 90, 40)
        points = np.stack([100.3 + radii * np.cos(angles), 95.7 + radii * np.sin(angles)], axis=1)
        polygon = [points.ravel().tolist()]
        ids = read_labels({"segmentation": polygon}, size=(200, 190)).ids
        theirs = coco_mask.decode(coco_mask.frPyObjects(polygon, 190, 200))[..., 0]
        perimeter = np.linalg.norm(np.diff([*points, points[0]], axis=0), axis=1).sum()
        assert (ids != theirs).sum() < 0.1 * perimeter


def test_a_polygon_that_crosses_itself_is_filled_by_even_and_odd():
    twice = [0, 0, 6, 0, 6, 6, 0, 6, 0, 0, 2, 2, 4, 2, 4, 4, 2, 4, 2, 2]
    ids = read_labels({"segmentation": [twice]}, size=(8, 8)).ids
    assert ids[3, 3] == 0
    assert ids[1, 1] == 1


def test_labelme_documents_with_every_shape():
    document = {
        "version": "5.5.0",
        "imageData": None,
        "imageHeight": 20,
        "imageWidth": 30,
        "shapes": [
            {
                "label": "skin",
                "points": [[0, 0], [30, 0], [30, 20], [0, 20]],
                "shape_type": "polygon",
                "group_id": None,
            },
            {"label": "nose", "points": [[12, 8], [16, 14]], "shape_type": "rectangle"},
            {"label": "eye", "points": [[6, 6], [9, 6]], "shape_type": "circle"},
            {"label": "_background_", "points": [[26, 0], [30, 20]], "shape_type": "rectangle"},
            {"label": "tip", "points": [[14, 12]], "shape_type": "point"},
            {"label": "skin", "points": [[27, 1], [30, 1], [30, 4]], "shape_type": "polygon"},
        ],
    }
    source = read_labels(document)
    assert source.names == {1: "skin", 2: "nose", 3: "eye", 4: "tip"}
    assert (source.ids[8:14, 12:16] == 2).all()
    rows, columns = np.indices(source.ids.shape)
    assert ((source.ids == 3) == ((rows + 0.5 - 6) ** 2 + (columns + 0.5 - 6) ** 2 < 9)).all()
    assert (source.ids[10:, 26:] == 0).all()
    assert source.ids[2, 29] == 1
    assert (source.ids == 4).sum() == 0
    found = facemask.find_contours(document)
    assert found["nose"] is found[2]
    for shape in document["shapes"]:
        shape["label"] = {"skin": "1", "nose": "10", "eye": "4"}.get(shape["label"], "0")
    assert read_labels(document).names == {}
    assert set(np.unique(read_labels(document).ids)) == {0, 1, 4, 10}


def test_ids_above_255_keep_their_keys():
    big = LABELS.astype(np.int64) * 1000
    for value in (
        big,
        big.astype(float),
        big * 10**6,
        big.astype(np.uint64) * 10**12,
        {i * 1000: m for i, m in MASKS.items()},
    ):
        found = facemask.find_contours(value, background=True)
        plain = facemask.find_contours(LABELS, background=True)
        factor = list(found)[1] // IDS[0]
        assert list(found) == [i * factor for i in plain]
        assert all((found[i * factor].points == plain[i].points).all() for i in plain)
        assert found[str(6 * factor)] is found[6 * factor]
    with pytest.raises(facemask.FacemaskError, match="from 0 to 255, got 0 to 10000; find_contours"):
        facemask.trace_face(big, POINTS)
    full = np.arange(256).reshape(16, 16) * 7
    assert list(facemask.find_contours(full)) == [i * 7 for i in range(1, 256)]
    many = np.arange(400).reshape(20, 20)
    for value in (many, many * 10**9):
        with pytest.raises(facemask.FacemaskError, match="at most 255 different ids beside 0, this one has 399"):
            facemask.find_contours(value)


def test_a_map_without_0_keeps_its_keys_too():
    value = np.full((6, 7), 900)
    value[:, 3:] = 2**40
    assert list(facemask.find_contours(value)) == [900, 2**40]


REFUSED: dict[str, tuple[Any, str]] = {
    "the ignore index": (np.where(LABELS == 1, -1, 0), "got -1 to 0; -1 often marks ignored pixels: set them to 0"),
    "a float of -1": (np.full((4, 4), -1.0), "-1 often marks ignored pixels"),
    "fractions": (np.full((4, 5), 0.5), r"got 0.5 at pixel \(0, 0\); threshold a probability"),
    "NaN": (np.where(BINARY, np.nan, 0), r"got nan at pixel .*; set such pixels to 0"),
    "NaN among scores": (np.where(ONE_HOT, np.nan, 0.5), "got NaN among them"),
    "a colour picture": (np.random.default_rng(1).integers(0, 256, (9, 8, 3), np.uint8), "a colour picture"),
    "a colour picture of floats": (np.random.default_rng(1).random((9, 8, 3)), "a colour picture"),
    "pure colours": (np.eye(3, dtype=np.uint8)[LABELS % 3] * 255, "a colour picture"),
    "a picture of Pillow in colour": (Image.new("RGB", (8, 9), "red"), "a colour picture"),
    "no class axis": (np.zeros((5, 5, 5)), r"no axis is that of the classes; take scores.argmax\(axis\)"),
    "several pictures": (np.stack([scores(0)] * 2), "the map of one picture, got 2"),
    "five axes": (np.zeros((2, 2, 2, 2, 2)), "shape"),
    "one axis": (np.zeros(5), r"\(height, width\), got an array of float64 with shape \(5,\)"),
    "text": ([["a", "b"]], r"got an array of <U1"),
    "None": (None, "got None"),
    "no masks": ({}, "an empty one"),
    "masks of two sizes": (
        {"a": BINARY, "b": BINARY[1:]},
        r"\['b'\] is a mask of shape \(159, 150\), those before have",
    ),
    "a mask of ids": ({"a": LABELS}, r"\['a'\] must be a mask of 0 and 1 or of 0 and 255, got values from 0 to"),
    "names and ids": ({"a": BINARY, 2: BINARY}, "all names or all ids"),
    "a negative id": ({-1: BINARY}, "whole numbers from 0"),
    "a mask in a mask": ({"a": {"b": BINARY}}, r"\['a'\] must be a mask"),
    "a record without a mask": ([{"label": "nose"}], r"\[0\] must be a record with a mask"),
    "a record beside numbers": ([{"mask": BINARY}, 5], r"\[1\] must be a record"),
    "run lengths of another size": ([run_lengths(BINARY == 1), run_lengths(BINARY[1:] == 1)], "those before of"),
    "run lengths that are too short": ({"size": [4, 4], "counts": [3, 4]}, "cover 7 pixels, expected 4 x 4"),
    "run lengths that are no text of COCO": ({"size": [4, 4], "counts": "\x7f"}, "are not those of COCO"),
    "a category of 300": ({**coco_document(), "annotations": [{"category_id": 300}]}, "the category id 300"),
    "two pictures": (
        {"annotations": [{"image_id": 1, "segmentation": []}, {"image_id": 2, "segmentation": []}]},
        "annotations of 2 images",
    ),
    "256 masks": (list(np.eye(256, dtype=bool).reshape(256, 16, 16)), "at most 255|from 0 to 255"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_is_no_label_map_is_refused_with_the_cure(form: str):
    value, words = REFUSED[form]
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(value, POINTS)
    error = caught.value
    assert error.field == "labels"
    assert error.code in ("map_invalid", "map_corrupt"), error
    assert re.search(words, error.detail), error.detail
    assert "\n" not in error.detail
    assert len(error.detail) < 400


def test_noise_and_empty_maps():
    assert facemask.find_contours(np.zeros((4, 5))) == {}
    assert facemask.find_contours([np.zeros((4, 5), bool)]) == {}
    with pytest.raises(facemask.FacemaskError, match=r"is empty \(5 x 0 pixels\)"):
        facemask.find_contours(np.zeros((0, 5)))
    all_ids = np.arange(256, dtype=np.float32).reshape(16, 16)
    assert list(facemask.find_contours(all_ids)) == list(range(1, 256))
    assert len(facemask.find_contours(np.random.default_rng(1).normal(size=(19, 40, 50)))) == 18
