"""Jobs and files as HTTP responses."""

from collections.abc import Collection, Mapping
from typing import Final

import msgspec
from litestar import HttpMethod
from litestar.response.base import ASGIResponse

from facemask.service.errors import ProblemError
from facemask.service.http.exports import Representation
from facemask.service.jobs.job import JobStatus, Outcome, Snapshot, SubmissionReceipt

# Every route that answers GET answers HEAD with the same headers; `security_headers.py` drops the body.
GET_AND_HEAD: Final = [HttpMethod.GET, HttpMethod.HEAD]
JSON = "application/json"
SVG_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
    ),
    "Cache-Control": "private, no-cache",  # a face: no shared cache, and browsers revalidate
}
_RETRY_AFTER = {"Retry-After": "1"}


def response(
    body: bytes, *, status: int = 200, media_type: str = JSON, headers: Mapping[str, str] | None = None
) -> ASGIResponse:
    """Return a response of finished bytes.

    It is never sniffed, and not cached unless `headers` allow it.
    """
    merged = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    if "charset=" in media_type:  # Litestar adds a charset of its own to every text type
        merged["Content-Type"] = media_type
    return ASGIResponse(body=body, status_code=status, media_type=media_type, headers=merged)


def job_response(
    snapshot: Snapshot,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    omitted: Collection[str] = (),
) -> ASGIResponse:
    """Return a job, without the omitted fields; an unfinished one with `Retry-After`."""
    if snapshot.outcome:
        return response(snapshot.outcome.body_without(omitted), status=status, headers=headers)
    body = msgspec.json.encode({"id": snapshot.id, "status": snapshot.status})
    return response(body, status=status, headers={**_RETRY_AFTER, **(headers or {})})


def submission_response(
    snapshot: Snapshot, receipt: SubmissionReceipt, location: str, *, omitted: Collection[str] = ()
) -> ASGIResponse:
    """Return the job of a submission: 200 when it has ended, otherwise 202."""
    headers = {"Location": location} | ({"Idempotency-Replayed": "true"} if receipt.replayed else {})
    return job_response(snapshot, 200 if snapshot.outcome else 202, headers, omitted=omitted)


def result_response(file: Representation, if_none_match: str) -> ASGIResponse:
    """Return a file of a completed job, or 304 where the client's copy is current."""
    return conditional_response(file, if_none_match, SVG_HEADERS)


def conditional_response(file: Representation, if_none_match: str, headers: Mapping[str, str]) -> ASGIResponse:
    """Return a file with its ETag, or 304 where the client's copy is current."""
    headers = {**headers, "ETag": file.etag}
    if _matches(file.etag, if_none_match):
        return response(b"", status=304, headers=headers)
    return response(file.data, media_type=file.media_type, headers=headers)


def require_completed(snapshot: Snapshot) -> Outcome:
    """Return the outcome of a completed job.

    Raises `job_not_finished` and `job_failed`.
    """
    if snapshot.outcome is None:
        raise ProblemError("job_not_finished", f"the job is {snapshot.status}; ask again later", headers=_RETRY_AFTER)
    if snapshot.status is not JobStatus.COMPLETED:
        raise ProblemError("job_failed", "the job failed and has no result; its status says why")
    return snapshot.outcome


def _matches(etag: str, if_none_match: str) -> bool:
    """Return whether If-None-Match has the tag, by weak comparison.

    RFC 9110, section 13.1.2.
    """
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
