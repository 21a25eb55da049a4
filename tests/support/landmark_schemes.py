"""Conversion of MediaPipe's 478 points to other landmark schemes, by anatomical correspondence.

Each list holds, in the order of the scheme, the indices of the MediaPipe points at the same places. The jaws of the
schemes with 98 and 106 points have one more point between each two of the scheme with 68.
"""

import numpy as np
from numpy.typing import NDArray

# Jaw from the subject's right to the left, upper edges of the brows, nose, eyes, lips.
JAW = [127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356]
BROW_R, BROW_L = [70, 63, 105, 66, 107], [336, 296, 334, 293, 300]
BROW_R_LOWER, BROW_L_LOWER = [55, 65, 52, 53], [283, 282, 295, 285]
RIDGE, BASE = [168, 197, 5, 4], [75, 97, 2, 326, 305]
EYE_R, EYE_L = [33, 160, 158, 133, 153, 144], [362, 385, 387, 263, 373, 380]
EYE_R_8, EYE_L_8 = [33, 160, 159, 158, 133, 153, 145, 144], [362, 385, 386, 387, 263, 373, 374, 380]
OUTER = [61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181]
INNER = [78, 82, 13, 312, 308, 317, 14, 87]
WINGS_R, WINGS_L = [174, 198, 49], [420, 399, 279]


def ibug_68(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert points (478, 2) to `ibug-68`."""
    return points[JAW + BROW_R + BROW_L + RIDGE + BASE + EYE_R + EYE_L + OUTER + INNER]


def _jaw_33(points: NDArray[np.float64]) -> NDArray[np.float64]:
    jaw = points[JAW]
    return np.insert(jaw, range(1, 17), (jaw[:-1] + jaw[1:]) / 2, axis=0)


def wflw_98(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert points (478, 2) to `wflw-98`."""
    brows = BROW_R + BROW_R_LOWER + BROW_L + BROW_L_LOWER
    rest = points[brows + RIDGE + BASE + EYE_R_8 + EYE_L_8 + OUTER + INNER + [468, 473]]
    return np.vstack([_jaw_33(points), rest])


def lapa_106(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert points (478, 2) to `lapa-106`."""
    brows = BROW_R + BROW_R_LOWER + BROW_L + BROW_L_LOWER
    nose = RIDGE + WINGS_R + BASE + WINGS_L[::-1]
    eyes = [*EYE_R_8, 468, *EYE_L_8, 473]
    return np.vstack([_jaw_33(points), points[brows + nose + eyes + OUTER + INNER + [468, 473]]])


# Index in `insightface-106` of each point of `lapa-106`, part by part in the same order.
_INSIGHTFACE = [
    *[1, 9, 10, 11, 12, 13, 14, 15, 16, 2, 3, 4, 5, 6, 7, 8, 0],
    *[24, 23, 22, 21, 20, 19, 18, 32, 31, 30, 29, 28, 27, 26, 25, 17],
    *[43, 48, 49, 51, 50, 46, 47, 45, 44, 102, 103, 104, 105, 101, 100, 99, 98, 97],
    *[72, 73, 74, 86, 75, 76, 77, 78, 79, 80, 85, 84, 83, 82, 81],
    *[35, 41, 40, 42, 39, 37, 33, 36, 34, 89, 95, 94, 96, 93, 91, 87, 90, 88],
    *[52, 64, 63, 71, 67, 68, 61, 58, 59, 53, 56, 55, 65, 66, 62, 70, 69, 57, 60, 54, 38, 92],
]


def insightface_106(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert points (478, 2) to `insightface-106`."""
    converted = np.empty((106, 2))
    converted[_INSIGHTFACE] = lapa_106(points)
    return converted


# Outer and inner corner, pupils: right eye, left eye; then the wings and the tip of the nose, the mouth, the chin.
_AFLW = [70, 105, 107, 336, 334, 300, 33, 468, 133, 362, 473, 263, 49, 1, 279, 61, 13, 291, 152]
_COFW = [70, 300, 107, 336, 105, 65, 334, 295, 33, 263, 133, 362, 159, 145, 386, 374, 468, 473]
_COFW += [49, 279, 1, 2, 61, 291, 0, 13, 14, 17, 152]
_SPARSE = {
    "arcface-5": [468, 473, 1, 61, 291],
    "dlib-5": [263, 362, 33, 133, 2],
    "blazeface-6": [468, 473, 1, 13, 234, 454],
    "aflw-19": _AFLW,
    "cofw-29": _COFW,
}

CONVERTERS = {"ibug-68": ibug_68, "wflw-98": wflw_98, "lapa-106": lapa_106, "insightface-106": insightface_106}


def to_scheme(points: NDArray[np.float64], scheme: str) -> NDArray[np.float64]:
    """Convert points (478, 2) to any of the ten schemes."""
    if scheme in CONVERTERS:
        return CONVERTERS[scheme](points)
    return points[_SPARSE[scheme]] if scheme in _SPARSE else points
