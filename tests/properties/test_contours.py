"""Properties of the contours of any map, checked by formulas independent of the tracer."""

from collections import Counter

import facemask
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from skimage.measure import label as components
from support.label_maps import (
    EXAMPLES,
    LabelMap,
    edges,
    is_mask,
    label_maps,
    marching_squares_area,
    noise,
    rasterize,
)

BELOW_HALF = st.sampled_from([0.0, 0.1, 0.3, 0.45, 0.5])


@given(label_maps())
def test_exact_contours_rasterised_back_are_the_map(labels: LabelMap):
    assert (rasterize(facemask.find_contours(labels, background=True), labels.shape) == labels).all()


@pytest.mark.parametrize("count", [2, 16, 256])
def test_noise_of_many_labels_comes_back_pixel_for_pixel(count: int):
    labels = noise(60, 70, count, seed=count)
    contours = facemask.find_contours(labels, background=True)
    assert list(contours) == sorted(set(labels.ravel().tolist()))
    assert (rasterize(contours, labels.shape) == labels).all()


@given(label_maps(), BELOW_HALF)
def test_a_tolerance_of_half_a_pixel_still_gives_the_map_back(labels: LabelMap, tolerance: float):
    contours = facemask.find_contours(labels, background=True, tolerance=tolerance)
    assert (rasterize(contours, labels.shape) == labels).all()


@given(label_maps())
def test_the_area_of_each_label_is_that_of_its_marching_squares(labels: LabelMap):
    contours = facemask.find_contours(labels, background=True)
    for label, contour in contours.items():
        assert contour.area == pytest.approx(marching_squares_area(labels, label), abs=1e-9)


@given(label_maps(), st.sampled_from([0.0, 0.5, 2.0, 5.0]), st.sampled_from([0.0, 3.0]))
def test_neighbours_share_identical_vertices(labels: LabelMap, tolerance: float, min_area: float):
    """Every edge that does not run along the frame is an edge of exactly two regions, once each way."""
    contours = facemask.find_contours(labels, background=True, tolerance=tolerance, min_area=min_area)
    height, width = labels.shape
    counted = Counter(edge for contour in contours.values() for edge in edges(contour))
    assert set(counted.values()) == {1}, "no edge twice in one direction"
    for a, b in counted:
        along_frame = any(a[axis] == b[axis] and a[axis] in (0, side) for axis, side in ((0, width), (1, height)))
        assert counted[b, a] == (0 if along_frame else 1)


@given(label_maps(), st.floats(0, 8), st.floats(0, 20))
def test_the_regions_tile_the_picture_whatever_the_options(labels: LabelMap, tolerance: float, min_area: float):
    contours = facemask.find_contours(labels, background=True, tolerance=tolerance, min_area=min_area)
    assert sum(contour.area for contour in contours.values()) == pytest.approx(labels.size, abs=1e-6)


@given(label_maps(), st.sampled_from([0.0, 0.5, 2.0]))
def test_leaving_out_the_background_changes_no_other_contour(labels: LabelMap, tolerance: float):
    whole = facemask.find_contours(labels, background=True, tolerance=tolerance)
    without = facemask.find_contours(labels, tolerance=tolerance)
    assert set(without) == set(whole) - {0}
    for label, contour in without.items():
        assert (contour.points == whole[label].points).all()
        assert (contour.offsets == whole[label].offsets).all()


@given(label_maps())
def test_turning_a_map_turns_its_contours(labels: LabelMap):
    width = labels.shape[1]
    plain = facemask.find_contours(labels, background=True)
    turned = facemask.find_contours(np.rot90(labels), background=True)
    assert set(turned) == set(plain)
    for label, contour in plain.items():
        expected = {frozenset([(y, width - x), (v, width - u)]) for (x, y), (u, v) in edges(contour)}
        assert {frozenset(edge) for edge in edges(turned[label])} == expected


@given(label_maps(), st.permutations(range(256)))
def test_labels_are_names_only_no_label_goes_before_another(labels: LabelMap, order: list[int]):
    names = np.array(order, np.uint8)[labels]
    assume(not is_mask(names))
    plain = facemask.find_contours(labels, background=True)
    renamed = facemask.find_contours(names, background=True)
    for label, contour in plain.items():
        other = renamed[order[label]]
        assert {frozenset(edge) for edge in edges(other)} == {frozenset(edge) for edge in edges(contour)}


@given(label_maps())
def test_arrays_are_flat_and_rings_wind_as_promised(labels: LabelMap):
    for contour in facemask.find_contours(labels, background=True).values():
        assert contour.points.dtype == np.float64
        assert contour.points.shape[1] == 2
        assert contour.offsets.dtype == np.uint32
        assert contour.offsets[0] == 0
        assert contour.offsets[-1] == len(contour.points)
        for outer, *holes in contour.polygons():
            # Positive by the shoelace formula with y down: clockwise on screen.
            assert shoelace(outer) > 0
            assert all(shoelace(hole) < 0 for hole in holes)
        assert all((ring[0] != ring[-1]).any() for ring in contour.rings())


def shoelace(ring: np.ndarray) -> float:
    x, y = ring.T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("min_area", [0.0, 2.0, 6.0])
def test_what_is_smaller_than_min_area_goes_to_a_neighbour_and_the_rest_stays(name: str, min_area: float):
    labels = EXAMPLES[name]
    contours = facemask.find_contours(labels, background=True, min_area=min_area)
    sieved = rasterize(contours, labels.shape)
    assert (sieved >= 0).all(), "no gap and no overlap"
    parts = components(labels.astype(int) + 1, connectivity=1, background=0)
    sizes = np.bincount(parts.ravel())[parts]
    stays = sizes >= min_area
    assert (sieved[stays] == labels[stays]).all()
    left = components(sieved + 1, connectivity=1, background=0)
    assert len(np.unique(left)) == 1 or np.bincount(left.ravel())[1:].min() >= min_area


@given(label_maps())
def test_the_same_map_gives_the_same_bytes_however_it_lies_in_memory(labels: LabelMap):
    expected = facemask.find_contours(labels, tolerance=0.5)
    wide = np.zeros((labels.shape[0] * 2, labels.shape[1] * 3), np.uint8)
    wide[::2, ::3] = labels
    read_only = labels.copy()
    read_only.flags.writeable = False
    same = [
        np.asfortranarray(labels),
        wide[::2, ::3],
        labels[::-1, ::-1].copy()[::-1, ::-1],
        read_only,
        labels.astype(np.int64),
        labels.astype(">u2"),
        labels.tolist(),
    ]
    for other in same:
        found = facemask.find_contours(other, tolerance=0.5)
        assert {k: (c.points.tobytes(), c.offsets.tobytes()) for k, c in found.items()} == {
            k: (c.points.tobytes(), c.offsets.tobytes()) for k, c in expected.items()
        }
