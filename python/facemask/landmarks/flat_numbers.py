"""Flat lists of numbers: x and y in turn, triples of COCO, rows of YuNet, and all x before all y."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemask.landmarks.coordinates import refuse
from facemask.landmarks.faces import FACE_ROWS, Faces, Points, select_face, to_points
from facemask.validation import LANDMARK_COUNTS

_YUNET_COLUMNS = 15
_YUNET_POINTS = slice(4, 14)
_FIVE = 5
# Values of a face mesh network before any conversion: 478 or 468 points with depth.
_MESH_OUTPUTS = (1434, 1404)
# From this number of points on, neighbors in a scheme are neighbors on the face. At any roll and position, the mean
# square of steps from x to x and y to y is at most 0.34 of that from number to number. Where all x are first, it is
# 1.2 or more.
_MIN_CONTOUR_POINTS = 68
# With fewer points, halves that vary this much less than even and odd numbers. Where x and y take turns it is 0.44.
_MAX_HALVES_RATIO = 0.25
# Five points as complex numbers, x + y i: eyes, nose and corners of the mouth as in ArcFace's template (insightface,
# python-package/insightface/utils/face_align.py), the subject's right first; and dlib's corners of the eyes with the
# base of the nose.
_ARCFACE = np.array([38.29 + 51.7j, 73.53 + 51.5j, 56.03 + 71.74j, 41.55 + 92.37j, 70.73 + 92.2j])
_DLIB = np.array([75.0, 30.0, -75.0, -30.0, 60.0j])
# Distances to a template, as of `_distance`. Of 32,000 faces turned by up to 60 and nodding by up to 30 degrees, at any
# roll and position, those of ArcFace's points reach 0.44 and those of dlib's 0.56. Numbers in turn that are read as
# halves have 0.47 or more.
_MAX_ARCFACE_DISTANCE = 0.42
_MIN_OTHER_ARCFACE_DISTANCE = 0.45
_MIN_OTHER_DLIB_DISTANCE = 0.55


def read_flat(values: NDArray[Any], path: str) -> Faces:
    """Read x and y in turn, all x before all y, triples of COCO (x, y, visibility), or one row of YuNet."""
    count = len(values)
    if is_yunet(values[None]):
        return Faces([yunet_points(values)], "pixel")
    if count in _MESH_OUTPUTS:
        detail = f"{count} numbers are the raw output of a face mesh network, in pixels of its own crop"
        raise refuse(path, f"{detail}; output.reshape(-1, 3)[:, :2] * crop_size / input_size + crop_corner converts it")
    if count % 3 == 0 and count // 3 in LANDMARK_COUNTS and _are_flags(values[2::3]):
        return Faces([read_triples(values, path)], "pixel")
    if count % 3 == 0 and count // 3 in FACE_ROWS and are_scores(values[2::3] / 2.0):
        return Faces([read_triples(values, path)])
    if count % 2:
        raise refuse(path, f"a flat list holds x and y in turn, got {count} numbers")
    if is_flat_count(count) and _holds_halves(values):
        return Faces([to_points(values.reshape(2, -1).T)])
    return Faces([to_points(values.reshape(-1, 2))])


def is_flat_count(count: int) -> bool:
    """Return whether that many numbers are x and y of a scheme's points."""
    return count % 2 == 0 and count // 2 in LANDMARK_COUNTS


def read_triples(values: NDArray[Any], path: str) -> Points:
    """Read x, y and visibility in turn, as COCO stores keypoints. Raises `landmarks_invalid` for a missing point.

    Of the points of a whole body, those of the face are read; the others may be missing.
    """
    if len(values) % 3:
        raise refuse(path, f"COCO keypoints are x, y and visibility in turn, got {len(values)} numbers")
    triples = select_face(values.reshape(-1, 3))
    missing = np.flatnonzero(triples[:, 2] == 0)
    if len(missing):
        detail = (
            f"{len(missing)} of {len(triples)} points are marked as missing (visibility 0), point {missing[0]} first"
        )
        raise refuse(path, f"{detail}; a face needs all points of its scheme")
    return to_points(triples[:, :2])


def are_scores(values: NDArray[Any]) -> bool:
    """Return whether all numbers lie from 0 to 1."""
    return bool(np.all((values >= 0.0) & (values <= 1.0)))


def _are_flags(values: NDArray[Any]) -> bool:
    return bool(np.all((values == 0.0) | (values == 1.0) | (values == 2.0)))


def is_yunet(rows: NDArray[Any]) -> bool:
    """Return whether each row is a box, five points in pixels and a score."""
    # Five triples of COCO have as many numbers; their flags are 0, 1 or 2, which no detected box and points are.
    return (
        rows.shape[1] == _YUNET_COLUMNS
        and are_scores(rows[:, -1])
        and not are_scores(rows[:, 4])
        and not _are_flags(rows[:, 2::3])
    )


def yunet_points(row: NDArray[Any]) -> Points:
    """Return the five points of a row of YuNet."""
    return to_points(row[_YUNET_POINTS].reshape(_FIVE, 2))


def _holds_halves(values: NDArray[Any]) -> bool:
    """Return whether flat numbers are all x before all y, and not x and y in turn."""
    halves, pairs = values.reshape(2, -1), values.reshape(-1, 2)
    if len(pairs) >= _MIN_CONTOUR_POINTS:
        return bool(np.square(np.diff(halves, axis=1)).mean() < np.square(np.diff(pairs, axis=0)).mean())
    if len(pairs) == _FIVE and _distance(halves.T, _ARCFACE) <= _MAX_ARCFACE_DISTANCE:
        return (
            _distance(pairs, _ARCFACE) >= _MIN_OTHER_ARCFACE_DISTANCE
            and _distance(pairs, _DLIB) >= _MIN_OTHER_DLIB_DISTANCE
        )
    return bool(np.var(halves, axis=1).sum() < _MAX_HALVES_RATIO * np.var(pairs, axis=0).sum())


def _distance(points: NDArray[Any], template: NDArray[np.complex128]) -> float:
    """Return how far points are from a template, from 0 for its image under a similarity, mirrored or not, to 1.

    It is the residual of least squares over complex numbers, as a part of the points' spread (Umeyama 1991,
    "Least-squares estimation of transformation parameters between two point patterns").
    """
    given = points[:, 0] + 1j * points[:, 1]
    given = given - given.mean()
    template = template - template.mean()
    spread = float(np.square(np.abs(given)).sum() * np.square(np.abs(template)).sum())
    if not spread > 0.0:
        return 1.0
    # vdot conjugates its first argument.
    matched = max(abs(np.vdot(template, given)), abs(np.vdot(template.conj(), given))) ** 2 / spread
    return float(np.sqrt(max(0.0, 1.0 - matched)))
