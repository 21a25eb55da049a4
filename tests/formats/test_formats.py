"""Each export format reproduces the outlines when a reader of that format parses it."""

import io
import json
import re
import subprocess
import sys
from typing import Any

import facemask
import numpy as np
import pytest
import shapely
from facemask import cli
from facemask.formats import FORMATS
from facemask.formats.annotation import rle
from facemask.formats.annotation.keyhole import to_single_ring
from facemask.formats.protocol import group_rings, signed_area
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask
from support import sample
from support.export_faces import FACE, LEVEL, MASKS, NOISE, label_raster, refused, rings
from support.label_maps import label_maps
from support.paths import SAMPLE_FILES

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_the_maps_have_what_is_hard() -> None:
    assert any(region["holes"] for region in FACE.regions)
    assert any(region["holes"] and region["parts"] > 1 for region in NOISE.regions)


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


# one ring with its holes joined


@pytest.mark.parametrize("name", MASKS)
def test_a_joined_ring_covers_what_the_polygon_does(name: str) -> None:
    mask = MASKS[name]
    width, height = mask.size
    for region in mask.regions:
        for part in group_rings(rings(mask, region)):
            ring = to_single_ring(part, "x", "y", "bridge")
            assert signed_area(ring) == pytest.approx(sum(map(signed_area, part)))
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
    calls = (mask.to_yolo, mask.to_label_studio, mask.to_labelme, mask.to_cvat)
    for call in calls:
        refused("format_impossible", "too many holes", call)
    refused("format_impossible", "too many holes", mask.to_coco, segmentation="polygons")
    assert mask.to_coco()["annotations"][0]["area"] == (labels == 1).sum()
    # Run lengths keep holes, however many there are.
    assert mask.to_label_studio(segmentation="rle")["predictions"][0]["result"]
    assert "<mask" in mask.to_cvat(segmentation="rle")


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
        "label-map": FACE.to_label_map_png(),
        "topojson": FACE.to_topojson(),
        "labelme": FACE.to_labelme(),
        "cvat": FACE.to_cvat(),
        "label-studio-config": FACE.to_label_studio_config(),
        "yolo-data": FACE.to_yolo_data(),
    }[form]
    if isinstance(expected, bytes):
        assert written == expected
    else:
        assert (written.decode() if isinstance(expected, str) else json.loads(written)) == expected
    capfdbinary.readouterr()
    assert cli.main(["trace", *files, "--format", form]) == 0
    assert capfdbinary.readouterr().out.removesuffix(b"\n") == written.removesuffix(b"\n")
