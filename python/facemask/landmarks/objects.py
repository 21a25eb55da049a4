"""Objects of detectors, recognized by their attributes: MediaPipe, dlib, InsightFace, supervision, DeepFace."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from facemask.landmarks.cloud_apis import read_named_mapping
from facemask.landmarks.coordinates import is_list, is_number, refuse
from facemask.landmarks.faces import Faces, Reader, join_faces
from facemask.landmarks.forms import INSIGHTFACE, MEDIAPIPE_FACES, no_face, only_boxes
from facemask.landmarks.named_points import read_five
from facemask.landmarks.point_lists import is_point_object

_FIVE_ATTRIBUTES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


def read_object(value: Any, path: str, read: Reader) -> Faces | None:
    """Read the object of a detector; None for an object without attributes of one. Raises `landmarks_invalid`."""
    for reader in (_read_mediapipe, _read_dlib, _read_insightface, _read_keypoints, _read_attributes):
        faces = reader(value, path, read)
        if faces is not None:
            return faces
    if is_point_object(value):
        raise refuse(path, f"must be a list of points, got one {type(value).__name__}")
    return None


def _read_mediapipe(value: Any, path: str, read: Reader) -> Faces | None:
    """Read a result of MediaPipe Tasks or of its legacy solutions, or one face or detection of it."""
    for name in MEDIAPIPE_FACES:
        if hasattr(value, name):
            faces = getattr(value, name)
            if hasattr(faces, "pupil_left"):  # Azure Face
                return read_named_mapping(_attributes(faces), f"{path}.{name}")
            if faces is None or not len(faces):
                raise no_face(f"{path}.{name}", "the MediaPipe result")
            return Faces(read(faces, f"{path}.{name}").points).in_units("normalized")
    if hasattr(value, "landmark"):
        return Faces(read(value.landmark, f"{path}.landmark").points).in_units("normalized")
    if hasattr(value, "detections"):
        if value.detections is None or not len(value.detections):
            raise no_face(f"{path}.detections", "the MediaPipe result")
        return read(value.detections, f"{path}.detections")
    legacy = getattr(value, "location_data", None)
    if legacy is not None:
        return Faces(read(legacy.relative_keypoints, f"{path}.location_data").points).in_units("normalized")
    return None


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object of a client of Azure Face, each a point."""
    names = [name for name in vars(value) if not name.startswith("_")]
    points = {name: getattr(value, name) for name in names}
    return {name: {"x": point.x, "y": point.y} for name, point in points.items() if is_point_object(point)}


def _read_dlib(value: Any, path: str, read: Reader) -> Faces | None:
    """Read a full_object_detection of dlib, and refuse its rectangles."""
    if callable(getattr(value, "parts", None)) and hasattr(value, "num_parts"):
        points = list(value.parts())
    elif callable(getattr(value, "part", None)) and hasattr(value, "num_parts"):
        points = [value.part(i) for i in range(int(value.num_parts))]
    elif hasattr(value, "tl_corner") and hasattr(value, "br_corner"):
        detail = "the rectangle of dlib is a box, which has no landmarks"
        raise refuse(path, f"{detail}; shape_predictor(photo, rectangle) finds the points in it")
    else:
        return None
    if not points:
        raise no_face(path, "the detection of dlib")
    return Faces(read(points, path).points, "pixel")


def _read_insightface(value: Any, path: str, read: Reader) -> Faces | None:
    for name in INSIGHTFACE:
        if getattr(value, name, None) is not None:
            return Faces(read(getattr(value, name), f"{path}.{name}").points, "pixel")
    return None


def _read_keypoints(value: Any, path: str, read: Reader) -> Faces | None:
    """Read key points of supervision or Ultralytics, and detections with key points."""
    if hasattr(value, "xy"):
        if not len(value.xy):
            raise no_face(path, type(value).__name__)
        return Faces(read(value.xy, f"{path}.xy").points, "pixel")
    keypoints = getattr(value, "keypoints", None)
    if keypoints is not None and not callable(keypoints):
        if is_list(keypoints) and not len(keypoints):
            raise only_boxes(path, type(value).__name__)
        return read(keypoints, f"{path}.keypoints")
    if hasattr(value, "xyxy") or hasattr(value, "bounding_box"):
        raise only_boxes(path, type(value).__name__)
    return None


def _read_attributes(value: Any, path: str, read: Reader) -> Faces | None:
    """Read a facial area of DeepFace, or an object whose `landmarks` have a known form."""
    if all(hasattr(value, name) for name in _FIVE_ATTRIBUTES[:2]):
        return read_five({name: getattr(value, name, None) for name in _FIVE_ATTRIBUTES}, path, "pixel")
    for name in ("facial_area", "landmarks"):
        part = getattr(value, name, None)
        if part is not None and not callable(part) and not is_number(part):
            return read(part, f"{path}.{name}")
    points = getattr(value, "points", None)
    if type(value).__module__.startswith("menpo") and isinstance(points, Iterable):
        raise refuse(path, "menpo stores rows before columns; shape.points[:, ::-1] makes x and y of them")
    return None


def read_result_tuple(value: tuple[Any, ...], path: str, read: Reader) -> Faces | None:
    """Read a tuple that a detector returns; None for a tuple of points.

    These are (flag, faces) of OpenCV's detectors, (boxes, scores, points) of facenet-pytorch, (points, scores, boxes)
    of face-alignment, and (box, points, score) of batch-face.
    """
    if len(value) in (2, 3) and _is_nothing(value[0]) and _is_nothing(value[-1]):
        raise no_face(path, "the result of the detector")
    arrays = [getattr(item, "shape", None) for item in value]
    if len(value) == 2 and is_number(value[0]) and not is_number(value[1]):
        if value[1] is None:
            raise no_face(path, "the result of OpenCV's detector")
        return read(value[1], f"{path}[1]")
    if len(value) != 3:
        return None
    boxes, points, last = (shape if isinstance(shape, tuple) else () for shape in arrays)
    if boxes == (4,) and points[1:] == (2,):
        return Faces(read(value[1], f"{path}[1]").points, "pixel")
    if boxes[1:] == (4,) and last[2:] == (2,):
        return Faces(read(value[2], f"{path}[2]").points, "pixel")
    first = value[0][0] if isinstance(value[0], list) and value[0] else None
    if len(getattr(first, "shape", ())) == 2 and (value[1] is None or is_list(value[1])):
        return join_faces([read(face, f"{path}[0][{i}]") for i, face in enumerate(value[0])])
    return None


def _is_nothing(value: Any) -> bool:
    """Return whether a value is None, or a list or an array of None alone."""
    if isinstance(value, np.ndarray):
        value = value.tolist() if value.dtype == object and value.ndim == 1 else 0
    return value is None or (isinstance(value, list) and all(item is None for item in value))
