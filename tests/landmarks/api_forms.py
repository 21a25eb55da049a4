"""Forms of landmarks from cloud services, JavaScript, pose estimators and annotation tools, made of the sample's points.

Cloud services are not run: their forms follow their documentation, which docs/inputs.md names.
"""

# ruff: noqa: E501 - a table with a form on each line
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
from landmark_forms import (
    FIVE,
    IBUG,
    LEFT_EYE,
    MESH,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    NOSE,
    RATIOS,
    RIGHT_EYE,
    SIZE,
    Form,
    Points,
)

RATIO_FIVE = FIVE / SIZE
WIDTH, HEIGHT = SIZE


def _xy(point: list[float]) -> dict[str, float]:
    return {"x": point[0], "y": point[1]}


# The names are the viewer's: eyeLeft is the subject's right eye.
REKOGNITION_FACE = {
    "BoundingBox": {"Width": 0.3, "Height": 0.4, "Left": 0.3, "Top": 0.1},
    "Landmarks": [
        {"Type": name, "X": x, "Y": y}
        for name, (x, y) in zip(
            ("eyeRight", "eyeLeft", "mouthLeft", "mouthRight", "nose", "chinBottom"),
            (RATIO_FIVE[[1, 0, 3, 4, 2, 2]]).tolist(),
            strict=True,
        )
    ],
    "Confidence": 99.9,
}
AZURE = {
    "faceId": "c5c24a82-6845-4031-9d5d-978df9175426",
    "faceRectangle": {"top": 54, "left": 394, "width": 78, "height": 78},
    "faceLandmarks": {
        "pupilLeft": _xy(RIGHT_EYE),
        "pupilRight": _xy(LEFT_EYE),
        "noseTip": _xy(NOSE),
        "mouthLeft": _xy(MOUTH_RIGHT),
        "mouthRight": _xy(MOUTH_LEFT),
        "eyeLeftOuter": _xy(RIGHT_EYE),
    },
}
AZURE_OBJECT = SimpleNamespace(
    face_landmarks=SimpleNamespace(
        pupil_left=SimpleNamespace(**_xy(RIGHT_EYE)),
        pupil_right=SimpleNamespace(**_xy(LEFT_EYE)),
        nose_tip=SimpleNamespace(**_xy(NOSE)),
        mouth_left=SimpleNamespace(**_xy(MOUTH_RIGHT)),
        mouth_right=SimpleNamespace(**_xy(MOUTH_LEFT)),
    )
)
VISION_POINTS = {
    "LEFT_EYE": RIGHT_EYE,
    "RIGHT_EYE": LEFT_EYE,
    "MIDPOINT_BETWEEN_EYES": NOSE,
    "NOSE_TIP": NOSE,
    "MOUTH_LEFT": MOUTH_RIGHT,
    "MOUTH_RIGHT": MOUTH_LEFT,
}
VISION_NUMBERS = {
    "LEFT_EYE": 1,
    "RIGHT_EYE": 2,
    "MIDPOINT_BETWEEN_EYES": 7,
    "NOSE_TIP": 8,
    "MOUTH_LEFT": 11,
    "MOUTH_RIGHT": 12,
}
VISION = {"landmarks": [{"type": name, "position": {**_xy(p), "z": 0.1}} for name, p in VISION_POINTS.items()]}
VISION_OBJECTS = [
    SimpleNamespace(type_=SimpleNamespace(name=name), position=SimpleNamespace(**_xy(p), z=0.1))
    for name, p in VISION_POINTS.items()
]
# The names are the subject's.
ML_KIT = {
    "LEFT_EYE": _xy(LEFT_EYE),
    "RIGHT_EYE": _xy(RIGHT_EYE),
    "NOSE_BASE": _xy(NOSE),
    "MOUTH_LEFT": _xy(MOUTH_LEFT),
    "MOUTH_RIGHT": _xy(MOUTH_RIGHT),
    "LEFT_EAR": None,
}
ML_KIT_NUMBERS = {4: LEFT_EYE, 10: RIGHT_EYE, 6: NOSE, 5: MOUTH_LEFT, 11: MOUTH_RIGHT, 0: NOSE}
EXPO = {
    "leftEyePosition": _xy(LEFT_EYE),
    "rightEyePosition": _xy(RIGHT_EYE),
    "noseBasePosition": _xy(NOSE),
    "leftMouthPosition": _xy(MOUTH_LEFT),
    "rightMouthPosition": _xy(MOUTH_RIGHT),
}
FACE_PLUS_PLUS = {
    "face_token": "f0", "face_rectangle": {"top": 1, "left": 2, "width": 3, "height": 4},
    "landmark": {
        "contour_chin": _xy(NOSE), "left_eye_center": _xy(RIGHT_EYE), "right_eye_center": _xy(LEFT_EYE),
        "left_eye_pupil": _xy(NOSE), "nose_tip": _xy(NOSE), "mouth_left_corner": _xy(MOUTH_RIGHT), "mouth_right_corner": _xy(MOUTH_LEFT),
    },
}  # fmt: skip


def _face_api(points: Points) -> dict[str, Any]:
    return {
        "_imgDims": {"_width": 100, "_height": 120},
        "_shift": {"_x": 10, "_y": 20},
        "_positions": [{"_x": x, "_y": y} for x, y in points.tolist()],
    }


def _triples(points: Points, third: float = 0.8) -> list[float]:
    return np.column_stack([points, np.full(len(points), third)]).ravel().tolist()


PUPILS = np.vstack([IBUG, FIVE[:2]])


def _body(before: int, behind: int) -> Points:
    """Return the points of a face among those of a body; a body has missing points."""
    return np.vstack([np.zeros((before, 2)), IBUG, np.zeros((behind, 2))])


def _body_triples(before: int, behind: int) -> list[float]:
    points = _body(before, behind)
    flags = np.zeros(len(points))
    flags[before : before + 68] = 0.9
    return np.column_stack([points, flags]).ravel().tolist()


ORDER = np.random.default_rng(1).permutation(68)


def _via(shape: str = "point") -> dict[str, Any]:
    regions = [
        {"shape_attributes": {"name": shape, "cx": x, "cy": y}, "region_attributes": {"landmark": str(i)}}
        for i, (x, y) in zip(ORDER.tolist(), IBUG[ORDER].tolist(), strict=True)
    ]
    return {"filename": "a.jpg", "size": 1234, "regions": regions, "file_attributes": {}}


VIA_LINE = {
    "filename": "a.jpg",
    "regions": {
        "0": {
            "shape_attributes": {
                "name": "polyline",
                "all_points_x": IBUG[:, 0].tolist(),
                "all_points_y": IBUG[:, 1].tolist(),
            },
            "region_attributes": {},
        }
    },
}
NAMES = ["nose", "left_eye", "right_eye", "mouth_left", "mouth_right"]
NAMED = FIVE[[2, 1, 0, 4, 3]]


def _key_points(sized: bool) -> list[dict[str, Any]]:
    """Return key points as label-studio-sdk 2.1.2 writes them, with the size that the editor adds."""
    size = {"original_width": WIDTH, "original_height": HEIGHT}
    return [
        {"x": x / WIDTH * 100, "y": y / HEIGHT * 100, "width": 0.4, "keypointlabels": [name], **(size if sized else {})}
        for name, (x, y) in zip(NAMES, NAMED.tolist(), strict=True)
    ]


LABEL_STUDIO = {
    "id": 1,
    "data": {"image": "/data/upload/a.jpg"},
    "annotations": [
        {
            "id": 7,
            "was_cancelled": False,
            "result": [
                {
                    "id": "a",
                    "from_name": "kp",
                    "to_name": "image",
                    "type": "keypointlabels",
                    "value": value,
                    "original_width": WIDTH,
                    "original_height": HEIGHT,
                }
                for value in _key_points(sized=False)
            ],
        }
    ],
}
LABEL_STUDIO_MIN = {"image": "/data/upload/a.jpg", "id": 1, "kp-1": _key_points(sized=True), "annotator": 1}


def _menpo(points: Points) -> dict[str, Any]:
    """Return what menpo 0.11.1 exports: version 3, points as (y, x)."""
    return {"groups": {"LJSON": {"labels": [], "landmarks": {"points": points[:, ::-1].tolist()}}}, "version": 3}


GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"name": str(i)}, "geometry": {"type": "Point", "coordinates": point}}
        for i, point in zip(ORDER.tolist(), IBUG[ORDER].tolist(), strict=True)
    ],
}
DATUMARO = {
    "info": {},
    "categories": {},
    "items": [
        {
            "id": "a",
            "annotations": [{"id": 0, "type": "points", "points": IBUG.ravel().tolist(), "visibility": [2] * 68}],
        }
    ],
}
KEY_POINTS = [cv2.KeyPoint(x, y, 1.0) for x, y in IBUG.tolist()]
SINGLE = IBUG.astype(np.float32).astype(float)

API_FORMS = [
    Form("Rekognition", "Amazon Rekognition: `DetectFaces`", {"FaceDetails": [REKOGNITION_FACE], "ResponseMetadata": {}}, RATIO_FIVE, "normalized"),
    Form("Rekognition, indexed", "Amazon Rekognition: `DetectFaces`", {"FaceRecords": [{"Face": {"FaceId": "1"}, "FaceDetail": REKOGNITION_FACE}]}, RATIO_FIVE, "normalized"),
    Form("Rekognition, points", "Amazon Rekognition: `DetectFaces`", REKOGNITION_FACE["Landmarks"], RATIO_FIVE, "normalized"),
    Form("Azure Face", "Azure Face: `Detect` with `returnFaceLandmarks`", [AZURE], FIVE, "pixel"),
    Form("Azure Face, points", "Azure Face: `Detect` with `returnFaceLandmarks`", AZURE["faceLandmarks"], FIVE, "pixel"),
    Form("Azure Face, object", "Azure Face: `Detect` with `returnFaceLandmarks`", AZURE_OBJECT, FIVE, "pixel"),
    Form("Cloud Vision", "Google Cloud Vision: `faceAnnotations`", {"responses": [{"faceAnnotations": [VISION]}]}, FIVE, "pixel"),
    Form("Cloud Vision, numbers", "Google Cloud Vision: `faceAnnotations`", {"landmarks": [{"type": VISION_NUMBERS[n], "position": _xy(p)} for n, p in VISION_POINTS.items()]}, FIVE, "pixel"),
    Form("Cloud Vision, objects", "Google Cloud Vision: `faceAnnotations`", SimpleNamespace(landmarks=VISION_OBJECTS), FIVE, "pixel"),
    Form("Cloud Vision, dict", "Google Cloud Vision: `faceAnnotations`", VISION_POINTS, FIVE, "pixel"),
    Form("ML Kit", "ML Kit: landmarks by name or type", {"landmarks": ML_KIT}, FIVE, "pixel"),
    Form("ML Kit, numbers", "ML Kit: landmarks by name or type", [{"type": n, "position": _xy(p)} for n, p in ML_KIT_NUMBERS.items()], FIVE, "pixel"),
    Form("ML Kit of Expo", "ML Kit: landmarks by name or type", {"faceID": 1, **EXPO}, FIVE, "pixel"),
    Form("Face++", "Face++: `detect` with `return_landmark`", {"request_id": "1", "faces": [FACE_PLUS_PLUS], "time_used": 9}, FIVE, "pixel"),
    Form("face-api.js", "face-api.js: `landmarks`, or the result around it", {"detection": {"_score": 0.9}, "landmarks": _face_api(IBUG), "unshiftedLandmarks": _face_api(IBUG - 5)}, IBUG, "pixel"),
    Form("face-api.js points", "dicts with `X` and `Y`, or `_x` and `_y`", _face_api(IBUG)["_positions"], IBUG),
    Form("capitals", "dicts with `X` and `Y`, or `_x` and `_y`", [{"X": x, "Y": y} for x, y in IBUG.tolist()], IBUG),
    Form("TensorFlow.js", "TensorFlow.js: `scaledMesh`", [{"faceInViewConfidence": 1, "boundingBox": {}, "mesh": (MESH / 3).tolist(), "scaledMesh": MESH.tolist(), "annotations": {"silhouette": []}}], MESH, "pixel"),
    Form("OpenPose", "OpenPose: the document, or a person of it", {"version": 1.3, "people": [{"person_id": [-1], "pose_keypoints_2d": [0.0] * 75, "face_keypoints_2d": _triples(PUPILS)}]}, IBUG),
    Form("OpenPose, ratios", "OpenPose: the document, or a person of it", {"face_keypoints_2d": _triples(PUPILS / SIZE)}, IBUG / SIZE),
    Form("68 points and pupils", "array (70, 2), (133, 2), (136, 2)", PUPILS, IBUG),
    Form("whole body", "array (70, 2), (133, 2), (136, 2)", _body(23, 42), IBUG),
    Form("MMPose", "array (70, 2), (133, 2), (136, 2)", [{"keypoints": _body(23, 42).tolist(), "keypoint_scores": [0.9] * 133, "bbox": [[1, 2, 3, 4]]}], IBUG),
    Form("whole body, triples", "flat triples of 70, 133 or 136 points", _body_triples(23, 42), IBUG),
    Form("AlphaPose", "flat triples of 70, 133 or 136 points", [{"image_id": "a.jpg", "keypoints": _body_triples(26, 42), "score": 2.9}], IBUG, "pixel"),
    Form("GeoJSON", "GeoJSON: points, or one `MultiPoint`", GEOJSON, IBUG, "pixel"),
    Form("GeoJSON, MultiPoint", "GeoJSON: points, or one `MultiPoint`", {"type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": IBUG.tolist()}}, IBUG, "pixel"),
    Form("VIA", "VIA: a project, its annotations, or one picture of it", {"_via_settings": {}, "_via_img_metadata": {"a.jpg1234": _via()}}, IBUG, "pixel"),
    Form("VIA, annotations", "VIA: a project, its annotations, or one picture of it", {"a.jpg1234": _via(), "b.jpg9": {"filename": "b.jpg", "regions": []}}, IBUG, "pixel"),
    Form("VIA 1, a line", "VIA: a project, its annotations, or one picture of it", VIA_LINE, IBUG, "pixel"),
    Form("Label Studio", "Label Studio: a task, JSON or JSON-MIN", [LABEL_STUDIO], FIVE, "pixel"),
    Form("Label Studio, JSON-MIN", "Label Studio: a task, JSON or JSON-MIN", [LABEL_STUDIO_MIN], FIVE, "pixel"),
    Form("Datumaro", "Datumaro, CVAT: the document of one photo", DATUMARO, IBUG, "pixel"),
    Form("menpo 0.11.1", "menpo: `.ljson`, versions 1 to 3", _menpo(IBUG), IBUG, "pixel"),
    Form("menpo, version 2", "menpo: `.ljson`, versions 1 to 3", {"version": 2, "labels": [], "landmarks": {"points": IBUG[:, ::-1].tolist(), "connectivity": []}}, IBUG, "pixel"),
    Form("menpo, version 1", "menpo: `.ljson`, versions 1 to 3", {"version": 1, "groups": [{"label": "all", "connectivity": [], "landmarks": [{"point": [y, x]} for x, y in IBUG.tolist()]}]}, IBUG, "pixel"),
    Form("dict of xs and ys", "data frame with columns `x` and `y`", {"xs": IBUG[:, 0].tolist(), "ys": IBUG[:, 1].tolist()}, IBUG),
    Form("OpenCV key points", "OpenCV: `KeyPoint`", KEY_POINTS, SINGLE, "pixel"),
    Form("all x before all y", "flat `[x0, x1, ..., y0, y1, ...]`", IBUG.T.ravel(), IBUG),
    Form("five x before five y", "flat `[x0, x1, ..., y0, y1, ...]`", FIVE.T.ravel().tolist(), FIVE),
    Form("a column of MTCNN", "flat `[x0, x1, ..., y0, y1, ...]`", FIVE.T.reshape(10, 1), FIVE),
    Form("ratios of a mesh", '`{"landmark": [{"x", "y", "z"}, ...]}`', {"landmark": [{"x": x, "y": y} for x, y in RATIOS.tolist()]}, RATIOS, "normalized"),
]  # fmt: skip
