"""Tiling and validity of polygons, checked by shapely, which shares no code with the tracer."""

from collections import Counter
from collections.abc import Iterable

import facemask
import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon
from support import label_maps, sample
from support.synthetic_face import Face

TOLERANCES = [0.0, 0.5, 2.0]
MAPS = {
    **label_maps.EXAMPLES,
    "the sample": sample.LABELS,
    "the sample, a ninth": sample.resize_nearest(sample.LABELS, 300, 300),
}


def polygons(contour: facemask.Contour) -> list[Polygon]:
    return [Polygon(outer, holes) for outer, *holes in contour.polygons()]


def check_coverage(parts: Iterable[Polygon], area: float) -> None:
    parts = list(parts)
    for part in parts:
        assert part.is_valid, shapely.is_valid_reason(part)
        assert part.area > 0
    # coverage_is_valid: no overlap, and shared borders have the same vertices on both sides.
    invalid = shapely.coverage_invalid_edges(parts)
    assert shapely.coverage_is_valid(parts), [str(edge) for edge in invalid if not edge.is_empty][:5]
    # No overlap and the full area: no gap.
    assert sum(part.area for part in parts) == pytest.approx(area, rel=1e-9)


@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("name", MAPS)
def test_regions_and_background_tile_the_picture(name: str, tolerance: float):
    labels = MAPS[name]
    contours = facemask.find_contours(labels, background=True, tolerance=tolerance)
    check_coverage((part for contour in contours.values() for part in polygons(contour)), labels.size)


@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("name", ["noise, 11 labels", "blobs", "specks", "the sample, a ninth"])
def test_regions_tile_the_picture_when_small_parts_were_given_away(name: str, tolerance: float):
    contours = facemask.find_contours(MAPS[name], background=True, tolerance=tolerance, min_area=6)
    check_coverage((part for contour in contours.values() for part in polygons(contour)), MAPS[name].size)


@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("name", MAPS)
def test_every_4_connected_part_and_every_hole_is_kept(name: str, tolerance: float):
    labels = MAPS[name]
    for label, contour in facemask.find_contours(labels, background=True, tolerance=tolerance).items():
        expected, found = label_maps.connected_components(labels, label), contour.polygons()
        assert len(found) == len(expected)
        assert sum(len(part) - 1 for part in found) == sum(part.holes for part in expected)


@pytest.mark.parametrize("crop", ["face", "head", "none"])
@pytest.mark.parametrize(("angle", "tolerance"), [(0, 0.5), (30, 0.0), (-30, 0.5), (90, 0.5), (180, 2.0), (-135, 0.5)])
def test_the_crop_of_a_turned_face_is_tiled(angle: float, tolerance: float, crop: str):
    """The background is made a region of its own (255): what is shown of the picture must be covered."""
    copy = sample.copy(angle)
    labels = np.where(copy.labels == 0, 255, copy.labels).astype(np.uint8)
    mask = facemask.trace_face(labels, copy.landmarks, crop=crop, tolerance=tolerance, void="none")
    height, width = labels.shape
    a, b, c, d, e, f = mask.crop_from_image
    picture = shapely.affinity.affine_transform(shapely.box(0, 0, width, height), [a, b, d, e, c, f])
    shown = picture.intersection(shapely.box(0, 0, *mask.size))
    check_coverage((part for contour in mask.contours.values() for part in polygons(contour)), shown.area)


@pytest.mark.parametrize("angle", [*range(-170, 180, 20), 45, 90])
def test_many_regions_cut_by_the_box_still_share_their_cuts(angle: float):
    """Neighbours are cut at the same point to the last bit: each edge inside the box is an edge of two regions."""
    labels = label_maps.voronoi(72, 20, seed=5) + 1
    mask = facemask.trace_face(labels, Face(angle=angle, scale=0.35, size=(72, 72)).landmarks, tolerance=0.5)
    parts = [part for contour in mask.contours.values() for part in polygons(contour)]
    assert len(parts) > 10
    a, b, c, d, e, f = mask.crop_from_image
    picture = shapely.affinity.affine_transform(shapely.box(0, 0, 72, 72), [a, b, d, e, c, f])
    shown = picture.intersection(shapely.box(0, 0, *mask.size))
    check_coverage(parts, shown.area)
    # Shapely forgives the last bit, we do not.
    counted = Counter(edge for contour in mask.contours.values() for edge in label_maps.edges(contour))
    assert set(counted.values()) == {1}
    for edge in counted:
        alone = (edge[1], edge[0]) not in counted
        assert alone == shown.exterior.buffer(1e-6).contains(shapely.LineString(edge)), edge


def wire_polygons(rings: list[list[list[float]]]) -> list[list[list[list[float]]]]:
    """Group the rings of the wire form: an outer ring runs clockwise on screen and is followed by its holes."""
    parts: list[list[list[list[float]]]] = []
    for ring in rings:
        x, y = np.array(ring).T
        if np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) > 0:
            parts.append([])
        parts[-1].append(ring)
    return parts


@pytest.mark.parametrize("angle", [0, 30, -135])
@pytest.mark.parametrize("tolerance", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("crop", ["face", "none"])
def test_rings_stay_valid_with_two_decimals(angle: float, tolerance: float, crop: str):
    """Rounding moves a vertex by 0.007 px at most, and borders keep a tenth of a pixel apart: rings stay simple."""
    copy = sample.copy(angle)
    mask = facemask.trace_face(copy.labels, copy.landmarks, crop=crop, tolerance=tolerance)
    assert list(mask.mask_contours) == list(mask.contours)
    for key, rings in mask.mask_contours.items():
        assert len(rings) == len(mask.contours[key].rings())
        for ring, exact in zip(rings, mask.contours[key].rings(), strict=True):
            assert Polygon(ring).is_valid, shapely.is_valid_reason(Polygon(ring))
            assert ring[0] != ring[-1]
            assert all(round(value, 2) == value for point in ring for value in point)
            assert len(ring) <= len(exact)
            assert shapely.hausdorff_distance(Polygon(ring).exterior, Polygon(exact).exterior) < 0.0072
        for outer, *holes in wire_polygons(rings):
            assert Polygon(outer, holes).is_valid, shapely.is_valid_reason(Polygon(outer, holes))


@pytest.mark.parametrize("name", ["noise, 2 labels", "noise, 256 labels", "specks", "blobs"])
@pytest.mark.parametrize("tolerance", [0.0, 0.5])
def test_rings_of_noise_under_any_turn_stay_valid_with_two_decimals(name: str, tolerance: float):
    labels = MAPS[name]
    face = Face(angle=33.0, scale=0.3, size=labels.shape[::-1])
    mask = facemask.trace_face(labels, face.landmarks, crop="none", tolerance=tolerance)
    for rings in mask.mask_contours.values():
        for ring in rings:
            assert Polygon(ring).is_valid, shapely.is_valid_reason(Polygon(ring))


def test_a_region_that_the_box_cuts_in_two_keeps_each_hole_in_its_own_part():
    labels = np.zeros((72, 72), np.uint8)
    labels[2:70, 28:33] = labels[2:70, 39:44] = labels[2:5, 28:44] = 1
    labels[34:37, 30] = labels[35:38, 41] = 0
    mask = facemask.trace_face(labels, Face(scale=0.2, size=(72, 72)).landmarks, tolerance=0)
    parts = polygons(mask.contours["1"])
    assert [len(part.interiors) for part in parts] == [1, 1]
    assert all(part.is_valid for part in parts)
