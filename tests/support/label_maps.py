"""Label maps to test on, and oracles that compute their properties without tracing them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from facemask import Contour
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import label as label_components

LabelMap = NDArray[np.uint8]


def noise(height: int, width: int, labels: int, seed: int = 0) -> LabelMap:
    """Independent uniform noise of `labels` labels."""
    return np.random.default_rng(seed).integers(0, labels, (height, width)).astype(np.uint8)


def voronoi(size: int, labels: int, seed: int = 0) -> LabelMap:
    """Voronoi cells of random sites: patches with long straight borders and true junctions."""
    rng = np.random.default_rng(seed)
    sites = rng.uniform(0, size, (4 * labels, 2))
    ids = rng.integers(0, labels, len(sites))
    y, x = np.mgrid[:size, :size] + 0.5
    distance = (x[..., None] - sites[:, 0]) ** 2 + (y[..., None] - sites[:, 1]) ** 2
    return ids[distance.argmin(axis=-1)].astype(np.uint8)


def smoothed_noise(
    seed: int, sides: tuple[int, int], *, layers: int = 7, roughest: float = 0.6, smoothest: float = 7.0
) -> LabelMap:
    """Rounded regions with borders as long, as round and as cornered as those of real maps.

    Each label has a layer of Gaussian noise, blurred by a random sigma from `roughest` to `smoothest` pixels; each
    pixel gets the label of the largest value. There are fewer than `layers` labels; both sides of the map lie in the
    half-open range `sides`. One map in three is then enlarged by repeating rows and columns.
    """
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(int(rng.integers(2, layers)), *rng.integers(*sides, 2)))
    blurred = [ndimage.gaussian_filter(layer, rng.uniform(roughest, smoothest)) for layer in values]
    labels = np.argmax(blurred, axis=0).astype(np.uint8)
    if seed % 3 == 0:
        labels = np.ascontiguousarray(ndimage.zoom(labels, rng.uniform(1.1, 2.5), order=0))
    return labels


def checkerboard(height: int, width: int, block: int = 1) -> LabelMap:
    """Two labels in alternating squares of `block` pixels."""
    y, x = np.mgrid[:height, :width] // block
    return ((x + y) % 2).astype(np.uint8)


def four_label_crosses(size: int, step: int) -> LabelMap:
    """Squares of `step` pixels whose labels 1 to 4 meet at every corner."""
    y, x = np.mgrid[:size, :size] // step
    return (1 + x % 2 + 2 * (y % 2)).astype(np.uint8)


def specks(size: int) -> LabelMap:
    """Single pixels on an island, also in the corners of the map and touching each other diagonally."""
    labels = np.zeros((size, size), np.uint8)
    labels[3:-3, 3:-3] = 1
    labels[5::4, 5::4] = 2
    labels[6::8, 6::8] = 3
    labels[0, 0] = labels[-1, -1] = labels[0, -1] = labels[size // 2, 0] = 4
    return labels


def border_regions(size: int) -> LabelMap:
    """Regions that touch each side of the map, a corner, and two sides at once."""
    labels = np.zeros((size, size), np.uint8)
    third = size // 3
    labels[:3, third : 2 * third] = 1
    labels[third : 2 * third, :3] = 2
    labels[-4:, 2:third] = 3
    labels[: size // 2, -2:] = 4
    labels[-5:, -5:] = 5
    labels[size // 2, :] = 6
    return labels


EXAMPLES = {
    "noise, 2 labels": noise(40, 37, 2),
    "noise, 11 labels": noise(37, 40, 11),
    "noise, 256 labels": noise(40, 40, 256),
    "blobs": voronoi(72, 7),
    "checkerboard": checkerboard(21, 20),
    "checkerboard of blocks": checkerboard(30, 31, 5),
    "four-label crosses": four_label_crosses(32, 5),
    "specks": specks(30),
    "on the edge": border_regions(30),
    "one pixel": np.array([[7]], np.uint8),
    "one row": np.array([[1, 1, 0, 2, 2, 3, 0]], np.uint8),
    "one label": np.full((5, 9), 3, np.uint8),
}


@st.composite
def label_maps(draw: st.DrawFn, largest: int = 14, most_labels: int = 256) -> LabelMap:
    """Strategy for noise of few or many labels in blocks of any size, which shrinks to a few pixels."""
    height, width = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    labels = draw(st.sampled_from([n for n in (2, 3, 5, 256) if n <= most_labels]))
    block = draw(st.integers(1, 4))
    rows, columns = -(-height // block), -(-width // block)
    ids = draw(st.lists(st.integers(0, labels - 1), min_size=rows * columns, max_size=rows * columns))
    blocks = np.array(ids, np.uint8).reshape(rows, columns)
    if is_mask(blocks):
        blocks[blocks == 255] = 254
    return np.ascontiguousarray(blocks.repeat(block, axis=0).repeat(block, axis=1)[:height, :width])


def is_mask(labels: LabelMap) -> bool:
    """Whether the library reads the map as a mask, whose ids are 0 and 1."""
    return set(np.unique(labels)) in ({255}, {0, 255})


def edges(contour: Contour) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Directed edges of all rings."""
    for ring in contour.rings():
        points = [tuple(point) for point in ring.tolist()]
        yield from zip(points, points[1:] + points[:1], strict=True)


def fill_even_odd(contour: Contour, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels, bool (height, width), whose center lies inside the rings by the even-odd rule.

    Crossings to the left of each center are counted.
    """
    ends = [np.roll(ring, -1, axis=0) for ring in contour.rings()]
    (x0, y0), (x1, y1) = contour.points.T, np.concatenate(ends).T
    # Rows whose middle lies in [low, high): a vertex on the line of the centers counts once.
    first, last = (np.ceil(side(y0, y1) - 0.5).astype(int) for side in (np.minimum, np.maximum))
    first, last = np.clip(first, 0, shape[0]), np.clip(last, 0, shape[0])
    edge = np.repeat(np.arange(len(x0)), last - first)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(last - first) - last, last - first)
    crossing = x0[edge] + (row + 0.5 - y0[edge]) / (y1 - y0)[edge] * (x1 - x0)[edge]
    column = np.clip(np.floor(crossing - 0.5).astype(int) + 1, 0, shape[1])
    counted = np.bincount(row * (shape[1] + 1) + column, minlength=shape[0] * (shape[1] + 1))
    crossed: NDArray[np.int64] = counted.reshape(shape[0], shape[1] + 1).cumsum(axis=1)[:, :-1]
    return crossed % 2 == 1


def rasterize(contours: Mapping[int, Contour], shape: tuple[int, int]) -> NDArray[np.int64]:
    """Label of the contour around the center of each pixel: -1 where there is none, -2 where there are two."""
    labels = np.full(shape, -1)
    for label, contour in contours.items():
        own = fill_even_odd(contour, shape)
        labels[own & (labels != -1)] = -2
        labels[own & (labels == -1)] = label
    return labels


@dataclass(frozen=True)
class Component:
    """A 4-connected component of one label: counts of pixels and holes, and the pixel center (x, y) deepest inside."""

    pixels: int
    holes: int
    center: tuple[float, float]


def connected_components(labels: LabelMap, label: int) -> list[Component]:
    """4-connected components of a label.

    A hole is a 4-connected component of the complement that does not touch the frame.
    """
    numbered = label_components(labels == label, connectivity=1)
    found = []
    for number, box in enumerate(ndimage.find_objects(numbered), start=1):
        own = np.pad(numbered[box] == number, 1)
        depth = ndimage.distance_transform_edt(own)
        row, column = np.unravel_index(depth.argmax(), own.shape)
        center = (box[1].start + column - 0.5, box[0].start + row - 0.5)
        found.append(Component(int(own.sum()), int(label_components(~own, connectivity=1).max()) - 1, center))
    return found


def marching_squares_area(labels: LabelMap, label: int) -> float:
    """Area of one label in square pixels, summed over the cells of marching squares.

    A cell is the square between four pixel centers. The label covers none of it, all, or half for two adjacent pixels.
    A single pixel covers 1/8 if the other three are equal (the border cuts its corner), else its quarter (a junction
    lies in the middle); three pixels cover the rest. The edge of the map is continued outwards, so cells of the frame
    count half, and those of the corners a quarter.
    """
    padded = np.pad(labels, 1, mode="edge")
    cells = np.stack([padded[:-1, :-1], padded[:-1, 1:], padded[1:, 1:], padded[1:, :-1]])  # clockwise
    own = cells == label
    count = own.sum(axis=0)
    different = (cells != np.roll(cells, 1, axis=0)).sum(axis=0)  # borders that enter the cell
    share = count / 4.0
    share[(count == 1) & (different == 2)] = 1 / 8
    share[(count == 3) & (different == 2)] = 7 / 8
    share[0, :] /= 2
    share[-1, :] /= 2
    share[:, 0] /= 2
    share[:, -1] /= 2
    return float(share.sum())
