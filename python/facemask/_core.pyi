from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from facemask.options.choices import (
    Crop,
    Curve,
    EmbedImage,
    Frame,
    LabelScheme,
    LandmarkScheme,
    LandmarksFrame,
    LandmarkUnits,
    MapFit,
    NativeResolution,
    RegionSet,
    Style,
    VoidName,
)
from facemask.types.results import TraceWarning

_UInt8Array: TypeAlias = NDArray[np.uint8]
_Points: TypeAlias = NDArray[np.float64]
# The landmarks of one face or of several.
_Faces: TypeAlias = _Points | list[_Points]
_ContourArrays: TypeAlias = tuple[NDArray[np.float64], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]

__all__ = [
    "ERROR_CODES",
    "MIN_FACE_AGREEMENT",
    "MIN_FACE_PRESENCE",
    "FaceMask",
    "FacemaskError",
    "Fingerprint",
    "InspectedPhoto",
    "LandmarkPoints",
    "Limits",
    "Options",
    "Outline",
    "Parser",
    "__version__",
    "check_input",
    "contours_json",
    "decode_annotations",
    "decode_base64",
    "decode_image",
    "decode_label_map",
    "detect_faces",
    "encode_image",
    "extract_base64",
    "find_contours",
    "fingerprint",
    "label_schemes",
    "landmark_schemes",
    "luma_thumbnail",
    "parse_plain_landmarks",
    "path_data",
    "read_landmark_file",
    "read_landmark_points",
    "trace_bytes",
    "trace_face",
]

ERROR_CODES: Final[list[str]]
__version__: Final[str]
# The lowest values of a face that is certain.
MIN_FACE_PRESENCE: Final[float]
MIN_FACE_AGREEMENT: Final[float]

class FacemaskError(ValueError):
    code: str
    field: str
    detail: str

@final
class LandmarkPoints:
    def __new__(cls, landmarks: _Faces) -> LandmarkPoints: ...
    @staticmethod
    def from_bytes(data: bytes, counts: Sequence[int]) -> LandmarkPoints: ...
    def to_bytes(self) -> bytes: ...
    @property
    def counts(self) -> list[int]: ...
    @property
    def has_known_counts(self) -> bool: ...

@final
class Options:
    def __new__(
        cls,
        *,
        regions: RegionSet | list[str | int] | dict[str, list[str | int]] | None = None,
        landmark_scheme: LandmarkScheme = "auto",
        landmark_units: LandmarkUnits = "auto",
        landmarks_frame: LandmarksFrame = "oriented",
        image_size: Sequence[int] | None = None,
        face: int | None = None,
        label_scheme: LabelScheme = "auto",
        label_names: dict[str, str] | None = None,
        label_palette: Sequence[Sequence[int]] | None = None,
        void: VoidName | int | None = None,
        map_fit: MapFit = "exact",
        map_box: Sequence[float] | None = None,
        image_from_labels: Sequence[float] | None = None,
        native_resolution: NativeResolution = "auto",
        crop: Crop = "face",
        crop_margin: float | Sequence[float] | None = None,
        crop_size: int | Sequence[int] | None = None,
        frame: Frame = "crop",
        tolerance: float = 0.5,
        curve: Curve = "smooth",
        min_area: float = 0.0,
        style: Style = "default",
        colors: dict[str, str] | None = None,
        embed_image: EmbedImage = "none",
        crop_image: bool = False,
        id_prefix: str = "",
        measure_color: bool = False,
        with_landmarks: bool = False,
        parser: Parser | None = None,
    ) -> Options: ...
    @property
    def region_set(self) -> RegionSet: ...

@final
class Parser:
    def __new__(
        cls,
        run: Callable[[NDArray[np.float32]], NDArray[np.float32] | _UInt8Array],
        *,
        size: tuple[int, int],
        planes_first: bool,
        reverse_channels: bool,
        scale: Sequence[float],
        offset: Sequence[float],
        crop: str,
        crop_margin: Sequence[float] | None,
        scores_planes_first: bool,
        enlargement: int,
        label_scheme: str,
        label_names: dict[int, str],
    ) -> Parser: ...

@final
class Fingerprint:
    @property
    def exact(self) -> bytes: ...
    def scope(self) -> bytes | None: ...
    def trace(self, image: bytes | InspectedPhoto | None, options: Options, limits: Limits) -> FaceMask: ...

@final
class Outline:
    def arrays(self) -> _ContourArrays: ...
    def path_data(self) -> str: ...

@final
class InspectedPhoto: ...

@final
class Limits:
    def __new__(
        cls, *, max_pixels: int = 50_000_000, max_decode_pixels: int = 24_000_000, max_border: int = ...
    ) -> Limits: ...

@final
class FaceMask:
    def cut_photo(self, photo: _UInt8Array, limits: Limits) -> _UInt8Array: ...
    def run_length_masks(self) -> list[tuple[int, str, int, list[int]]]: ...
    @property
    def crop_jpeg(self) -> bytes: ...
    @property
    def svg(self) -> str: ...
    @property
    def svg_bytes(self) -> bytes: ...
    @property
    def contours(self) -> dict[str, _ContourArrays]: ...
    @property
    def colors(self) -> dict[str, str]: ...
    @property
    def mask_contours_json(self) -> bytes: ...
    @property
    def regions_json(self) -> bytes: ...
    @property
    def symmetry_json(self) -> bytes: ...
    @property
    def response_json(self) -> bytes: ...
    @property
    def svg_digest(self) -> str: ...
    @property
    def connectivity(self) -> int: ...
    @property
    def schemes_json(self) -> bytes: ...
    @property
    def native_resolution_json(self) -> bytes: ...
    @property
    def landmarks(self) -> _Points | None: ...
    @property
    def warnings(self) -> list[TraceWarning]: ...
    @property
    def frame(self) -> Frame: ...
    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def crop_from_image(self) -> tuple[float, float, float, float, float, float]: ...
    @property
    def roll_degrees(self) -> float: ...
    @property
    def roll_from(self) -> Literal["landmarks", "labels"]: ...
    @property
    def labels_from(self) -> Literal["map", "parser", "landmarks"]: ...
    @property
    def roll_confidence(self) -> float: ...
    @property
    def mirrored(self) -> bool: ...
    @property
    def timings_ms(self) -> dict[str, float]: ...

def trace_face(
    labels: _UInt8Array | None,
    landmarks: _Faces | LandmarkPoints | None,
    image_size: tuple[int, int],
    image: _UInt8Array | None,
    options: Options,
    limits: Limits,
) -> FaceMask: ...
def trace_bytes(
    image: bytes | InspectedPhoto | None,
    label_map: bytes | None,
    landmarks: _Faces | LandmarkPoints | None,
    options: Options,
    limits: Limits,
    *,
    with_response: bool = False,
) -> FaceMask: ...
def fingerprint(
    image: bytes | InspectedPhoto | None,
    label_map: bytes | None,
    landmarks: _Faces | LandmarkPoints | None,
    options: Options,
    limits: Limits,
    options_key: bytes,
) -> Fingerprint: ...
def luma_thumbnail(image: bytes, limits: Limits) -> bytes: ...
def detect_faces(
    image: _UInt8Array,
    detect: Callable[[NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]],
    mesh: Callable[[NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.float32]]],
    *,
    max_faces: int,
    min_size: float | None,
    tiles: int,
) -> list[tuple[NDArray[np.float64], tuple[float, float, float, float], float, float, float, float | None, bool]]: ...
def find_contours(
    labels: _UInt8Array,
    *,
    tolerance: float = 0.0,
    curve: Curve = "straight",
    min_area: float = 0.0,
    background: bool = False,
    native_resolution: NativeResolution = "off",
    max_border: int = ...,
) -> tuple[dict[int, Outline], bytes | None]: ...
def contours_json(contours: Sequence[tuple[int, _ContourArrays]]) -> bytes: ...
def path_data(
    points: NDArray[np.float64],
    offsets: NDArray[np.uint32],
    curves: NDArray[np.uint32],
    controls: NDArray[np.float64],
) -> str: ...
def decode_label_map(
    data: bytes, palette: Sequence[Sequence[int]] | None, limits: Limits
) -> tuple[_UInt8Array, list[tuple[str, str]]]: ...
def decode_annotations(
    data: bytes, size: tuple[int, int] | None, limits: Limits
) -> tuple[_UInt8Array, dict[int, str]]: ...
def decode_image(data: bytes, limits: Limits) -> _UInt8Array: ...
def encode_image(pixels: _UInt8Array, file_format: str) -> bytes: ...
def decode_base64(text: str, field: str) -> bytes: ...
def extract_base64(text: bytes, mark: str) -> tuple[bytes, list[bytes]] | None: ...
def parse_plain_landmarks(text: bytes) -> LandmarkPoints | None: ...
def read_landmark_file(data: bytes) -> tuple[str, list[_Points], str | None]: ...
def read_landmark_points(data: bytes) -> LandmarkPoints | None: ...
def check_input(
    image: bytes | None,
    label_map: bytes | None,
    landmarks: _Faces | LandmarkPoints | None,
    limits: Limits,
    *,
    digest: bool,
    inspect: bool,
) -> tuple[bytes, InspectedPhoto | None]: ...
def landmark_schemes() -> dict[str, tuple[list[int], dict[str, list[int]]]]: ...
def label_schemes() -> dict[str, list[str]]: ...
