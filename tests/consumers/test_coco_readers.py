"""COCO files as data loaders read them: pycocotools, supervision, datumaro. docs/formats.md has these figures."""

import json
import shutil
from pathlib import Path
from typing import Any

import datumaro
import facemask
import numpy as np
import pytest
import supervision
from facemask import FaceMask
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from support import sample
from support.region_masks import Mask, count_differing, measure_overlaps, unite_masks

KINDS = ["rle_compressed", "rle", "polygons"]
Masks = dict[str, Mask]


def save_coco(folder: Path, document: dict[str, Any]) -> Path:
    """Save a dataset as datumaro expects it: annotations/instances_default.json and images/default/."""
    path = folder / "annotations" / "instances_default.json"
    path.parent.mkdir()
    path.write_text(json.dumps(document))
    (folder / "images" / "default").mkdir(parents=True)
    shutil.copy(folder / "face.png", folder / "images" / "default" / "face.png")
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_pycocotools_draws_every_region(face: FaceMask, masks: Masks, folder: Path, kind: str) -> None:
    coco = COCO(save_coco(folder, face.to_coco(segmentation=kind)))
    names = {category["id"]: category["name"] for category in coco.loadCats(coco.getCatIds())}
    found = unite_masks((names[each["category_id"]], coco.annToMask(each)) for each in coco.anns.values())
    # It rounds the corners of polygons to fifths of a pixel.
    assert count_differing(found, masks) <= (400 if kind == "polygons" else 0)


def test_pycocotools_loads_three_faces_with_ids_that_do_not_repeat(folder: Path) -> None:
    faces = [facemask.trace_face(sample.LABELS, sample.LANDMARKS, crop=crop) for crop in ("face", "head", "none")]
    document = facemask.to_coco_dataset(faces)
    coco = COCO(save_coco(folder, document))
    assert len(coco.anns) == len(document["annotations"]) == sum(len(face.regions) for face in faces)
    assert len(coco.imgs) == 3
    assert [category["name"] for category in coco.loadCats(coco.getCatIds())] == sample.NAMES
    for image, face in zip(coco.imgs.values(), faces, strict=True):
        drawn = np.zeros(face.size[::-1], int)
        for each in coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]])):
            drawn[coco.annToMask(each).astype(bool)] = each["category_id"]
        assert (drawn == face.to_label_map()).all()


@pytest.mark.parametrize("keypoints", ["five", "68", "all"])
def test_pycocotools_reads_keypoints(face: FaceMask, folder: Path, keypoints: str) -> None:
    document = face.to_coco(keypoints=keypoints)
    coco = COCO(save_coco(folder, document))
    (category,) = coco.loadCats(coco.getCatIds(catNms=["face"]))
    (annotation,) = coco.loadAnns(coco.getAnnIds(catIds=[category["id"]]))
    count = {"five": 5, "68": 68, "all": 478}[keypoints]
    assert (annotation["num_keypoints"], len(category["keypoints"])) == (count, count)
    joints = np.array(category["skeleton"])
    assert (joints.min(), joints.max() <= count) == (1, True)
    # As `COCO.showAnns` draws it: lines between labeled points.
    x, y, labeled = np.reshape(annotation["keypoints"], (-1, 3)).T
    lengths = np.hypot(*(axis[joints[:, 1] - 1] - axis[joints[:, 0] - 1] for axis in (x, y)))
    assert labeled.all()
    assert lengths.max() < 0.5 * face.size[0]


@pytest.mark.parametrize("kind", KINDS)
def test_datumaro_reads_keypoints(face: FaceMask, folder: Path, kind: str) -> None:
    path = save_coco(folder, face.to_coco(segmentation=kind, keypoints="all"))
    path.rename(path.with_name("person_keypoints_default.json"))
    dataset = datumaro.Dataset.import_from(str(folder), "coco_person_keypoints")
    (labels,) = dataset.categories()[datumaro.AnnotationType.points].items.values()
    assert labels.labels == face.landmark_names
    assert len(labels.joints) > 100
    (item,) = dataset
    (points,) = (each for each in item.annotations if isinstance(each, datumaro.Points))
    assert face.landmarks is not None
    assert np.abs(np.reshape(points.points, (-1, 2)) - face.landmarks).max() < 0.006
    assert {visibility.name for visibility in points.visibility} == {"visible"}


@pytest.mark.parametrize("kind", KINDS)
def test_supervision_reads_run_lengths_exactly(face: FaceMask, masks: Masks, folder: Path, kind: str) -> None:
    path = save_coco(folder, face.to_coco(segmentation=kind))
    dataset = supervision.DetectionDataset.from_coco(str(folder), str(path), force_masks=True)
    ((_, _, found),) = dataset
    read = unite_masks((dataset.classes[number], mask) for number, mask in zip(found.class_id, found.mask, strict=True))
    if kind == "polygons":
        # It rounds points to pixels, and OpenCV fills the pixels under the outline too.
        overlaps = measure_overlaps(read, masks)
        assert min(overlaps, key=overlaps.__getitem__) in ("brow_r", "brow_l")
        assert 0.7 < min(overlaps.values()) < 0.9
    else:
        assert count_differing(read, masks) == 0


def datumaro_masks(dataset: datumaro.Dataset, shape: tuple[int, ...]) -> Masks:
    labels = dataset.categories()[datumaro.AnnotationType.label]

    def draw(annotation: Any) -> Any:
        if isinstance(annotation, datumaro.Mask):
            return annotation.image
        return coco_mask.decode(coco_mask.frPyObjects([annotation.points], *shape))[..., 0]

    shapes = (
        each for item in dataset for each in item.annotations if isinstance(each, datumaro.Mask | datumaro.Polygon)
    )
    return unite_masks((labels[each.label].name, draw(each)) for each in shapes)


@pytest.mark.parametrize("form", ["voc", "cvat"])
@pytest.mark.parametrize("kind", KINDS)
def test_datumaro_converts_every_region(face: FaceMask, masks: Masks, folder: Path, kind: str, form: str) -> None:
    save_coco(folder, face.to_coco(segmentation=kind))
    dataset = datumaro.Dataset.import_from(str(folder), "coco_instances")
    if form == "voc" and kind == "polygons":
        # Its VOC files have masks only: polygons would be left out.
        dataset.transform("polygons_to_masks")
    out = str(folder / "converted")
    dataset.export(out, form, save_media=True)
    found = datumaro_masks(datumaro.Dataset.import_from(out, form), face.size[::-1])
    assert count_differing(found, masks) <= (400 if kind == "polygons" else 0)


def test_polygons_without_holes_stay_polygons(folder: Path, face: FaceMask) -> None:
    """datumaro keeps the points, as 32-bit floats."""
    whole = np.where(sample.LABELS > 0, 1, 0).astype(np.uint8)
    mask = facemask.trace_face(whole, sample.LANDMARKS)
    save_coco(folder, mask.to_coco(segmentation="polygons", holes="error"))
    dataset = datumaro.Dataset.import_from(str(folder), "coco_instances")
    dataset.export(str(folder / "converted"), "cvat", save_media=True)
    (item,) = datumaro.Dataset.import_from(str(folder / "converted"), "cvat")
    polygons = [each.points for each in item.annotations if isinstance(each, datumaro.Polygon)]
    assert [np.reshape(points, (-1, 2)).round(2).tolist() for points in polygons] == mask.mask_contours["1"]
