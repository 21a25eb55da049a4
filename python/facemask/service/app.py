"""Composition root: builds and joins the service's parts, nothing at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

from facemask.service.access.owner import owner_of
from facemask.service.asgi_server.load_shedding import LoadShedder
from facemask.service.cache.memory import MemoryCache
from facemask.service.cache.settings import CacheMode
from facemask.service.core import native
from facemask.service.core.parser import ServiceParser
from facemask.service.core.protocol import CoreModule, translate_core_errors
from facemask.service.environment import SettingsError
from facemask.service.http import api_docs, health, metrics, playground, routes
from facemask.service.http.cors import build_cors_config, security_components, security_requirements
from facemask.service.http.dependencies import ApiServices
from facemask.service.http.exports import ResultRenderer
from facemask.service.http.middleware import AccessMiddleware
from facemask.service.http.problems import EXCEPTION_HANDLERS, PROBLEMS
from facemask.service.http.security_headers import security_headers_hook
from facemask.service.intake.decoding import Decoder
from facemask.service.intake.submit import SubmissionService
from facemask.service.jobs.memory import MemoryJobs
from facemask.service.jobs.protocol import JobEngine
from facemask.service.jobs.runner import Runner
from facemask.service.jobs.scoped import ScopedJobs
from facemask.service.settings import LimitSettings, Settings, read_settings
from facemask.service.telemetry.exposition import MetricsExposition
from facemask.service.telemetry.jobs import JobTelemetry
from facemask.service.telemetry.requests import RequestTelemetry
from facemask.service.telemetry.setup import Telemetry, set_up_telemetry

_DESCRIPTION = """Turns a photo of a face, its landmarks and its label map into an upright SVG of contours.

Send the pictures to `submit`, ask `status` with the id it answers (with `?wait=10` the answer comes when the
job has ended), fetch the drawing from `result`. Every error is an `application/problem+json` document with a
stable `type`. Pictures and results are erased after a while, or at once with `DELETE`."""


class _Application(Litestar):
    """Litestar without its plugins for models of pydantic and attrs.

    No handler has any, and each plugin imports its library where that is installed, a tenth of the start.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def create_app(
    settings: Settings | None = None,
    core: CoreModule | None = None,
    *,
    work: bool = True,
    telemetry: Telemetry | None = None,
) -> Litestar:
    """Return the ASGI application.

    By default the settings come from the environment, `core` is the compiled module, and `telemetry` follows the
    settings. `work=False` leaves the jobs to other processes' workers. Raises `SettingsError`.
    """
    settings = settings or read_settings()
    core = core or native
    limits = _core_limits(core, settings.limits)
    telemetry = telemetry or build_telemetry(settings)
    jobs = build_jobs(settings, core, work=work, telemetry=telemetry)
    max_mode = min(settings.cache.mode, CacheMode.SIMILAR if settings.database else CacheMode.EXACT)
    job_telemetry = JobTelemetry(telemetry.metrics, telemetry.tracer)
    has_parser = settings.jobs.parser is not None
    decoder = Decoder(core, limits, max_mode, persisted=settings.database is not None, has_parser=has_parser)
    submissions = SubmissionService(jobs, decoder, settings.limits, job_telemetry)
    return _build_app(settings, jobs, submissions, telemetry)


def build_telemetry(settings: Settings) -> Telemetry:
    """Return the metrics and the tracer that the settings ask for.

    Raises `SettingsError`.
    """
    wanted, app = settings.telemetry, settings.app
    try:
        return set_up_telemetry(wanted, app.name, app.version, PROBLEMS, shared_queue=settings.database is not None)
    except ModuleNotFoundError as error:
        rule = f"traces need {error.name}: pip install 'facemask-contours[otel]'"
        raise SettingsError("OTEL_TRACES_EXPORTER", wanted.traces_exporter, rule) from error


def build_jobs(
    settings: Settings, core: CoreModule | None = None, *, work: bool = True, telemetry: Telemetry | None = None
) -> JobEngine:
    """Return the job engine: in Postgres with a database, otherwise in memory.

    Raises `SettingsError` for a parser that cannot be used.
    """
    telemetry = telemetry or Telemetry()
    job_telemetry = JobTelemetry(telemetry.metrics, telemetry.tracer)
    core = core or native
    limits = _core_limits(core, settings.limits)
    has_cache = settings.cache.mode is not CacheMode.OFF
    build_runner = partial(
        Runner,
        core,
        limits,
        workers=settings.jobs.workers,
        simulated_delay=settings.jobs.simulated_delay,
        max_response_bytes=settings.limits.response_bytes,
        parser=ServiceParser.load(settings.jobs.parser, work=work),
    )
    if settings.database is None:
        memory = MemoryCache(settings.cache) if has_cache else None
        return MemoryJobs(settings.jobs, build_runner(cache=memory), memory, job_telemetry)
    # Imported only with a database: these modules take 12 MB and a tenth of a second.
    from facemask.service.cache.postgres import PostgresCache  # noqa: PLC0415
    from facemask.service.database.pool import Database  # noqa: PLC0415
    from facemask.service.jobs.postgres.engine import PostgresJobs  # noqa: PLC0415

    database = Database(settings.database)
    cache = PostgresCache(database, settings.cache) if has_cache else None
    runner = build_runner(cache=cache)
    return PostgresJobs(settings.jobs, runner, database, cache=cache, work=work, telemetry=job_telemetry)


def _build_app(settings: Settings, jobs: JobEngine, submissions: SubmissionService, telemetry: Telemetry) -> Litestar:
    exposition = MetricsExposition(telemetry.metrics, jobs.gauges) if telemetry.metrics else None
    has_metrics_route = exposition is not None and settings.telemetry.prometheus_on_app
    access = AccessMiddleware(settings.access, settings.limits.request_seconds)
    renderer = ResultRenderer(settings.limits.response_bytes)

    def services(request: Request[Any, Any, Any]) -> ApiServices:
        return ApiServices(submissions, ScopedJobs(jobs, owner_of(request)), renderer, settings.limits, access)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        try:
            async with jobs.running():
                yield
        finally:
            await telemetry.shut_down()

    api = Router("/", route_handlers=[routes.ROUTER], security=security_requirements(settings.access))
    metrics_routes = [metrics.metrics] if has_metrics_route else []
    app = _Application(
        route_handlers=[api, health.ROUTER, api_docs.ROUTER, playground.ROUTER, *metrics_routes],
        middleware=[access],
        before_send=[security_headers_hook(settings.access.origins)],
        cors_config=build_cors_config(settings.access),
        dependencies={
            "jobs": _provide(jobs),
            "services": Provide(services, sync_to_thread=False),
            "limits": _provide(settings.limits),
            "exposition": _provide(exposition),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[lifespan],
        state=State({"jobs": jobs, "exposition": exposition}),
        debug=settings.app.debug,
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title=settings.app.name,
            version=settings.app.version,
            description=_DESCRIPTION,
            components=security_components(settings.access),
            openapi_router=api_docs.EmptyRouter("/schema", route_handlers=[]),
            render_plugins=[JsonRenderPlugin()],
        ),
    )
    request_telemetry = RequestTelemetry(app.asgi_handler, telemetry.metrics, telemetry.tracer)
    request_telemetry.routes = frozenset(route.path_format for route in app.routes)
    app.asgi_handler = request_telemetry
    app.state["load_shedder"] = LoadShedder(f"{routes.PREFIX}/submit", jobs, access, telemetry.metrics)
    return app


def _provide(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False, use_cache=True)


def _core_limits(core: CoreModule, limits: LimitSettings) -> Any:
    """Return the compiled module's limits; unset ones keep its defaults."""
    parameters = {
        "max_pixels": limits.pixels,
        "max_decode_pixels": limits.decode_pixels,
        "max_border": limits.border,
    }
    with translate_core_errors(core):
        return core.Limits(**{name: value for name, value in parameters.items() if value is not None})
