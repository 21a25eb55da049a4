"""Parses multipart/form-data in memory; nothing is written to disk."""

from __future__ import annotations

from dataclasses import dataclass

from multipart import MultipartError, MultipartSegment, PushMultipartParser  # type: ignore[import-untyped]

from facemask.service.errors import ProblemError

_MAX_PARTS = 16


@dataclass(slots=True)
class FormPart:
    """A part of a form.

    `is_file` tells that the client named a file. A browser sends the empty name for a file field without a file.
    """

    content: bytes
    is_file: bool


def parse_multipart(body: bytes, boundary: bytes) -> dict[str, FormPart]:
    """Return the parts by name, each copied out of the body once.

    Raises `malformed_body`, and `validation_failed` for a repeated name.
    """
    parts: dict[str, FormPart] = {}
    name = ""
    try:
        with PushMultipartParser(boundary, content_length=len(body), max_segment_count=_MAX_PARTS) as parser:
            # In one piece, so that errors in headers do not depend on chunk boundaries. Then the content of a part is
            # one piece too.
            for chunk in (body, b""):
                for event in () if parser.closed else parser.parse(chunk):
                    if isinstance(event, MultipartSegment):
                        name = _new_part_name(event, parts)
                        parts[name] = FormPart(b"", bool(event.filename))
                    elif event:
                        parts[name].content += event
    except MultipartError as error:
        # Parser and traceback refer to each other, and the parser to the body.
        error.__traceback__ = None
        raise ProblemError("malformed_body", f"the multipart body cannot be parsed: {error}") from None
    return parts


def _new_part_name(segment: MultipartSegment, parts: dict[str, FormPart]) -> str:
    name = segment.name or ""
    if not name:
        raise ProblemError("malformed_body", "a part of the multipart body has no name")
    if name in parts:
        raise ProblemError("validation_failed", "this part came twice", name[:100])
    return name
