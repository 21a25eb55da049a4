"""Three kinds of label maps for exactness and coverage, with their contours, components and polygons."""

from functools import cache

import facemask
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon
from support import label_maps, sample
from support.label_maps import LabelMap

NOISE = {f"noise, {labels} labels": label_maps.noise(72, 80, labels, seed=labels) for labels in (2, 3, 5, 11, 64, 256)}
SYNTHETIC = {name: labels for name, labels in label_maps.EXAMPLES.items() if not name.startswith("noise")}
KINDS: dict[str, dict[str, LabelMap]] = {
    "sample": {
        "the sample": sample.LABELS,
        "the sample, 1024 x 1023": sample.reference_like()[0],
        "the sample, enlarged": sample.enlarge_nearest()[0],
    },
    "synthetic": SYNTHETIC | {"large blobs": label_maps.voronoi(260, 9, seed=2)},
    "noise": NOISE,
}
# `exact`, and the default of a face.
TOLERANCES = (0.0, 0.5)


@cache
def trace_map(kind: str, name: str, curve: str, tolerance: float) -> dict[int, facemask.Contour]:
    """Contours of every label of a map, the background included."""
    return facemask.find_contours(KINDS[kind][name], curve=curve, tolerance=tolerance, background=True)


@cache
def components_of(kind: str, name: str, label: int) -> list[label_maps.Component]:
    """Components of one label of a map."""
    return label_maps.connected_components(KINDS[kind][name], label)


def to_polygons(contour: facemask.Contour) -> NDArray[np.object_]:
    """Polygons of a contour as shapely geometries."""
    return np.array([Polygon(outer, holes) for outer, *holes in contour.polygons()], dtype=object)
