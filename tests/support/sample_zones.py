"""Zones of the sample and of its copies, what they may cover, and where they lie in the photo."""

from functools import cache

import facemask
import numpy as np
import shapely
from numpy.typing import NDArray

from support import landmark_schemes, sample

SKIN = {"forehead", "under_eye_r", "under_eye_l", "chin", "cheek_r", "cheek_l", "upper_lip_area"}
# LaPa's ids that a zone may cover.
ALLOWED = {name: {1} for name in SKIN} | {"nose": {6}, "lips": {7, 9}, "brow_r": {2}, "brow_l": {3}}
EARS = {"ear_r", "ear_l"}
VARIANTS = list(sample.make_variants.SET)
READ = {"mediapipe-478": lambda points: points} | landmark_schemes.SCHEMES


@cache
def zones(angle: float = 0.0, mirror: str = "none", scheme: str = "mediapipe-478", **options: object):
    copy = sample.copy(angle, mirror)
    landmarks = READ[scheme](copy.landmarks)
    settings = {"regions": "zones", "landmark_scheme": scheme, "crop": "none"} | options
    return facemask.trace_face(copy.labels, landmarks, **settings)


def by_name(mask: facemask.FaceMask) -> dict[str, dict]:
    return {region["name"]: region for region in mask.regions}


def named_anew(name: str, mirror: str) -> str:
    """Name the zone of a copy: one whose points are mirrored has named its sides anew, one whose pixels are has not."""
    swapped = str.maketrans("rl", "lr")
    return name[:-1] + name[-1].translate(swapped) if mirror == "points" and name[-2:] in ("_r", "_l") else name


def in_image(mask: facemask.FaceMask, points: NDArray[np.float64]) -> NDArray[np.float64]:
    a, b, c, d, e, f = mask.crop_from_image
    return (points - [c, f]) @ np.linalg.inv(np.array([[a, b], [d, e]])).T


def shape(mask: facemask.FaceMask, contour: facemask.Contour) -> shapely.MultiPolygon:
    rings = [[in_image(mask, ring) for ring in part] for part in contour.polygons()]
    return shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in rings])


def pixels(area: shapely.MultiPolygon, size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Rasterise by pixel centres."""
    inside = np.zeros(size, bool)
    left, top, right, bottom = (int(side) for side in area.bounds)
    rows, columns = np.mgrid[top : bottom + 1, left : right + 1]
    shapely.prepare(area)
    inside[top : bottom + 1, left : right + 1] = shapely.contains_xy(area, columns + 0.5, rows + 0.5)
    return inside
