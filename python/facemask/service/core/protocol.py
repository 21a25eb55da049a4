"""What the service needs of the tracing engine, and the one place where its words become those of the HTTP
API.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facemask.service.errors import Refusal

Landmarks = NDArray[np.float64]

_HEAD = re.compile(r"[^.\[]*")
_SAME_NAME = frozenset({"", "image", "landmarks"})


class Mask(Protocol):
    """A finished trace. `answer_json` is the answer from `svg` to `file`, which is null, and the end of the object;
    `svg_digest` tells the SVG from others. `mask_contours_json` and `regions_json` are JSON too.
    """

    @property
    def svg_bytes(self) -> bytes: ...
    @property
    def svg_digest(self) -> str: ...
    @property
    def answer_json(self) -> bytes: ...
    @property
    def mask_contours_json(self) -> bytes: ...
    @property
    def regions_json(self) -> bytes: ...
    @property
    def crop_from_image(self) -> tuple[float, float, float, float, float, float]: ...
    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def timings_ms(self) -> Mapping[str, float]: ...


SeenPhoto = object  # of the compiled module: what a look through a photo's file has found


class Fingerprint(Protocol):
    """A decoded input. `exact` is its digest. `scope` is one of all that the answer depends on, 16 bytes; None where
    that is the whole input.
    """

    @property
    def exact(self) -> bytes: ...
    def scope(self) -> bytes | None: ...
    def trace(self, image: bytes | SeenPhoto, options: Any, limits: Any, /) -> Mask: ...


class Engine(Protocol):
    """The compiled module as the service sees it. Every call may run in any thread and raises
    `FacemaskError`, which has the text attributes `code`, `field` and `detail`.
    """

    @property
    def FacemaskError(self) -> type[Exception]: ...  # noqa: N802 - it is a class
    @property
    def Options(self) -> Callable[..., Any]: ...  # noqa: N802 - it is a class
    @property
    def Limits(self) -> Callable[..., Any]: ...  # noqa: N802 - it is a class
    @property
    def decode_base64(self) -> Callable[[str, str], bytes]: ...
    @property
    def lift_base64(self) -> Callable[[NDArray[np.uint8], str], tuple[bytes, list[bytes]] | None]: ...
    @property
    def plain_landmarks(self) -> Callable[[bytes], Landmarks | None]: ...
    @property
    def check_input(self) -> Callable[..., tuple[bytes, SeenPhoto | None]]: ...
    @property
    def landmark_array(self) -> Callable[[Any], Landmarks | None]: ...
    @property
    def trace_bytes(self) -> Callable[..., Mask]: ...
    @property
    def fingerprint(self) -> Callable[[bytes | SeenPhoto, bytes, Landmarks | None, Any, Any, bytes], Fingerprint]: ...
    @property
    def grey_raster(self) -> Callable[[bytes, Any], bytes]: ...
    @property
    def __version__(self) -> str: ...


def wire_field(field: str) -> str:
    """The engine's name of a value as the HTTP API spells it: `labels` -> `segmentation_map`,
    `tolerance` -> `options.tolerance`, `landmarks[3].x` stays.
    """
    match = _HEAD.match(field)
    head = match.group() if match else ""
    if head == "labels":
        return "segmentation_map" + field[len(head) :]
    return field if head in _SAME_NAME else f"options.{field}"


@contextmanager
def refusals_of(engine: Engine) -> Iterator[None]:
    """Turns the engine's errors inside the block into `Refusal`s in the words of the HTTP API."""
    try:
        yield
    except engine.FacemaskError as error:
        code, detail, field = (str(getattr(error, name, "")) for name in ("code", "detail", "field"))
        raise Refusal(code or "internal_error", detail, wire_field(field)) from error
