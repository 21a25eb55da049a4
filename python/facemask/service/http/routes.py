"""The API: submit a photo, ask for the job, fetch the SVG, erase the job."""

from functools import partial
from typing import Annotated, Any, Final

from litestar import HttpMethod, Request, Router, delete, post, route
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response.base import ASGIResponse

from facemask.formats import FORMATS
from facemask.service.errors import ProblemError
from facemask.service.http.dependencies import Rooms
from facemask.service.http.long_poll import patience, while_connected
from facemask.service.http.openapi import (
    GuardedOperation,
    ResultOperation,
    StatusOperation,
    SubmitOperation,
    guarded_specs,
    spec,
)
from facemask.service.http.responses import GET, completed, file_answer, job_answer, ticket_answer
from facemask.service.http.security_headers import varies_by
from facemask.service.ids import canonical_id
from facemask.service.jobs.job import Snapshot, Status
from facemask.service.schemas import CompletedBody, FailedBody, StatusBody, UnfinishedBody

AnyRequest = Request[Any, Any, Any]
Wait = Annotated[float, QueryParameter(ge=0, description="wait up to so many seconds for the job to end")]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(name="Idempotency-Key", description="1 to 255 printable ASCII characters, kept as long as the job"),
]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", description="ETags the client has")]
FormatName = Annotated[str | None, QueryParameter(name="format", description=f"{', '.join(FORMATS)}; before `Accept`")]

PREFIX: Final = "/api/v1/frontal/crop"

_SUBMIT = guarded_specs(
    "malformed_body", "body_incomplete", "body_timeout", "idempotency_key_reused", "body_too_large",
    "image_too_large", "map_too_large", "unsupported_media_type", "validation_failed", "image_unsupported",
    "image_corrupt", "map_unsupported", "map_corrupt", "map_not_lossless", "map_invalid",
    "map_aspect_mismatch", "landmarks_invalid", "landmarks_implausible", "no_face", "option_invalid",
    "base64_invalid", "job_not_found", "queue_full", "shutting_down", "database_unavailable",
    "database_not_writable",
)  # fmt: skip


def _operation_id(name: str) -> Any:
    """GET keeps the name, HEAD gets its own: operation ids are unique."""
    return lambda _handler, method, _path: name if method == HttpMethod.GET else f"{name}Headers"


@post(
    "/submit",
    status_code=202,
    operation_id="submit",
    operation_class=SubmitOperation,
    summary="Submit a photo",
    responses=_SUBMIT
    | {
        202: spec(UnfinishedBody, "The job is queued"),
        200: spec(CompletedBody | FailedBody, "The job has ended"),
    },
)
async def submit(
    request: AnyRequest,
    *,
    rooms: NamedDependency[Rooms],
    wait: Wait = 0.0,
    idempotency_key: IdempotencyKey = None,
) -> ASGIResponse:
    """Queues a job: 202 with its id, or 200 with the finished job when it ends within `wait` seconds."""
    seconds = patience(wait, rooms.limits.wait_seconds)
    ticket = await rooms.desk.hand_in(request, idempotency_key, caller=rooms.gate.caller(request), patient=seconds > 0)
    snapshot = ticket.ended
    if snapshot is None and (seconds or ticket.replayed):
        snapshot = await while_connected(request, partial(rooms.jobs.wait, ticket.id, seconds))
    elif snapshot is None:  # it has just come in
        snapshot = Snapshot(ticket.id, Status.PENDING, None)
    return ticket_answer(_found(snapshot), ticket, f"{PREFIX}/status/{ticket.id}")


@route(
    "/status/{job_id:str}",
    http_method=GET,
    status_code=200,
    operation_id=_operation_id("status"),
    operation_class=StatusOperation,
    summary="Where a job stands",
    responses=guarded_specs("job_not_found", "validation_failed", "database_unavailable", "database_not_writable")
    | {200: spec(StatusBody, "The job")},
)
async def status(
    request: AnyRequest,
    job_id: FromPath[str],
    rooms: NamedDependency[Rooms],
    wait: Wait = 0.0,
) -> ASGIResponse:
    """The job; with `wait`, as soon as it has ended or after so many seconds."""
    seconds = patience(wait, rooms.limits.wait_seconds)
    known = _canonical(job_id)
    return job_answer(_found(await while_connected(request, partial(rooms.jobs.wait, known, seconds))))


@route(
    "/result/{file_name:str}",
    http_method=GET,
    status_code=200,
    operation_id=_operation_id("result"),
    operation_class=ResultOperation,
    summary="The result of a finished job: its SVG, or another format",
    responses=guarded_specs(
        "job_not_found",
        "not_acceptable",
        "job_not_finished",
        "job_failed",
        "format_impossible",
        "result_too_large",
        "validation_failed",
        "database_unavailable",
        "database_not_writable",
    )
    | {200: spec(str, "The result", "image/svg+xml"), 304: spec(None, "The client has it already")},
)
async def result(
    request: AnyRequest,
    file_name: Annotated[str, "the job's id, with `.svg` or without"],
    rooms: NamedDependency[Rooms],
    form: FormatName = None,
    if_none_match: IfNoneMatch = None,
) -> ASGIResponse:
    """The SVG at `/result/{id}.svg`; at `/result/{id}` the format that `format` or `Accept` asks for."""
    job_id, form = (file_name[:-4], "svg") if file_name.endswith(".svg") else (file_name, form)
    outcome = completed(_found(await rooms.jobs.get(_canonical(job_id))))
    if form is None:
        varies_by(request.scope, "Accept")
    accept = ", ".join(request.headers.getall("accept", []))
    return file_answer(await rooms.press.file(outcome, accept, form), if_none_match or "")


@delete(
    "/{job_id:str}",
    status_code=204,
    operation_id="erase",
    operation_class=GuardedOperation,
    summary="Erase a job",
    responses=guarded_specs("job_not_found", "database_unavailable", "database_not_writable")
    | {204: spec(None, "The job is erased")},
)
async def erase(job_id: FromPath[str], rooms: NamedDependency[Rooms]) -> None:
    """Cancels the job if it has not ended and erases its input and result."""
    if not await rooms.jobs.delete(_canonical(job_id)):
        raise not_found()


def not_found() -> ProblemError:
    """The same for unknown, malformed, erased, expired and foreign ids: nobody learns which ids have existed."""
    return ProblemError("job_not_found", "no such job; finished jobs are kept for a limited time")


def _canonical(job_id: str) -> str:
    """The id in a path as everything behind this module knows it."""
    known = canonical_id(job_id)
    if known is None:
        raise not_found()
    return known


def _found(snapshot: Snapshot | None) -> Snapshot:
    if snapshot is None:
        raise not_found()
    return snapshot


ROUTER = Router(PREFIX, route_handlers=[submit, status, result, erase], tags=["face masks"])
