"""What a measure of outlines relies on: areas are those of the pixels, and a mirrored map has the mirrored outline."""

from collections.abc import Iterator
from itertools import product

import facemask
import numpy as np
import shapely
from bounds import BoundedValue
from support import ellipse, label_maps, sample
from support.label_maps import LabelMap

_TOLERANCE = 0.5
_MIN_PIXELS = 9  # of a region whose area is compared
_MAX_ERROR = (0.25, 0.0005)  # square pixels, or this share of the region
_RADIUS = 6.0
_DISCS = 1000
# Whether x is flipped, whether y is, and whether both are then exchanged.
Symmetry = tuple[bool, ...]
_SYMMETRIES = [symmetry for symmetry in product((False, True), repeat=3) if any(symmetry)]


def disc(radius: float, center: tuple[float, float], side: int) -> LabelMap:
    """A disc of label 1."""
    y, x = np.mgrid[:side, :side] + 0.5
    labels: LabelMap = (np.hypot(x - center[0], y - center[1]) < radius).astype(np.uint8)
    return labels


def box(width: int, height: int) -> LabelMap:
    """A box of label 1 with a margin of two pixels."""
    labels = np.zeros((height + 4, width + 4), np.uint8)
    labels[2:-2, 2:-2] = 1
    return labels


def families() -> dict[str, list[LabelMap]]:
    """Label maps by kind."""
    rng = np.random.default_rng(5)
    radii = range(3, 61)
    return {
        "discs": [disc(r, (r + shift, r + shift), 2 * r + 7) for r in radii for shift in (3.0, 3.5, rng.random() + 3)],
        "ellipses": [true.labels for true in ellipse.random_ellipses()],
        "boxes": [box(width, height) for width in range(3, 12) for height in range(3, 12)],
        "Voronoi maps": [label_maps.voronoi(96, labels, seed=labels) for labels in (3, 5, 9, 17, 33, 60)],
        "the sample": [sample.LABELS, sample.reference_like()[0], sample.copy(mirror="pixels").labels],
    }


def area_error(labels: LabelMap, curve: str) -> float:
    """Largest difference between the area of a region and its number of pixels, as a share of what is permitted."""
    counts = np.bincount(labels.ravel(), minlength=256)
    contours = facemask.find_contours(labels, curve=curve, tolerance=_TOLERANCE, background=True)
    errors = [
        abs(contour.area - counts[label]) / max(_MAX_ERROR[0], _MAX_ERROR[1] * counts[label])
        for label, contour in contours.items()
        if counts[label] >= _MIN_PIXELS
    ]
    return max(errors, default=0.0)


def areas(curve: str) -> Iterator[BoundedValue]:
    """Areas of regions beside their numbers of pixels."""
    for name, maps in families().items():
        yield BoundedValue(
            f"{name}: area error, of what is permitted", max(area_error(labels, curve) for labels in maps), 1.0
        )
    rng = np.random.default_rng(7)
    drawn = 0.0
    for x, y in rng.random((_DISCS, 2)):
        labels = disc(_RADIUS, (9 + x, 9 + y), 19)
        drawn += facemask.find_contours(labels, curve=curve, tolerance=_TOLERANCE)[1].area
    true = _DISCS * np.pi * _RADIUS**2
    yield BoundedValue("discs of radius 6: bias of the area", 100 * abs(drawn / true - 1), 0.02, "%")


def transform_map(labels: LabelMap, symmetry: Symmetry) -> LabelMap:
    """The map, flipped in x and in y and then transposed."""
    flips_x, flips_y, is_transposed = symmetry
    labels = labels[:, ::-1] if flips_x else labels
    labels = labels[::-1] if flips_y else labels
    return np.ascontiguousarray(labels.T if is_transposed else labels)


def outline(contour: facemask.Contour, shape: tuple[int, ...], symmetry: Symmetry) -> shapely.Geometry:
    """All rings of a contour as they are in the transformed map."""
    flips_x, flips_y, is_transposed = symmetry
    rings = []
    for ring in contour.rings():
        x, y = np.array(ring).T
        x = shape[1] - x if flips_x else x
        y = shape[0] - y if flips_y else y
        rings.append(shapely.LinearRing(np.stack([y, x] if is_transposed else [x, y], axis=-1)))
    return shapely.MultiLineString(rings)


def symmetries(curve: str) -> Iterator[BoundedValue]:
    """Outlines of flipped, transposed and turned maps beside the flipped, transposed and turned outlines."""
    for name, maps in families().items():
        worst = np.zeros(3)
        for labels in maps[:: max(1, len(maps) // 8)]:
            found = facemask.find_contours(labels, curve=curve, tolerance=_TOLERANCE, background=True)
            for symmetry in _SYMMETRIES:
                image = transform_map(labels, symmetry)
                images = facemask.find_contours(image, curve=curve, tolerance=_TOLERANCE, background=True)
                for label, contour in found.items():
                    other = images[label]
                    lines = outline(contour, labels.shape, symmetry), outline(other, labels.shape, (False,) * 3)
                    points = [sum(map(len, it.rings())) for it in (contour, other)]
                    worst = np.maximum(
                        worst,
                        [
                            shapely.hausdorff_distance(*lines),
                            100 * abs(contour.area - other.area) / contour.area,
                            abs(points[0] - points[1]),
                        ],
                    )
        yield BoundedValue(f"{name}: distance in all symmetries", worst[0], 0.02, "px")
        yield BoundedValue(f"{name}: area in all symmetries", worst[1], 0.01, "%")
        yield BoundedValue(f"{name}: points in all symmetries", worst[2], 0)
