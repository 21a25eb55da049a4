"""Stand-ins for the results of detectors, with exactly the attributes and types that the real libraries have.

Each was compared with an object of the real class: the library and its version stand above it. The libraries need
networks, compilers or models that the tests do without.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


# mediapipe 1.2.3: tasks/python/components/containers/landmark.py
@dataclass
class NormalizedLandmark:
    x: float | None = None
    y: float | None = None
    z: float | None = None
    visibility: float | None = None
    presence: float | None = None
    name: str | None = None


# mediapipe 1.2.3: tasks/python/vision/face_landmarker.py
@dataclass
class FaceLandmarkerResult:
    face_landmarks: list[list[NormalizedLandmark]]
    face_blendshapes: list[Any] = field(default_factory=list)
    facial_transformation_matrixes: list[Array] = field(default_factory=list)


# mediapipe 1.2.3: tasks/python/components/containers/keypoint.py and detections.py
@dataclass
class NormalizedKeypoint:
    x: float | None = None
    y: float | None = None
    label: str | None = None
    score: float | None = None


@dataclass
class Detection:
    bounding_box: Any
    categories: list[Any]
    keypoints: list[NormalizedKeypoint] | None = None


@dataclass
class DetectionResult:
    detections: list[Detection]


class Repeated:
    """google._upb._message.RepeatedCompositeContainer of protobuf 4.25.9, which is no subclass of list."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: Any) -> Any:
        return self._items[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


# mediapipe 0.10.21: framework/formats/landmark_pb2.py; a message without visibility has 0.0.
@dataclass
class ProtobufLandmark:
    x: float
    y: float
    z: float = 0.0
    visibility: float = 0.0
    presence: float = 0.0


@dataclass
class NormalizedLandmarkList:
    landmark: Repeated


@dataclass
class FaceMeshResult:
    """The named tuple of mediapipe.solutions.face_mesh; without a face its member is None."""

    multi_face_landmarks: list[NormalizedLandmarkList] | None


class Point:
    """dlib.point of dlib-bin 20.0.1: whole pixels, no length."""

    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y

    def normalize(self) -> "Point":
        return self


Point.__module__ = "_dlib_pybind11"


class FullObjectDetection:
    """dlib.full_object_detection of dlib-bin 20.0.1: num_parts, part(i), parts(), rect."""

    def __init__(self, points: list[Point]) -> None:
        self._points = points
        self.num_parts = len(points)
        self.rect = Rectangle()

    def part(self, index: int) -> Point:
        return self._points[index]

    def parts(self) -> Repeated:
        """dlib.points, a vector that is no Sequence either."""
        return Repeated(self._points)


class Rectangle:
    """dlib.rectangle of dlib-bin 20.0.1; corners are methods."""

    def tl_corner(self) -> Point:
        return Point(0, 0)

    def br_corner(self) -> Point:
        return Point(9, 9)


class QPointF:
    """QPointF of Qt: x and y are methods."""

    def __init__(self, x: float, y: float) -> None:
        self._x, self._y = x, y

    def x(self) -> float:
        return self._x

    def y(self) -> float:
        return self._y


class InsightFace(dict[str, Any]):
    """Face of insightface 2.1, app/common.py: a dict; an attribute that it does not have is None."""

    def __getattr__(self, name: str) -> Any:
        return self.get(name)


# deepface 0.0.103: models/Detector.py
@dataclass
class FacialAreaRegion:
    x: int
    y: int
    w: int
    h: int
    left_eye: tuple[int, int] | None = None
    right_eye: tuple[int, int] | None = None
    confidence: float | None = None
    nose: tuple[int, int] | None = None
    mouth_right: tuple[int, int] | None = None
    mouth_left: tuple[int, int] | None = None


class KeyPoints:
    """KeyPoints of supervision 0.31.2, key_points/core.py: xy (faces, n, 2); it has a length and items too."""

    def __init__(self, xy: Array) -> None:
        self.xy = xy
        self.class_id = None
        self.keypoint_confidence = None
        self.data: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.xy)

    def __getitem__(self, index: Any) -> Any:
        raise AssertionError("the reader takes xy")

    def __iter__(self) -> Iterator[Any]:
        raise AssertionError("the reader takes xy")


@dataclass
class Detections:
    """Detections of supervision 0.31.2: boxes alone."""

    xyxy: Array


class Tensor:
    """torch.Tensor that requires a gradient or lies on a GPU: NumPy's protocol raises, `detach().cpu()` helps."""

    def __init__(self, array: Array, *, is_leaf: bool = True) -> None:
        self._array, self._is_leaf = array, is_leaf
        self.shape = array.shape

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, index: Any) -> Any:
        return Tensor(self._array[index])

    def __iter__(self) -> Iterator[Any]:
        return (Tensor(row) for row in self._array)

    def detach(self) -> "Tensor":
        return Tensor(self._array, is_leaf=False)

    def cpu(self) -> "Tensor":
        return self

    def numpy(self) -> Array:
        if self._is_leaf:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self._array


class ArrayInterface:
    """An object with `__array_interface__` alone."""

    def __init__(self, array: Array) -> None:
        self._array = array
        self.__array_interface__ = array.__array_interface__


class DlpackOnly:
    """An object that offers its numbers by DLPack alone, as arrays of nanobind do."""

    def __init__(self, array: Array) -> None:
        self._array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._array.__dlpack_device__()


class Frame:
    """What pandas 3.1.1 and polars 2.1.0 have in common: columns, and a column by its name with a length."""

    def __init__(self, columns: dict[str, list[Any]]) -> None:
        self._columns = columns

    @property
    def columns(self) -> list[str]:
        return list(self._columns)

    def __getitem__(self, name: str) -> Array:
        return np.array(self._columns[name])

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __array__(self, *_: Any, **__: Any) -> Array:
        return np.array(list(self._columns.values()), dtype=object).T


class Series:
    """A row of a data frame of pandas 3.1.1: an index of names."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row
        self.index = list(row)

    def to_dict(self) -> dict[str, Any]:
        return dict(self._row)

    def __array__(self, *_: Any, **__: Any) -> Array:
        return np.array(list(self._row.values()))
