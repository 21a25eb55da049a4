"""Errors as `application/problem+json` responses, RFC 9457."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.types import ExceptionHandlersMap

from facemask.service.errors import ProblemError
from facemask.service.http.security_headers import SECURITY_HEADERS
from facemask.service.schemas import ProblemBody
from facemask.service.telemetry.requests import PROBLEM_STATE_KEY

PROBLEM_JSON = "application/problem+json"

PROBLEMS: dict[str, tuple[int, str]] = {
    # of the compiled module
    "image_unsupported": (422, "The photo is not a PNG, JPEG or WebP file"),
    "image_corrupt": (422, "The photo is damaged"),
    "image_too_large": (413, "The photo has too many pixels"),
    "map_unsupported": (422, "The label map's format carries no labels"),
    "map_corrupt": (422, "The label map is damaged"),
    "map_too_large": (413, "The label map has too many pixels"),
    "map_not_lossless": (422, "The label map went through a lossy codec"),
    "map_invalid": (422, "The label map's values are not labels"),
    "map_aspect_mismatch": (422, "The label map does not fit the photo"),
    "map_required": (422, "A label map is needed"),
    "map_too_complex": (422, "The label map has too many borders"),
    "landmarks_invalid": (422, "The landmarks are not points"),
    "landmarks_implausible": (422, "The landmarks do not form a face"),
    "no_face": (422, "Nothing says where the face is"),
    "face_uncertain": (422, "The photo may show a face"),
    "face_ambiguous": (422, "The photo shows several faces"),
    "model_missing": (501, "A neural network is not installed"),
    "model_invalid": (500, "A neural network cannot be used"),
    "model_unreachable": (500, "A neural network's file cannot be fetched"),
    "crop_empty": (422, "The crop holds next to nothing of the face"),
    "option_invalid": (422, "An option has an invalid value"),
    "base64_invalid": (422, "A value is not base64"),
    "format_impossible": (422, "The format cannot hold this result"),
    "internal_error": (500, "The service failed"),
    # of the service
    "bad_request": (400, "The request is malformed"),
    "malformed_body": (400, "The body cannot be parsed"),
    "body_incomplete": (400, "The body ended early"),
    "body_timeout": (408, "The body took too long"),
    "validation_failed": (422, "A value is not what it has to be"),
    "unauthorized": (401, "An API key is needed"),
    "not_found": (404, "There is nothing at this address"),
    "job_not_found": (404, "There is no such job"),
    "method_not_allowed": (405, "This address does not take this method"),
    "not_acceptable": (406, "The result does not come in this format"),
    "job_not_finished": (409, "The job has not ended"),
    "job_failed": (409, "The job failed"),
    "idempotency_key_reused": (409, "The Idempotency-Key belongs to another body"),
    "body_too_large": (413, "The body is too large"),
    "result_too_large": (422, "The result is too large"),
    "unsupported_media_type": (415, "The body's type is not supported"),
    "rate_limited": (429, "Too many requests"),
    "head_too_large": (431, "The request's headers are too long"),
    "http_version_unsupported": (505, "The version of HTTP is not supported"),
    "queue_full": (503, "The queue is full"),
    "worker_lost": (500, "The job's worker was lost"),
    "request_timeout": (503, "The request took too long"),
    "database_unavailable": (503, "The database does not answer"),
    "database_not_writable": (503, "The database cannot store jobs"),
    "shutting_down": (503, "The service is stopping"),
}

_log = logging.getLogger("facemask.service")
_BY_STATUS = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


def problem_body(problem: ProblemError) -> ProblemBody:
    """Return the document of a problem.

    A code without a row is a bug and becomes `internal_error`.
    """
    code = problem.code if problem.code in PROBLEMS else "internal_error"
    status, title = PROBLEMS[code]
    return ProblemBody(f"urn:facemask:problem:{code}", title, status, problem.detail, code, problem.field)


def problem_response(problem: ProblemError) -> Response[ProblemBody]:
    """Return the response of a problem."""
    body = problem_body(problem)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **problem.headers}
    return Response(body, status_code=body.status, media_type=PROBLEM_JSON, headers=headers)


def raw_problem_response(problem: ProblemError) -> bytes:
    """Return the bytes of a whole HTTP/1.1 response that closes the connection.

    It is for requests that do not reach the application.
    """
    body = problem_body(problem)
    data = msgspec.json.encode(body)
    headers: dict[str, object] = {"content-type": PROBLEM_JSON, "content-length": len(data), "connection": "close"}
    headers |= {"cache-control": "no-store", **SECURITY_HEADERS, **problem.headers}
    lines = [f"HTTP/1.1 {body.status} {HTTPStatus(body.status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join((*lines, "", "")).encode("ascii") + data


def on_problem(request: Request[Any, Any, Any], error: ProblemError) -> Response[ProblemBody]:
    """Handle a problem of our own code."""
    response = problem_response(error)
    request.scope["state"][PROBLEM_STATE_KEY] = response.content.code
    return response


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[ProblemBody]:
    """Handle an error of Litestar, such as an unknown path or method."""
    return on_problem(request, _translate(request, error))


def on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemBody]:
    """Handle an unexpected exception.

    The log gets the traceback; the client sees its name in debug mode only.
    """
    route = request.scope.get("path_template", "a request")
    _log.error("%s %s failed: a bug of ours", request.method, route, exc_info=error)
    detail = repr(error) if request.app.debug else "the service failed; the request may be sent again"
    return on_problem(request, ProblemError("internal_error", detail))


def _translate(request: Request[Any, Any, Any], error: HTTPException) -> ProblemError:
    if isinstance(error, NotFoundException):
        return ProblemError("not_found", "nothing at this address; the API is described at /docs")
    if isinstance(error, MethodNotAllowedException):
        # Litestar lists them from a set, in another order after each start.
        allow = ", ".join(sorted((error.headers or {}).get("allow", "").split(", ")))
        detail = f"{request.method} is not possible here; possible: {allow}"
        return ProblemError("method_not_allowed", detail, headers={"Allow": allow})
    if isinstance(error, ValidationException):
        first = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
        return ProblemError("validation_failed", first.get("message", error.detail), first.get("key", ""))
    return ProblemError(_BY_STATUS.get(error.status_code, "internal_error"), error.detail)


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    ProblemError: on_problem,
    HTTPException: on_http_exception,
    Exception: on_bug,
}
