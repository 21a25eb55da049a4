"""A body's bytes -> a checked `Submission`. Runs in a thread: big bodies must not hold up the event loop."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from time import monotonic
from typing import Any, Final

import numpy as np

from facemask.arguments import shown
from facemask.formats import FORMATS
from facemask.service.cache.settings import CacheMode
from facemask.service.core.protocol import CoreModule, Landmarks, translate_core_errors
from facemask.service.errors import ProblemError
from facemask.service.intake.codecs import (
    FIELDS,
    JSON,
    JSON_BODY,
    MAX_VALUE_BYTES,
    MSGPACK,
    MSGPACK_BODY,
    Codec,
    Text,
    unknown_field,
)
from facemask.service.intake.content_type import Format, Media
from facemask.service.intake.multipart import read_parts
from facemask.service.jobs.job import Submission
from facemask.service.schemas import OptionsBody, SubmitBody

_SWITCH = {b"true": True, b"1": True, b"false": False, b"0": False, b"": False}
_BOM = b"\xef\xbb\xbf"
# Stands for a file where its base64 was; nobody outside knows it.
_MARK: Final = token_hex(16)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a body holds: pictures as base64 text or bytes, landmarks and options still in the words of `codec`."""

    codec: Codec
    image: str | bytes
    label_map: str | bytes
    landmarks: Text
    options: Text
    loadtest_mode: bool


class Decoder:
    """Decodes bodies and refuses what can be seen to be wrong without decoding pixels."""

    def __init__(
        self, core: CoreModule, limits: Any, cache: CacheMode = CacheMode.OFF, *, stored: bool = False
    ) -> None:
        """`stored` submissions are written down with all their bytes."""
        self._core = core
        self._stored = stored
        self._cache = cache
        self._limits = limits

    def decode(self, media: Media, body: memoryview) -> Submission:
        """The submission in a body. Raises `ProblemError` with the path of what is wrong."""
        started = monotonic()
        if not body:
            raise ProblemError("malformed_body", "the body is empty")
        sent = self._open(media, body)
        with translate_core_errors(self._core):
            options = _given(sent.codec.value(sent.codec.options, sent.options, "options"))
            form = _format(options.pop("format", "svg"))
            cache = min(self._cache, _mode(options.pop("cache", CacheMode.SIMILAR.name.lower())))
            self._core.Options(**options)
            landmarks = self._landmarks(sent)
            image, label_map = self._bytes(sent.image, "image"), self._bytes(sent.label_map, "labels")
            # A photo that is not shown is looked through here; a megabyte need not wait with each job of the queue.
            look = not self._stored and options.get("embed_image", "none") == "none"
            files = (image, label_map, landmarks)
            content, photo = self._core.check_input(*files, self._limits, digest=cache is not CacheMode.OFF, look=look)
        return Submission(
            b"" if look else image,
            label_map,
            landmarks,
            options,
            form,
            sent.loadtest_mode,
            (monotonic() - started) * 1000.0,
            cache=cache,
            content=content,
            photo=photo,
        )

    def _bytes(self, picture: str | bytes, field: str) -> bytes:
        return picture if isinstance(picture, bytes) else self._core.decode_base64(picture, field)

    def _landmarks(self, sent: _Sent) -> Landmarks | None:
        """None and an empty list mean that the label map decides."""
        if sent.codec is JSON and len(sent.landmarks) <= MAX_VALUE_BYTES:
            quick = self._core.plain_landmarks(bytes(sent.landmarks))
            if quick is not None:
                return quick
        points = sent.codec.value(sent.codec.anything, sent.landmarks, "landmarks")
        return None if points is None or points == [] else self._core.landmark_array(points)

    def _open(self, media: Media, body: memoryview) -> _Sent:
        if media.format is Format.MULTIPART:
            return _from_parts(read_parts(body, media.boundary))
        if media.format is Format.MSGPACK:
            raw = MSGPACK.body(MSGPACK_BODY, body)
            return _from_fields(MSGPACK, raw, raw.image, raw.segmentation_map)
        return self._from_json(body[len(_BOM) :] if body[: len(_BOM)] == _BOM else body)

    def _from_json(self, body: memoryview) -> _Sent:
        """Nearly all of a body is the base64 of its files: it is decoded where it lies, and msgspec reads the rest."""
        if lifted := self._core.lift_base64(np.frombuffer(body, np.uint8), _MARK):
            short, files = lifted
            with suppress(ProblemError):  # what is wrong is said of the whole text, below
                read = JSON.body(JSON_BODY, short)
                places = {f"{_MARK}{i}": file for i, file in enumerate(files)}
                # What only looked like a file, a long name perhaps, has to go back to its place.
                if places.keys() <= {read.image, read.segmentation_map}:
                    image, label_map = (places.get(sent, sent) for sent in (read.image, read.segmentation_map))
                    return _from_fields(JSON, read, image, label_map)
        text = JSON.body(JSON_BODY, body)
        return _from_fields(JSON, text, text.image, text.segmentation_map)


def _format(name: str) -> str:
    """A format is made here and not by the core."""
    if name not in FORMATS:
        raise ProblemError("option_invalid", f"must be {' or '.join(FORMATS)}, got {shown(name)}", "options.format")
    return name


def _mode(name: str) -> CacheMode:
    """What a request may be answered from is also decided here."""
    if name not in CacheMode.names():
        raise ProblemError(
            "option_invalid", f"must be {' or '.join(CacheMode.names())}, got {shown(name)}", "options.cache"
        )
    return CacheMode.names()[name]


def _from_fields(codec: Codec, body: SubmitBody[Any], image: str | bytes, label_map: str | bytes) -> _Sent:
    return _Sent(codec, image, label_map, bytes(body.landmarks), bytes(body.options), body.loadtest_mode)


def _from_parts(parts: dict[str, bytes]) -> _Sent:
    for name in ("image", "segmentation_map"):
        if name not in parts:
            raise ProblemError("validation_failed", "the part is missing", name)
    if unknown := parts.keys() - set(FIELDS):
        raise unknown_field(min(unknown))
    switch = parts.get("loadtest_mode", b"").strip().lower()
    if switch not in _SWITCH:
        raise ProblemError("validation_failed", "must be true or false", "loadtest_mode")
    landmarks, options = (parts.get(name, b"") for name in ("landmarks", "options"))
    return _Sent(JSON, parts["image"], parts["segmentation_map"], landmarks, options, _SWITCH[switch])


def _given(options: OptionsBody | None) -> dict[str, Any]:
    """The options the caller set; the core knows the defaults of the others."""
    return {} if options is None else options.given()
