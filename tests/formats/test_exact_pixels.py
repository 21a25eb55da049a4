"""Formats of pixels agree to the last pixel, also where an outline passes through centers."""

import xml.etree.ElementTree as ET
from types import SimpleNamespace
from typing import Any

import facemask
import numpy as np
import pytest
from facemask import FaceMask
from facemask.formats.annotation import brush, rle
from facemask.formats.annotation.inset import inset_rings
from facemask.formats.annotation.keyhole import to_single_ring
from facemask.formats.annotation.yolo import to_lines
from facemask.formats.flat_rings import FlatRings
from facemask.formats.protocol import group_rings, signed_area
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from support.export_faces import LEVEL, MASKS, rings
from support.label_maps import noise

Mask = NDArray[np.bool_]


def expected_mask(ring_list: list[Any], width: int, height: int) -> Mask:
    """The pixels whose centers lie inside by the even-odd rule, in whole hundredths of a pixel.

    A center on an outline counts as a hair further to the right, and by far less further down.
    """
    x, y = np.arange(width)[None] * 100 + 50, np.arange(height)[:, None] * 100 + 50
    inside = np.zeros((height, width), bool)
    for ring in ring_list:
        points = [(round(100 * px), round(100 * py)) for px, py in ring]
        for start, end in zip(points, [*points[1:], points[0]], strict=True):
            (ax, ay), (bx, by) = sorted([start, end], key=lambda point: point[1])
            inside ^= (ay <= y) & (y < by) & ((x - ax) * (by - ay) >= (y - ay) * (bx - ax))
    return inside


def columns_mask(runs: list[int], width: int, height: int) -> Mask:
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T


def rows_mask(runs: list[int], width: int, height: int) -> Mask:
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(height, width)


# Steps of a quarter: lines pass through centers all the time, and slanted ones as well.
QUARTERS = st.tuples(st.integers(0, 40), st.integers(0, 32)).map(lambda point: [point[0] / 4, point[1] / 4])


@given(st.lists(QUARTERS, min_size=3, max_size=9))
def test_run_lengths_of_columns_and_of_rows_are_the_same_pixels(ring: list[list[float]]) -> None:
    expected = expected_mask([ring], 10, 8)
    assert np.array_equal(columns_mask(rle.from_rings([ring], 10, 8), 10, 8), expected)
    transposed = FlatRings.from_rings([ring]).transpose()
    assert np.array_equal(rows_mask(rle.from_rings(transposed, 8, 10, is_transposed=True), 10, 8), expected)


def brush_mask(values: list[int], width: int, height: int) -> Mask:
    """Read the runs of a brush again."""
    bits = "".join(f"{value:08b}" for value in values)
    count, at = int(bits[:32], 2), 32 + 5 + 16
    found: list[int] = []
    while len(found) < count:
        assert bits[at] == "1"
        field = (3, 4, 8, 16)[int(bits[at + 1 : at + 3], 2)]
        at += 3
        length, value = int(bits[at : at + field], 2) + 1, int(bits[at + field : at + field + 8], 2)
        found += [value] * length
        at += field + 8
    return np.array(found).reshape(height, width, 4)[..., 0] > 0


def masks_by_format(mask: FaceMask) -> dict[str, dict[str, Mask]]:
    """The pixels of each region as every format of pixels has them."""
    width, height = mask.size
    names = {region["id"]: region["name"] for region in mask.regions}
    found: dict[str, dict[str, Mask]] = {"coco": {}, "brush": {}, "cvat": {}, "label map": {}}
    for annotation in mask.to_coco()["annotations"]:
        segmentation = annotation["segmentation"] | {"counts": annotation["segmentation"]["counts"].encode()}
        found["coco"][names[annotation["category_id"]]] = coco_mask.decode(segmentation) > 0
    for result in mask.to_label_studio(segmentation="rle")["predictions"][0]["result"]:
        found["brush"][result["value"]["brushlabels"][0]] = brush_mask(result["value"]["rle"], width, height)
    for shape in ET.fromstring(mask.to_cvat(segmentation="rle").encode()).iter("mask"):
        left, top, box_width, box_height = (int(shape.get(side, "")) for side in ("left", "top", "width", "height"))
        runs = [int(run) for run in shape.get("rle", "").split(",")]
        pixels = np.zeros((height, width), bool)
        pixels[top : top + box_height, left : left + box_width] = rows_mask(runs, box_width, box_height)
        found["cvat"][shape.get("label", "")] = pixels
    labels = mask.to_label_map()
    found["label map"] = {name: labels == number for number, name in names.items()}
    return found


# The map's pixels are 2 / 3 and half as large as the photo's: their edges pass through centers.
@pytest.mark.parametrize("size", [(60, 72), (20, 24)], ids=["three halves", "half"])
@pytest.mark.parametrize("curve", ["straight", "smooth"])
@pytest.mark.parametrize("tolerance", [0, 0.4])
def test_formats_agree_where_outlines_pass_through_centers(size: tuple[int, int], curve: str, tolerance: float) -> None:
    labels = noise(40, 48, 3, 5)
    photo = np.full((size[1], size[0], 3), 90, np.uint8)
    mask = facemask.trace_face(
        labels, LEVEL * size[0] / 48, image=photo, map_fit="stretch", crop="none", frame="image", tolerance=tolerance,
        curve=curve, label_scheme="custom", measure_color=True, native_resolution="off",
    )  # fmt: skip
    expected = {region["name"]: expected_mask(rings(mask, region), *size) for region in mask.regions}
    for name, found in masks_by_format(mask).items():
        for region, pixels in expected.items():
            assert np.array_equal(found[region], pixels), (name, region)
    # Colors are measured before coordinates are rounded, so only exact outlines have the very same centers.
    if tolerance == 0 and size == (20, 24):
        assert {region["name"]: region["color"]["pixels"] for region in mask.regions} == {
            region: pixels.sum() for region, pixels in expected.items()
        }


# one ring with its holes joined


def edges(ring: Any) -> set[frozenset[Any]]:
    points = [tuple(point) for point in ring]
    return {frozenset(pair) for pair in zip(points, [*points[1:], points[0]], strict=True)}


@pytest.mark.parametrize("name", MASKS)
def test_a_cut_to_a_hole_moves_no_edge(name: str) -> None:
    for region in MASKS[name].regions:
        for part in group_rings(rings(MASKS[name], region)):
            ring = to_single_ring(part, "x", "y", "bridge")
            assert set().union(*map(edges, part)) <= edges(ring)
            assert signed_area(ring) == pytest.approx(sum(map(signed_area, part)), abs=1e-9)


@given(st.integers(1, 4000), st.integers(200, 3800))
def test_a_cut_that_ends_on_a_slanted_edge_changes_no_pixel(offset: int, at: int) -> None:
    # The cut ends where the slanted left edge has no hundredth.
    outer = [[offset / 100, 0], [80, 0], [80, 40], [0.37, 40]]
    hole = [[50, at / 100], [50.5, at / 100 + 1], [51, at / 100]]
    ring = to_single_ring([outer, hole], "x", "y", "bridge")
    assert rle.from_rings([ring], 80, 40) == rle.from_rings([outer, hole], 80, 40)


# outlines moved inwards


def test_a_ring_smaller_than_the_inset_stays_as_it_is() -> None:
    lone_pixel = [[[1.5, 1.0], [2.0, 1.5], [1.5, 2.0], [1.0, 1.5]]]
    assert inset_rings(lone_pixel, 0.5) == lone_pixel


def test_an_inset_never_leaves_the_box_of_its_region() -> None:
    square = [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]]
    hole_beside_the_edge = [[0.1, 4.0], [0.1, 6.0], [3.0, 6.0], [3.0, 4.0]]
    outer, hole = inset_rings([square, hole_beside_the_edge], 0.5)
    assert outer == [[0.5, 0.5], [8.5, 0.5], [8.5, 8.5], [0.5, 8.5]]
    assert hole == [[0.0, 3.5], [0.0, 6.5], [3.5, 6.5], [3.5, 3.5]]


def test_ratios_of_an_inset_stay_in_the_picture() -> None:
    # A narrow notch that ends just inside the edge: its corner moves by up to a pixel.
    notch = [[0, 0], [6, 0], [6.4, 9.98], [6.5, 9.98], [7, 0], [10, 0], [10, 10], [0, 10]]
    square = SimpleNamespace(size=(10, 10), mask_contours={"1": [notch]}, regions=[{"id": 1, "name": "skin"}])
    for inset in (0.25, 0.5):
        (row,) = to_lines(square, inset=inset).splitlines()  # type: ignore[arg-type]
        ratios = [float(number) for number in row.split()[1:]]
        assert min(ratios) >= 0
        assert max(ratios) <= 1


def test_a_brush_of_a_region_between_centers_is_empty() -> None:
    assert brush.encode([[[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]]], 4, 3) == b""
