"""Every form of landmarks from Python and JSON, made of the sample's points: what it is, and what it is read as."""

# ruff: noqa: E501 - a table with a form on each line
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import detector_results as d
import numpy as np
from numpy.typing import NDArray
from support import sample
from support.landmark_schemes import ibug_68, insightface_106

Points = NDArray[np.float64]

SIZE = sample.LABELS.shape[::-1]
MESH = sample.LANDMARKS
IBUG = ibug_68(MESH)
DENSE = insightface_106(MESH)
# The subject's right eye, left eye, nose, right and left corner of the mouth.
FIVE = MESH[[468, 473, 4, 61, 291]]
# Corners of the left and of the right eye, base of the nose.
DLIB_FIVE = np.vstack([MESH[[263, 362, 33, 133]], MESH[2]])
BLAZE = np.vstack([MESH[[468, 473, 4]], MESH[[13, 14]].mean(0), MESH[[127, 356]]])
ROUND = np.round(IBUG)
RATIOS = MESH / SIZE

RIGHT_EYE, LEFT_EYE, NOSE, MOUTH_RIGHT, MOUTH_LEFT = FIVE.tolist()
# deepface rounds to whole pixels.
WHOLE = {
    name: tuple(map(int, point))
    for name, point in zip(["right_eye", "left_eye", "nose", "mouth_right", "mouth_left"], FIVE, strict=True)
}
WHOLE_FIVE = np.floor(FIVE)
BOX = [200, 100, 260, 330]
BOX_FLOATS = [200.5, 100.25, 260.5, 330.75]


@dataclass(frozen=True)
class Form:
    """One form: the library and its version, the row of docs/inputs.md, the value, the points, the units."""

    name: str
    row: str
    value: Any
    points: Points
    units: str = "auto"


def _landmarks(points: Points) -> list[d.NormalizedLandmark]:
    return [d.NormalizedLandmark(x=x, y=y, z=-0.01) for x, y in (points / SIZE).tolist()]


def _protobuf(points: Points) -> d.NormalizedLandmarkList:
    return d.NormalizedLandmarkList(d.Repeated([d.ProtobufLandmark(x, y, 0.1) for x, y in (points / SIZE).tolist()]))


def _dicts(points: Points) -> list[dict[str, float]]:
    return [{"x": x, "y": y, "z": 0.01} for x, y in points.tolist()]


def _dlib(points: Points) -> d.FullObjectDetection:
    return d.FullObjectDetection([d.Point(int(x), int(y)) for x, y in points])


def _tuples(points: Points) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points.tolist()]


def _face_recognition(points: Points) -> dict[str, list[tuple[float, float]]]:
    """Build the dict as face_recognition 1.3.0 does in api.py."""
    p = _tuples(points)
    return {
        "chin": p[0:17],
        "left_eyebrow": p[17:22],
        "right_eyebrow": p[22:27],
        "nose_bridge": p[27:31],
        "nose_tip": p[31:36],
        "left_eye": p[36:42],
        "right_eye": p[42:48],
        "top_lip": [*p[48:55], p[64], p[63], p[62], p[61], p[60]],
        "bottom_lip": [*p[54:60], p[48], p[60], p[67], p[66], p[65], p[64]],
    }


def _face_recognition_small(points: Points) -> dict[str, list[tuple[float, float]]]:
    p = _tuples(points)
    return {"nose_tip": [p[4]], "left_eye": p[2:4], "right_eye": p[0:2]}


RETINAFACE = {
    "score": 0.999,
    "facial_area": [200, 100, 460, 430],
    "landmarks": {
        "right_eye": RIGHT_EYE,
        "left_eye": LEFT_EYE,
        "nose": NOSE,
        "mouth_right": MOUTH_RIGHT,
        "mouth_left": MOUTH_LEFT,
    },
}
# The names are the viewer's: the left eye is that on the left of the picture.
MTCNN = {
    "box": BOX,
    "keypoints": {
        "nose": NOSE,
        "mouth_right": MOUTH_LEFT,
        "right_eye": LEFT_EYE,
        "left_eye": RIGHT_EYE,
        "mouth_left": MOUTH_RIGHT,
    },
    "confidence": 0.9985,
}
DEEPFACE = {
    "face": np.zeros((4, 4, 3)),
    "facial_area": {"x": 200, "y": 100, "w": 260, "h": 330, **WHOLE},
    "confidence": 0.99,
}
INSIGHTFACE = {
    "bbox": np.array(BOX, np.float32),
    "kps": FIVE.astype(np.float32),
    "det_score": np.float32(0.9),
    "landmark_3d_68": np.column_stack([IBUG, np.zeros(68)]).astype(np.float32),
    "landmark_2d_106": DENSE.astype(np.float32),
}
YUNET = np.array([[*BOX_FLOATS, *FIVE.ravel(), 0.93]], np.float32)
SINGLE = FIVE.astype(np.float32).astype(float)


def _without(face: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in face.items() if name not in names}


def _triples(points: Points, flag: int = 2) -> list[float]:
    return np.column_stack([points, np.full(len(points), flag)]).ravel().tolist()


ANNOTATION = {"id": 1, "image_id": 7, "category_id": 1, "keypoints": _triples(IBUG), "num_keypoints": 68, "bbox": BOX}
COCO = {
    "images": [{"id": 7, "width": SIZE[0], "height": SIZE[1], "file_name": "a.jpg"}],
    "annotations": [ANNOTATION],
    "categories": [{"id": 1, "name": "face", "keypoints": [str(i) for i in range(68)]}],
}


def _labelme(labels: list[str], points: Points) -> dict[str, Any]:
    shapes = [
        {"label": label, "points": [point], "group_id": None, "shape_type": "point", "flags": {}}
        for label, point in zip(labels, points.tolist(), strict=True)
    ]
    return {"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": "a.jpg", "imageHeight": SIZE[1]}


ORDER = np.random.default_rng(0).permutation(68)
OPENFACE = {
    "frame": 1,
    " success": 1,
    **{f" x_{i}": x for i, (x, _) in enumerate(IBUG.tolist())},
    **{f" y_{i}": y for i, (_, y) in enumerate(IBUG.tolist())},
    **{f" {axis}_{i}": 9.0 for axis in "XYZ" for i in range(68)},
}
RECORDS = np.array(list(map(tuple, IBUG)), dtype=[("x", "f8"), ("y", "f8")])
Converter = Callable[[float], Any]


def _converted(points: Points, convert: Converter) -> list[list[Any]]:
    return [[convert(x), convert(y)] for x, y in points.tolist()]


FORMS = [
    Form("mediapipe 1.2.3 result", "MediaPipe Tasks: `FaceLandmarkerResult`",
         d.FaceLandmarkerResult([_landmarks(MESH)]), RATIOS, "normalized"),
    Form("mediapipe 1.2.3 one face", "MediaPipe Tasks: `result.face_landmarks[0]`", _landmarks(MESH), RATIOS, "normalized"),
    Form("mediapipe 1.2.3 faces", "MediaPipe Tasks: `result.face_landmarks[0]`", [_landmarks(MESH)], RATIOS, "normalized"),
    Form("mediapipe 1.2.3 detector", "MediaPipe Tasks: `FaceDetectorResult`",
         d.DetectionResult([d.Detection(None, [], [d.NormalizedKeypoint(x, y, "", 0.0) for x, y in (BLAZE / SIZE).tolist()])]),
         BLAZE / SIZE, "normalized"),
    Form("mediapipe 0.10.21 list", "MediaPipe legacy: `NormalizedLandmarkList`", _protobuf(MESH), RATIOS, "normalized"),
    Form("mediapipe 0.10.21 landmarks", "MediaPipe legacy: `NormalizedLandmarkList`", _protobuf(MESH).landmark, RATIOS, "normalized"),
    Form("mediapipe 0.10.21 face mesh", "MediaPipe legacy: `results`, `results.multi_face_landmarks`",
         d.FaceMeshResult([_protobuf(MESH)]), RATIOS, "normalized"),
    Form("mediapipe 0.10.21 faces", "MediaPipe legacy: `results`, `results.multi_face_landmarks`",
         [_protobuf(MESH)], RATIOS, "normalized"),
    Form("protobuf JSON", '`{"landmark": [{"x", "y", "z"}, ...]}`', {"landmark": _dicts(RATIOS)}, RATIOS, "normalized"),
    Form("tasks-vision JSON", '`{"faceLandmarks": [[...]]}`, `{"face_landmarks": ...}`',
         {"faceLandmarks": [_dicts(RATIOS)], "faceBlendshapes": []}, RATIOS, "normalized"),
    Form("tasks-vision JSON in snake case", '`{"faceLandmarks": [[...]]}`, `{"face_landmarks": ...}`',
         {"face_landmarks": [_dicts(RATIOS)]}, RATIOS, "normalized"),
    Form("face mesh JSON", '`{"multiFaceLandmarks": ...}`, `{"multi_face_landmarks": ...}`',
         {"multiFaceLandmarks": [{"landmark": _dicts(RATIOS)}]}, RATIOS, "normalized"),
    Form("face mesh JSON of lists", '`{"multiFaceLandmarks": ...}`, `{"multi_face_landmarks": ...}`',
         {"multi_face_landmarks": [_dicts(RATIOS)]}, RATIOS, "normalized"),
    Form("pixels in a form of ratios", '`{"faceLandmarks": [[...]]}`, `{"face_landmarks": ...}`',
         {"faceLandmarks": [_dicts(MESH)]}, MESH),
    Form("landmarks in a dict", '`{"landmarks": [...]}`, `{"keypoints": [...]}`', {"landmarks": _dicts(MESH)}, MESH),
    Form("keypoints in a dict", '`{"landmarks": [...]}`, `{"keypoints": [...]}`', {"keypoints": _tuples(IBUG)}, IBUG),
    Form("dlib-bin 20.0.1 detection", "dlib: `full_object_detection`", _dlib(ROUND), ROUND, "pixel"),
    Form("dlib-bin 20.0.1 parts", "dlib: `shape.parts()`, `dlib.points`", _dlib(ROUND).parts(), ROUND, "pixel"),
    Form("dlib-bin 20.0.1 list", "dlib: `shape.parts()`, `dlib.points`", list(_dlib(ROUND).parts()), ROUND, "pixel"),
    Form("Qt's points", "objects with `x` and `y`, or `x()` and `y()`", [d.QPointF(x, y) for x, y in _tuples(IBUG)], IBUG),
    Form("face-alignment 1.5.0", "face-alignment: `get_landmarks(photo)`", [IBUG.astype(np.float32)],
         IBUG.astype(np.float32).astype(float)),
    Form("face-alignment 1.5.0 with boxes", "face-alignment: `get_landmarks(photo)`",
         ([IBUG], None, [np.array([*BOX, 0.9])]), IBUG),
    Form("face_recognition 1.3.0", "face_recognition: `face_landmarks(photo)`", [_face_recognition(ROUND)], ROUND, "pixel"),
    Form("face_recognition 1.3.0 small", 'face_recognition: `face_landmarks(photo, model="small")`',
         [_face_recognition_small(DLIB_FIVE)], DLIB_FIVE, "pixel"),
    Form("insightface 2.1", "InsightFace: `Face`", d.InsightFace(INSIGHTFACE), DENSE.astype(np.float32).astype(float), "pixel"),
    Form("insightface 2.1 without 106", "InsightFace: `Face`", d.InsightFace(_without(INSIGHTFACE, "landmark_2d_106")),
         IBUG.astype(np.float32).astype(float), "pixel"),
    Form("insightface 2.1 with kps", "InsightFace: `Face`",
         [d.InsightFace(_without(INSIGHTFACE, "landmark_2d_106", "landmark_3d_68"))], SINGLE, "pixel"),
    Form("retina-face 0.0.19", "RetinaFace: `detect_faces(photo)`", {"face_1": RETINAFACE}, FIVE, "pixel"),
    Form("retina-face 0.0.19, one face", "RetinaFace: `detect_faces(photo)`", RETINAFACE, FIVE, "pixel"),
    Form("mtcnn 1.0.0", "MTCNN: `detect_faces(photo)`", [MTCNN], FIVE, "pixel"),
    Form("mtcnn 1.0.0, one face", "MTCNN: `detect_faces(photo)`", MTCNN, FIVE, "pixel"),
    Form("deepface 0.0.103", "DeepFace: `extract_faces(photo)`", [DEEPFACE], WHOLE_FIVE, "pixel"),
    Form("deepface 0.0.103 region", "DeepFace: `extract_faces(photo)`", d.FacialAreaRegion(*BOX, **WHOLE), WHOLE_FIVE, "pixel"),
    Form("facenet-pytorch 2.6.0", "facenet-pytorch: `detect(photo, landmarks=True)`",
         (np.array([BOX], float), np.array([0.9]), FIVE[None]), FIVE, "pixel"),
    Form("batch-face 1.5.4", "batch-face: `detector(photo)`", [(np.array(BOX, float), FIVE, 0.9)], FIVE, "pixel"),
    Form("batch-face 1.5.4 dict", "batch-face: `detector(photo)`", [{"box": np.array(BOX), "kps": FIVE, "score": 0.9}], FIVE, "pixel"),
    Form("five points by name", "five points by name", RETINAFACE["landmarks"], FIVE),
    Form("five points by other names", "five points by name",
         {"rightEye": RIGHT_EYE, "leftEye": LEFT_EYE, "nose_tip": NOSE,
          "mouth_right_corner": MOUTH_RIGHT, "mouth_left_corner": MOUTH_LEFT}, FIVE),
    Form("opencv FaceDetectorYN", "OpenCV: `FaceDetectorYN.detect(photo)`", (1, YUNET), SINGLE, "pixel"),
    Form("opencv FaceDetectorYN row", "OpenCV: `FaceDetectorYN.detect(photo)`", YUNET[0], SINGLE, "pixel"),
    Form("opencv FaceDetectorYN list", "OpenCV: `FaceDetectorYN.detect(photo)`", YUNET.tolist(), SINGLE, "pixel"),
    Form("opencv facemark", "OpenCV: `Facemark.fit(photo, boxes)`", (True, [IBUG[None]]), IBUG),
    Form("supervision 0.31.2", "supervision: `KeyPoints`", d.KeyPoints(IBUG[None]), IBUG, "pixel"),
    Form("COCO triples", "COCO: flat `[x, y, v, ...]`", _triples(IBUG), IBUG, "pixel"),
    Form("COCO annotation", "COCO: an annotation, or the document of one photo", ANNOTATION, IBUG, "pixel"),
    Form("COCO document", "COCO: an annotation, or the document of one photo", COCO, IBUG, "pixel"),
    Form("COCO-WholeBody", "COCO-WholeBody: an annotation with `face_kpts`",
         {"keypoints": [1, 2, 0] * 17, "face_kpts": _triples(IBUG, 1)}, IBUG, "pixel"),
    Form("labelme, numbers", "labelme: the document", _labelme([str(i) for i in ORDER], IBUG[ORDER]), IBUG, "pixel"),
    Form("labelme, numbers from 1", "labelme: the document", _labelme([str(i + 1) for i in ORDER], IBUG[ORDER]), IBUG, "pixel"),
    Form("labelme, names", "labelme: the document",
         _labelme(["nose", "left_eye", "right_eye", "mouth_left", "mouth_right"], FIVE[[2, 1, 0, 4, 3]]), FIVE, "pixel"),
    Form("labelme, one label", "labelme: the document", _labelme(["p"] * 68, IBUG), IBUG, "pixel"),
    Form("labelme, a line", "labelme: the document",
         {"shapes": [{"label": "face", "points": _tuples(IBUG), "shape_type": "linestrip"}]}, IBUG, "pixel"),
    Form("wrapped", '`{"data": ...}`, `{"result": ...}`, `{"faces": [...]}`', {"status": "ok", "data": _dicts(MESH)}, MESH),
    Form("wrapped twice", '`{"data": ...}`, `{"result": ...}`, `{"faces": [...]}`',
         {"result": {"faces": [{"landmarks": _dicts(MESH), "score": 0.9}]}}, MESH),
    Form("rows", "array (n, 2), (n, 3), (n, 4)", IBUG, IBUG),
    Form("rows with depth", "array (n, 2), (n, 3), (n, 4)", np.column_stack([IBUG, IBUG]).astype(">f4")[:, :3],
         IBUG.astype(np.float32).astype(float)),
    Form("rows with visibility", "array (n, 2), (n, 3), (n, 4)", np.column_stack([IBUG, np.zeros(68), np.full(68, 0.7)]), IBUG),
    Form("lists with visibility", "`[[x, y], ...]`, `[[x, y, z], ...]`, `[[x, y, z, visibility], ...]`",
         [[x, y, 0.1, 0.9] for x, y in IBUG.tolist()], IBUG),
    Form("columns", "array (2, n), (3, n)", IBUG.T, IBUG),
    Form("columns with depth", "array (2, n), (3, n)", np.vstack([IBUG.T, np.zeros(68)]), IBUG),
    Form("lists of x and of y", "array (2, n), (3, n)", IBUG.T.tolist(), IBUG),
    Form("one face", "array (faces, n, 2), (faces, n, 3), (faces, n, 4), (faces, 2, n)", IBUG[None], IBUG),
    Form("one face in a batch", "array (faces, n, 2), (faces, n, 3), (faces, n, 4), (faces, 2, n)", IBUG[None, None], IBUG),
    Form("one face with visibility", "array (faces, n, 2), (faces, n, 3), (faces, n, 4), (faces, 2, n)",
         np.column_stack([IBUG, np.zeros(68), np.ones(68)])[None], IBUG),
    Form("one face of columns", "array (faces, n, 2), (faces, n, 3), (faces, n, 4), (faces, 2, n)", IBUG.T[None], IBUG),
    Form("points of OpenCV", "array (n, 1, 2)", IBUG[:, None], IBUG),
    Form("records", "structured array with fields `x` and `y`", RECORDS, IBUG),
    Form("flat list", "flat `[x0, y0, x1, ...]`", IBUG.ravel().tolist(), IBUG),
    Form("flat array", "flat `[x0, y0, x1, ...]`", IBUG.ravel(), IBUG),
    Form("a row for each face", "flat `[x0, y0, x1, ...]`", IBUG.reshape(1, -1), IBUG),
    Form("list of arrays", "`[[x, y], ...]`, `[[x, y, z], ...]`, `[[x, y, z, visibility], ...]`", list(IBUG), IBUG),
    Form("array of objects", "array (n, 2), (n, 3), (n, 4)", IBUG.astype(object), IBUG),
    Form("torch, with a gradient", "tensors: `__array__`, `__array_interface__`, DLPack, `detach().cpu()`", d.Tensor(IBUG), IBUG),
    Form("array interface", "tensors: `__array__`, `__array_interface__`, DLPack, `detach().cpu()`", d.ArrayInterface(IBUG), IBUG),
    Form("DLPack", "tensors: `__array__`, `__array_interface__`, DLPack, `detach().cpu()`", d.DlpackOnly(IBUG), IBUG),
    Form("memory", "tensors: `__array__`, `__array_interface__`, DLPack, `detach().cpu()`", memoryview(IBUG), IBUG),
    Form("list of tensors", "tensors: `__array__`, `__array_interface__`, DLPack, `detach().cpu()`", [d.Tensor(IBUG)], IBUG),
    Form("frame of x and y", "data frame with columns `x` and `y`",
         d.Frame({"name": ["p"] * 68, "X": IBUG[:, 0].tolist(), "Y ": IBUG[:, 1].tolist()}), IBUG),
    Form("dict of x and y", "data frame with columns `x` and `y`", {"x": IBUG[:, 0].tolist(), "y": IBUG[:, 1]}, IBUG),
    Form("OpenFace frame", "data frame with `x_0`, `y_0`, ... (OpenFace)", d.Frame({k: [v] for k, v in OPENFACE.items()}), IBUG),
    Form("OpenFace row", "data frame with `x_0`, `y_0`, ... (OpenFace)", d.Series(OPENFACE), IBUG),
    Form("OpenFace dict of text", "data frame with `x_0`, `y_0`, ... (OpenFace)", {k: f" {v}" for k, v in OPENFACE.items()}, IBUG),
    Form("text", "numbers as text, `Decimal`, `Fraction`, NumPy's numbers", _converted(IBUG, str), IBUG),
    Form("array of text", "numbers as text, `Decimal`, `Fraction`, NumPy's numbers", np.array(_converted(IBUG, str)), IBUG),
    Form("decimals", "numbers as text, `Decimal`, `Fraction`, NumPy's numbers", _converted(IBUG, Decimal), IBUG),
    Form("fractions", "numbers as text, `Decimal`, `Fraction`, NumPy's numbers", _converted(IBUG, Fraction), IBUG),
    Form("NumPy's numbers", "numbers as text, `Decimal`, `Fraction`, NumPy's numbers", _converted(IBUG, np.float64), IBUG),
    Form("arrays of one number", "numbers as text, `Decimal`, `Fraction`, NumPy's numbers", _converted(IBUG, np.array), IBUG),
]  # fmt: skip


def to_json(value: Any) -> str | None:
    """Return a form as JSON, arrays as lists; None for objects that have none."""

    def plain(inner: Any) -> Any:
        if isinstance(inner, np.ndarray | np.number):
            return inner.tolist()
        raise TypeError

    try:
        return json.dumps(value, default=plain)
    except TypeError:
        return None


# Tuples of results are told from lists of points by their type, which JSON does not keep.
JSON_FORMS = [
    form
    for form in FORMS
    if not isinstance(form.value, tuple) and form.name != "batch-face 1.5.4" and to_json(form.value) is not None
]
