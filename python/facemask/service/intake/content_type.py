"""The Content-Type of a submission."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from multipart import parse_options_header  # type: ignore[import-untyped]

from facemask.service.errors import ProblemError

_MAX_BOUNDARY = 70  # RFC 2046


class BodyFormat(Enum):
    """The formats of a submission's body."""

    JSON = "application/json"
    MSGPACK = "application/msgpack"
    MULTIPART = "multipart/form-data"


_FORMATS = {member.value: member for member in BodyFormat} | {
    "application/x-msgpack": BodyFormat.MSGPACK,
    "application/vnd.msgpack": BodyFormat.MSGPACK,
}


@dataclass(frozen=True, slots=True)
class ContentType:
    """A body's format; `boundary` is that of a multipart body."""

    format: BodyFormat
    boundary: bytes = b""


def parse_content_type(content_type: str, content_encoding: str) -> ContentType:
    """Return the format of a body.

    Raises `unsupported_media_type`, or `malformed_body` for a multipart body without boundary.
    """
    if content_encoding.strip().lower() not in {"", "identity"}:
        detail = f"Content-Encoding {content_encoding!r:.100} is not supported; send the body uncompressed"
        raise ProblemError("unsupported_media_type", detail, headers={"Accept-Encoding": "identity"})
    name, parameters = parse_options_header(content_type)
    body_format = _FORMATS.get(name.strip().lower())
    if body_format is None:
        received = f"Content-Type {content_type!r:.100}" if content_type else "no Content-Type"
        supported = ", ".join(member.value for member in BodyFormat)
        raise ProblemError("unsupported_media_type", f"{received}; send {supported}")
    if body_format is not BodyFormat.MULTIPART:
        return ContentType(body_format)
    boundary = parameters.get("boundary", "")
    if not 1 <= len(boundary) <= _MAX_BOUNDARY or not boundary.isascii() or not boundary.isprintable():
        detail = "the Content-Type of a multipart body needs a boundary of 1 to 70 characters"
        raise ProblemError("malformed_body", detail)
    return ContentType(body_format, boundary.encode())
