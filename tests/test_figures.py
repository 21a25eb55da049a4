"""The figures of `make figures` are within their bounds, and each measure detects its fault."""

from collections.abc import Callable, Iterator

import facemask
import numpy as np
import pytest
import shapely
from bounds import BoundedValue
from figures import measuring, shapes, svg_segments
from figures.coverage import tiling
from figures.curves import available_curves
from figures.exactness import count_lost
from figures.groups import GROUPS
from skimage.measure import approximate_polygon
from support import ellipse, label_maps, sample


@pytest.mark.parametrize("group", GROUPS)
def test_figures_are_within_their_bounds(group: str):
    assert available_curves()[-1] == "smooth"
    missed = {figure.name: (figure.value, figure.bound) for figure in GROUPS[group]("smooth") if not figure.is_met}
    assert missed == {}


@pytest.mark.parametrize("measure", [measuring.areas, measuring.symmetries])
def test_straight_lines_have_true_areas_and_are_equivariant(measure: Callable[[str], Iterator[BoundedValue]]):
    missed = {figure.name: figure.value for figure in measure("straight") if not figure.is_met}
    assert missed == {}


def test_the_traced_border_has_not_the_area_of_the_pixels():
    """A box of 5 x 5 pixels lacks an eighth of a pixel at each corner, which is twice what is permitted."""
    labels = measuring.box(5, 5)
    assert facemask.find_contours(labels)[1].area == 24.5
    assert measuring.area_error(labels, "straight") < 1e-6


def test_a_figure_that_is_no_number_is_not_held():
    assert BoundedValue("", 1.0, 1.0).is_met
    assert not BoundedValue("", 1.01, 1.0).is_met
    assert not BoundedValue("", float("nan"), 1.0).is_met


@pytest.mark.parametrize("true", [ellipse.Ellipse(120, 60, 33, (0.2, -0.4)), ellipse.Ellipse(200, 137, 170)])
def test_distances_to_an_ellipse_are_those_to_its_points(true: ellipse.Ellipse):
    """Against shapely and 40,000 points of the curve, made here by the textbook's formula."""
    t = np.linspace(0, 2 * np.pi, 40_000, endpoint=False)
    turn = np.radians(true.angle)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def at(t: np.ndarray, away: float) -> np.ndarray:
        foot = np.stack([true.a * np.cos(t), true.b * np.sin(t)], axis=-1)
        normal = np.stack([np.cos(t) / true.a, np.sin(t) / true.b], axis=-1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        return (foot + away * normal) @ matrix + true.side / 2 + true.shift

    line = shapely.LinearRing(at(t, 0.0))
    for away in (-0.7, 0.0, 0.4):
        points = at(t[::1000] + 0.1, away)
        assert true.signed_distances(points) == pytest.approx(away, abs=1e-9)
        assert shapely.distance(line, shapely.points(points)) == pytest.approx(abs(away), abs=1e-5)
    step = at(t[::1000] + 1e-6, 0.0) - at(t[::1000] - 1e-6, 0.0)
    expected = np.degrees(np.arctan2(step[:, 1], step[:, 0]))
    assert (true.tangent_angles(at(t[::1000], 0.0)) - expected + 180) % 360 == pytest.approx(180, abs=1e-3)


def test_a_staircase_is_as_rough_as_a_staircase():
    """The outline of pixels is off by 39 degrees, as RMS over all directions."""
    true = ellipse.Ellipse(300, 299, 0)
    rows, columns = np.nonzero(true.labels)
    left = {int(row): int(columns[rows == row].min()) for row in np.unique(rows)}
    right = {int(row): int(columns[rows == row].max()) + 1 for row in np.unique(rows)}
    down = [(right[row], y) for row in left for y in (row, row + 1)]
    up = [(left[row], y) for row in reversed(left) for y in (row + 1, row)]
    ring = np.array(down + up, float)
    for step in (0.25, np.inf):
        assert shapes.tangent_error(true, shapes.sample_ring(ring, step)) == pytest.approx(39, abs=1)


def square(x: float, y: float, side: float) -> np.ndarray:
    return np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side)])


def contour(*rings: np.ndarray) -> facemask.Contour:
    offsets = np.cumsum([0, *map(len, rings)]).astype(np.uint32)
    return facemask.Contour(np.concatenate(rings), offsets)


def test_gaps_overlaps_and_torn_borders_are_seen():
    labels = np.zeros((4, 8), np.uint8)
    half = square(0, 0, 4)
    assert tiling([contour(half), contour(square(4, 0, 4))], labels) == (0, 0, 0, 0)
    gap, overlap, edges, _ = tiling([contour(half), contour(square(4.5, 0, 3.5))], labels)
    assert (gap, overlap) == (pytest.approx(16 - 3.5**2), 0)
    gap, overlap, edges, _ = tiling([contour(half), contour(square(3.5, 0, 4))], labels)
    assert (gap, overlap) == (pytest.approx(2), pytest.approx(2))
    assert edges == 2
    bow = half[[0, 2, 1, 3]]
    assert tiling([contour(bow), contour(square(4, 0, 4))], labels)[3] == 1


def test_lost_parts_and_holes_are_seen():
    labels = np.zeros((9, 20), np.uint8)
    labels[1:8, 1:8] = labels[2:5, 12:15] = 1
    labels[3, 3] = 0
    expected = label_maps.connected_components(labels, 1)
    assert [(part.pixels, part.holes) for part in expected] == [(48, 1), (9, 0)]
    large, hole, small = square(1, 1, 7), square(3, 3, 1)[::-1], square(12, 2, 3)
    assert count_lost(expected, contour(large, hole, small)).tolist() == [0, 0]
    assert count_lost(expected, contour(large, small)).tolist() == [0, 1]
    assert count_lost(expected, contour(small)).tolist() == [1, 1]
    assert count_lost(expected, contour(square(0, 0, 20), hole)).tolist() == [1, 0], "one polygon for two parts"


def test_a_pixel_on_the_wrong_side_is_seen():
    labels = label_maps.voronoi(40, 3)
    found = facemask.find_contours(labels, background=True)
    assert (label_maps.rasterize(found, labels.shape) == labels).all()
    moved = facemask.Contour(np.add(found[1].points, [1.0, 0.0]), found[1].offsets)
    assert (label_maps.rasterize(found | {1: moved}, labels.shape) != labels).sum() > 20


def test_the_drawing_is_read_as_it_is_written():
    data = "M1 2l3 0c0 1.1.5 2 1.25 2h-2v-.5z"
    (ring,) = svg_segments.parse_segments(f'<path id="region-7" class="region" d="{data}">', "7")
    assert ring == [
        ((1, 2), (4, 2)),
        ((4, 2), (4, 3.1), (4.5, 4), (5.25, 4)),
        ((5.25, 4), (3.25, 4)),
        ((3.25, 4), (3.25, 3.5)),
        ((3.25, 3.5), (1, 2)),
    ]
    points = svg_segments.flatten(ring, pieces=2)
    assert points[2] == pytest.approx([4.34375, 3.4125])
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, curve="straight")
    for key, rings in mask.mask_contours.items():
        assert [[list(segment[0]) for segment in ring] for ring in svg_segments.parse_segments(mask.svg, key)] == rings


@pytest.mark.parametrize(("made", "ones", "twos"), [(sample.reference_like, 5, 5), (sample.enlarge_nearest, 6, 6)])
def test_large_maps_have_crumbs_in_the_lip_line(made: Callable, ones: int, twos: int):
    labels, landmarks = made()
    assert (labels.shape, labels.dtype, len(np.unique(labels))) == ((1023, 1024), np.uint8, 11)
    assert landmarks.shape == (478, 2)
    crumbs = [part.pixels for part in label_maps.connected_components(labels, sample.NAMES.index("mouth_inner") + 1)]
    assert sorted(crumbs)[:-1] == [1] * ones + [2] * twos


def test_the_reference_like_map_is_as_uneven_as_the_rivals_was():
    """Of that approxPolyDP by 1.0 px left 414 points, in 22 parts; scikit-image has the same method."""
    labels, _ = sample.reference_like()
    assert sum(len(label_maps.connected_components(labels, label)) for label in range(1, 11)) == 22

    def kept(labels: np.ndarray) -> int:
        found = facemask.find_contours(labels, curve="straight").values()
        return sum(len(approximate_polygon(ring, 1.0)) - 1 for contour in found for ring in contour.rings())

    reference, enlarged = kept(labels), kept(sample.enlarge_nearest()[0])
    assert 414 <= reference <= 520, reference
    assert enlarged > 1.2 * reference
