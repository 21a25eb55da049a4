"""Traces as the export formats read them, and files in those formats.

Called in threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from facemask import FacemaskError
from facemask.formats import FORMATS, TracedFace, check_options, render
from facemask.options.choices import Frame
from facemask.service.core.protocol import TraceResult, api_field
from facemask.service.errors import ProblemError
from facemask.validation import short_repr


class StoredTrace(msgspec.Struct):
    """The fields of a response body that export formats need.

    The SVG is passed beside it, already decoded.
    """

    # A number without a fraction stays one: the files are those of the library, to the last byte.
    mask_contours: dict[str, list[list[list[int | float]]]]
    regions: list[dict[str, object]]
    size: list[int]
    crop_from_image: list[float]
    frame: Frame = "crop"  # absent in results of earlier versions, as colors
    colors: dict[str, str] = {}
    svg: str = ""
    schemes: dict[str, Any] = {}
    landmarks: list[list[float]] | None = None


_decoder = msgspec.json.Decoder(StoredTrace)


def trace_from_body(body: bytes, svg: bytes) -> TracedFace:
    """Return the trace in the response body of a completed job."""
    trace = _decoder.decode(body)
    trace.svg = svg.decode()
    return trace


def trace_from_result(result: TraceResult) -> TracedFace:
    """Return the trace that the compiled module has just made."""
    return StoredTrace(
        msgspec.json.decode(result.mask_contours_json),
        msgspec.json.decode(result.regions_json),
        list(result.size),
        list(result.crop_from_image),
        result.frame,
        result.colors,
        result.svg_bytes.decode(),
        msgspec.json.decode(result.schemes_json),
        None if result.landmarks is None else result.landmarks.round(2).tolist(),
    )


def check_export(format_name: str, options: Mapping[str, Any]) -> None:
    """Check a format and its options, as fields of a request's `options`. Raises `option_invalid`."""
    if format_name not in FORMATS:
        detail = f"must be {' or '.join(FORMATS)}, got {short_repr(format_name)}"
        raise ProblemError("option_invalid", detail, "options.format")
    try:
        check_options(format_name, options)
    except FacemaskError as error:
        raise ProblemError(error.code, error.detail, api_field(error.field)) from error


def render_export(format_name: str, trace: TracedFace, options: Mapping[str, Any]) -> bytes:
    """Return the file of a trace in a format. Raises `format_impossible`."""
    try:
        return render(format_name, trace, options)
    except FacemaskError as error:
        raise ProblemError(error.code, error.detail, api_field(error.field)) from error
