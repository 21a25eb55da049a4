"""Outcomes of jobs: responses as JSON, in a part of the job's own and a tail that jobs of one input share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from facemask.formats import FORMATS
from facemask.service.cache.entry import CacheEntry, CacheHit, SharedResponse
from facemask.service.core.exports import render_export, trace_from_result
from facemask.service.core.protocol import TraceResult
from facemask.service.jobs.job import JobStatus, Outcome
from facemask.service.schemas import ErrorBody, FailedBody

_encode = msgspec.json.Encoder().encode
# How the compiled module ends a response without a file in an export format.
_NO_FILE = b"null}"


def shared_response(
    result: TraceResult, export_format: str, export_options: Mapping[str, Any] | None = None
) -> SharedResponse:
    """Return the part of the response that all jobs with the same input share."""
    tail = result.response_json
    if export_format != "svg":
        tail = tail.removesuffix(_NO_FILE) + _encode(_file(export_format, export_options or {}, result)) + b"}"
    return SharedResponse(tail, f'"{result.svg_digest}"', export_format)


def completed_outcome(
    job_id: str,
    response: SharedResponse,
    timings: dict[str, float],
    hit: CacheHit | None = None,
    *,
    entry: CacheEntry | None = None,
) -> Outcome:
    """Return the outcome of a job whose response is new or from the cache."""
    head = response_head(job_id, timings, cache_result(hit), hit.distance if hit else None)
    digest = hit.digest if hit else entry.digest if entry else None
    return Outcome(JobStatus.COMPLETED, head, response.etag, response.format, digest, entry, tail=response.tail)


def response_head(job_id: str, timings: dict[str, float], cache: str, distance: int | None = None) -> bytes:
    """Return the job's own part of a completed job's JSON, up to the shared tail."""
    head = {
        "id": job_id,
        "status": JobStatus.COMPLETED,
        "cache": cache,
        "cache_distance": distance,
        "timings_ms": {name: round(value, 3) for name, value in timings.items()},
    }
    return _encode(head)[:-1] + b","


def cache_result(hit: CacheHit | None) -> str:
    """Return the result of a lookup: `exact`, `similar` or `miss`."""
    return "miss" if hit is None else "exact" if hit.distance is None else "similar"


def _file(export_format: str, export_options: Mapping[str, Any], result: TraceResult) -> dict[str, Any]:
    """Return the response's `file`: the result in an export format."""
    data = render_export(export_format, trace_from_result(result), export_options)
    return {"format": export_format, "media_type": FORMATS[export_format].media_type, "data": data}


def failed_outcome(job_id: str, code: str, detail: str, field: str = "") -> Outcome:
    """Return the outcome of a failed job."""
    return Outcome(JobStatus.FAILED, _encode(FailedBody(job_id, "failed", ErrorBody(code, detail, field))), code=code)


def internal_error_outcome(job_id: str) -> Outcome:
    """Return the outcome of a job that met a bug."""
    return failed_outcome(job_id, "internal_error", "the service failed; the job may be submitted again")
