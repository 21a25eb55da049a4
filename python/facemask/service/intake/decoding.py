"""Request body -> checked `Submission`.

Called in a thread: large bodies must not block the event loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from time import monotonic
from typing import Any, Final

from facemask.formats import OPTIONS
from facemask.landmark_file import parse_json_lines
from facemask.service.cache.settings import CacheMode
from facemask.service.core import parser
from facemask.service.core.exports import check_export
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
    EncodedValue,
    check_value_size,
    encode_as_json,
    unknown_field_error,
)
from facemask.service.intake.content_type import BodyFormat, ContentType
from facemask.service.intake.detection import take_detection
from facemask.service.intake.multipart import FormPart, parse_multipart
from facemask.service.jobs.job import Submission, shows_photo
from facemask.service.schemas import OptionsBody, SubmitBody
from facemask.validation import short_repr

_BOOLEANS = {b"true": True, b"1": True, b"false": False, b"0": False, b"": False}
_BOM = b"\xef\xbb\xbf"
# Replaces the base64 of a file; clients cannot guess it.
_PLACEHOLDER: Final = token_hex(16)


@dataclass(frozen=True, slots=True)
class ParsedBody:
    """The fields of a body.

    Pictures are base64 text or bytes, or None where they are missing; landmarks and options are still encoded by
    `codec`. Landmarks that are a file may have any of its forms instead.
    """

    codec: Codec
    image: str | bytes | None
    label_map: str | bytes | None
    landmarks: EncodedValue
    options: EncodedValue
    loadtest_mode: bool
    is_landmark_file: bool = False


class Decoder:
    """Decodes bodies and rejects what is invalid without decoding pixels."""

    def __init__(
        self,
        core: CoreModule,
        limits: Any,
        max_mode: CacheMode = CacheMode.OFF,
        *,
        persisted: bool = False,
        has_parser: bool = False,
    ) -> None:
        """Decode for a service with this highest cache mode.

        `persisted` submissions keep their image. With a parser those without a label map do too.
        """
        self._has_parser = has_parser
        self._core = core
        self._persisted = persisted
        self._max_mode = max_mode
        self._limits = limits

    def decode(self, content_type: ContentType, body: bytes) -> Submission:
        """Return the submission in a body.

        Raises `ProblemError` with the path of the invalid value.
        """
        started = monotonic()
        if not body:
            raise ProblemError("malformed_body", "the body is empty")
        parsed = self._parse(content_type, body)
        with translate_core_errors(self._core):
            options = _set_options(parsed.codec.decode_value(parsed.codec.options, parsed.options, "options"))
            export_format = options.pop("format", "svg")
            export_options = {name: options.pop(name) for name in OPTIONS if name in options}
            check_export(export_format, export_options)
            cache_mode = min(self._max_mode, _parse_mode(options.pop("cache", CacheMode.SIMILAR.name.lower())))
            if options.get("crop_image"):
                cache_mode = CacheMode.OFF  # a picture of a face is kept for its own job only
            landmarks, units = self._landmarks(parsed)
            detection = take_detection(
                self._core,
                options,
                has_image=parsed.image is not None,
                has_labels=parsed.label_map is not None,
                has_landmarks=landmarks is not None,
            )
            self._core.Options(**options)
            if units != "auto" and options.get("landmark_units", "auto") == "auto":
                options["landmark_units"] = units
            _check_missing(parsed, options, has_landmarks=landmarks is not None or detection is not None)
            image, label_map = self._bytes(parsed.image, "image"), self._bytes(parsed.label_map, "labels")
            if self._has_parser and image and label_map is None:
                options[parser.OPTION] = True
            # A photo whose pixels are not needed is inspected here, so no queued job holds its megabyte.
            inspect = not self._persisted and not shows_photo(options) and detection is None
            files = (image, label_map, landmarks)
            content_digest, photo = self._core.check_input(
                *files, self._limits, digest=cache_mode is not CacheMode.OFF, inspect=inspect
            )
        return Submission(
            b"" if inspect or image is None else image,
            label_map or b"",
            landmarks,
            options,
            export_format,
            parsed.loadtest_mode,
            (monotonic() - started) * 1000.0,
            cache_mode=cache_mode,
            content_digest=content_digest,
            photo=photo,
            export_options=export_options,
            detection=detection,
        )

    def _bytes(self, picture: str | bytes | None, field: str) -> bytes | None:
        return self._core.decode_base64(picture, field) if isinstance(picture, str) else picture

    def _landmarks(self, parsed: ParsedBody) -> tuple[Landmarks | None, str]:
        """Return the landmarks and their units, or `auto`.

        They are None for null and an empty list, where the label map decides.
        """
        encoded = bytes(parsed.landmarks)
        if parsed.is_landmark_file and encoded.strip():
            check_value_size(encoded, "landmarks")
            points, text = self._core.read_landmark_file(encoded)
            if text is None:
                return points, "auto"
            if (lines := parse_json_lines(text)) is not None:
                return self._core.read_landmarks(lines)
            encoded = text.encode()
        elif parsed.codec is JSON and len(encoded) <= MAX_VALUE_BYTES:
            points = self._core.parse_plain_landmarks(encoded)
            if points is not None:
                return points, "auto"
        value = parsed.codec.decode_value(parsed.codec.untyped, encoded, "landmarks")
        if value is None or value == []:
            return None, "auto"
        if not parsed.codec.is_json and (as_json := encode_as_json(value)):
            points = self._core.parse_plain_landmarks(as_json)
            if points is not None:
                return points, "auto"
        return self._core.read_landmarks(value)

    def _parse(self, content_type: ContentType, body: bytes) -> ParsedBody:
        if content_type.format is BodyFormat.MULTIPART:
            return _from_parts(parse_multipart(body, content_type.boundary))
        if content_type.format is BodyFormat.MSGPACK:
            fields = MSGPACK.decode_body(MSGPACK_BODY, body)
            return _from_fields(MSGPACK, fields, fields.image, fields.segmentation_map)
        return self._from_json(body.removeprefix(_BOM))

    def _from_json(self, body: bytes) -> ParsedBody:
        """Decode the base64 of the files in place, and the rest by msgspec.

        The base64 is nearly all of the body.
        """
        if extracted := self._core.extract_base64(body, _PLACEHOLDER):
            short, files = extracted
            # The whole text is decoded again below, for an error with the right position.
            with _suppress_unplaced_errors():
                fields = JSON.decode_body(JSON_BODY, short)
                by_placeholder = {f"{_PLACEHOLDER}{i}": file for i, file in enumerate(files)}
                # Anything else that looked like a file, such as a long name, has to stay where it was.
                if by_placeholder.keys() <= {fields.image, fields.segmentation_map}:
                    image, label_map = (
                        None if value is None else by_placeholder.get(value, value)
                        for value in (fields.image, fields.segmentation_map)
                    )
                    return _from_fields(JSON, fields, image, label_map)
        fields = JSON.decode_body(JSON_BODY, body)
        return _from_fields(JSON, fields, fields.image, fields.segmentation_map)


@contextmanager
def _suppress_unplaced_errors() -> Iterator[None]:
    """Suppress problems but those of text that is no JSON and name the field, not a position."""
    try:
        yield
    except ProblemError as error:
        if error.code == "malformed_body" and error.field:
            raise


def _parse_mode(name: str) -> CacheMode:
    """Return the cache mode of a request, an option of the service only."""
    if name not in CacheMode.names():
        raise ProblemError(
            "option_invalid", f"must be {' or '.join(CacheMode.names())}, got {short_repr(name)}", "options.cache"
        )
    return CacheMode.names()[name]


def _check_missing(parsed: ParsedBody, options: Mapping[str, Any], *, has_landmarks: bool) -> None:
    """Check that nothing is missing which the rest of a request does not replace.

    Landmarks replace the label map, and the photo's size the photo.
    """
    if parsed.image is None and options.get("image_size") is None:
        detail = "the field is missing; without a photo options.image_size has its width and height"
        raise ProblemError("validation_failed", detail, "image")
    if parsed.label_map is None and not has_landmarks:
        rule = "without a label map landmarks of 478, 468, 106, 98 or 68 points are needed, or options.detect"
        detail = f"the field is missing; {rule}"
        raise ProblemError("validation_failed", detail, "segmentation_map")


def _from_fields(
    codec: Codec, fields: SubmitBody[Any], image: str | bytes | None, label_map: str | bytes | None
) -> ParsedBody:
    return ParsedBody(codec, image, label_map, bytes(fields.landmarks), bytes(fields.options), fields.loadtest_mode)


def _from_parts(parts: dict[str, FormPart]) -> ParsedBody:
    if unknown := parts.keys() - set(FIELDS):
        raise unknown_field_error(min(unknown))
    contents = {name: part.content for name, part in parts.items()}
    for name in ("landmarks", "options", "loadtest_mode"):
        if name in parts and parts[name].is_file and not contents[name].strip():
            detail = "the file is empty: rewind a file that was sent before, or leave the part out"
            raise ProblemError("validation_failed", detail, name)
    loadtest_mode = contents.get("loadtest_mode", b"").strip().lower()
    if loadtest_mode not in _BOOLEANS:
        raise ProblemError("validation_failed", "must be true or false", "loadtest_mode")
    landmarks, options = (contents.get(name, b"").removeprefix(_BOM) for name in ("landmarks", "options"))
    files = (_file(parts, "image"), _file(parts, "segmentation_map"), landmarks)
    return ParsedBody(JSON, *files, options, _BOOLEANS[loadtest_mode], is_landmark_file=True)


def _file(parts: Mapping[str, FormPart], name: str) -> bytes | None:
    """Return the content of a file; None where it is missing, as that of a browser's field without a file is."""
    part = parts.get(name)
    return None if part is None or not (part.content or part.is_file) else part.content


def _set_options(options: OptionsBody | None) -> dict[str, Any]:
    """Return the options that the client set."""
    return {} if options is None else options.set_fields()
