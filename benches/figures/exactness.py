"""Pixels on the wrong side when the outlines are rasterised back by pixel centres; parts and holes that are lost."""

from collections.abc import Iterator

import facemask
import numpy as np
import shapely
from numpy.typing import NDArray
from support import label_maps

from figures.figure import Figure
from figures.input_maps import KINDS, TOLERANCES, found, parts, polygons

# Pixels of a million, and the parts that may go, by tolerance.
_MAY_BE_WRONG = {0.0: 0.0, 0.5: 20.0}
_MAY_GO = {0.0: 0, 0.5: 4}


def exactness(curve: str) -> Iterator[Figure]:
    """Measure each kind of map at tolerance 0 and at the default."""
    for tolerance in TOLERANCES:
        for kind, of_kind in KINDS.items():
            wrong, pixels, gone = 0, 0, np.zeros(2, int)
            for name, labels in of_kind.items():
                contours = found(kind, name, curve, tolerance)
                wrong += int((label_maps.rasterize(contours, labels.shape) != labels).sum())
                pixels += labels.size
                for label, contour in contours.items():
                    stay = [part for part in parts(kind, name, label) if part.pixels > _MAY_GO[tolerance]]
                    gone += lost(stay, contour)
            where = f"{kind}, tolerance {tolerance:g}"
            yield Figure(f"wrong pixels, {where}", 1e6 * wrong / pixels, _MAY_BE_WRONG[tolerance], "ppm")
            yield Figure(f"parts over {_MAY_GO[tolerance]} px lost, {where}", int(gone[0]), 0)
            yield Figure(f"holes lost, {where}", int(gone[1]), 0)


def lost(expected: list[label_maps.Component], contour: facemask.Contour) -> NDArray[np.int64]:
    """Count parts without a polygon of their own, and holes that the polygons of the others lack."""
    drawn = polygons(contour)
    centres = shapely.points(np.array([part.center for part in expected]).reshape(-1, 2))
    pairs = shapely.STRtree(drawn).query(centres, predicate="within").T
    polygon_of = dict(pairs.tolist())
    lacking = sum(max(expected[part].holes - len(drawn[polygon].interiors), 0) for part, polygon in polygon_of.items())
    lacking += sum(part.holes for place, part in enumerate(expected) if place not in polygon_of)
    return np.array([len(expected) - len(set(polygon_of.values())), lacking])
