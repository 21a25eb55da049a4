"""A body's bytes -> a checked `Submission`. Runs in a thread: big bodies must not hold up the event loop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, Protocol, TypeVar

import msgspec

from facemask.arguments import shown
from facemask.formats import FORMATS
from facemask.service.engine import Engine, Landmarks, refusals_of
from facemask.service.intake.media import Format, Media
from facemask.service.intake.multipart import read_parts
from facemask.service.jobs.job import Submission
from facemask.service.refusal import Refusal
from facemask.service.schemas import OptionsBody, SubmitBody

T_co = TypeVar("T_co", covariant=True)
Body = bytes | bytearray

_json = msgspec.json.Decoder(SubmitBody[str])
_msgpack = msgspec.msgpack.Decoder(SubmitBody[bytes])
_options = msgspec.json.Decoder(OptionsBody | None)
_any_json = msgspec.json.Decoder()
_any_msgpack = msgspec.msgpack.Decoder()

_FIELDS = SubmitBody.__struct_fields__
_SWITCH = {b"true": True, b"1": True, b"false": False, b"0": False, b"": False}
_BOM = b"\xef\xbb\xbf"
_AT = re.compile(r" - at `(?:key` in `)?\$\.?(.*)`$", re.DOTALL)
_NAME = re.compile(r"Object (missing required|contains unknown) field `(.*)`$", re.DOTALL)


class Decoder:
    """Decodes bodies and refuses what can be seen to be wrong without decoding pixels."""

    def __init__(self, engine: Engine, limits: Any) -> None:
        self._engine = engine
        self._limits = limits

    def decode(self, media: Media, body: Body) -> Submission:
        """The submission in a body. Raises `Refusal` with the path of what is wrong."""
        started = monotonic()
        if not body:
            raise Refusal("malformed_body", "the body is empty")
        with refusals_of(self._engine):
            sent = self._parse(media, body)
            set_options = _given(sent.options)
            form = _format(set_options.pop("format", "svg"))
            self._engine.Options(**set_options)
            landmarks = self._landmarks(sent.landmarks)
            self._engine.check_headers(sent.image, sent.segmentation_map, self._limits)
        milliseconds = (monotonic() - started) * 1000.0
        return Submission(
            sent.image, sent.segmentation_map, landmarks, set_options, form, sent.loadtest_mode, milliseconds
        )

    def _parse(self, media: Media, body: Body) -> SubmitBody[bytes]:
        with _refusals_of_msgspec():
            if media.format is Format.MSGPACK:
                return _decode(_msgpack, _any_msgpack, body)
            if media.format is Format.MULTIPART:
                return _from_parts(read_parts(body, media.boundary))
            text = _decode(_json, _any_json, memoryview(body)[len(_BOM) :] if body.startswith(_BOM) else body)
        return SubmitBody(
            image=self._engine.decode_base64(text.image, "image"),
            segmentation_map=self._engine.decode_base64(text.segmentation_map, "labels"),
            landmarks=text.landmarks,
            options=text.options,
            loadtest_mode=text.loadtest_mode,
        )

    def _landmarks(self, sent: Any) -> Landmarks | None:
        """None and an empty list mean that the label map decides."""
        points = None if sent is None or sent == [] else self._engine.landmark_array(sent)
        if points is not None:
            self._engine.check_landmarks(points)
        return points


def _format(name: str) -> str:
    """A format is made here and not by the engine."""
    if name not in FORMATS:
        raise Refusal("option_invalid", f"must be {' or '.join(FORMATS)}, got {shown(name)}", "options.format")
    return name


def _given(options: OptionsBody | None) -> dict[str, Any]:
    """The options the caller set; the engine knows the defaults of the others."""
    if options is None:
        return {}
    values = {name: getattr(options, name) for name in options.__struct_fields__}
    return {name: value for name, value in values.items() if value is not msgspec.UNSET}


def _from_parts(parts: dict[str, bytes]) -> SubmitBody[bytes]:
    for name in ("image", "segmentation_map"):
        if name not in parts:
            raise Refusal("validation_failed", "the part is missing", name)
    if unknown := parts.keys() - set(_FIELDS):
        raise _unknown(min(unknown), "", _FIELDS)
    switch = parts.get("loadtest_mode", b"").strip().lower()
    if switch not in _SWITCH:
        raise Refusal("validation_failed", "must be true or false", "loadtest_mode")
    return SubmitBody(
        image=parts["image"],
        segmentation_map=parts["segmentation_map"],
        landmarks=_part(parts, "landmarks", _any_json),
        options=_part(parts, "options", _options),
        loadtest_mode=_SWITCH[switch],
    )


def _part(parts: dict[str, bytes], name: str, decoder: _Decodes[T_co]) -> T_co | None:
    """A part that is JSON text; an empty one counts as absent, as an empty form field does."""
    content = parts.get(name, b"")
    if not content.strip():
        return None
    with _refusals_of_msgspec(name):
        return _decode(decoder, _any_json, content)


class _Decodes(Protocol[T_co]):
    def decode(self, text: Body | memoryview, /) -> T_co: ...


def _decode(decoder: _Decodes[T_co], untyped: _Decodes[Any], text: Body | memoryview) -> T_co:
    """Decodes; text that is malformed anywhere is called so, even when an earlier part of it has a wrong
    type.
    """
    try:
        return decoder.decode(text)
    except msgspec.ValidationError:
        with suppress(msgspec.ValidationError):
            untyped.decode(text)
        raise


@contextmanager
def _refusals_of_msgspec(prefix: str = "") -> Iterator[None]:
    """Turns msgspec's errors into refusals; `prefix` is the path of the text that is decoded."""
    try:
        yield
    except msgspec.ValidationError as error:
        raise _validation(str(error), prefix) from error
    except RecursionError as error:
        raise Refusal("malformed_body", "the body is nested too deeply", prefix) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        reason = "the text is not UTF-8" if isinstance(error, UnicodeError) else str(error)
        raise Refusal("malformed_body", f"the body cannot be parsed: {reason}", prefix) from error


def _validation(message: str, prefix: str) -> Refusal:
    """Msgspec's sentence as detail and path: "Expected `str`, got `int` - at `$.image`"."""
    at = _AT.search(message)
    reason = message[: at.start()] if at else message
    path = ".".join(part for part in (prefix, at.group(1) if at else "") if part)
    named = _NAME.match(reason)
    if named is None:
        return Refusal("validation_failed", reason, path)
    if named.group(1) == "missing required":
        return Refusal("validation_failed", "the field is missing", ".".join(filter(None, (path, named.group(2)))))
    return _unknown(named.group(2), path, OptionsBody.__struct_fields__ if path else _FIELDS)


def _unknown(name: str, path: str, known: tuple[str, ...]) -> Refusal:
    field = ".".join(filter(None, (path, name)))
    return Refusal("validation_failed", f"there is no such field; there are: {', '.join(known)}", field[:200])
