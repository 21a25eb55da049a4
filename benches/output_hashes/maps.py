"""Generated label maps, the same on every machine: raw integers of PCG64 and integer arithmetic only."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.uint8]


def raw_integers(count: int, seed: int) -> NDArray[np.uint64]:
    """Return the bit stream of PCG64. NumPy keeps it stable across versions, unlike its distributions."""
    return np.asarray(np.random.PCG64(seed).random_raw(count), np.uint64)


def noise(height: int, width: int, labels: int, seed: int = 1) -> Map:
    """Return independent labels."""
    return (raw_integers(height * width, seed) % labels).astype(np.uint8).reshape(height, width)


def sparse_noise(side: int, seed: int = 2) -> Map:
    """Return background with a twentieth of its pixels in three labels."""
    values = raw_integers(side * side, seed) % 60
    return np.where(values < 3, values + 1, 0).astype(np.uint8).reshape(side, side)


def coarse_noise(side: int, block: int, labels: int) -> Map:
    """Return independent labels in square blocks."""
    blocks = noise(-(-side // block), -(-side // block), labels, 3)
    return np.ascontiguousarray(blocks.repeat(block, axis=0).repeat(block, axis=1)[:side, :side])


def voronoi_cells(side: int, labels: int, seed: int = 4) -> Map:
    """Return the label of the nearest of some sites for each pixel."""
    sites = (raw_integers(8 * labels, seed) % side).astype(np.int64).reshape(-1, 2)
    y, x = np.mgrid[:side, :side]
    distance = (x[..., None] - sites[:, 0]) ** 2 + (y[..., None] - sites[:, 1]) ** 2
    return (distance.argmin(axis=-1) % labels).astype(np.uint8)


def checkerboard(height: int, width: int, block: int = 1) -> Map:
    """Return two labels in alternation."""
    y, x = np.mgrid[:height, :width] // block
    return ((x + y) % 2).astype(np.uint8)


def four_label_junctions(side: int, step: int) -> Map:
    """Return labels 1, 2, 3, 4 around each point of a lattice."""
    y, x = np.mgrid[:side, :side] // step
    return (1 + x % 2 + 2 * (y % 2)).astype(np.uint8)


def specks(side: int) -> Map:
    """Return single pixels on an island, in corners and diagonal to each other."""
    labels = np.zeros((side, side), np.uint8)
    labels[3:-3, 3:-3] = 1
    labels[5::4, 5::4] = 2
    labels[6::8, 6::8] = 3
    labels[0, 0] = labels[-1, -1] = labels[0, -1] = labels[side // 2, 0] = 4
    return labels


def rings(side: int, width: int) -> Map:
    """Return concentric rings in three labels and background: holes in holes."""
    y, x = 2 * np.mgrid[:side, :side] + 1 - side
    squared = x * x + y * y
    radii = (2 * width * np.arange(1, side // width + 1)) ** 2
    return (np.searchsorted(radii, squared) % 4).astype(np.uint8)


def ellipses(side: int) -> Map:
    """Return overlapping ellipses with axes parallel to the frame."""
    labels = np.zeros((side, side), np.uint8)
    y, x = np.mgrid[:side, :side]
    for index, values in enumerate(raw_integers(4 * 14, 5).reshape(-1, 4) % side):
        column, row, width, height = (int(value) for value in values)
        width, height = 3 + width // 3, 3 + height // 3
        inside = (x - column) ** 2 * height**2 + (y - row) ** 2 * width**2 < (width * height) ** 2
        labels[inside] = index % 6 + 1
    return labels


def frame_contacts(side: int) -> Map:
    """Return regions that touch each side, a corner and two sides."""
    labels, third = np.zeros((side, side), np.uint8), side // 3
    labels[:3, third : 2 * third] = 1
    labels[third : 2 * third, :3] = 2
    labels[-4:, 2:third] = 3
    labels[: side // 2, -2:] = 4
    labels[-5:, -5:] = 5
    labels[side // 2, :] = 6
    return labels


def stripes(side: int) -> Map:
    """Return diagonal stripes two pixels wide."""
    y, x = np.mgrid[:side, :side]
    return ((x + y) // 2 % 5).astype(np.uint8)


GENERATED: Final[dict[str, Callable[[], Map]]] = {
    "noise-2": lambda: noise(40, 37, 2),
    "noise-3": lambda: noise(33, 48, 3),
    "noise-11": lambda: noise(64, 61, 11),
    "noise-64": lambda: noise(48, 48, 64),
    "noise-256": lambda: noise(56, 56, 256),
    "noise-11-large": lambda: noise(160, 150, 11),
    "sparse-noise": lambda: sparse_noise(96),
    "blocks-3": lambda: coarse_noise(70, 3, 5),
    "blocks-7": lambda: coarse_noise(120, 7, 256),
    "voronoi-5": lambda: voronoi_cells(96, 5),
    "voronoi-12": lambda: voronoi_cells(150, 12),
    "checkerboard": lambda: checkerboard(21, 20),
    "checkerboard-blocks": lambda: checkerboard(30, 31, 5),
    "four-label-junctions": lambda: four_label_junctions(32, 5),
    "four-label-pixels": lambda: four_label_junctions(12, 1),
    "specks": lambda: specks(30),
    "rings": lambda: rings(80, 5),
    "thin-rings": lambda: rings(40, 1),
    "ellipses": lambda: ellipses(200),
    "frame-contacts": lambda: frame_contacts(30),
    "stripes": lambda: stripes(31),
    "empty": lambda: np.zeros((20, 30), np.uint8),
    "one-label": lambda: np.full((5, 9), 3, np.uint8),
    "one-pixel": lambda: np.array([[7]], np.uint8),
    "one-empty-pixel": lambda: np.array([[0]], np.uint8),
    "one-row": lambda: np.array([[1, 1, 0, 2, 2, 3, 0]], np.uint8),
    "one-column": lambda: np.array([[1], [1], [0], [255], [2]], np.uint8),
    "id-255": lambda: 255 * checkerboard(16, 16, 4),
}


def generated(*, quick: bool) -> dict[str, Map]:
    """Return the maps by name; a few of them for a quick run."""
    names = ["noise-11", "specks", "empty"] if quick else list(GENERATED)
    return {name: GENERATED[name]() for name in names}
