"""Where the borders of a parser's classes lie, by the way its scores become outlines.

    python benches/parser_borders.py [faces]

The truth is the sample's face, drawn by smooth curves at another place and tilt each time. A network is imitated at a
quarter of a resolution of 512 x 512, as SegFormer has it: its scores are the logarithms of blurred shares of the true
regions, or grow with the signed distance to the true border. Distances between found and true borders count both ways,
in pixels of the input. A crossing is a level line of one class's score less the best of the others.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import cv2
import facemask
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from skimage import measure

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import sample

Numbers = NDArray[np.float64]
Scores = NDArray[np.float32]  # (classes, rows, columns)
# Lines of each class, in pixels of the input, and whether they are rings.
Lines = tuple[dict[int, list[Numbers]], bool]
INPUT, STRIDE, FINE = 512, 4, 4  # the true regions are painted FINE times as fine as the input
CELL = STRIDE * FINE
MARGIN = 12.0  # pixels along the sides of the input that are not compared


def true_rings(seed: int) -> dict[int, list[Numbers]]:
    """The rings of each label of the sample, at a random place and tilt."""
    rng = np.random.default_rng(seed)
    height, width = sample.LABELS.shape
    scale, turn = INPUT / (0.55 * width), rng.uniform(-0.3, 0.3)
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    place = INPUT / 2 + rng.uniform(-6.0, 6.0, 2)
    contours = facemask.find_contours(sample.LABELS, tolerance=0.5, curve="smooth", background=True)
    to_input = np.array([[cos, sin], [-sin, cos]])
    middle = np.array([0.47 * width, 0.36 * height])
    return {label: [(ring - middle) @ to_input + place for ring in of.rings()] for label, of in contours.items()}


def paint(rings: Mapping[int, list[Numbers]]) -> NDArray[np.uint8]:
    """The true label of each fine pixel."""
    side = INPUT * FINE
    labels = np.zeros((side, side), np.uint8)
    for label, lines in rings.items():
        inside = np.zeros((side, side), np.uint8)
        cv2.fillPoly(inside, [np.round((line * FINE - 0.5) * 256).astype(np.int32) for line in lines], 1, shift=8)
        labels[inside > 0] = label
    return labels


def at_cell_centers(values: NDArray[np.floating]) -> Scores:
    """Values at the centers of the network's cells: the mean of the four fine pixels around each."""
    half = CELL // 2
    corners = [values[row::CELL, column::CELL] for row in (half - 1, half) for column in (half - 1, half)]
    return np.mean(corners, axis=0, dtype=np.float32)


def blurred_shares(labels: NDArray[np.uint8], classes: list[int], sigma: float) -> Scores:
    """Logarithms of shares that are blurred by `sigma` cells."""
    shares = [ndimage.gaussian_filter((labels == each).astype(np.float32), sigma * CELL) for each in classes]
    return np.array([np.log(at_cell_centers(share) + 1e-4) for share in shares])


def distances(labels: NDArray[np.uint8], classes: list[int]) -> Scores:
    """Scores that saturate at one and a half cells from the border."""
    planes = []
    for each in classes:
        inside = labels == each
        signed = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
        planes.append(6.0 * np.tanh(at_cell_centers(signed / CELL) / 1.5))
    return np.array(planes, np.float32)


NETWORKS: dict[str, Callable[[NDArray[np.uint8], list[int]], Scores]] = {
    "shares, 0.5 cells": lambda labels, classes: blurred_shares(labels, classes, 0.5),
    "shares, 0.7 cells": lambda labels, classes: blurred_shares(labels, classes, 0.7),
    "distances": distances,
}


def enlarge(scores: Scores, factor: int) -> Scores:
    """Enlarge bilinearly between the centers of cells, as `facemask` does."""
    count = scores.shape[1]
    place = np.clip((np.arange(count * factor) + 0.5) / factor - 0.5, 0, count - 1)
    first = np.minimum(place.astype(int), count - 2)
    weight = (place - first).astype(np.float32)
    rows = scores[:, first] * (1 - weight)[:, None] + scores[:, first + 1] * weight[:, None]
    return rows[:, :, first] * (1 - weight) + rows[:, :, first + 1] * weight


def outlines(scores: Scores, classes: list[int], factor: int) -> Lines:
    """The outlines of the classes with the highest enlarged score, as a trace draws them."""
    labels = np.array(classes, np.uint8)[enlarge(scores, factor).argmax(axis=0)]
    contours = facemask.find_contours(labels, tolerance=0.5, curve="smooth", background=True)
    return {label: [ring * (STRIDE / factor) for ring in of.rings()] for label, of in contours.items()}, True


def crossings(scores: Scores, classes: list[int], factor: int) -> Lines:
    """The level lines where a class's enlarged score equals the best of the others."""
    enlarged = enlarge(scores, factor)
    second, best = np.sort(enlarged, axis=0)[-2:]
    lines = {}
    for label, own in zip(classes, enlarged, strict=True):
        lead = own - np.where(own == best, second, best)
        lines[label] = [(line[:, ::-1] + 0.5) * (STRIDE / factor) for line in measure.find_contours(lead, 0.0)]
    return lines, False


METHODS: dict[str, Callable[[Scores, list[int]], Lines]] = {
    "labels at a quarter": lambda scores, classes: outlines(scores, classes, 1),
    "labels at the input": lambda scores, classes: outlines(scores, classes, STRIDE),
    "labels at twice the input (facemask)": lambda scores, classes: outlines(scores, classes, 2 * STRIDE),
    "labels at four times the input": lambda scores, classes: outlines(scores, classes, 4 * STRIDE),
    "crossings at a quarter": lambda scores, classes: crossings(scores, classes, 1),
    "crossings at the input": lambda scores, classes: crossings(scores, classes, STRIDE),
}


def border_errors(true: Mapping[int, list[Numbers]], found: Lines) -> Numbers:
    """Distances between the borders of each class, from either to the other, every half pixel."""
    lines, are_rings = found
    errors = [np.zeros(0)]
    for label, rings in true.items():
        ours = [
            line if not are_rings else np.vstack([line, line[:1]]) for line in lines.get(label, []) if len(line) > 2
        ]
        theirs = [np.vstack([ring, ring[:1]]) for ring in rings if len(ring) > 2]
        if label and ours and theirs:
            errors += [_distances(a, b) for a, b in ((ours, theirs), (theirs, ours))]
    return np.concatenate(errors)


def _distances(lines: list[Numbers], others: list[Numbers]) -> Numbers:
    strings = [shapely.LineString(line) for line in lines]
    points = np.vstack([shapely.get_coordinates(shapely.segmentize(string, 0.5)) for string in strings])
    points = points[((points > MARGIN) & (points < INPUT - MARGIN)).all(axis=1)]
    return shapely.distance(shapely.points(points), shapely.union_all([shapely.LineString(line) for line in others]))


def figures(faces: int) -> Iterator[tuple[str, str, float, float]]:
    """Network, method, and the mean and the 95th percentile of the errors."""
    errors: dict[tuple[str, str], list[Numbers]] = {}
    for seed in range(faces):
        rings = true_rings(seed)
        labels = paint(rings)
        classes = np.unique(labels).tolist()
        for network, score in NETWORKS.items():
            scores = score(labels, classes)
            for method, trace in METHODS.items():
                errors.setdefault((network, method), []).append(border_errors(rings, trace(scores, classes)))
    for (network, method), found in errors.items():
        together = np.concatenate(found)
        yield network, method, float(together.mean()), float(np.quantile(together, 0.95))


def main() -> None:
    """Print the table."""
    (faces,) = map(int, sys.argv[1:] or ["4"])
    print(f"{'network':<20} {'method':<38} {'mean':>6} {'p95':>6}  pixels of the input")
    for network, method, mean, p95 in figures(faces):
        print(f"{network:<20} {method:<38} {mean:6.3f} {p95:6.3f}")


if __name__ == "__main__":
    main()
