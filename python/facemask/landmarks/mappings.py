"""Dicts of detectors, their JSON forms, and dicts around either."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from facemask.landmarks.coordinates import describe, is_list, is_number, refuse
from facemask.landmarks.documents import read_coco, read_labelme
from facemask.landmarks.faces import Faces, Reader, check_face_count, join_faces
from facemask.landmarks.forms import (
    BOXES,
    DETECTIONS,
    FACE_NUMBER,
    INSIGHTFACE,
    MEDIAPIPE_FACES,
    MEDIAPIPE_POINTS,
    PARTS,
    WRAPPERS,
    no_face,
    only_boxes,
)
from facemask.landmarks.frames import read_columns
from facemask.landmarks.named_points import read_face_recognition, read_five


def read_mapping(value: Mapping[Any, Any], path: str, read: Reader) -> Faces:
    """Read a dict in any form. Raises `landmarks_invalid`."""
    found = (
        read_columns(value, path)
        or _read_mediapipe(value, path, read)
        or _read_insightface(value, path, read)
        or read_face_recognition(value, path)
        or read_coco(value, path)
        or read_labelme(value, path, read)
        or _read_numbered_faces(value, path, read)
        or _read_parts(value, path, read)
        or _read_wrapped(value, path, read)
    )
    if found is not None:
        return found
    if any(key in value for key in BOXES):
        raise only_boxes(path, "the dict")
    expected = 'must be a list of points {"x", "y"} or [x, y]'
    if is_number(value.get("x")) and is_number(value.get("y")):
        raise refuse(path, f"{expected}, got {describe(value)} of one point")
    detail = f"{expected}, got {describe(value)} of an unknown form"
    raise refuse(path, f"{detail}; landmarks=[[x, y], ...] takes the points of one face")


def _read_mediapipe(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read the JSON forms of MediaPipe's results, of Python, JavaScript and protobuf."""
    for key in MEDIAPIPE_FACES:
        if key in value:
            if value[key] is None or (is_list(value[key]) and not value[key]):
                raise no_face(f"{path}.{key}", "the MediaPipe result")
            faces = read(value[key], f"{path}.{key}")
            return Faces(faces.points).in_units("normalized")
    if is_list(value.get(MEDIAPIPE_POINTS)):
        faces = read(value[MEDIAPIPE_POINTS], f"{path}.{MEDIAPIPE_POINTS}")
        return Faces(faces.points).in_units("normalized")
    detections = value.get(DETECTIONS)
    if is_list(detections):
        if not detections:
            raise no_face(f"{path}.{DETECTIONS}", "the detection result")
        return read(detections, f"{path}.{DETECTIONS}")
    return None


def _read_insightface(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read a face of InsightFace, which is a dict: the densest landmarks that it has."""
    for key in INSIGHTFACE:
        if value.get(key) is not None:
            return Faces(read(value[key], f"{path}.{key}").points, "pixel")
    return None


def _read_numbered_faces(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read the result of retina-face: face_1, face_2 and so on."""
    matches = [FACE_NUMBER.fullmatch(key) for key in value if isinstance(key, str)]
    numbers = sorted(int(match[1]) for match in matches if match)
    names = [f"face_{number}" for number in numbers if f"face_{number}" in value]
    if not names:
        return None
    check_face_count(len(names), path)
    return join_faces([read(value[name], f"{path}.{name}") for name in names])


def _read_parts(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read landmarks or keypoints, by name or in a list; the facial area of DeepFace; or five names themselves."""
    for key in PARTS:
        part = value.get(key)
        if isinstance(part, Mapping):
            five = read_five(part, f"{path}.{key}", "pixel", is_viewer=key == "keypoints")
            if five is not None:
                return five
            # A facial area without landmarks is a box; the landmarks may be under another key.
            if key not in ("facial_area", "face_kpts"):
                return read(part, f"{path}.{key}")
        elif part is not None and key != "facial_area":
            faces = read(part, f"{path}.{key}")
            # The keypoints of a detection of MediaPipe have ratios, those of TensorFlow.js pixels.
            return Faces(faces.points, "normalized" if key == "keypoints" and _is_mediapipe(part) else faces.units)
    if "facial_area" in value:
        raise only_boxes(f"{path}.facial_area", "the result of the detector")
    return read_five(value, path)


def _is_mediapipe(points: Any) -> bool:
    """Return whether points are those of MediaPipe's face detector in JSON."""
    first = points[0] if is_list(points) and len(points) else None
    return isinstance(first, Mapping) and "label" in first and "score" in first


def _read_wrapped(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read the only value under a key that holds results in general."""
    keys = [key for key in WRAPPERS if is_list(value.get(key)) or isinstance(value.get(key), Mapping | np.ndarray)]
    if len(keys) != 1:
        return None
    (key,) = keys
    if not np.size(value[key]) if isinstance(value[key], np.ndarray) else not value[key]:
        raise no_face(f"{path}.{key}", "the result")
    return read(value[key], f"{path}.{key}")
