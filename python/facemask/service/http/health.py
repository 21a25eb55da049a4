"""Health checks. They run on the event loop and never wait for a worker."""

from typing import Any

from litestar import HttpMethod, Router, route
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from facemask.service.access.settings import NOT_RATE_LIMITED, PUBLIC
from facemask.service.http.openapi import problem_specs, spec
from facemask.service.http.responses import GET, answer
from facemask.service.jobs.protocol import JobEngine
from facemask.service.schemas import HealthBody


def _operation_id(name: str) -> Any:
    return lambda _handler, method, _path: name if method == HttpMethod.GET else f"{name}Headers"


@route(
    "/live",
    http_method=GET,
    status_code=200,
    operation_id=_operation_id("live"),
    summary="Is the process alive",
    responses=problem_specs() | {200: spec(HealthBody, "It is")},
)
async def live() -> ASGIResponse:
    """Answers as long as the event loop turns; a busy or stopping service is alive."""
    return answer(b'{"status":"live"}')


@route(
    "/ready",
    http_method=GET,
    status_code=200,
    operation_id=_operation_id("ready"),
    summary="Would a job be taken",
    responses=problem_specs("shutting_down", "database_unavailable", "database_not_writable")
    | {200: spec(HealthBody, "It would")},
)
async def ready(jobs: NamedDependency[JobEngine]) -> ASGIResponse:
    """503 before the workers run, while the database does not answer or cannot store jobs, and once the service is
    stopping. A full queue is load, not a fault: still ready.
    """
    await jobs.ready()
    return answer(b'{"status":"ready"}')


# Whoever watches over the service has no key and asks as often as it likes.
ROUTER = Router("/health", route_handlers=[live, ready], tags=["health"], opt={PUBLIC: True, NOT_RATE_LIMITED: True})
