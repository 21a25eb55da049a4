"""Symmetric shapes: curves are built of one part and its images, and the whole keeps its area."""

from typing import Final

import facemask
import numpy as np
import pytest

# A path that begins within the part that is repeated, and one whose joint lies at an end of it.
SHAPES: Final = (
    "....##.... ...####... ..######.. ..######.. ..##..##.. ..##..##.. ..##..##.. ..######..",
    (
        "......... #........ ...##...# #..##..## ..##..... ..###.... ...###... ....###.. .....##.. ##..##..# "
        "#...##... ........# ........."
    ),
)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tolerance", [0.3, 0.5, 1.0, 3.0])
def test_symmetric_shapes_are_traced_and_turn_with_their_map(shape: str, tolerance: float):
    mask = np.array([[pixel == "#" for pixel in row] for row in shape.split()], np.uint8)
    for padding in (0, 1, 2):
        padded = np.pad(mask, padding)
        outline = facemask.find_contours(padded, tolerance=tolerance, curve="smooth")[1]
        turned = facemask.find_contours(padded.T.copy(), tolerance=tolerance, curve="smooth")[1]
        assert turned.area == pytest.approx(outline.area, abs=1e-6)
        if tolerance == 0.5:
            assert outline.area == pytest.approx(int(mask.sum()), abs=0.25)


@pytest.mark.parametrize("seed", range(40))
def test_random_symmetric_maps_are_traced(seed: int):
    random = np.random.default_rng(seed)
    for _ in range(25):
        noise = random.random(random.integers(3, 26, 2))
        for _ in range(random.integers(0, 4)):
            noise = sum(np.roll(noise, step, axis) for step in (-1, 1) for axis in (0, 1)) + noise
        image = [noise[:, ::-1], noise[::-1], noise[::-1, ::-1]][random.integers(3)]
        values = noise + image
        mask = np.pad((values > np.quantile(values, random.uniform(0.2, 0.8))).astype(np.uint8), 2)
        outlines = facemask.find_contours(mask, tolerance=0.5, curve="smooth")
        assert outlines.keys() == {1} - ({1} if not mask.any() else set())
