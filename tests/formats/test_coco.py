"""COCO: one kind of segmentation a file, ids that go on, keypoints."""

import json
from types import SimpleNamespace
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.formats import render
from facemask.formats.annotation.coco import to_dataset
from pycocotools.coco import COCO
from support import sample
from support.export_faces import FACE, LEVEL, MASKS, NOISE, has_holes, label_raster, refused

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
KINDS = ["auto", "rle", "rle_compressed", "polygons"]
WHOLE = facemask.trace_face(np.where(sample.LABELS > 0, 1, 0).astype(np.uint8), sample.LANDMARKS)


def load_coco(document: dict[str, Any]) -> COCO:
    coco = COCO()
    coco.dataset = json.loads(json.dumps(document))
    coco.createIndex()
    return coco


@pytest.mark.parametrize("segmentation", KINDS)
@pytest.mark.parametrize("name", MASKS)
def test_pycocotools_reads_the_regions(name: str, segmentation: str) -> None:
    mask = MASKS[name]
    coco = load_coco(mask.to_coco(segmentation=segmentation, image_id=7, file_name="a.jpg"))
    truth = label_raster(mask)
    assert [image["file_name"] for image in coco.loadImgs(7)] == ["a.jpg"]
    assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == [region["name"] for region in mask.regions]
    annotations = coco.loadAnns(coco.getAnnIds(imgIds=[7]))
    assert len(annotations) == len(mask.regions)
    for annotation in annotations:
        expected = truth == annotation["category_id"]
        found = coco.annToMask(annotation).astype(bool)
        polygons = isinstance(annotation["segmentation"], list)
        assert polygons == (segmentation == "polygons")
        # pycocotools rounds the corners of polygons to fifths of a pixel and draws their outlines too.
        outline = sum(len(ring) for ring in annotation["segmentation"]) * 2 if polygons else 0
        assert (found ^ expected).sum() <= 1e-4 * found.size + outline
        assert annotation["area"] == pytest.approx(expected.sum(), rel=0.02, abs=3)
        left, top, width, height = annotation["bbox"]
        if polygons:
            # A pointed corner may reach further than the centres of its pixels do.
            points = np.concatenate([np.reshape(ring, (-1, 2)) for ring in annotation["segmentation"]])
            box, apart = [*points.min(axis=0), *np.ptp(points, axis=0)], 0.011
        else:
            rows, columns = np.nonzero(expected)
            box, apart = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1], 1
        assert np.abs(np.subtract([left, top, width, height], box)).max() <= apart


@pytest.mark.parametrize("segmentation", KINDS)
def test_a_file_has_one_kind_of_segmentation(segmentation: str) -> None:
    for mask in (*MASKS.values(), WHOLE):
        found = {
            type(each["segmentation"])
            if isinstance(each["segmentation"], list)
            else type(each["segmentation"]["counts"])
            for each in mask.to_coco(segmentation=segmentation, keypoints=mask is FACE)["annotations"]
        }
        # The kind does not depend on the face either: files of one data set would mix them.
        assert found == {list if segmentation in ("polygons", "rle") else str}


def test_holes_of_polygons_are_joined_or_refused() -> None:
    assert has_holes(FACE)
    refused("format_impossible", "skin has 6 holes", FACE.to_coco, segmentation="polygons", holes="error")
    refused("option_invalid", "holes", FACE.to_coco, holes="fill")
    refused("option_invalid", "segmentation", FACE.to_coco, segmentation="bitmap")
    assert FACE.to_coco(holes="error") == FACE.to_coco()
    assert WHOLE.to_coco(segmentation="polygons", holes="error") == WHOLE.to_coco(segmentation="polygons")


@pytest.mark.parametrize("segmentation", KINDS)
def test_a_region_of_nothing_is_left_out_and_counted(segmentation: str) -> None:
    measures = {"area": 0.1, "bbox": [0.6, 0.6, 0.9, 0.9]}
    flat = SimpleNamespace(
        svg="<svg/>",
        colors={"1": "#e9c46a"},
        size=(4, 3),
        crop_from_image=(1, 0, 0, 0, 1, 0),
        mask_contours={"1": [], "2": [[[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]]], "3": [[[0, 0], [2, 0], [2, 2], [0, 2]]]},
        regions=[{"id": number, "name": str(number), **measures} for number in (1, 2, 3)],
    )
    document = to_dataset(flat, segmentation=segmentation)
    # The second one has a ring, and the center of no pixel lies in it.
    kept = [2, 3] if segmentation == "polygons" else [3]
    assert [each["category_id"] for each in document["annotations"]] == kept
    assert [each["id"] for each in document["annotations"]] == list(range(1, len(kept) + 1))
    assert document["info"]["regions_left_out"] == 3 - len(kept)
    assert [each["id"] for each in document["categories"]] == [1, 2, 3]
    assert all(each["segmentation"] for each in document["annotations"])
    for form in ("yolo", "label-studio", "labelme", "cvat", "topojson", "geojson", "label-map", "label-studio-config"):
        assert render(form, flat)


# ids


def test_ids_go_on_over_images() -> None:
    first = FACE.to_coco(image_id=3, first_annotation_id=41)
    assert [each["id"] for each in first["annotations"]] == list(range(41, 51))
    assert {each["image_id"] for each in first["annotations"]} == {3}
    for name in ("image_id", "first_annotation_id"):
        for value in (-1, 1.5, "1", True, None, 2**60):
            assert refused("option_invalid", name, FACE.to_coco, **{name: value}).field == name
    assert FACE.to_coco(first_annotation_id=0, image_id=np.int64(0))["annotations"][0]["id"] == 0


def test_faces_of_many_images_are_one_data_set() -> None:
    zones = facemask.trace_face(sample.LABELS, sample.LANDMARKS, regions="zones")
    document = facemask.to_coco_dataset([FACE, zones, NOISE], file_names=["a.png", "b.png", "c.png"])
    assert [(each["id"], each["file_name"]) for each in document["images"]] == [
        (1, "a.png"),
        (2, "b.png"),
        (3, "c.png"),
    ]
    ids = [each["id"] for each in document["annotations"]]
    assert ids == list(range(1, len(ids) + 1))
    names = {each["id"]: each["name"] for each in document["categories"]}
    assert len(set(names.values())) == len(names) == len(document["categories"])
    # Nose and brows are there once; zone 1 is the forehead, and 1 was taken by the skin.
    assert names[1] == "skin"
    assert list(names.values()).count("nose") == 1
    coco = load_coco(document)
    for image, mask in ((1, FACE), (2, zones), (3, NOISE)):
        by_name = {region["name"]: region["id"] for region in mask.regions}
        drawn = np.zeros(mask.size[::-1], int)
        for each in coco.loadAnns(coco.getAnnIds(imgIds=[image])):
            drawn[coco.annToMask(each).astype(bool)] = by_name[names[each["category_id"]]]
        assert (drawn == mask.to_label_map()).all()


def test_file_names_of_a_data_set() -> None:
    names = [image["file_name"] for image in facemask.to_coco_dataset([FACE, NOISE])["images"]]
    assert names == ["face-1.png", "face-2.png"]
    # Two faces in one picture: one image.
    document = facemask.to_coco_dataset([FACE, FACE], file_names=["a.png", "a.png"])
    assert len(document["images"]) == 1
    assert {each["image_id"] for each in document["annotations"]} == {1}
    assert len(document["annotations"]) == 20
    for names in (["a.png", "a.png"], ["a.png"], "ab"):
        error = refused("option_invalid", "file|names", facemask.to_coco_dataset, [FACE, NOISE], file_names=names)
        assert error.field == "file_names"
    assert facemask.to_coco_dataset([])["annotations"] == []
    assert facemask.to_coco_dataset(iter([FACE])) == facemask.to_coco_dataset([FACE])


def test_the_category_keeps_its_id_unless_another_has_taken_it() -> None:
    renamed = facemask.trace_face(sample.LABELS, sample.LANDMARKS, label_names={1: "hair", 10: "skin"})
    document = facemask.to_coco_dataset([renamed, FACE])
    assert {each["name"]: each["id"] for each in document["categories"]}["hair"] == 1
    other = facemask.trace_face(sample.LABELS, sample.LANDMARKS, label_names={1: "cheek"})
    by_name = {each["name"]: each["id"] for each in facemask.to_coco_dataset([FACE, other])["categories"]}
    assert (by_name["skin"], by_name["cheek"]) == (1, 11)


# keypoints


def test_landmarks_are_in_the_frame_of_the_result() -> None:
    a, b, c, d, e, f = FACE.crop_from_image
    x, y = sample.LANDMARKS.T
    assert FACE.landmarks is not None
    assert FACE.landmarks.dtype == np.float64
    assert np.abs(FACE.landmarks - np.column_stack([a * x + b * y + c, d * x + e * y + f])).max() < 1e-9
    ratios = facemask.trace_face(sample.LABELS, sample.LANDMARKS / sample.LABELS.shape[::-1])
    assert ratios.landmarks is not None
    assert np.abs(ratios.landmarks - FACE.landmarks).max() < 1e-6


def test_of_several_faces_the_landmarks_are_those_of_the_traced_one() -> None:
    other = sample.LANDMARKS * 0.2
    mask = facemask.trace_face(sample.LABELS, [other, sample.LANDMARKS])
    assert mask.landmarks is not None
    assert (mask.landmarks == FACE.landmarks).all()


def test_landmarks_that_did_not_count_are_not_there() -> None:
    assert facemask.trace_face(sample.LABELS).landmarks is None
    assert facemask.trace_face(sample.LABELS).landmark_names is None
    # An upright face on one that is upside down: the map counts.
    turned = sample.copy(180)
    upright = np.array(turned.labels.shape[::-1]) - turned.landmarks
    upright += turned.landmarks.mean(axis=0) - upright.mean(axis=0)
    found = facemask.trace_face(turned.labels, upright)
    assert found.roll_from == "labels"
    assert found.landmarks is None


@pytest.mark.parametrize("scheme", facemask._core.landmark_schemes())
def test_landmark_names_are_different_and_those_of_the_parts(scheme: str) -> None:
    counts, parts = facemask._core.landmark_schemes()[scheme]
    mask = facemask.FaceMask(
        SimpleNamespace(  # type: ignore[arg-type]
            landmarks=np.zeros((max(counts), 2)), schemes_json=json.dumps({"landmarks": scheme})
        )
    )
    names = mask.landmark_names
    assert names is not None
    assert len(set(names)) == len(names) == max(counts)
    for name in ("nose_tip", "pupil_r", "mouth_l", "chin"):
        if len(parts.get(name, ())) == 1:
            assert names[parts[name][0]] == name
    if scheme == "ibug-68":
        assert (names[0], names[36], names[37], names[33]) == (
            "jaw_r_to_l_1",
            "eye_r_corners_1",
            "eye_r_2",
            "nose_base_3",
        )


@pytest.mark.parametrize("segmentation", KINDS)
def test_keypoints_are_the_landmarks(segmentation: str) -> None:
    document = FACE.to_coco(segmentation=segmentation, keypoints="all", first_annotation_id=5)
    (category,), (annotation,) = document["categories"], document["annotations"]
    assert (category["name"], category["keypoints"]) == ("face", FACE.landmark_names)
    assert (annotation["id"], annotation["category_id"]) == (5, category["id"])
    triples = np.reshape(annotation["keypoints"], (-1, 3))
    assert annotation["num_keypoints"] == len(triples) == len(sample.LANDMARKS)
    assert np.abs(triples[:, :2] - FACE.landmarks).max() <= 0.005 + 1e-9
    assert set(annotation["keypoints"][2::3]) == {2}
    assert all(isinstance(number, int) for number in annotation["keypoints"][2::3])
    # Its segmentation is that of all regions together.
    found = load_coco(document).annToMask(annotation).astype(bool)
    assert (found ^ (FACE.to_label_map() > 0)).sum() <= (300 if segmentation == "polygons" else 0)
    left, top, width, height = annotation["bbox"]
    boxes = np.array([region["bbox"] for region in FACE.regions])
    around = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]
    assert np.abs(np.subtract([left, top, left + width, top + height], around)).max() <= 1


def test_keypoints_outside_the_picture_are_not_labeled() -> None:
    moved = sample.LANDMARKS.copy()
    cut = sample.LABELS[:, 480:]
    mask = facemask.trace_face(cut, moved - (480, 0))
    assert mask.landmarks is not None
    outside = ((mask.landmarks < 0) | (mask.landmarks > mask.size)).any(axis=1)
    assert 0 < outside.sum() < len(outside)
    annotation = mask.to_coco(keypoints="all")["annotations"][-1]
    triples = np.reshape(annotation["keypoints"], (-1, 3))
    assert (triples[outside] == 0).all()
    assert (triples[~outside, 2] == 2).all()
    assert annotation["num_keypoints"] == (~outside).sum()


def test_keypoints_without_landmarks_are_refused() -> None:
    refused("format_impossible", "no landmarks", facemask.trace_face(sample.LABELS).to_coco, keypoints=True)
    refused("option_invalid", "keypoints", FACE.to_coco, keypoints="yes")


def test_keypoints_of_a_data_set_are_of_one_scheme() -> None:
    document = facemask.to_coco_dataset([FACE, FACE], keypoints=True)
    assert [each["name"] for each in document["categories"]] == ["face"]
    assert [each["id"] for each in document["annotations"]] == [1, 2]
    error = refused("option_invalid", "different schemes", facemask.to_coco_dataset, [FACE, NOISE], keypoints=True)
    assert error.field == "keypoints"
    assert len(LEVEL) == 5
