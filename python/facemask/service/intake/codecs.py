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
from facemask.service.intake.json_constants import find_constant
from facemask.service.schemas import OptionsBody, RegionMembers, SubmitBody

T_co = TypeVar("T_co", covariant=True)
EncodedValue = bytes | bytearray | memoryview

MAX_VALUE_BYTES: Final = 2**20  # 478 points take 14 kB, pretty-printed 50 kB
FIELDS: Final = SubmitBody.__struct_fields__

_PATH = re.compile(r" - at `(?:key` in `)?\$\.?(.*)`$", re.DOTALL)
_FIELD_NAME = re.compile(r"Object (missing required|contains unknown) field `(.*)`$", re.DOTALL)
_LENGTH = re.compile(r"Expected `(?:array|object)` of length (<=|>=) (\d+)$")
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
    is_json: bool

    def decode_body(self, decoder: TypedDecoder[T_co], text: EncodedValue) -> T_co:
        """Return a whole body. Raises `malformed_body` and `validation_failed`."""
        with _translate_msgspec_errors(""):
            return self._decode(decoder, text, "")

    def decode_value(self, decoder: TypedDecoder[T_co], text: EncodedValue, field: str) -> T_co | None:
        """Return a value that was left raw, or None where it is absent.

        Raises as `decode_body`.
        """
        check_value_size(text, field)
        if not bytes(text).strip():
            return None
        with _translate_msgspec_errors(field):
            return self._decode(decoder, text, field)

    def _decode(self, decoder: TypedDecoder[T_co], text: EncodedValue, prefix: str) -> T_co:
        """Decode, and report a syntax error anywhere before a wrong type."""
        try:
            try:
                return decoder.decode(text)
            except msgspec.ValidationError as error:
                with suppress(msgspec.ValidationError):
                    self.syntax.decode(text)
                raise msgspec.ValidationError(self._name_key(str(error), text)) from None
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            if self.is_json and (found := find_constant(text)) is not None:
                raise _constant_error(*found, prefix) from None
            raise

    def _name_key(self, message: str, text: EncodedValue) -> str:
        """Return a message of msgspec with the key of a value in a mapping, for which it writes `[...]`."""
        named = re.search(r" - at `\$\.(\w+)\[\.\.\.\](.*)`$", message)
        if named is None or len(text) > MAX_VALUE_BYTES:
            return message
        value = self.untyped.decode(text)
        entries = value.get(named.group(1)) if isinstance(value, dict) else None
        if not isinstance(entries, dict):
            return message
        kind = RegionMembers if named.group(1) == "regions" else str
        keys = [key for key, entry in entries.items() if not _is_valid(entry, kind)]
        if not keys:
            return message
        return f"{message[: named.start()]} - at `$.{named.group(1)}.{str(keys[0])[:_MAX_PATH]}{named.group(2)}`"


JSON: Final = Codec(
    options=msgspec.json.Decoder(OptionsBody | None),
    untyped=msgspec.json.Decoder(),
    syntax=msgspec.json.Decoder(Raw),
    is_json=True,
)
MSGPACK: Final = Codec(
    options=msgspec.msgpack.Decoder(OptionsBody | None),
    untyped=msgspec.msgpack.Decoder(),
    syntax=msgspec.msgpack.Decoder(Raw),
    is_json=False,
)
JSON_BODY: Final = msgspec.json.Decoder(SubmitBody[str])
MSGPACK_BODY: Final = msgspec.msgpack.Decoder(SubmitBody[bytes])


def _is_valid(entry: object, kind: Any) -> bool:
    try:
        msgspec.convert(entry, kind)
    except msgspec.ValidationError:
        return False
    return True


def encode_as_json(value: Any) -> bytes | None:
    """Return a value of MessagePack as JSON, with the same numbers; None for one that JSON does not have."""
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError):
        return None


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


def _join_path(prefix: str, path: str) -> str:
    return f"{prefix}{path}" if path.startswith("[") else ".".join(part for part in (prefix, path) if part)


def _constant_error(word: str, path: str, prefix: str) -> ProblemError:
    detail = f"JSON has no {word}, though json.dumps of Python writes it; send a finite number"
    return ProblemError("malformed_body", detail, _join_path(prefix, path))


def _validation_error(message: str, prefix: str) -> ProblemError:
    """Split msgspec's message into detail and path.

    For example "Expected `str`, got `int` - at `$.image`".
    """
    at = _PATH.search(message)
    reason = message[: at.start()] if at else message
    path = _join_path(prefix, at.group(1) if at else "")
    if length := _LENGTH.match(reason):
        bound = "at most" if length.group(1) == "<=" else "at least"
        reason = f"must have {bound} {length.group(2)} {'entry' if length.group(2) == '1' else 'entries'}"
    named = _FIELD_NAME.match(reason)
    if named is None:
        return ProblemError("validation_failed", reason, path)
    if named.group(1) == "missing required":
        return ProblemError("validation_failed", "the field is missing", ".".join(filter(None, (path, named.group(2)))))
    return unknown_field_error(named.group(2), path)
