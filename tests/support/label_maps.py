"""Label maps to test on, and what can be said of one without tracing it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from facemask import Contour
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import label as components

Map = NDArray[np.uint8]


def noise(height: int, width: int, labels: int, seed: int = 0) -> Map:
    return np.random.default_rng(seed).integers(0, labels, (height, width)).astype(np.uint8)


def blobs(size: int, labels: int, seed: int = 0) -> Map:
    """Smooth patches with long borders and true junctions: the nearest of some seeds, each with a label."""
    rng = np.random.default_rng(seed)
    seeds = rng.uniform(0, size, (4 * labels, 2))
    ids = rng.integers(0, labels, len(seeds))
    y, x = np.mgrid[:size, :size] + 0.5
    distance = (x[..., None] - seeds[:, 0]) ** 2 + (y[..., None] - seeds[:, 1]) ** 2
    return ids[distance.argmin(axis=-1)].astype(np.uint8)


def checkerboard(height: int, width: int, block: int = 1) -> Map:
    y, x = np.mgrid[:height, :width] // block
    return ((x + y) % 2).astype(np.uint8)


def crosses(size: int, step: int) -> Map:
    """Quarters 1, 2, 3, 4 around points `step` apart: four labels meet in each."""
    y, x = np.mgrid[:size, :size] // step
    return (1 + x % 2 + 2 * (y % 2)).astype(np.uint8)


def specks(size: int) -> Map:
    """Single pixels on an island on a background: also in the corners and beside each other by a corner."""
    labels = np.zeros((size, size), np.uint8)
    labels[3:-3, 3:-3] = 1
    labels[5::4, 5::4] = 2
    labels[6::8, 6::8] = 3
    labels[0, 0] = labels[-1, -1] = labels[0, -1] = labels[size // 2, 0] = 4
    return labels


def on_the_edge(size: int) -> Map:
    """Regions that touch each side, a corner, and two sides at once."""
    labels = np.zeros((size, size), np.uint8)
    third = size // 3
    labels[:3, third : 2 * third] = 1
    labels[third : 2 * third, :3] = 2
    labels[-4:, 2:third] = 3
    labels[: size // 2, -2:] = 4
    labels[-5:, -5:] = 5
    labels[size // 2, :] = 6
    return labels


NAMED = {
    "noise, 2 labels": noise(40, 37, 2),
    "noise, 11 labels": noise(37, 40, 11),
    "noise, 256 labels": noise(40, 40, 256),
    "blobs": blobs(72, 7),
    "checkerboard": checkerboard(21, 20),
    "checkerboard of blocks": checkerboard(30, 31, 5),
    "four-label crosses": crosses(32, 5),
    "specks": specks(30),
    "on the edge": on_the_edge(30),
    "one pixel": np.array([[7]], np.uint8),
    "one row": np.array([[1, 1, 0, 2, 2, 3, 0]], np.uint8),
    "one label": np.full((5, 9), 3, np.uint8),
}


@st.composite
def label_maps(draw: st.DrawFn, largest: int = 14, most_labels: int = 256) -> Map:
    """Noise of few or of many labels, in blocks of any size, and what shrinks to a few pixels."""
    height, width = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    labels = draw(st.sampled_from([n for n in (2, 3, 5, 256) if n <= most_labels]))
    block = draw(st.integers(1, 4))
    rows, columns = -(-height // block), -(-width // block)
    ids = draw(st.lists(st.integers(0, labels - 1), min_size=rows * columns, max_size=rows * columns))
    blocks = np.array(ids, np.uint8).reshape(rows, columns)
    return np.ascontiguousarray(blocks.repeat(block, axis=0).repeat(block, axis=1)[:height, :width])


def edges(contour: Contour) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    for ring in contour.rings():
        points = [tuple(point) for point in ring.tolist()]
        yield from zip(points, points[1:] + points[:1], strict=True)


def inside(contour: Contour, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Say of each pixel whether its centre lies inside the rings: crossings to its left are counted (even-odd)."""
    ends = [np.roll(ring, -1, axis=0) for ring in contour.rings()]
    (x0, y0), (x1, y1) = contour.points.T, np.concatenate(ends).T
    # Rows whose middle lies in [low, high): a vertex on the line of the centres counts once.
    first, last = (np.ceil(side(y0, y1) - 0.5).astype(int) for side in (np.minimum, np.maximum))
    first, last = np.clip(first, 0, shape[0]), np.clip(last, 0, shape[0])
    edge = np.repeat(np.arange(len(x0)), last - first)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(last - first) - last, last - first)
    crossing = x0[edge] + (row + 0.5 - y0[edge]) / (y1 - y0)[edge] * (x1 - x0)[edge]
    column = np.clip(np.floor(crossing - 0.5).astype(int) + 1, 0, shape[1])
    counted = np.bincount(row * (shape[1] + 1) + column, minlength=shape[0] * (shape[1] + 1))
    crossed: NDArray[np.int64] = counted.reshape(shape[0], shape[1] + 1).cumsum(axis=1)[:, :-1]
    return crossed % 2 == 1


def rasterised(contours: Mapping[int, Contour], shape: tuple[int, int]) -> NDArray[np.int64]:
    """Give each pixel the label whose rings go round its centre: -1 where none does, -2 where two do."""
    found = np.full(shape, -1)
    for label, contour in contours.items():
        own = inside(contour, shape)
        found[own & (found != -1)] = -2
        found[own & (found == -1)] = label
    return found


@dataclass(frozen=True)
class Part:
    """A 4-connected part of one label: how many pixels and holes it has, and (x, y) of the centre deepest inside."""

    pixels: int
    holes: int
    centre: tuple[float, float]


def parts(labels: Map, label: int) -> list[Part]:
    """Name the parts of a label.

    A hole is a 4-connected piece of what is not the part and does not reach the frame: corners join nothing.
    """
    numbered = components(labels == label, connectivity=1)
    found = []
    for number, box in enumerate(ndimage.find_objects(numbered), start=1):
        own = np.pad(numbered[box] == number, 1)
        depth = ndimage.distance_transform_edt(own)
        row, column = np.unravel_index(depth.argmax(), own.shape)
        centre = (box[1].start + column - 0.5, box[0].start + row - 0.5)
        found.append(Part(int(own.sum()), int(components(~own, connectivity=1).max()) - 1, centre))
    return found


def marching_squares_area(labels: Map, label: int) -> float:
    """Area of one label by the cells alone.

    A cell is the square between four pixel centres. The label's share of it: nothing, all, half for two pixels side by
    side. A lone pixel keeps 1/8 where the other three are alike (the border cuts its corner) and its quarter where they
    are not (a junction stands in the middle); three pixels the rest. Outside the picture its edge goes on: the frame's
    cells are halves, and those of the corners quarters, of cells whose pixels are repeated.
    """
    padded = np.pad(labels, 1, mode="edge")
    cells = np.stack([padded[:-1, :-1], padded[:-1, 1:], padded[1:, 1:], padded[1:, :-1]])  # clockwise
    own = cells == label
    count = own.sum(axis=0)
    different = (cells != np.roll(cells, 1, axis=0)).sum(axis=0)  # spokes: borders that enter the cell
    share = count / 4.0
    share[(count == 1) & (different == 2)] = 1 / 8
    share[(count == 3) & (different == 2)] = 7 / 8
    share[0, :] /= 2
    share[-1, :] /= 2
    share[:, 0] /= 2
    share[:, -1] /= 2
    return float(share.sum())
