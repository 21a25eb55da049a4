"""A multipart/form-data body as its parts, in memory: faces are not written to disk."""

from __future__ import annotations

from multipart import MultipartError, MultipartSegment, PushMultipartParser  # type: ignore[import-untyped]

from facemask.service.errors import ProblemError

_MAX_PARTS = 16


def read_parts(body: memoryview, boundary: bytes) -> dict[str, bytes]:
    """Part name -> content. Raises `malformed_body`, and `validation_failed` when a name comes twice."""
    parts: dict[str, bytearray] = {}
    name = ""
    try:
        with PushMultipartParser(boundary, content_length=len(body), max_segment_count=_MAX_PARTS) as parser:
            # In one piece, so that what a malformed header gets does not depend on where it lies, and as bytes: the
            # parser takes no memoryview.
            for chunk in (bytes(body), b""):
                for event in () if parser.closed else parser.parse(chunk):
                    if isinstance(event, MultipartSegment):
                        name = _new_name(event, parts)
                        parts[name] = bytearray()
                    elif event:
                        parts[name] += event
    except MultipartError as error:
        # The parser keeps its error and the error's traceback the parser, which holds the body.
        error.__traceback__ = None
        raise ProblemError("malformed_body", f"the multipart body cannot be parsed: {error}") from None
    return {name: bytes(content) for name, content in parts.items()}


def _new_name(segment: MultipartSegment, parts: dict[str, bytearray]) -> str:
    name = segment.name or ""
    if not name:
        raise ProblemError("malformed_body", "a part of the multipart body has no name")
    if name in parts:
        raise ProblemError("validation_failed", "this part came twice", name[:100])
    return name
