"""Files of annotation tools and of YOLO as their own programs read them. docs/formats.md has these figures."""

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import datumaro
import numpy as np
import pytest
import supervision
from facemask import FaceMask
from label_studio_sdk.converter import Converter, brush
from label_studio_sdk.converter.converter import Format
from label_studio_sdk.label_interface import LabelInterface
from pycocotools import mask as coco_mask
from support.region_masks import Mask, count_differing, measure_overlaps, unite_masks

Masks = dict[str, Mask]


# YOLO


def ultralytics_functions() -> dict[str, Callable[..., Any]]:
    """Two functions of Ultralytics, compiled from its files: importing the package needs a gigabyte of PyTorch."""
    spec = importlib.util.find_spec("ultralytics")
    assert spec is not None
    assert spec.origin is not None
    names: dict[str, Any] = {"np": np, "cv2": cv2}
    for file, function in (("data/utils.py", "polygon2mask"), ("utils/ops.py", "resample_segments")):
        tree = ast.parse((Path(spec.origin).parent / file).read_text(encoding="utf-8"))
        node = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
        exec(compile(ast.Module([node], []), file, "exec"), names)  # noqa: S102 - a pinned package
    return names


def read_as_ultralytics(face: FaceMask, text: str) -> Masks:
    """The masks for training: points times the size, resampled to at least 1000, drawn one line at a time."""
    functions = ultralytics_functions()
    width, height = face.size
    pairs = []
    for row in text.splitlines():
        number, *numbers = row.split()
        segment = np.array(numbers, np.float32).reshape(-1, 2)
        (segment,) = functions["resample_segments"]([segment], n=max(1000, len(segment) + 1))
        mask = functions["polygon2mask"]((height, width), [(segment * (width, height)).reshape(-1)])
        pairs.append((face.regions[int(number)]["name"], mask))
    return unite_masks(pairs)


def test_ultralytics_fills_the_pixels_under_an_outline(face: FaceMask, masks: Masks) -> None:
    classes = list(masks)
    plain = measure_overlaps(read_as_ultralytics(face, face.to_yolo(classes=classes)), masks)
    assert 0.75 < min(plain.values()) < 0.85
    inset = measure_overlaps(read_as_ultralytics(face, face.to_yolo(classes=classes, inset=0.5)), masks)
    assert min(inset.values()) > 0.95
    assert all(inset[name] > plain[name] for name in masks)


def test_supervision_reads_a_yolo_data_set(face: FaceMask, masks: Masks, folder: Path) -> None:
    classes = [*masks][::-1]
    for name in ("images", "labels"):
        (folder / name).mkdir()
    shutil.copy(folder / "face.png", folder / "images" / "face.png")
    (folder / "labels" / "face.txt").write_text(face.to_yolo(classes=classes))
    (folder / "data.yaml").write_text(face.to_yolo_data(classes=classes))
    paths = (str(folder / name) for name in ("images", "labels", "data.yaml"))
    dataset = supervision.DetectionDataset.from_yolo(*paths, force_masks=True)
    assert dataset.classes == classes
    ((_, _, found),) = dataset
    read = unite_masks((classes[number], mask) for number, mask in zip(found.class_id, found.mask, strict=True))
    assert min(measure_overlaps(read, masks).values()) > 0.75


# Label Studio


def convert(config: str, task: dict[str, Any], form: Format, folder: Path) -> Path:
    """Convert a task by the SDK, as an export of Label Studio does, without a server."""
    (prediction,) = task["predictions"]
    annotation = {"id": 1, "completed_by": 1, "result": prediction["result"]}
    (folder / "task.json").write_text(
        json.dumps([{"id": 1, "data": {"image": str(folder / "face.png")}, "annotations": [annotation]}])
    )
    out = folder / "out"
    converter = Converter(config=config, project_dir=None, upload_dir=str(folder), download_resources=False)
    converter.convert(str(folder / "task.json"), str(out), form, is_dir=False)
    return out


def test_label_studio_numbers_the_classes_as_we_do(face: FaceMask, folder: Path) -> None:
    out = convert(face.to_label_studio_config(), face.to_label_studio(), Format.YOLO, folder)
    assert (out / "classes.txt").read_text().split() == [region["name"] for region in face.regions]
    theirs = (out / "labels" / "face.txt").read_text().split("\n")
    ours = face.to_yolo().split("\n")
    assert [row.split()[:1] for row in theirs if row] == [row.split()[:1] for row in ours if row]


def test_label_studio_numbers_labels_without_a_category_alphabetically(face: FaceMask, folder: Path) -> None:
    config = re.sub(r' category="\d+"', "", face.to_label_studio_config())
    out = convert(config, face.to_label_studio(), Format.YOLO, folder)
    assert (out / "classes.txt").read_text().split() == sorted(region["name"] for region in face.regions)


def test_one_key_point_tag_empties_label_studio_s_export_of_polygons(face: FaceMask, folder: Path) -> None:
    tag = '<KeyPointLabels name="points" toName="image"><Label value="tip"/></KeyPointLabels></View>'
    config = face.to_label_studio_config().replace("</View>", tag)
    out = convert(config, face.to_label_studio(), Format.YOLO, folder)
    assert not (out / "labels" / "face.txt").read_text()


@pytest.mark.parametrize("segmentation", ["polygons", "rle"])
def test_label_studio_takes_keypoints(face: FaceMask, folder: Path, segmentation: str) -> None:
    options = {"segmentation": segmentation, "keypoints": "five"}
    config, task = face.to_label_studio_config(**options), face.to_label_studio(**options)
    LabelInterface(config).validate_prediction(task["predictions"][0])
    assert LabelInterface(config).validate_prediction(task["predictions"][0], return_errors=True) == []
    if segmentation == "polygons":
        out = convert(config, task, Format.CSV, folder)
        assert "keypoint" in next(out.glob("*.csv")).read_text()


def test_label_studio_decodes_brushes_exactly(face: FaceMask, masks: Masks, folder: Path) -> None:
    task = face.to_label_studio(segmentation="rle")
    width, height = face.size
    pairs = []
    for result in task["predictions"][0]["result"]:
        pixels = brush.decode_rle(result["value"]["rle"]).reshape(height, width, 4)
        assert set(np.unique(pixels)) == {0, 255}
        pairs.append((result["value"]["brushlabels"][0], pixels[..., 3]))
    assert count_differing(unite_masks(pairs), masks) == 0
    out = convert(face.to_label_studio_config(segmentation="rle"), task, Format.BRUSH_TO_COCO, folder)
    assert len(json.loads((out / "result_coco.json").read_text())["annotations"]) == len(masks)


@pytest.mark.parametrize("value", [1, 2])
def test_label_studio_s_own_encoder_gives_the_same_pixels(masks: Masks, face: FaceMask, value: int) -> None:
    name = list(masks)[-value]
    theirs = brush.decode_rle(brush.mask2rle(masks[name].astype(np.uint8) * 255))
    result = next(
        each
        for each in face.to_label_studio(segmentation="rle")["predictions"][0]["result"]
        if each["value"]["brushlabels"] == [name]
    )
    assert (brush.decode_rle(result["value"]["rle"]) == theirs).all()


# labelme

# Run in a process of its own: labelme loads PyQt5, and no process bears two versions of Qt.
READ_LABELME = """
import sys
import numpy as np
from labelme import utils
from labelme._label_file import read_label_file

shapes = read_label_file(sys.argv[1]).shapes
names = list(dict.fromkeys(shape["label"] for shape in shapes))
size = tuple(map(int, sys.argv[3:]))
drawn = {}
for name in names:
    own = [shape for shape in shapes if shape["label"] == name]
    assert len({shape["group_id"] for shape in own}) == 1
    drawn[name] = utils.shapes_to_label(size, own, {name: 1})[0] == 1
np.savez(sys.argv[2], **drawn)
"""


def test_labelme_opens_the_document(face: FaceMask, masks: Masks, folder: Path) -> None:
    path, out = folder / "face.json", folder / "drawn.npz"
    path.write_text(json.dumps(face.to_labelme()))
    size = [str(side) for side in face.size[::-1]]
    subprocess.run([sys.executable, "-c", READ_LABELME, path, out, *size], check=True, capture_output=True)
    with np.load(out) as drawn:
        overlaps = measure_overlaps({name: drawn[name] for name in drawn.files}, masks)
    # Pillow draws the outline of a polygon too: half a pixel more on each side.
    assert 0.8 < min(overlaps.values()) < 0.95


# CVAT


def test_datumaro_reads_the_points_of_a_skeleton(face: FaceMask, folder: Path) -> None:
    (folder / "images").mkdir()
    shutil.move(folder / "face.png", folder / "images" / "face.png")
    (folder / "annotations.xml").write_text(face.to_cvat(keypoints="68"))
    (item,) = datumaro.Dataset.import_from(str(folder), "cvat")
    # It knows no skeletons: each point is an annotation of its own.
    points = np.array([each.points for each in item.annotations if isinstance(each, datumaro.Points)])
    document = face.to_coco(keypoints="68")["annotations"][0]
    assert np.abs(points - np.reshape(document["keypoints"], (-1, 3))[:, :2]).max() < 0.006


@pytest.mark.parametrize("kind", ["polygons", "rle"])
def test_datumaro_reads_cvat(face: FaceMask, masks: Masks, folder: Path, kind: str) -> None:
    (folder / "images").mkdir()
    shutil.move(folder / "face.png", folder / "images" / "face.png")
    (folder / "annotations.xml").write_text(face.to_cvat(segmentation=kind))
    dataset = datumaro.Dataset.import_from(str(folder), "cvat")
    labels = dataset.categories()[datumaro.AnnotationType.label]
    (item,) = dataset
    assert item.media_as(datumaro.Image).size == face.size[::-1]
    pairs = []
    for each in item.annotations:
        if kind == "rle":
            assert isinstance(each, datumaro.Mask)
            mask = each.image
        else:
            mask = coco_mask.decode(coco_mask.frPyObjects([each.points], *face.size[::-1]))[..., 0]
        pairs.append((labels[each.label].name, mask))
    assert count_differing(unite_masks(pairs), masks) <= (400 if kind == "polygons" else 0)
