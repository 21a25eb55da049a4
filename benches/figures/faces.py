"""Facial zones over the turned and mirrored copies of the sample."""

from collections.abc import Iterator

import numpy as np
import sample
import shapely
import zoned

from figures.figure import Figure


def zones(curve: str) -> Iterator[Figure]:
    """Compare the areas on each copy with those on the sample, and look what zones cover; the worst copy counts."""
    expected = zoned.by_name(zoned.zones(curve=curve))
    apart, overlap, outside = 0.0, 0.0, 0
    for angle, mirror in zoned.VARIANTS:
        mask = zoned.zones(angle, mirror, curve=curve)
        areas = zoned.by_name(mask)
        for name, region in expected.items():
            apart = max(apart, abs(areas[zoned.named_anew(name, mirror)]["area"] / region["area"] - 1))
        shapes = {name: zoned.shape(mask, mask.contours[str(region["id"])]) for name, region in areas.items()}
        union = shapely.union_all(list(shapes.values())).area
        overlap = max(overlap, sum(shape.area for shape in shapes.values()) - union)
        labels = sample.copy(angle, mirror).labels
        for name, shape in shapes.items():
            covered = labels[zoned.pixels(shape, labels.shape)]
            outside += int((~np.isin(covered, list(zoned.ALLOWED[name]))).sum())
    yield Figure("zones: areas on copies of the sample", 100 * apart, 1.5, "%")
    yield Figure("zones: overlap", overlap, 1e-3, "px2")
    yield Figure("zones: pixels of labels they may not use", outside, 0)
