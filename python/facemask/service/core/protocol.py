"""Protocol of the compiled module, and its errors as problems of the HTTP API.

The service calls it through a protocol, so that tests can run whole processes with a fake that needs no pictures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from facemask.options.choices import Frame
from facemask.service.errors import ProblemError

if TYPE_CHECKING:
    # NumPy is imported with the first request that needs it.
    import numpy as np
    from numpy.typing import NDArray

    from facemask.photo_trace import PhotoFaces

InspectedPhoto: TypeAlias = Any  # a photo of which the compiled module keeps only what a trace needs

_PATH_HEAD = re.compile(r"[^.\[]*")
_SAME_NAME = frozenset({"", "image", "landmarks"})


class TraceResult(Protocol):
    """A finished trace.

    `response_json` is the response body from `svg` to `file`, which is null, with the closing brace. `svg_digest`
    identifies the SVG. `mask_contours_json` and `regions_json` are JSON as well. `crop_jpeg` is empty where the options
    do not ask for it.
    """

    @property
    def crop_jpeg(self) -> bytes: ...
    @property
    def svg_bytes(self) -> bytes: ...
    @property
    def svg_digest(self) -> str: ...
    @property
    def response_json(self) -> bytes: ...
    @property
    def mask_contours_json(self) -> bytes: ...
    @property
    def regions_json(self) -> bytes: ...
    @property
    def crop_from_image(self) -> tuple[float, float, float, float, float, float]: ...
    @property
    def colors(self) -> dict[str, str]: ...
    @property
    def frame(self) -> Frame: ...
    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def schemes_json(self) -> bytes: ...
    @property
    def landmarks(self) -> NDArray[np.float64] | None: ...
    @property
    def timings_ms(self) -> Mapping[str, float]: ...


class Landmarks(Protocol):
    """The points of one face or several.

    `to_bytes` returns them as little-endian float64, x and y in turn; `counts` has the number of points of each face.
    """

    def to_bytes(self) -> bytes: ...
    @property
    def counts(self) -> list[int]: ...


class Fingerprint(Protocol):
    """A decoded input.

    `exact` is its digest. `scope` returns the digest of everything that the result depends on, 16 bytes, or None where
    that is the whole input.
    """

    @property
    def exact(self) -> bytes: ...
    def scope(self) -> bytes | None: ...
    def trace(self, image: bytes | InspectedPhoto | None, options: Any, limits: Any, /) -> TraceResult: ...


class CoreModule(Protocol):
    """The compiled module as the service uses it, or a fake of it in tests.

    Every function may run in any thread. It raises `FacemaskError`, which has the text attributes `code`, `field` and
    `detail`.
    """

    @property
    def FacemaskError(self) -> type[Exception]: ...  # noqa: N802 - it is a class
    @property
    def Options(self) -> Callable[..., Any]: ...  # noqa: N802 - it is a class
    @property
    def Limits(self) -> Callable[..., Any]: ...  # noqa: N802 - it is a class
    @property
    def __version__(self) -> str: ...
    def decode_base64(self, text: str, field: str, /) -> bytes: ...
    def extract_base64(self, text: bytes, mark: str, /) -> tuple[bytes, list[bytes]] | None: ...
    def parse_plain_landmarks(self, text: bytes, /) -> Landmarks | None: ...
    def read_landmark_file(self, data: bytes, /) -> tuple[Landmarks | None, str | None]: ...
    def read_landmarks(self, value: Any, /) -> tuple[Landmarks | None, str]: ...
    def luma_thumbnail(self, image: bytes, limits: Any, /) -> bytes: ...
    def check_detection(self, options: Mapping[str, Any], /, *, has_labels: bool) -> None: ...
    def detect_faces_in(
        self, image: bytes, limits: Any, /, *, has_labels: bool, options: Mapping[str, Any]
    ) -> PhotoFaces: ...
    @property
    def check_input(self) -> Callable[..., tuple[bytes, InspectedPhoto | None]]: ...
    @property
    def fingerprint(self) -> Callable[..., Fingerprint]: ...
    @property
    def trace_bytes(self) -> Callable[..., TraceResult]: ...


def api_field(field: str) -> str:
    """Return the HTTP API's path of a value of the compiled module.

    `labels` becomes `segmentation_map`, `tolerance` becomes `options.tolerance`; `landmarks[3].x` stays.
    """
    match = _PATH_HEAD.match(field)
    head = match.group() if match else ""
    if head == "labels":
        return "segmentation_map" + field[len(head) :]
    return field if head in _SAME_NAME else f"options.{field}"


@contextmanager
def translate_core_errors(core: CoreModule) -> Iterator[None]:
    """Turn the compiled module's errors inside the block into `ProblemError`s."""
    try:
        yield
    except core.FacemaskError as error:
        code, detail, field = (str(getattr(error, name, "")) for name in ("code", "detail", "field"))
        raise ProblemError(code or "internal_error", detail, api_field(field)) from error
