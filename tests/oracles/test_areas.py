"""Areas and outlines against scikit-image and contourpy, on maps of two labels without checkerboard cells."""

import contourpy
import facemask
import numpy as np
import pytest
from skimage.measure import find_contours as skimage_contours
from support import label_maps, sample
from support.label_maps import LabelMap


def shoelace(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


def without_saddles(labels: LabelMap) -> LabelMap:
    """Fill one pixel of each checkerboard cell until none is left: there the rules of the libraries differ."""
    labels = labels.copy()
    while True:
        a, b, c, d = labels[:-1, :-1], labels[:-1, 1:], labels[1:, :-1], labels[1:, 1:]
        saddles = np.argwhere((a == d) & (b == c) & (a != b))
        if not len(saddles):
            return labels
        for r, column in saddles:
            labels[r : r + 2, column : column + 2] = 1


# A ring of background, since both libraries leave contours open at the frame.
TWO_LABELS = {
    "noise": np.pad(without_saddles(label_maps.noise(50, 60, 2, seed=3)), 1),
    "sparse noise": np.pad(without_saddles((label_maps.noise(50, 60, 6, seed=4) == 0).astype(np.uint8)), 1),
    "blobs": np.pad(without_saddles((label_maps.voronoi(60, 5, seed=1) > 2).astype(np.uint8)), 1),
    "hair of the sample": np.pad(without_saddles((sample.LABELS == 10).astype(np.uint8)), 1),
    "skin of the sample": np.pad(without_saddles((sample.LABELS == 1).astype(np.uint8)), 1),
}


@pytest.mark.parametrize("name", TWO_LABELS)
def test_the_area_is_that_of_scikit_image(name: str):
    labels = TWO_LABELS[name]
    rings = skimage_contours(labels.astype(float), 0.5)
    assert all((ring[0] == ring[-1]).all() for ring in rings)
    expected = sum(shoelace(ring[:-1, 1], ring[:-1, 0]) for ring in rings)
    assert facemask.find_contours(labels)[1].area == pytest.approx(abs(expected), abs=1e-6)


@pytest.mark.parametrize("name", TWO_LABELS)
def test_the_vertices_are_those_of_contourpy(name: str):
    labels = TWO_LABELS[name]
    lines = contourpy.contour_generator(z=labels.astype(float)).lines(0.5)
    # contourpy measures from pixel centres.
    expected = {(x + 0.5, y + 0.5) for line in lines for x, y in line.tolist()}
    found = facemask.find_contours(labels)[1]
    assert {tuple(point) for point in found.points.tolist()} == expected
    assert len(found.rings()) == len(lines)
