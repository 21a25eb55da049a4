"""Hausdorff distances between simplified and exact outlines, measured by shapely in both directions."""

import facemask
import pytest
from support import label_maps, sample
from support.boundary_distance import boundary, directed_hausdorff
from support.synthetic_face import Face

MAPS = {**label_maps.EXAMPLES, "the sample": sample.LABELS}


@pytest.mark.parametrize("tolerance", [0.1, 0.5, 2.0, 5.0])
@pytest.mark.parametrize("name", MAPS)
def test_simplified_borders_are_within_the_tolerance_of_traced_ones_both_ways(name: str, tolerance: float):
    labels = MAPS[name]
    traced = facemask.find_contours(labels, background=True)
    simplified = facemask.find_contours(labels, background=True, tolerance=tolerance)
    assert simplified.keys() == traced.keys()
    for label, contour in simplified.items():
        assert len(contour.points) <= len(traced[label].points)
        assert len(contour.rings()) == len(traced[label].rings())
        if label in list(traced)[:12]:
            assert directed_hausdorff(boundary(contour), boundary(traced[label])) <= tolerance + 1e-9
            assert directed_hausdorff(boundary(traced[label]), boundary(contour)) <= tolerance + 1e-9


def test_a_tolerance_saves_vertices():
    traced, half, two = (
        sum(len(c.points) for c in facemask.find_contours(sample.LABELS, tolerance=t).values()) for t in (0.0, 0.5, 2.0)
    )
    assert half < traced / 3
    assert two < half / 1.5


@pytest.mark.parametrize("size", [(900, 900), (450, 450), (2700, 2700)])
def test_by_default_no_vertex_is_further_than_half_a_pixel_of_the_photo(size: tuple[int, int]):
    """Whatever the map's own resolution: the tolerance is in pixels of the photo."""
    scale = size[0] / 900
    default = facemask.trace_face(sample.LABELS, sample.LANDMARKS * scale, image_size=size, crop="none")
    traced = facemask.trace_face(sample.LABELS, sample.LANDMARKS * scale, image_size=size, crop="none", tolerance=0)
    for key, contour in default.contours.items():
        assert directed_hausdorff(boundary(contour), boundary(traced.contours[key])) <= 0.5 + 1e-6
        assert directed_hausdorff(boundary(traced.contours[key]), boundary(contour)) <= 0.5 + 1e-6


def test_unequal_scales_keep_the_tolerance_in_pixels_of_the_photo():
    face = Face(angle=20)
    labels = sample.resize_nearest(face.labels, 480, 466)
    for tolerance in (0.5, 3.0):
        options = {"image_size": face.size, "crop": "none"}
        traced = facemask.trace_face(labels, face.landmarks, tolerance=0, **options)
        mask = facemask.trace_face(labels, face.landmarks, tolerance=tolerance, **options)
        assert mask.contours.keys() == traced.contours.keys()
        for key in traced.contours:
            assert directed_hausdorff(boundary(mask.contours[key]), boundary(traced.contours[key])) <= tolerance + 1e-6
            assert directed_hausdorff(boundary(traced.contours[key]), boundary(mask.contours[key])) <= tolerance + 1e-6
