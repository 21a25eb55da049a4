"""API routes: submit a photo, get a job's status and result, erase the job."""

from functools import partial
from typing import Annotated, Any, Final

from litestar import Request, Router, delete, post, route
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response.base import ASGIResponse

from facemask.formats import FORMATS
from facemask.service.cache.entry import OMITTABLE
from facemask.service.errors import ProblemError
from facemask.service.http.dependencies import ApiServices
from facemask.service.http.exports import CROP_IMAGE
from facemask.service.http.long_poll import clamp_wait, preferred_wait, until_disconnect
from facemask.service.http.openapi.operations import (
    ProtectedOperation,
    ResultOperation,
    StatusOperation,
    SubmitOperation,
    protected_specs,
    response_spec,
    unique_operation_id,
)
from facemask.service.http.responses import (
    GET_AND_HEAD,
    job_response,
    require_completed,
    result_response,
    submission_response,
)
from facemask.service.http.security_headers import add_vary
from facemask.service.ids import canonical_id
from facemask.service.jobs.job import JobStatus, Snapshot
from facemask.service.schemas import (
    CLASSES,
    INSET,
    KEYPOINTS,
    SEGMENTATION,
    Y_UP,
    CompletedBody,
    FailedBody,
    StatusBody,
    UnfinishedBody,
)
from facemask.validation import short_repr

AnyRequest = Request[Any, Any, Any]
Wait = Annotated[float, QueryParameter(ge=0, description="wait up to so many seconds for the job to end")]
SubmitWait = Annotated[
    float | None,
    QueryParameter(ge=0, description="wait up to so many seconds for the job to end; without it the answer is 202"),
]
Prefer = Annotated[str | None, HeaderParameter(name="Prefer", description="`wait=SECONDS` of RFC 7240, as `wait`")]
Omit = Annotated[
    str | None,
    QueryParameter(description="fields that a completed job leaves out: svg, mask_contours, or both with a comma"),
]
IdempotencyKeyHeader = Annotated[
    str | None,
    HeaderParameter(name="Idempotency-Key", description="1 to 255 printable ASCII characters, kept as long as the job"),
]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", description="ETags the client has")]
FormatName = Annotated[str | None, QueryParameter(name="format", description=f"{', '.join(FORMATS)}; before `Accept`")]
Segmentation = Annotated[str | None, QueryParameter(description=SEGMENTATION)]
ClassNames = Annotated[str | None, QueryParameter(description=f"{CLASSES}, with commas between them")]
Inset = Annotated[float | None, QueryParameter(description=INSET)]
Keypoints = Annotated[str | None, QueryParameter(description=KEYPOINTS)]
YUp = Annotated[bool | None, QueryParameter(description=Y_UP)]

PREFIX: Final = "/api/v1/frontal/crop"

_SUBMIT = protected_specs(
    "malformed_body", "body_incomplete", "body_timeout", "idempotency_key_reused", "body_too_large",
    "image_too_large", "map_too_large", "unsupported_media_type", "validation_failed", "image_unsupported",
    "image_corrupt", "map_unsupported", "map_corrupt", "map_not_lossless", "map_invalid",
    "map_aspect_mismatch", "map_required", "landmarks_invalid", "landmarks_implausible", "no_face", "crop_empty",
    "option_invalid", "base64_invalid", "job_not_found", "queue_full", "shutting_down", "database_unavailable",
    "database_not_writable",
)  # fmt: skip


@post(
    "/submit",
    status_code=202,
    operation_id="submit",
    operation_class=SubmitOperation,
    summary="Submit a photo",
    responses=_SUBMIT
    | {
        202: response_spec(UnfinishedBody, "The job is queued"),
        200: response_spec(CompletedBody | FailedBody, "The client waited, and the job has ended"),
    },
)
async def submit(
    request: AnyRequest,
    *,
    services: NamedDependency[ApiServices],
    wait: SubmitWait = None,
    omit: Omit = None,
    idempotency_key: IdempotencyKeyHeader = None,
    prefer: Prefer = None,
) -> ASGIResponse:
    """Queue a job: 202 with its id. A client that waits gets 200 with the job when it ends within that time."""
    omitted = _parse_omitted(omit)
    longest = services.limits.wait_seconds
    wanted = wait if wait is not None else preferred_wait(prefer or "", longest)
    seconds = clamp_wait(wanted or 0.0, longest)
    caller = services.access.caller(request)
    receipt = await services.submissions.submit(request, idempotency_key, caller=caller, defer_persist=seconds > 0)
    snapshot = receipt.finished
    if snapshot is None and (seconds or receipt.replayed):
        snapshot = await until_disconnect(request, partial(services.jobs.wait, receipt.id, seconds))
    elif snapshot is None:  # queued a moment ago
        snapshot = Snapshot(receipt.id, JobStatus.PENDING, None)
    found = _require_found(snapshot)
    if wanted is None:  # a known request is answered like any other
        found = Snapshot(receipt.id, JobStatus.PENDING, None)
    location = f"{PREFIX}/status/{receipt.id}"
    return submission_response(found, receipt, location, omitted=omitted)


@route(
    "/status/{job_id:str}",
    http_method=GET_AND_HEAD,
    status_code=200,
    operation_id=unique_operation_id("status"),
    operation_class=StatusOperation,
    summary="Where a job stands",
    responses=protected_specs("job_not_found", "validation_failed", "database_unavailable", "database_not_writable")
    | {200: response_spec(StatusBody, "The job")},
)
async def status(
    request: AnyRequest,
    job_id: FromPath[str],
    services: NamedDependency[ApiServices],
    wait: Wait = 0.0,
    omit: Omit = None,
) -> ASGIResponse:
    """Return the job; with `wait`, as soon as it has ended or after so many seconds."""
    omitted = _parse_omitted(omit)
    seconds = clamp_wait(wait, services.limits.wait_seconds)
    canonical = _canonical(job_id)
    snapshot = await until_disconnect(request, partial(services.jobs.wait, canonical, seconds))
    return job_response(_require_found(snapshot), omitted=omitted)


@route(
    "/result/{file_name:str}",
    http_method=GET_AND_HEAD,
    status_code=200,
    operation_id=unique_operation_id("result"),
    operation_class=ResultOperation,
    summary="The result of a finished job: its SVG, or another format",
    responses=protected_specs(
        "job_not_found",
        "not_acceptable",
        "job_not_finished",
        "job_failed",
        "format_impossible",
        "option_invalid",
        "result_too_large",
        "validation_failed",
        "database_unavailable",
        "database_not_writable",
    )
    | {200: response_spec(str, "The result", "image/svg+xml"), 304: response_spec(None, "The client has it already")},
)
async def result(  # noqa: PLR0913 - Litestar reads the parameters of the address from the signature
    request: AnyRequest,
    *,
    file_name: Annotated[str, "the job's id, with `.svg`, `.jpg` or without"],
    services: NamedDependency[ApiServices],
    format_name: FormatName = None,
    segmentation: Segmentation = None,
    classes: ClassNames = None,
    inset: Inset = None,
    y_up: YUp = None,
    keypoints: Keypoints = None,
    if_none_match: IfNoneMatch = None,
) -> ASGIResponse:
    """Return the result of a completed job.

    `/result/{id}.svg` is the SVG, `/result/{id}.jpg` the upright crop of a job with `crop_image`, and `/result/{id}`
    the format that `format` or `Accept` names. A format's options are those of this request, not those of the job.
    """
    job_id, dot, suffix = file_name.rpartition(".")
    if dot and suffix in ("svg", CROP_IMAGE):
        format_name = suffix
    else:
        job_id = file_name
    outcome = require_completed(_require_found(await services.jobs.get(_canonical(job_id))))
    if format_name is None:
        add_vary(request.scope, "Accept")
    accept = ", ".join(request.headers.getall("accept", []))
    names = None if classes is None else [name.strip() for name in classes.split(",")]
    given = {"segmentation": segmentation, "classes": names, "inset": inset, "y_up": y_up, "keypoints": keypoints}
    options = {name: value for name, value in given.items() if value is not None}
    representation = await services.renderer.render(outcome, accept, format_name, options)
    return result_response(representation, if_none_match or "")


@delete(
    "/{job_id:str}",
    status_code=204,
    operation_id="erase",
    operation_class=ProtectedOperation,
    summary="Erase a job",
    responses=protected_specs("job_not_found", "database_unavailable", "database_not_writable")
    | {204: response_spec(None, "The job is erased")},
)
async def erase(job_id: FromPath[str], services: NamedDependency[ApiServices]) -> None:
    """Cancel the job if it has not ended, and erase its input and result."""
    if not await services.jobs.delete(_canonical(job_id)):
        raise not_found()


def not_found() -> ProblemError:
    """Return the problem of an unknown id.

    Malformed, erased, expired and foreign ids get the same, so that none is revealed.
    """
    return ProblemError("job_not_found", "no such job; finished jobs are kept for a limited time")


def _parse_omitted(omit: str | None) -> frozenset[str]:
    """Return the fields to leave out. Raises `validation_failed` for a name of none that can be."""
    names = frozenset() if omit is None else frozenset(name.strip() for name in omit.split(","))
    if unknown := names - set(OMITTABLE):
        detail = f"must be {' or '.join(OMITTABLE)}, or both with a comma, got {short_repr(min(unknown))}"
        raise ProblemError("validation_failed", detail, "omit")
    return names


def _canonical(job_id: str) -> str:
    """Return the canonical spelling of the id in a path. Raises `job_not_found`."""
    canonical = canonical_id(job_id)
    if canonical is None:
        raise not_found()
    return canonical


def _require_found(snapshot: Snapshot | None) -> Snapshot:
    if snapshot is None:
        raise not_found()
    return snapshot


ROUTER = Router(PREFIX, route_handlers=[submit, status, result, erase], tags=["face masks"])
