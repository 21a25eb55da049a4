"""Operations of the OpenAPI document: responses and headers that handlers' signatures do not define."""

from dataclasses import dataclass
from typing import Any, cast

from litestar import HttpMethod
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
)

from facemask.service.http.openapi.bodies import BODIES
from facemask.service.http.problems import PROBLEM_JSON, PROBLEMS
from facemask.service.schemas import ProblemBody

_HEADERS = {
    "Location": "the job's status",
    "Retry-After": "seconds after which asking again makes sense",
    "Idempotency-Replayed": "`true` when an earlier request with the same Idempotency-Key made this job",
    "ETag": "the digest of what is sent",
    "Vary": "`Accept`: another format may be asked for at the same address",
    "Allow": "the methods that are possible",
    "WWW-Authenticate": "how to show an API key",
}


def unique_operation_id(name: str) -> Any:
    """Return a generator of unique operation ids: `name` for GET, another for HEAD."""
    return lambda _handler, method, _path: name if method == HttpMethod.GET else f"{name}Headers"


def response_spec(container: Any, description: str, media_type: str = "application/json") -> ResponseSpec:
    """Return a response with a body, or without one where `container` is None."""
    return ResponseSpec(container, description=description, media_type=media_type, generate_examples=False)


def problem_specs(*codes: str) -> dict[int, ResponseSpec]:
    """Return the problem responses of a route by status.

    Every route may also return 400 and 500.
    """
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(("bad_request", *codes, "internal_error")):
        by_status.setdefault(PROBLEMS[code][0], []).append(code)
    return {
        status: response_spec(ProblemBody, ", ".join(f"`{code}`" for code in names), PROBLEM_JSON)
        for status, names in sorted(by_status.items())
    }


def protected_specs(*codes: str) -> dict[int, ResponseSpec]:
    """Return the problem responses of a route under access control."""
    return problem_specs("unauthorized", "rate_limited", "request_timeout", *codes)


def _with_headers(operation: Operation, status: str, *names: str) -> None:
    response = (operation.responses or {})[status]
    headers = {name: OpenAPIHeader(description=_HEADERS[name], schema=_text_schema()) for name in names}
    cast("OpenAPIResponse", response).headers = {**headers}


@dataclass
class ProtectedOperation(Operation):
    """An operation under access control."""

    def __post_init__(self) -> None:
        """Add the headers of the middleware's responses."""
        _with_headers(self, "401", "WWW-Authenticate")
        _with_headers(self, "429", "Retry-After")
        _with_headers(self, "503", "Retry-After")


@dataclass
class SubmitOperation(ProtectedOperation):
    """The operation that submits a photo.

    Our own code reads its body, so its schema is written here.
    """

    def __post_init__(self) -> None:
        """Add the request body in its three formats."""
        super().__post_init__()
        self.request_body = RequestBody(
            required=True,
            content={
                media_type: OpenAPIMediaType(schema=Reference(ref=f"#/components/schemas/{name}"))
                for media_type, name in BODIES.items()
            },
        )
        _with_headers(self, "202", "Location", "Retry-After", "Idempotency-Replayed")
        _with_headers(self, "200", "Location", "Idempotency-Replayed")


@dataclass
class StatusOperation(ProtectedOperation):
    """The operation that returns a job's status."""

    def __post_init__(self) -> None:
        """Add the header of an unfinished job."""
        super().__post_init__()
        _with_headers(self, "200", "Retry-After")


@dataclass
class ResultOperation(ProtectedOperation):
    """The operation that returns a job's result."""

    def __post_init__(self) -> None:
        """Add the headers of conditional requests and of unfinished jobs."""
        super().__post_init__()
        _with_headers(self, "200", "ETag", "Vary")
        _with_headers(self, "304", "ETag", "Vary")
        _with_headers(self, "409", "Retry-After")


def _text_schema() -> Schema:
    return Schema(type=OpenAPIType.STRING)
