"""What the Content-Type header says about a body."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from multipart import parse_options_header  # type: ignore[import-untyped]

from facemask.service.errors import ProblemError

_MAX_BOUNDARY = 70  # RFC 2046


class Format(Enum):
    """The formats a submission may come in."""

    JSON = "application/json"
    MSGPACK = "application/msgpack"
    MULTIPART = "multipart/form-data"


_FORMATS = {member.value: member for member in Format} | {
    "application/x-msgpack": Format.MSGPACK,
    "application/vnd.msgpack": Format.MSGPACK,
}


@dataclass(frozen=True, slots=True)
class Media:
    """A body's format; `boundary` is that of a multipart body."""

    format: Format
    boundary: bytes = b""


def read_media(content_type: str, content_encoding: str) -> Media:
    """The format of a body. Raises `unsupported_media_type`, or `malformed_body` for a multipart without
    boundary.
    """
    if content_encoding.strip().lower() not in {"", "identity"}:
        detail = f"Content-Encoding {content_encoding!r:.100} is not supported; send the body uncompressed"
        raise ProblemError("unsupported_media_type", detail, headers={"Accept-Encoding": "identity"})
    name, parameters = parse_options_header(content_type)
    form = _FORMATS.get(name.strip().lower())
    if form is None:
        came = f"Content-Type {content_type!r:.100}" if content_type else "no Content-Type"
        raise ProblemError("unsupported_media_type", f"{came}; send {', '.join(member.value for member in Format)}")
    if form is not Format.MULTIPART:
        return Media(form)
    boundary = parameters.get("boundary", "")
    if not 1 <= len(boundary) <= _MAX_BOUNDARY or not boundary.isascii() or not boundary.isprintable():
        raise ProblemError(
            "malformed_body", "the Content-Type of a multipart body needs a boundary of 1 to 70 characters"
        )
    return Media(form, boundary.encode())
