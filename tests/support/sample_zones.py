"""Facial zones of the sample and of its turned and mirrored copies, and the labels that each zone may cover."""

from functools import cache

import facemask
import numpy as np
import shapely
from numpy.typing import NDArray

from support import landmark_schemes, sample

SKIN = {"forehead", "under_eye_r", "under_eye_l", "chin", "cheek_r", "cheek_l", "upper_lip_area"}
# Ids of LaPa's labels that a zone may cover.
ALLOWED_LABELS = {name: {1} for name in SKIN} | {"nose": {6}, "lips": {7, 9}, "brow_r": {2}, "brow_l": {3}}
EARS = {"ear_r", "ear_l"}
VARIANTS = list(sample.make_variants.SET)
# From the 478 points of the sample to the points of each scheme.
CONVERTERS = {"mediapipe-478": lambda points: points} | landmark_schemes.CONVERTERS


@cache
def trace_zones(angle: float = 0.0, mirror: str = "none", scheme: str = "mediapipe-478", **options: object):
    """Trace the zones of one copy in the frame of its photo."""
    copy = sample.copy(angle, mirror)
    landmarks = CONVERTERS[scheme](copy.landmarks)
    settings = {"regions": "zones", "landmark_scheme": scheme, "crop": "none"} | options
    return facemask.trace_face(copy.labels, landmarks, **settings)


def regions_by_name(mask: facemask.FaceMask) -> dict[str, dict]:
    """Regions of a result by their names."""
    return {region["name"]: region for region in mask.regions}


def zone_name_in_copy(name: str, mirror: str) -> str:
    """Name of a zone in a copy: mirrored points swap the sides of the names, mirrored pixels do not."""
    swapped = str.maketrans("rl", "lr")
    return name[:-1] + name[-1].translate(swapped) if mirror == "points" and name[-2:] in ("_r", "_l") else name


def to_image_frame(mask: facemask.FaceMask, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move points (n, 2) from the crop frame to the image frame."""
    a, b, c, d, e, f = mask.crop_from_image
    return (points - [c, f]) @ np.linalg.inv(np.array([[a, b], [d, e]])).T


def to_multipolygon(mask: facemask.FaceMask, contour: facemask.Contour) -> shapely.MultiPolygon:
    """Polygons of a contour, in the image frame."""
    rings = [[to_image_frame(mask, ring) for ring in part] for part in contour.polygons()]
    return shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in rings])


def rasterize(area: shapely.MultiPolygon, size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Pixels of an image of `size` (height, width) whose centers an area contains."""
    inside = np.zeros(size, bool)
    left, top, right, bottom = (int(side) for side in area.bounds)
    rows, columns = np.mgrid[top : bottom + 1, left : right + 1]
    shapely.prepare(area)
    inside[top : bottom + 1, left : right + 1] = shapely.contains_xy(area, columns + 0.5, rows + 0.5)
    return inside
