"""The forms of label maps, landmarks and photos: what `trace_face` takes of its own and of other libraries.

A text is no form of either. `labels` reads a path too, but a text may be anything, so typed programs pass a `Path`.
Protocols name what is read of objects of other libraries, whose types facemask does not import.
"""

from collections.abc import Mapping
from os import PathLike
from typing import Any, Protocol, TypeAlias


class SupportsArray(Protocol):
    """An array of NumPy, a tensor, or a data frame."""

    def __array__(self) -> Any: ...


class SupportsArrayInterface(Protocol):
    """A picture of Pillow."""

    @property
    def __array_interface__(self) -> Any: ...


class SupportsDlpack(Protocol):
    """A tensor on any device."""

    @property
    def __dlpack__(self) -> Any: ...


class SupportsNumpyView(Protocol):
    """A picture of MediaPipe."""

    @property
    def numpy_view(self) -> Any: ...


class SupportsRead(Protocol):
    """A binary file."""

    def read(self, size: int = ..., /) -> bytes: ...


class SupportsLogits(Protocol):
    """The output of a segmentation network of Hugging Face."""

    @property
    def logits(self) -> Any: ...


class MediaPipeFaces(Protocol):
    """A result of MediaPipe's Face Landmarker."""

    @property
    def face_landmarks(self) -> Any: ...


class MediaPipeLegacyFaces(Protocol):
    """A result of MediaPipe's Face Mesh."""

    @property
    def multi_face_landmarks(self) -> Any: ...


class MediaPipeLegacyFace(Protocol):
    """One face of MediaPipe's Face Mesh."""

    @property
    def landmark(self) -> Any: ...


class MediaPipeDetections(Protocol):
    """A result of MediaPipe's Face Detector."""

    @property
    def detections(self) -> Any: ...


class MediaPipeLegacyDetection(Protocol):
    """A detection of MediaPipe's Face Detection."""

    @property
    def location_data(self) -> Any: ...


class DlibShape(Protocol):
    """A full object detection of dlib."""

    @property
    def num_parts(self) -> Any: ...
    @property
    def part(self) -> Any: ...


class InsightFaceFace(Protocol):
    """A face of InsightFace."""

    @property
    def kps(self) -> Any: ...


class SupportsXy(Protocol):
    """Key points of supervision or Ultralytics."""

    @property
    def xy(self) -> Any: ...


class SupportsKeypoints(Protocol):
    """A detection with key points."""

    @property
    def keypoints(self) -> Any: ...


class SupportsLandmarks(Protocol):
    """A detection with landmarks."""

    @property
    def landmarks(self) -> Any: ...


class SupportsFacialArea(Protocol):
    """A face of DeepFace."""

    @property
    def facial_area(self) -> Any: ...


class SupportsEyes(Protocol):
    """A facial area of DeepFace."""

    @property
    def left_eye(self) -> Any: ...
    @property
    def right_eye(self) -> Any: ...


# bytearray and memoryview are bytes to a type checker only where it promotes them.
_Bytes: TypeAlias = bytes | bytearray | memoryview
_Array: TypeAlias = SupportsArray | SupportsArrayInterface | SupportsDlpack | list[Any] | tuple[Any, ...]
_Detection: TypeAlias = (
    MediaPipeFaces
    | MediaPipeLegacyFaces
    | MediaPipeLegacyFace
    | MediaPipeDetections
    | MediaPipeLegacyDetection
    | DlibShape
    | InsightFaceFace
    | SupportsXy
    | SupportsKeypoints
    | SupportsLandmarks
    | SupportsFacialArea
    | SupportsEyes
)
Photo: TypeAlias = _Bytes | SupportsArray | SupportsArrayInterface
LabelSource: TypeAlias = (
    _Array | Mapping[Any, Any] | _Bytes | PathLike[str] | SupportsRead | SupportsNumpyView | SupportsLogits
)
Landmarks: TypeAlias = _Array | Mapping[Any, Any] | _Detection
