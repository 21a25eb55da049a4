"""Jobs and finished bytes as HTTP answers."""

from collections.abc import Mapping
from typing import Final

import msgspec
from litestar import HttpMethod
from litestar.response.base import ASGIResponse

from facemask.service.errors import ProblemError
from facemask.service.http.exports import File
from facemask.service.jobs.job import Outcome, Snapshot, Status, Ticket

# Every route that answers GET: HEAD gets the same headers, and `access/headers.py` takes the body away.
GET: Final = [HttpMethod.GET, HttpMethod.HEAD]
JSON = "application/json"
SVG_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
    ),
    "Cache-Control": "private, no-cache",  # a face: no shared cache; a browser has to ask
}
_AGAIN = {"Retry-After": "1"}


def answer(
    body: bytes, *, status: int = 200, media_type: str = JSON, headers: Mapping[str, str] | None = None
) -> ASGIResponse:
    """An answer of finished bytes. Never sniffed, and not stored by caches unless `headers` say otherwise."""
    merged = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    if "charset=" in media_type:  # Litestar adds one of its own to every type of text
        merged["Content-Type"] = media_type
    return ASGIResponse(body=body, status_code=status, media_type=media_type, headers=merged)


def job_answer(snapshot: Snapshot, status: int = 200, headers: Mapping[str, str] | None = None) -> ASGIResponse:
    """A job; one that has not ended says when to ask again."""
    if snapshot.outcome:
        return answer(snapshot.outcome.answer, status=status, headers=headers)
    body = msgspec.json.encode({"id": snapshot.id, "status": snapshot.status})
    return answer(body, status=status, headers={**_AGAIN, **(headers or {})})


def ticket_answer(snapshot: Snapshot, ticket: Ticket, location: str) -> ASGIResponse:
    """A submission: 200 when its job has ended, else 202."""
    headers = {"Location": location} | ({"Idempotency-Replayed": "true"} if ticket.replayed else {})
    return job_answer(snapshot, 200 if snapshot.outcome else 202, headers)


def file_answer(file: File, if_none_match: str) -> ASGIResponse:
    """A file of a completed job, or 304 when the client has it."""
    return tagged_answer(file, if_none_match, SVG_HEADERS)


def tagged_answer(file: File, if_none_match: str, headers: Mapping[str, str]) -> ASGIResponse:
    """A file with its ETag, or 304 when the client has it."""
    headers = {**headers, "ETag": file.etag}
    if _matches(file.etag, if_none_match):
        return answer(b"", status=304, headers=headers)
    return answer(file.data, media_type=file.media_type, headers=headers)


def completed(snapshot: Snapshot) -> Outcome:
    """How a completed job ended. Raises `job_not_finished` and `job_failed`."""
    if snapshot.outcome is None:
        raise ProblemError("job_not_finished", f"the job is {snapshot.status}; ask again later", headers=_AGAIN)
    if snapshot.status is not Status.COMPLETED:
        raise ProblemError("job_failed", "the job failed and has no result; its status says why")
    return snapshot.outcome


def _matches(etag: str, if_none_match: str) -> bool:
    """Weak comparison, as RFC 9110 wants it for If-None-Match."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags
