"""Parses multipart/form-data in memory; nothing is written to disk."""

from __future__ import annotations

from multipart import MultipartError, MultipartSegment, PushMultipartParser  # type: ignore[import-untyped]

from facemask.service.errors import ProblemError

_MAX_PARTS = 16


def parse_multipart(body: memoryview, boundary: bytes) -> dict[str, bytes]:
    """Return the parts by name.

    Raises `malformed_body`, and `validation_failed` for a repeated name.
    """
    parts: dict[str, bytearray] = {}
    name = ""
    try:
        with PushMultipartParser(boundary, content_length=len(body), max_segment_count=_MAX_PARTS) as parser:
            # In one piece, so that errors in headers do not depend on chunk boundaries, and as bytes: the parser
            # accepts no memoryview.
            for chunk in (bytes(body), b""):
                for event in () if parser.closed else parser.parse(chunk):
                    if isinstance(event, MultipartSegment):
                        name = _new_part_name(event, parts)
                        parts[name] = bytearray()
                    elif event:
                        parts[name] += event
    except MultipartError as error:
        # Parser and traceback refer to each other, and the parser to the body.
        error.__traceback__ = None
        raise ProblemError("malformed_body", f"the multipart body cannot be parsed: {error}") from None
    return {name: bytes(content) for name, content in parts.items()}


def _new_part_name(segment: MultipartSegment, parts: dict[str, bytearray]) -> str:
    name = segment.name or ""
    if not name:
        raise ProblemError("malformed_body", "a part of the multipart body has no name")
    if name in parts:
        raise ProblemError("validation_failed", "this part came twice", name[:100])
    return name
