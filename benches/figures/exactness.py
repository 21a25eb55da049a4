"""Wrong pixels when the outlines are rasterized by pixel centers, and components and holes that are lost."""

from collections.abc import Iterator

import facemask
import numpy as np
import shapely
from bounds import BoundedValue
from numpy.typing import NDArray
from support import label_maps

from figures.input_maps import KINDS, TOLERANCES, components_of, to_polygons, trace_map

# By tolerance: permitted wrong pixels in ppm, and the largest component in pixels that may be lost.
_MAX_WRONG_PPM = {0.0: 0.0, 0.5: 20.0}
_MAX_LOST_PIXELS = {0.0: 0, 0.5: 4}


def exactness(curve: str) -> Iterator[BoundedValue]:
    """Measure each kind of map at tolerance 0 and at the default tolerance."""
    for tolerance in TOLERANCES:
        for kind, of_kind in KINDS.items():
            wrong, pixels, gone = 0, 0, np.zeros(2, int)
            for name, labels in of_kind.items():
                contours = trace_map(kind, name, curve, tolerance)
                wrong += int((label_maps.rasterize(contours, labels.shape) != labels).sum())
                pixels += labels.size
                for label, contour in contours.items():
                    stay = [
                        part for part in components_of(kind, name, label) if part.pixels > _MAX_LOST_PIXELS[tolerance]
                    ]
                    gone += count_lost(stay, contour)
            where = f"{kind}, tolerance {tolerance:g}"
            yield BoundedValue(f"wrong pixels, {where}", 1e6 * wrong / pixels, _MAX_WRONG_PPM[tolerance], "ppm")
            yield BoundedValue(f"parts over {_MAX_LOST_PIXELS[tolerance]} px lost, {where}", int(gone[0]), 0)
            yield BoundedValue(f"holes lost, {where}", int(gone[1]), 0)


def count_lost(expected: list[label_maps.Component], contour: facemask.Contour) -> NDArray[np.int64]:
    """Count components without a polygon of their own, and holes that the polygons of the others lack."""
    polygons = to_polygons(contour)
    centers = shapely.points(np.array([part.center for part in expected]).reshape(-1, 2))
    pairs = shapely.STRtree(polygons).query(centers, predicate="within").T
    polygon_of = dict(pairs.tolist())
    lacking = sum(
        max(expected[part].holes - len(polygons[polygon].interiors), 0) for part, polygon in polygon_of.items()
    )
    lacking += sum(part.holes for index, part in enumerate(expected) if index not in polygon_of)
    return np.array([len(expected) - len(set(polygon_of.values())), lacking])
