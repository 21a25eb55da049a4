"""Text -> typed values by msgspec; its errors become problems that name the field.

Short text can describe large values: ten million `{}` are 30 MB of text and almost a gigabyte of dictionaries. A body
is therefore decoded with `landmarks` and `options` as raw text, and these are decoded only when they are short.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import msgspec
from msgspec import Raw

from facemask.service.errors import ProblemError
from facemask.service.schemas import OptionsBody, SubmitBody

T_co = TypeVar("T_co", covariant=True)
EncodedValue = bytes | bytearray | memoryview

MAX_VALUE_BYTES: Final = 2**20  # 478 points take 14 kB, pretty-printed 50 kB
FIELDS: Final = SubmitBody.__struct_fields__

_PATH = re.compile(r" - at `(?:key` in `)?\$\.?(.*)`$", re.DOTALL)
_FIELD_NAME = re.compile(r"Object (missing required|contains unknown) field `(.*)`$", re.DOTALL)
_MAX_PATH = 200


class TypedDecoder(Protocol[T_co]):
    """A msgspec decoder of either format."""

    def decode(self, text: EncodedValue, /) -> T_co:
        """Return the value in a text."""


@dataclass(frozen=True, slots=True)
class Codec:
    """The decoders of one format."""

    options: TypedDecoder[OptionsBody | None]
    untyped: TypedDecoder[Any]
    syntax: TypedDecoder[Any]

    def decode_body(self, decoder: TypedDecoder[T_co], text: EncodedValue) -> T_co:
        """Return a whole body. Raises `malformed_body` and `validation_failed`."""
        with _translate_msgspec_errors(""):
            return self._decode(decoder, text)

    def decode_value(self, decoder: TypedDecoder[T_co], text: EncodedValue, field: str) -> T_co | None:
        """Return a value that was left raw, or None where it is absent.

        Raises as `decode_body`.
        """
        check_value_size(text, field)
        if not bytes(text).strip():
            return None
        with _translate_msgspec_errors(field):
            return self._decode(decoder, text)

    def _decode(self, decoder: TypedDecoder[T_co], text: EncodedValue) -> T_co:
        """Decode, and report a syntax error anywhere before a wrong type."""
        try:
            return decoder.decode(text)
        except msgspec.ValidationError:
            with suppress(msgspec.ValidationError):
                self.syntax.decode(text)
            raise


JSON: Final = Codec(
    options=msgspec.json.Decoder(OptionsBody | None),
    untyped=msgspec.json.Decoder(),
    syntax=msgspec.json.Decoder(Raw),
)
MSGPACK: Final = Codec(
    options=msgspec.msgpack.Decoder(OptionsBody | None),
    untyped=msgspec.msgpack.Decoder(),
    syntax=msgspec.msgpack.Decoder(Raw),
)
JSON_BODY: Final = msgspec.json.Decoder(SubmitBody[str])
MSGPACK_BODY: Final = msgspec.msgpack.Decoder(SubmitBody[bytes])


def check_value_size(text: EncodedValue, field: str) -> None:
    """Raise `validation_failed` for a value that is too long."""
    if len(text) > MAX_VALUE_BYTES:
        raise ProblemError("validation_failed", f"may take at most {MAX_VALUE_BYTES} bytes", field)


def unknown_field_error(name: str, path: str = "") -> ProblemError:
    """Return the problem of an unknown field name; it lists the known ones."""
    known = OptionsBody.__struct_fields__ if path else FIELDS
    field = ".".join(filter(None, (path, name)))
    detail = f"there is no such field; there are: {', '.join(known)}"
    return ProblemError("validation_failed", detail, field[:_MAX_PATH])


@contextmanager
def _translate_msgspec_errors(prefix: str) -> Iterator[None]:
    """Turn msgspec's errors into problems.

    `prefix` is the path of the text that is decoded.
    """
    try:
        yield
    except msgspec.ValidationError as error:
        raise _validation_error(str(error), prefix) from error
    except RecursionError as error:
        raise ProblemError("malformed_body", "the body is nested too deeply", prefix) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        reason = "the text is not UTF-8" if isinstance(error, UnicodeError) else str(error)
        raise ProblemError("malformed_body", f"the body cannot be parsed: {reason}", prefix) from error


def _validation_error(message: str, prefix: str) -> ProblemError:
    """Split msgspec's message into detail and path.

    For example "Expected `str`, got `int` - at `$.image`".
    """
    at = _PATH.search(message)
    reason = message[: at.start()] if at else message
    path = ".".join(part for part in (prefix, at.group(1) if at else "") if part)
    named = _FIELD_NAME.match(reason)
    if named is None:
        return ProblemError("validation_failed", reason, path)
    if named.group(1) == "missing required":
        return ProblemError("validation_failed", "the field is missing", ".".join(filter(None, (path, named.group(2)))))
    return unknown_field_error(named.group(2), path)
