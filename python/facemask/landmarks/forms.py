"""The keys by which dicts of detectors are recognized, and what faces without landmarks are told."""

import re
from collections.abc import Mapping
from typing import Any, Final

from facemask.landmarks.coordinates import is_list, refuse

# Keys of dicts that hold points in some form, in the order in which they are looked for.
MEDIAPIPE_FACES: Final = ("face_landmarks", "faceLandmarks", "multi_face_landmarks", "multiFaceLandmarks")
MEDIAPIPE_POINTS: Final = "landmark"
INSIGHTFACE: Final = ("landmark_2d_106", "landmark_3d_68", "kps")
DETECTIONS: Final = "detections"
PARTS: Final = ("landmarks", "Landmarks", "keypoints", "facial_area", "face_kpts")
DOCUMENTS: Final = ("annotations", "shapes", "regions", "items")
OPENPOSE: Final = "face_keypoints_2d"
# face-api.js, and TensorFlow.js before its points had names: both in pixels of the photo.
JAVASCRIPT: Final = ("_positions", "scaledMesh")
CLOUD: Final = ("FaceDetails", "FaceRecords", "FaceDetail", "faceAnnotations", "face_annotations", "responses")
WRAPPERS: Final = (
    "data", "result", "results", "faces", "face", "points", "predictions", "output", "outputs", *CLOUD
)  # fmt: skip
BOXES: Final = ("box", "bbox", "bounding_box", "boundingBox", "xyxy", "rect")
FACE_NUMBER: Final = re.compile(r"face_(\d{1,4})", re.ASCII)
COLUMN: Final = re.compile(r"x_?(\d{1,4})", re.ASCII)

_KEYS = {
    *MEDIAPIPE_FACES, MEDIAPIPE_POINTS, *INSIGHTFACE, DETECTIONS, OPENPOSE, *JAVASCRIPT, *PARTS, *DOCUMENTS, *WRAPPERS,
    *BOXES,
}  # fmt: skip
_NAMES = ("chin", "top_lip", "nose_tip", "left_eye", "right_eye")


def is_form(value: Mapping[Any, Any]) -> bool:
    """Return whether a dict is a face or a result in some form, and no single point."""
    if "x" in value and "y" in value:
        return is_list(value["x"]) and is_list(value["y"])
    keys = {key for key in value if isinstance(key, str)}
    if not keys.isdisjoint(_KEYS) or not keys.isdisjoint(_NAMES):
        return True
    if is_label_studio_row(value):
        return True
    return any(FACE_NUMBER.fullmatch(key) or COLUMN.fullmatch(key.strip()) for key in keys)


def is_label_studio_row(value: Mapping[Any, Any]) -> bool:
    """Return whether a dict is a task of Label Studio's JSON-MIN: the key points are under a name of the project."""
    return any(_is_key_point_list(part) for part in value.values())


def _is_key_point_list(part: Any) -> bool:
    return isinstance(part, list) and len(part) > 0 and isinstance(part[0], Mapping) and "keypointlabels" in part[0]


def no_face(path: str, form: str) -> ValueError:
    """Return the error of a result in which the detector found no face."""
    return refuse(path, f"{form} holds no face; landmarks=None, or null in JSON, leaves it to the label map alone")


def only_boxes(path: str, form: str) -> ValueError:
    """Return the error of a result that has boxes and no landmarks."""
    return refuse(path, f"{form} holds boxes, which have no landmarks; call a landmark model for the points of a face")
