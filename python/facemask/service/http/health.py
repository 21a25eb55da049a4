"""Health checks. They run on the event loop and never wait for a worker."""

from litestar import Router, route
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from facemask.service.access.settings import NOT_RATE_LIMITED, PUBLIC
from facemask.service.http.openapi.operations import problem_specs, response_spec, unique_operation_id
from facemask.service.http.responses import GET_AND_HEAD, response
from facemask.service.jobs.protocol import JobEngine
from facemask.service.schemas import HealthBody


@route(
    "/live",
    http_method=GET_AND_HEAD,
    status_code=200,
    operation_id=unique_operation_id("live"),
    summary="Is the process alive",
    responses=problem_specs() | {200: response_spec(HealthBody, "It is")},
)
async def live() -> ASGIResponse:
    """Liveness: 200 while the event loop runs, busy or stopping."""
    return response(b'{"status":"live"}')


@route(
    "/ready",
    http_method=GET_AND_HEAD,
    status_code=200,
    operation_id=unique_operation_id("ready"),
    summary="Would a job be taken",
    responses=problem_specs("shutting_down", "database_unavailable", "database_not_writable")
    | {200: response_spec(HealthBody, "It would")},
)
async def ready(jobs: NamedDependency[JobEngine]) -> ASGIResponse:
    """Readiness: 503 while no job would be accepted.

    That is before the workers run, while the database cannot store jobs, and once the service stops. A full queue is
    load, not a fault: still ready.
    """
    await jobs.ready()
    return response(b'{"status":"ready"}')


# Orchestrators have no key and poll often.
ROUTER = Router("/health", route_handlers=[live, ready], tags=["health"], opt={PUBLIC: True, NOT_RATE_LIMITED: True})
