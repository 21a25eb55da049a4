"""Outline and borders in the drawing against shapely's union and boundaries of the drawn regions."""

import re
from functools import reduce
from typing import Any

import facemask
import numpy as np
import pytest
import shapely
from support import path_data, sample

GROUPS = {"mouth": ["lip_upper", "lip_lower", "mouth_inner"], "rest": ["skin", "nose", "hair"]}
# Coordinates are hundredths; the points of a curve here depend on its direction by rounding.
NEAR = 1e-4


def noisy_sample() -> np.ndarray:
    """The sample with stray pixels: parts, holes, and points where regions touch."""
    random, labels = np.random.default_rng(5), sample.LABELS.copy()
    places = random.integers(0, labels.size, labels.size // 3000)
    labels.ravel()[places] = random.integers(0, 11, places.size)
    return labels


MAPS = {"the sample": sample.LABELS, "with stray pixels": noisy_sample()}
CASES: dict[str, dict[str, Any]] = {
    "straight": {"curve": "straight"},
    "exact": {"curve": "straight", "tolerance": 0.0},
    "coarse": {"curve": "straight", "tolerance": 3.0},
    "smooth": {"curve": "smooth"},
    "uncut": {"curve": "straight", "crop": "none"},
    "in the photo": {"curve": "straight", "frame": "image"},
    "merged": {"curve": "straight", "regions": GROUPS},
    "merged, smooth": {"curve": "smooth", "regions": GROUPS},
    "zones": {"curve": "smooth", "regions": "zones"},
}


def area(data: str) -> shapely.Geometry:
    """The area inside path data by the even-odd rule."""
    rings = [shapely.make_valid(shapely.Polygon(line)) for line in path_data.lines(data)]
    return reduce(shapely.symmetric_difference, rings)


def linework(data: list[str]) -> shapely.Geometry:
    return shapely.union_all([shapely.LineString(line) for each in data for line in path_data.lines(each)])


def region_data(svg: str) -> list[str]:
    return re.findall(r'<path id="region-[^>]* d="([^"]*)"', svg)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", MAPS)
def test_outline_is_the_union_of_the_regions(name: str, case: str) -> None:
    svg = facemask.trace_face(MAPS[name], sample.LANDMARKS, **CASES[case]).svg
    outline = re.search(r'<clipPath[^>]*><path d="([^"]*)"', svg)
    assert outline is not None
    areas = [area(data) for data in region_data(svg)]
    union, drawn = shapely.union_all(areas), area(outline[1])
    assert drawn.area == pytest.approx(sum(each.area for each in areas), rel=1e-6), "regions overlap or are missing"
    assert shapely.symmetric_difference(union, drawn).area < 1e-2


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", MAPS)
def test_borders_are_the_boundaries_of_the_regions_once(name: str, case: str) -> None:
    svg = facemask.trace_face(MAPS[name], sample.LANDMARKS, style="cut", **CASES[case]).svg
    drawn = re.findall(r'<path data-regions="[^>]* d="([^"]*)"', svg)
    solid = facemask.trace_face(MAPS[name], sample.LANDMARKS, style="solid", **CASES[case]).svg
    boundaries, borders = linework(region_data(solid)), linework(drawn)
    assert boundaries.difference(borders.buffer(NEAR)).length < NEAR
    assert borders.difference(boundaries.buffer(NEAR)).length < NEAR
    lengths = [np.hypot(*np.diff(line, axis=0).T).sum() for data in drawn for line in path_data.lines(data)]
    assert sum(lengths) == pytest.approx(borders.length, rel=1e-4), "a border is drawn twice"
