"""YOLO, Label Studio, labelme and CVAT hold the regions."""

import json
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import facemask
import numpy as np
import pytest
import yaml
from facemask import FaceMask
from facemask.formats.annotation import brush, rle
from facemask.formats.annotation.inset import inset_rings
from facemask.formats.annotation.label_studio import to_config
from facemask.formats.annotation.yolo import to_data
from facemask.formats.protocol import group_rings, signed_area
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from support import sample
from support.export_faces import FACE, MASKS, NOISE, refused, rings
from support.label_maps import label_maps

NASTY = "a<b>&\"'\\\x07\x85 ö🙂: #"


def named_face(*names: str) -> SimpleNamespace:
    """A face whose regions have these names."""
    square = [[[0, 0], [2, 0], [2, 2], [0, 2]]]
    return SimpleNamespace(
        svg="<svg/>",
        colors={},
        size=(4, 3),
        crop_from_image=(1, 0, 0, 0, 1, 0),
        mask_contours={str(number): square for number in range(1, len(names) + 1)},
        regions=[{"id": number, "name": name, "area": 4, "bbox": [0, 0, 2, 2]} for number, name in enumerate(names, 1)],
    )


# YOLO


def rasterize_polygons(
    size: tuple[int, int], polygons: list[list[tuple[float, float]]], scale: int = 4
) -> NDArray[np.bool_]:
    picture = Image.new("1", (size[0] * scale, size[1] * scale))
    for polygon in polygons:
        ImageDraw.Draw(picture).polygon([(x * scale, y * scale) for x, y in polygon], fill=1)
    return np.array(picture)


def test_yolo_has_a_line_per_part_in_ratios() -> None:
    for mask in MASKS.values():
        rows = mask.to_yolo().splitlines()
        assert len(rows) == sum(region["parts"] for region in mask.regions)
        numbers = [[float(number) for number in row.split()[1:]] for row in rows]
        assert all(len(row) >= 6 and len(row) % 2 == 0 and min(row) >= 0 and max(row) <= 1 for row in numbers)
    width, height = FACE.size
    for region in FACE.regions:
        found = [row.split()[1:] for row in FACE.to_yolo().splitlines() if row.split()[0] == str(region["id"] - 1)]
        polygons = [
            [(float(x) * width, float(y) * height) for x, y in zip(r[::2], r[1::2], strict=True)] for r in found
        ]
        area = rasterize_polygons(FACE.size, polygons).sum() / 16
        slit = sum(len(part) - 1 for part in group_rings(rings(FACE, region))) * width / 4
        assert area == pytest.approx(region["area"], abs=region["perimeter"] / 4 + slit + 2)


def test_yolo_classes_and_holes() -> None:
    rows = FACE.to_yolo(classes=["nose", "eye_r"]).splitlines()
    assert [row.split()[0] for row in rows] == ["1", "0"]
    refused("format_impossible", "skin has 6 holes", FACE.to_yolo, holes="error")
    refused("option_invalid", "holes", FACE.to_yolo, holes="fill")
    refused("option_invalid", "classes", FACE.to_yolo, classes="nose")
    assert FACE.to_yolo(classes=["nose"], holes="error")


def test_classes_are_a_list_of_different_names() -> None:
    for classes in (5, [], ["nose", "nose"], ["nose", ""], ["nose", 3], ["x"] * 1001, "nose"):
        error = refused("option_invalid", "must", FACE.to_yolo, classes=classes)
        assert error.field.startswith("classes")
        refused("option_invalid", "must", FACE.to_yolo_data, classes=classes)
        refused("option_invalid", "must", FACE.to_label_studio_config, classes=classes)
    assert FACE.to_yolo(classes=("nose",)) == FACE.to_yolo(classes=["nose"])


def test_data_yaml_names_the_classes() -> None:
    data = yaml.safe_load(FACE.to_yolo_data())
    assert data["names"] == dict(enumerate(region["name"] for region in FACE.regions))
    assert (data["train"], data["val"]) == ("images/train", "images/val")
    classes = ["glasses", "nose", "no", "42", NASTY]
    assert yaml.safe_load(FACE.to_yolo_data(classes=classes))["names"] == dict(enumerate(classes))
    numbers = {row.split()[0] for row in FACE.to_yolo(classes=classes).splitlines()}
    assert numbers == {"1"}
    # Ultralytics wants a name for each number: one that the face does not have is called by its id.
    gap = facemask.trace_face(np.where(sample.LABELS == 2, 0, sample.LABELS), sample.LANDMARKS)
    names = yaml.safe_load(gap.to_yolo_data())["names"]
    assert list(names) == list(range(10))
    assert (names[0], names[1], names[2]) == ("skin", "2", "brow_l")
    assert yaml.safe_load(to_data(named_face()))["names"] == {}


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=5, unique=True))
def test_any_name_is_read_back_from_data_yaml(names: list[str]) -> None:
    read = yaml.safe_load(FACE.to_yolo_data(classes=names))["names"]
    assert read == {number: name.encode("utf-8", "replace").decode() for number, name in enumerate(names)}


def test_an_inset_outline_runs_half_a_pixel_further_inside() -> None:
    square = [[[2, 2], [12, 2], [12, 12], [2, 12]], [[5, 5], [5, 8], [8, 8], [8, 5]]]
    outer, hole = inset_rings(square, 0.5)
    assert outer == [[2.5, 2.5], [11.5, 2.5], [11.5, 11.5], [2.5, 11.5]]
    assert hole == [[4.5, 4.5], [4.5, 8.5], [8.5, 8.5], [8.5, 4.5]]
    assert inset_rings(square, 0.0) is square
    assert inset_rings([], 0.5) == []
    # A part thinner than a pixel stays, and a spike does not shoot out.
    thin = [[[0, 0], [10, 0], [10, 0.4], [0, 0.4]]]
    assert inset_rings(thin, 0.5) == thin
    (spike,) = inset_rings([[[0, 0], [30, 10], [0, 10.5], [-1, 5]]], 0.5)
    assert np.hypot(*np.subtract(spike[1], [30, 10])) <= 1.01


def test_yolo_insets_only_when_asked() -> None:
    plain, inset = FACE.to_yolo(), FACE.to_yolo(inset=0.5)
    assert [len(row.split()) for row in plain.splitlines()] == [len(row.split()) for row in inset.splitlines()]
    assert FACE.to_yolo(inset=0) == plain
    numbers = [float(number) for row in inset.splitlines() for number in row.split()[1:]]
    assert 0 <= min(numbers) <= max(numbers) <= 1
    width, height = FACE.size
    for before, after, region in zip(plain.splitlines(), inset.splitlines(), FACE.regions, strict=True):
        areas = [
            signed_area((np.reshape([float(n) for n in row.split()[1:]], (-1, 2)) * (width, height)).tolist())
            for row in (before, after)
        ]
        assert areas[0] - areas[1] == pytest.approx(0.5 * region["perimeter"], rel=0.25)
    for value in (-0.1, 0.6, float("nan"), "0.5", True):
        refused("option_invalid", "inset", FACE.to_yolo, inset=value)


# Label Studio


def test_label_studio_has_a_polygon_per_part_in_per_cent() -> None:
    width, height = FACE.size
    (prediction,) = FACE.to_label_studio(image="/data/a.png")["predictions"]
    results = prediction["result"]
    assert len({result["id"] for result in results}) == len(results) == sum(r["parts"] for r in FACE.regions)
    by_id = {str(region["id"]): region for region in FACE.regions}
    for result in results:
        assert (result["original_width"], result["original_height"]) == (width, height)
        points = np.array(result["value"]["points"])
        assert points.min() >= 0
        assert points.max() <= 100
        region = by_id[result["meta"]["region"][0]]
        assert result["value"]["polygonlabels"] == [region["name"]]
        area = signed_area((points * (width / 100, height / 100)).tolist())
        assert area == pytest.approx(region["area"], rel=1e-3, abs=0.1)
    refused("format_impossible", "Label Studio", FACE.to_label_studio, holes="error")


def decode_brush(data: list[int]) -> NDArray[np.uint8]:
    """Decode rle-pack as its documentation describes it, bit by bit."""
    bits = "".join(f"{byte:08b}" for byte in data)
    at = 0

    def read(size: int) -> int:
        nonlocal at
        at += size
        return int(bits[at - size : at], 2)

    count, word = read(32), read(5) + 1
    sizes = [read(4) + 1 for _ in range(4)]
    values: list[int] = []
    while len(values) < count:
        assert read(1) == 1, "we write no literals"
        length = read(sizes[read(2)]) + 1
        values += [read(word)] * length
    assert len(values) == count
    assert len(bits) - at < 8
    return np.array(values, np.uint8)


@pytest.mark.parametrize("name", MASKS)
def test_brushes_keep_every_part_and_hole(name: str) -> None:
    mask = MASKS[name]
    width, height = mask.size
    labels = mask.to_label_map()
    (prediction,) = mask.to_label_studio(segmentation="rle")["predictions"]
    assert len(prediction["result"]) == len(mask.regions)
    for result, region in zip(prediction["result"], mask.regions, strict=True):
        assert result["type"] == "brushlabels"
        assert result["value"]["format"] == "rle"
        assert result["value"]["brushlabels"] == [region["name"]]
        pixels = decode_brush(result["value"]["rle"]).reshape(height, width, 4)
        assert (pixels == np.where(labels == region["id"], 255, 0)[..., None]).all()


@given(label_maps(most_labels=3))
def test_a_brush_of_any_map(labels: NDArray[np.uint8]) -> None:
    height, width = labels.shape
    for label, contour in facemask.find_contours(labels).items():
        data = brush.encode([ring.tolist() for ring in contour.rings()], width, height)
        pixels = decode_brush(list(data)).reshape(height, width, 4)
        assert ((pixels[..., 3] == 255) == (labels == label)).all()


def test_long_runs_of_a_brush_are_split() -> None:
    square = [[[0, 100], [600, 100], [600, 400], [0, 400]]]
    pixels = decode_brush(list(brush.encode(square, 600, 500))).reshape(500, 600, 4)
    assert (pixels[100:400] == 255).all()
    assert not pixels[:100].any()
    assert not pixels[400:].any()
    assert brush.encode([], 600, 500) == b""


def test_the_labeling_config_names_and_numbers_the_labels() -> None:
    for kind, tag in (("auto", "PolygonLabels"), ("polygons", "PolygonLabels"), ("rle", "BrushLabels")):
        view = ET.fromstring(FACE.to_label_studio_config(segmentation=kind))
        picture, labels = view
        assert (picture.tag, picture.get("name"), picture.get("value")) == ("Image", "image", "$image")
        assert (labels.tag, labels.get("name"), labels.get("toName")) == (tag, "label", "image")
        assert [label.get("value") for label in labels] == [region["name"] for region in FACE.regions]
        # The numbers of the YOLO export, which Label Studio's exporters would otherwise give alphabetically.
        assert [label.get("category") for label in labels] == [str(region["id"] - 1) for region in FACE.regions]
        (prediction,) = FACE.to_label_studio(segmentation=kind)["predictions"]
        assert {result["type"] for result in prediction["result"]} == {tag.lower()}
    names = ["glasses", "nose", "skin"]
    labels = ET.fromstring(FACE.to_label_studio_config(classes=names))[1]
    assert [(label.get("value"), label.get("category")) for label in labels] == [
        ("glasses", "0"),
        ("nose", "1"),
        ("skin", "2"),
    ]
    assert labels[1].get("background") == "#fd7e14"
    refused("option_invalid", "segmentation", FACE.to_label_studio_config, segmentation="rle_compressed")
    refused("option_invalid", "segmentation", FACE.to_label_studio, segmentation="mask")


# labelme


@pytest.mark.parametrize("name", MASKS)
def test_labelme_has_a_polygon_per_part(name: str) -> None:
    mask = MASKS[name]
    document = mask.to_labelme(image="a.png")
    assert (document["imagePath"], document["imageData"]) == ("a.png", None)
    assert (document["imageWidth"], document["imageHeight"]) == mask.size
    assert len(document["shapes"]) == sum(region["parts"] for region in mask.regions)
    for region in mask.regions:
        shapes = [shape for shape in document["shapes"] if shape["group_id"] == region["id"]]
        assert {shape["label"] for shape in shapes} == {region["name"]}
        runs = [rle.from_rings([shape["points"]], *mask.size) for shape in shapes]
        assert sum(map(rle.area, runs)) == rle.area(rle.from_rings(rings(mask, region), *mask.size))
    refused("format_impossible", "holes|hole", mask.to_labelme, holes="error")


def test_our_own_reader_opens_labelme_and_coco() -> None:
    truth = FACE.to_label_map()
    for document in (FACE.to_labelme(), FACE.to_coco(), FACE.to_coco(segmentation="polygons")):
        found = facemask.decode_label_map(json.dumps(document).encode())
        assert found.shape == truth.shape
        # labelme's ids are in order of appearance, which is that of the regions here.
        assert (found != truth).sum() <= 100


# CVAT


def decode_cvat(mask: FaceMask, **options: str) -> dict[str, NDArray[np.bool_]]:
    width, height = mask.size
    found = {region["name"]: np.zeros((height, width), bool) for region in mask.regions}
    root = ET.fromstring(mask.to_cvat(**options).encode())
    assert root.findtext("version") == "1.1"
    (image,) = root.iter("image")
    assert (image.get("width"), image.get("height")) == (str(width), str(height))
    for shape in image:
        whole = found[shape.attrib["label"]]
        if shape.tag == "mask":
            left, top, columns, rows = (int(shape.attrib[name]) for name in ("left", "top", "width", "height"))
            runs = [int(run) for run in shape.attrib["rle"].split(",")]
            inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
            box = np.pad(inside, (0, rows * columns - len(inside))).reshape(rows, columns)
            assert box.any(axis=0)[[0, -1]].all()
            assert box.any(axis=1)[[0, -1]].all()
            whole[top : top + rows, left : left + columns] |= box
        else:
            points = [tuple(map(float, point.split(","))) for point in shape.attrib["points"].split(";")]
            runs = rle.from_rings([points], width, height)
            inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
            whole |= np.pad(inside, (0, whole.size - len(inside))).reshape(width, height).T
    return found


@pytest.mark.parametrize("kind", ["auto", "polygons", "rle"])
@pytest.mark.parametrize("name", MASKS)
def test_cvat_has_the_pixels_of_every_region(name: str, kind: str) -> None:
    mask = MASKS[name]
    labels = mask.to_label_map()
    found = decode_cvat(mask, segmentation=kind)
    for region in mask.regions:
        assert (found[region["name"]] ^ (labels == region["id"])).sum() <= (0 if kind == "rle" else 2)


def test_cvat_names_labels_with_their_colors_and_groups_parts() -> None:
    root = ET.fromstring(NOISE.to_cvat().encode())
    assert [label.findtext("name") for label in root.iter("label")] == [region["name"] for region in NOISE.regions]
    assert [label.findtext("color") for label in root.iter("label")] == ["#e9c46a", "#4c6ef5"]
    assert {shape.get("group_id") for shape in root.iter("polygon")} == {"1", "2"}
    eyes = ET.fromstring(FACE.to_cvat().encode())
    assert {shape.get("group_id") for shape in eyes.iter("polygon")} == {None}
    refused("format_impossible", "CVAT", FACE.to_cvat, holes="error")
    refused("option_invalid", "segmentation", FACE.to_cvat, segmentation="rle_compressed")


def test_names_are_escaped_and_what_xml_lacks_is_replaced() -> None:
    face = named_face(NASTY, "\ud800")
    twice = ET.fromstring(to_config(named_face("skin", "eye", "eye", "nose")))[1]
    assert [(label.get("value"), label.get("category")) for label in twice] == [
        ("skin", "0"),
        ("eye", "1"),
        ("nose", "3"),
    ]
    names = [label.get("value") for label in ET.fromstring(to_config(face))[1]]
    assert names == [NASTY.replace("\x07", "\ufffd"), "\ufffd"]


def test_polygons_of_every_format_have_the_same_rings() -> None:
    """One way to join holes: what one format has, all have."""
    shapes = FACE.to_labelme()["shapes"]
    coco = FACE.to_coco(segmentation="polygons")["annotations"]
    polygons = [ring for region in FACE.regions for ring in group_rings(rings(FACE, region))]
    assert len(polygons) == len(shapes)
    assert [np.ravel(shape["points"]).tolist() for shape in shapes] == [
        ring for annotation in coco for ring in annotation["segmentation"]
    ]
