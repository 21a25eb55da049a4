"""Dicts of detectors, their JSON forms, and dicts around either."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from facemask.landmarks.annotation_tools import read_annotation_tool
from facemask.landmarks.cloud_apis import read_named_mapping
from facemask.landmarks.coordinates import check_coordinate, describe, find_axes, is_list, is_number, refuse
from facemask.landmarks.documents import read_coco, read_labelme
from facemask.landmarks.faces import Faces, Reader, check_face_count, join_faces
from facemask.landmarks.flat_numbers import read_triples
from facemask.landmarks.forms import (
    BOXES,
    DETECTIONS,
    FACE_NUMBER,
    INSIGHTFACE,
    JAVASCRIPT,
    MEDIAPIPE_FACES,
    MEDIAPIPE_POINTS,
    OPENPOSE,
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
        read_named_mapping(value, path)
        or read_annotation_tool(value, path, read)
        or read_columns(value, path)
        or _read_mediapipe(value, path, read)
        or _read_javascript(value, path, read)
        or _read_openpose(value, path)
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
    axes = find_axes(value)
    if axes is not None and all(is_number(value[axis]) for axis in axes):
        raise refuse(path, f"{expected}, got {describe(value)} of one point")
    detail = f"{expected}, got {describe(value)} of an unknown form"
    raise refuse(path, f"{detail}; landmarks=[[x, y], ...] takes the points of one face")


def _read_mediapipe(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read the JSON forms of MediaPipe's results, of Python, JavaScript and protobuf."""
    for key in MEDIAPIPE_FACES:
        if isinstance(value.get(key), Mapping):  # Azure Face
            return read(value[key], f"{path}.{key}")
        if key in value:
            if value[key] is None or (is_list(value[key]) and not value[key]):
                raise no_face(f"{path}.{key}", "the MediaPipe result")
            faces = read(value[key], f"{path}.{key}")
            return Faces(faces.points).in_units("normalized")
    if is_list(value.get(MEDIAPIPE_POINTS)):
        faces = read(value[MEDIAPIPE_POINTS], f"{path}.{MEDIAPIPE_POINTS}")
        return Faces(faces.points).in_units("normalized")
    if isinstance(value.get(MEDIAPIPE_POINTS), Mapping):  # Face++
        return read(value[MEDIAPIPE_POINTS], f"{path}.{MEDIAPIPE_POINTS}")
    detections = value.get(DETECTIONS)
    if is_list(detections):
        if not detections:
            raise no_face(f"{path}.{DETECTIONS}", "the detection result")
        return read(detections, f"{path}.{DETECTIONS}")
    return None


def _read_javascript(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    for key in JAVASCRIPT:
        if is_list(value.get(key)):
            return Faces(read(value[key], f"{path}.{key}").points, "pixel")
    return None


def _read_openpose(value: Mapping[Any, Any], path: str) -> Faces | None:
    """Read the faces in the JSON of OpenPose, or one person of it. A person without a face has no points."""
    people = value.get("people")
    if OPENPOSE in value:
        faces = [_read_person(value, path)]
    elif is_list(people) and all(isinstance(person, Mapping) for person in people):
        check_face_count(len(people), f"{path}.people")
        faces = [_read_person(person, f"{path}.people[{i}]") for i, person in enumerate(people)]
    else:
        return None
    joined = join_faces(faces)
    if joined.is_empty:
        raise no_face(path, "the result of OpenPose, which finds faces with --face,")
    return joined


def _read_person(person: Mapping[Any, Any], path: str) -> Faces:
    flat = person.get(OPENPOSE)
    if not is_list(flat):
        return Faces()
    path = f"{path}.{OPENPOSE}"
    numbers = np.array([check_coordinate(number, f"{path}[{i}]") for i, number in enumerate(flat)], dtype=np.float64)
    return Faces([read_triples(numbers, path)]) if numbers.any() else Faces()


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
    if len(value) == 1 and value.get("landmarks", value) is None:
        return Faces()  # as an empty list is
    for key in PARTS:
        part = value.get(key)
        if isinstance(part, Mapping):
            where = f"{path}.{key}"
            five = read_named_mapping(part, where) or read_five(part, where, "pixel", is_viewer=key == "keypoints")
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
