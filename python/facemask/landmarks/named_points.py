"""Points by the names of facial parts: RetinaFace, MTCNN, DeepFace, face_recognition."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from facemask.landmarks.coordinates import check_coordinate, describe, is_list, refuse
from facemask.landmarks.faces import Faces, Units

# The order of arcface-5 by names of the subject's sides. face_recognition 1.3.0 and mtcnn 1.0.0 name the sides of the
# viewer; retina-face 0.0.19 and deepface 0.0.103 name those of the subject.
_FIVE = ("righteye", "lefteye", "nose", "mouthright", "mouthleft")
_VIEWER_FIVE = ("lefteye", "righteye", "nose", "mouthleft", "mouthright")
_ALIASES = {
    "nosetip": "nose",
    "rightmouth": "mouthright",
    "leftmouth": "mouthleft",
    "mouthrightcorner": "mouthright",
    "mouthleftcorner": "mouthleft",
    "rightmouthcorner": "mouthright",
    "leftmouthcorner": "mouthleft",
}
_NO_LETTER = re.compile(r"[^a-z]", re.ASCII)
_MAX_NAMES = 64

# The parts of face_recognition.face_landmarks and the indices of ibug-68 they stand for, from its api.py. The corners
# of the mouth and of the inner lips are in both lips.
_FACE_RECOGNITION = {
    "chin": range(17),
    "left_eyebrow": range(17, 22),
    "right_eyebrow": range(22, 27),
    "nose_bridge": range(27, 31),
    "nose_tip": range(31, 36),
    "left_eye": range(36, 42),
    "right_eye": range(42, 48),
    "top_lip": (*range(48, 55), 64, 63, 62, 61, 60),
    "bottom_lip": (*range(54, 60), 48, 60, 67, 66, 65, 64),
}
# The same with model="small", in the order of dlib-5.
_FACE_RECOGNITION_SMALL = {"nose_tip": (4,), "left_eye": (2, 3), "right_eye": (0, 1)}


def read_face_recognition(value: Mapping[Any, Any], path: str) -> Faces | None:
    """Read the dict of face_recognition in the order of ibug-68, or of dlib-5 for its small model."""
    if "chin" in value or "top_lip" in value:
        return _read_parts(value, path, _FACE_RECOGNITION)
    # Three parts, each a list of points: single points have numbers there.
    lists = [value.get(name) for name in _FACE_RECOGNITION_SMALL]
    if all(is_list(part) and len(part) and is_list(part[0]) for part in lists):
        return _read_parts(value, path, _FACE_RECOGNITION_SMALL)
    return None


def _read_parts(value: Mapping[Any, Any], path: str, parts: Mapping[str, Any]) -> Faces:
    points: dict[int, tuple[float, float]] = {}
    for name, indices in parts.items():
        if name not in value:
            raise refuse(f"{path}.{name}", "is missing")
        part = value[name]
        if not is_list(part) or len(part) != len(indices):
            raise refuse(f"{path}.{name}", f"must hold {len(indices)} points, got {describe(part)}")
        for i, index in enumerate(indices):
            points.setdefault(index, _point(part[i], f"{path}.{name}[{i}]"))
    return Faces([np.array([points[index] for index in sorted(points)])], "pixel")


def read_five(value: Mapping[Any, Any], path: str, units: Units = "auto", *, is_viewer: bool = False) -> Faces | None:
    """Read five points by name in the order of arcface-5; None where a dict has no eyes by name.

    `is_viewer` says whose right the names mean: the viewer's, else the subject's.
    """
    by_name: dict[str, tuple[str, Any]] = {}
    for key, point in value.items():
        if isinstance(key, str) and len(by_name) < _MAX_NAMES and len(key) < _MAX_NAMES:
            name = _NO_LETTER.sub("", key.lower())
            by_name[_ALIASES.get(name, name)] = (key, point)
    if not {"lefteye", "righteye"} <= by_name.keys():
        return None
    missing = [name for name in _FIVE if name not in by_name or by_name[name][1] is None]
    if missing:
        detail = f"has {5 - len(missing)} of the five points eyes, nose and corners of the mouth"
        raise refuse(path, f'{detail}; detector_backend="retinaface" of DeepFace gives all five')
    order = _VIEWER_FIVE if is_viewer else _FIVE
    points = [_point(point, f"{path}.{key}") for key, point in (by_name[name] for name in order)]
    return Faces([np.array(points)], units)


def _point(value: Any, path: str) -> tuple[float, float]:
    if isinstance(value, Mapping) and "x" in value and "y" in value:
        return check_coordinate(value["x"], f"{path}.x"), check_coordinate(value["y"], f"{path}.y")
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    if not is_list(value) or len(value) not in (2, 3):
        raise refuse(path, f"must be [x, y], got {describe(value)}")
    return check_coordinate(value[0], f"{path}[0]"), check_coordinate(value[1], f"{path}[1]")
