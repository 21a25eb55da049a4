"""Each export format reproduces the outlines when a reader of that format parses it."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import facemask
import numpy as np
import pytest
import shapely
from facemask import FaceMask, FacemaskError, cli
from facemask.formats import FORMATS, rle
from facemask.formats.keyhole import to_single_ring
from facemask.formats.protocol import group_rings, signed_area
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from support import sample
from support.label_maps import label_maps, noise, rasterize
from support.paths import SAMPLE_FILES

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

FACE = facemask.trace_face(sample.LABELS, sample.LANDMARKS)
# Parts in holes in parts: every shape that a region can have, cut by nothing.
LEVEL = np.array([(16, 16), (32, 16), (24, 26), (18, 34), (30, 34)], float)
NOISE = facemask.trace_face(noise(40, 48, 3, 5), LEVEL, crop="none", tolerance=0, label_scheme="custom")
MASKS = {"face": FACE, "noise": NOISE}


def rings(mask: FaceMask, region: Mapping[str, Any]) -> list[Any]:
    return mask.mask_contours[str(region["id"])]


def to_multipolygon(mask: FaceMask, region: Mapping[str, Any]) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(part[0], part[1:]) for part in group_rings(rings(mask, region))])


def label_raster(mask: FaceMask) -> NDArray[np.int64]:
    """Give each pixel of the crop the id of the region its centre lies in."""
    return rasterize({int(key): contour for key, contour in mask.contours.items()}, mask.size[::-1])


def refused(code: str, words: str, call: Any, *arguments: Any, **options: Any) -> None:
    with pytest.raises(FacemaskError, match=words) as caught:
        call(*arguments, **options)
    assert caught.value.code == code


def test_the_maps_have_what_is_hard() -> None:
    assert any(region["holes"] for region in FACE.regions)
    assert any(region["holes"] and region["parts"] > 1 for region in NOISE.regions)


# GeoJSON


@pytest.mark.parametrize("name", MASKS)
def test_geojson_holds_every_part_and_hole(name: str) -> None:
    mask = MASKS[name]
    document = json.loads(json.dumps(mask.to_geojson()))
    assert document["facemask"]["size"] == list(mask.size)
    assert [feature["id"] for feature in document["features"]] == [region["id"] for region in mask.regions]
    for feature, region in zip(document["features"], mask.regions, strict=True):
        found = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert found.geom_type == "MultiPolygon"
        assert shapely.equals_exact(found, to_multipolygon(mask, region), normalize=True)
        assert found.area == pytest.approx(region["area"], rel=1e-3, abs=0.1)
        assert feature["properties"]["name"] == region["name"]
        for polygon in feature["geometry"]["coordinates"]:
            assert all(ring[0] == ring[-1] for ring in polygon)
            turns = [shapely.LinearRing(ring).is_ccw for ring in polygon]
            assert turns == [True] + [False] * (len(polygon) - 1)


# run lengths


@pytest.mark.parametrize("name", MASKS)
def test_run_lengths_are_the_pixels_whose_centres_lie_inside(name: str) -> None:
    mask = MASKS[name]
    width, height = mask.size
    truth = label_raster(mask)
    for region in mask.regions:
        expected = np.asfortranarray(truth == region["id"])
        runs = rle.from_rings(rings(mask, region), width, height)
        assert sum(runs) == width * height
        theirs = coco_mask.encode(expected.astype(np.uint8))
        off = (
            coco_mask.decode(coco_mask.frPyObjects({"size": [height, width], "counts": runs}, height, width))
            != expected
        )
        # Rounding to the wire's two decimals may pass a centre now and then.
        assert off.sum() <= 1e-4 * expected.size
        if not off.any():
            assert rle.encode(runs) == theirs["counts"].decode()
        ours = {"size": [height, width], "counts": rle.encode(runs).encode()}
        assert rle.area(runs) == coco_mask.area(ours)
        assert rle.bounding_box(runs, height) == coco_mask.toBbox(ours).tolist()
    assert (
        sum(rle.area(rle.from_rings(rings(mask, region), width, height)) for region in mask.regions) <= width * height
    )


@given(label_maps())
def test_run_lengths_give_the_map_back(labels: NDArray[np.uint8]) -> None:
    height, width = labels.shape
    for label, contour in facemask.find_contours(labels).items():
        runs = rle.from_rings([ring.tolist() for ring in contour.rings()], width, height)
        expected = coco_mask.encode(np.asfortranarray(labels == label, dtype=np.uint8))
        assert rle.encode(runs) == expected["counts"].decode()
        assert rle.bounding_box(runs, height) == coco_mask.toBbox(expected).tolist()


@given(st.lists(st.integers(0, 2**20), max_size=8), st.integers(0, 2**29 - 1), st.data())
def test_packed_run_lengths_are_coco_s(small: list[int], large: int, data: st.DataObject) -> None:
    # pycocotools has room for six characters a run and none for the end: more large ones, and it writes beyond.
    at = data.draw(st.integers(0, len(small)))
    runs = [*small[:at], large, *small[at:], 1]
    total = sum(runs)
    theirs = coco_mask.frPyObjects({"size": [1, total], "counts": runs}, 1, total)
    assert rle.encode(runs) == theirs["counts"].decode()


# Differences beyond 2^29 are more than it reads.
@given(st.lists(st.integers(0, 2**29 - 1), min_size=1, max_size=9))
def test_pycocotools_reads_packed_run_lengths(runs: list[int]) -> None:
    total = sum(runs)
    if total < 2**31:
        read = {"size": [1, total], "counts": rle.encode(runs).encode()}
        assert coco_mask.area(read) == rle.area(runs)


def test_a_region_of_no_pixel_has_no_box() -> None:
    runs = rle.from_rings([[[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]]], 4, 3)
    assert (runs, rle.area(runs), rle.bounding_box(runs, 3)) == ([12], 0, [0, 0, 0, 0])


# COCO


def load_coco(document: dict[str, Any]) -> COCO:
    coco = COCO()
    coco.dataset = json.loads(json.dumps(document))
    coco.createIndex()
    return coco


@pytest.mark.parametrize("segmentation", ["auto", "rle", "rle_compressed"])
@pytest.mark.parametrize("name", MASKS)
def test_pycocotools_reads_the_regions(name: str, segmentation: str) -> None:
    mask = MASKS[name]
    coco = load_coco(mask.to_coco(segmentation=segmentation, image_id=7, file_name="a.jpg"))
    truth = label_raster(mask)
    assert [image["file_name"] for image in coco.loadImgs(7)] == ["a.jpg"]
    assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == [region["name"] for region in mask.regions]
    for annotation in coco.loadAnns(coco.getAnnIds(imgIds=[7])):
        expected = truth == annotation["category_id"]
        found = coco.annToMask(annotation).astype(bool)
        polygons = isinstance(annotation["segmentation"], list)
        assert polygons == (segmentation == "auto" and annotation["category_id"] not in regions_with_holes(mask))
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


def regions_with_holes(mask: FaceMask) -> list[int]:
    return [region["id"] for region in mask.regions if region["holes"]]


def test_polygons_of_coco_refuse_holes_and_say_why() -> None:
    refused("format_impossible", "skin has holes", FACE.to_coco, segmentation="polygons")
    refused("option_invalid", "segmentation", FACE.to_coco, segmentation="bitmap")
    whole = facemask.trace_face(np.where(sample.LABELS > 0, 1, 0).astype(np.uint8), sample.LANDMARKS)
    assert all(isinstance(a["segmentation"], list) for a in whole.to_coco(segmentation="polygons")["annotations"])


# one ring with its holes joined


@pytest.mark.parametrize("name", MASKS)
def test_a_joined_ring_covers_what_the_polygon_does(name: str) -> None:
    mask = MASKS[name]
    width, height = mask.size
    for region in mask.regions:
        for part in group_rings(rings(mask, region)):
            ring = to_single_ring(part, "x", "y", "bridge")
            assert len(ring) == sum(map(len, part)) + 3 * (len(part) - 1)
            assert signed_area(ring) == pytest.approx(sum(map(signed_area, part)), abs=0.02 * len(part))
            assert rle.from_rings([ring], width, height) == rle.from_rings(part, width, height)
            cuts = shapely.LineString(ring + ring[:1]).difference(
                shapely.union_all([shapely.LinearRing(r) for r in part])
            )
            solid = shapely.Polygon(part[0], part[1:]).buffer(0.01)
            assert cuts.is_empty or solid.covers(cuts), "a cut leaves the polygon"


def test_holes_side_by_side_and_behind_each_other() -> None:
    outer = [(0, 0), (20, 0), (20, 20), (0, 20)]
    boxes = [(2, 2), (6, 2), (10, 2), (6, 8), (2, 14), (14, 14)]
    holes = [[(x, y), (x, y + 3), (x + 3, y + 3), (x + 3, y)] for x, y in boxes]
    ring = to_single_ring([outer, *holes[::-1]], "x", "y", "bridge")
    assert signed_area(ring) == 400 - 9 * len(holes)
    assert sum(rle.from_rings([ring], 20, 20)[1::2]) == 400 - 9 * len(holes)


def test_more_holes_than_can_be_joined_in_time_are_refused() -> None:
    labels = np.ones((400, 400), np.uint8)
    labels[1:-1:3, 1:-1:3] = 0
    mask = facemask.trace_face(labels, LEVEL, crop="none", tolerance=0, label_scheme="custom")
    assert mask.regions[0]["holes"] > 17_000
    refused("format_impossible", "too many holes", mask.to_yolo)
    refused("format_impossible", "too many holes", mask.to_label_studio)
    assert mask.to_coco()["annotations"][0]["area"] == (labels == 1).sum()


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


# PNG


@pytest.mark.parametrize("scale", [0.5, 1, 2])
def test_png_shows_the_drawing(scale: float) -> None:
    solid = facemask.trace_face(sample.LABELS, sample.LANDMARKS, style="solid")
    picture = Image.open(io.BytesIO(solid.to_png(scale=scale)))
    assert picture.size == tuple(max(1, round(side * scale)) for side in solid.size)
    colors = dict(re.findall(r'data-name="(\w+)" fill="(#\w+)"', solid.svg))
    for region in solid.regions:
        x, y = (int(c * scale) for c in region["label_point"])
        assert "#{:02x}{:02x}{:02x}".format(*picture.convert("RGB").getpixel((x, y))) == colors[region["name"]]


def test_png_is_bounded_and_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for scale in (0, -1, float("nan"), float("inf"), 1e6, "big", True):
        refused("option_invalid", "scale", FACE.to_png, scale=scale)
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    refused("format_impossible", r"facemask-contours\[png\]", FACE.to_png)


def test_importing_the_library_loads_nothing_but_numpy() -> None:
    script = "import sys, facemask; print({'resvg_py', 'msgspec', 'litestar', 'PIL'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "set()\n"
    )


# the command line


@pytest.mark.parametrize("form", FORMATS)
def test_trace_writes_any_format(tmp_path: Any, form: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    files = [str(path) for path in SAMPLE_FILES]
    out = tmp_path / "out"
    assert cli.main(["trace", *files, "--format", form, "-o", str(out)]) == 0
    written = out.read_bytes()
    expected = {
        "svg": FACE.svg,
        "svg-plain": FACE.to_svg_plain(),
        "geojson": FACE.to_geojson(),
        "coco": FACE.to_coco(),
        "yolo": FACE.to_yolo(),
        "label-studio": FACE.to_label_studio(),
        "png": FACE.to_png(),
    }[form]
    if isinstance(expected, bytes):
        assert written == expected
    else:
        assert (written.decode() if isinstance(expected, str) else json.loads(written)) == expected
    capfdbinary.readouterr()
    assert cli.main(["trace", *files, "--format", form]) == 0
    assert capfdbinary.readouterr().out.removesuffix(b"\n") == written.removesuffix(b"\n")
