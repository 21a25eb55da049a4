"""Text -> typed values by msgspec, and its errors as refusals that name the path.

Small values hide behind few bytes: ten million `{}` are 30 MB of text and almost a gigabyte of dictionaries. So a
body is decoded with `landmarks` and `options` left as raw text, and these are decoded only when they are short.
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
Text = bytes | bytearray | memoryview

MAX_VALUE_BYTES: Final = 2**20  # 478 points take 14 kB, pretty-printed ones 50 kB
FIELDS: Final = SubmitBody.__struct_fields__

_AT = re.compile(r" - at `(?:key` in `)?\$\.?(.*)`$", re.DOTALL)
_NAME = re.compile(r"Object (missing required|contains unknown) field `(.*)`$", re.DOTALL)
_MAX_PATH = 200


class Decodes(Protocol[T_co]):
    """A msgspec decoder of either format."""

    def decode(self, text: Text, /) -> T_co:
        """The value in a text."""


@dataclass(frozen=True, slots=True)
class Codec:
    """The decoders of one format."""

    options: Decodes[OptionsBody | None]
    anything: Decodes[Any]
    syntax: Decodes[Any]

    def body(self, decoder: Decodes[T_co], text: Text) -> T_co:
        """A whole body."""
        with _translate_msgspec_errors(""):
            return self._decode(decoder, text)

    def value(self, decoder: Decodes[T_co], text: Text, field: str) -> T_co | None:
        """One of the values that were left raw; None when there is none."""
        if len(text) > MAX_VALUE_BYTES:
            raise ProblemError("validation_failed", f"may take at most {MAX_VALUE_BYTES} bytes", field)
        if not bytes(text).strip():
            return None
        with _translate_msgspec_errors(field):
            return self._decode(decoder, text)

    def _decode(self, decoder: Decodes[T_co], text: Text) -> T_co:
        """Text that is malformed anywhere is called so, even when an earlier part of it has a wrong type."""
        try:
            return decoder.decode(text)
        except msgspec.ValidationError:
            with suppress(msgspec.ValidationError):
                self.syntax.decode(text)
            raise


JSON: Final = Codec(
    options=msgspec.json.Decoder(OptionsBody | None),
    anything=msgspec.json.Decoder(),
    syntax=msgspec.json.Decoder(Raw),
)
MSGPACK: Final = Codec(
    options=msgspec.msgpack.Decoder(OptionsBody | None),
    anything=msgspec.msgpack.Decoder(),
    syntax=msgspec.msgpack.Decoder(Raw),
)
JSON_BODY: Final = msgspec.json.Decoder(SubmitBody[str])
MSGPACK_BODY: Final = msgspec.msgpack.Decoder(SubmitBody[bytes])


def unknown_field(name: str, path: str = "") -> ProblemError:
    """The problem of a name that does not exist, with those that do."""
    known = OptionsBody.__struct_fields__ if path else FIELDS
    field = ".".join(filter(None, (path, name)))
    return ProblemError(
        "validation_failed", f"there is no such field; there are: {', '.join(known)}", field[:_MAX_PATH]
    )


@contextmanager
def _translate_msgspec_errors(prefix: str) -> Iterator[None]:
    """Turns msgspec's errors into refusals; `prefix` is the path of the text that is decoded."""
    try:
        yield
    except msgspec.ValidationError as error:
        raise _validation(str(error), prefix) from error
    except RecursionError as error:
        raise ProblemError("malformed_body", "the body is nested too deeply", prefix) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        reason = "the text is not UTF-8" if isinstance(error, UnicodeError) else str(error)
        raise ProblemError("malformed_body", f"the body cannot be parsed: {reason}", prefix) from error


def _validation(message: str, prefix: str) -> ProblemError:
    """Msgspec's sentence as detail and path: "Expected `str`, got `int` - at `$.image`"."""
    at = _AT.search(message)
    reason = message[: at.start()] if at else message
    path = ".".join(part for part in (prefix, at.group(1) if at else "") if part)
    named = _NAME.match(reason)
    if named is None:
        return ProblemError("validation_failed", reason, path)
    if named.group(1) == "missing required":
        return ProblemError("validation_failed", "the field is missing", ".".join(filter(None, (path, named.group(2)))))
    return unknown_field(named.group(2), path)
