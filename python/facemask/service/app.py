"""Where the parts are built and joined; nowhere else, and nothing at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from facemask.service.access.owner import owner_of
from facemask.service.asgi_server.load_shedding import LoadShedding
from facemask.service.cache.memory import MemoryCache
from facemask.service.cache.settings import CacheMode
from facemask.service.core import native
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
from facemask.service.intake.submit import Desk
from facemask.service.jobs.memory import MemoryJobs
from facemask.service.jobs.protocol import JobEngine
from facemask.service.jobs.runner import Runner
from facemask.service.jobs.scoped import OwnJobs
from facemask.service.settings import LimitSettings, Settings, read_settings
from facemask.service.telemetry.exposition import MetricsPage
from facemask.service.telemetry.jobs import JobTelemetry
from facemask.service.telemetry.requests import RequestTelemetry
from facemask.service.telemetry.setup import Telemetry, telemetry_of

_ABOUT = """Turns a photo of a face, its landmarks and its label map into an upright SVG of contours.

Send the pictures to `submit`, ask `status` with the id it answers (with `?wait=10` the answer comes when the
job has ended), fetch the drawing from `result`. Every error is an `application/problem+json` document with a
stable `type`. Pictures and results are erased after a while, or at once with `DELETE`."""


def create_app(
    settings: Settings | None = None,
    core: CoreModule | None = None,
    *,
    work: bool = True,
    telemetry: Telemetry | None = None,
) -> Litestar:
    """The ASGI application. Settings come from the environment unless given; `engine` is the compiled module
    unless a test brings its own, and so is `telemetry` what the settings say. `work=False` leaves the jobs to other
    processes' workers. Raises `SettingsError` for a bad environment.
    """
    settings = settings or read_settings()
    core = core or native
    limits = _core_limits(core, settings.limits)
    telemetry = telemetry or build_telemetry(settings)
    jobs = build_jobs(settings, core, work=work, telemetry=telemetry)
    most = min(settings.cache.mode, CacheMode.SIMILAR if settings.database else CacheMode.EXACT)
    watch = JobTelemetry(telemetry.metrics, telemetry.tracer)
    desk = Desk(jobs, Decoder(core, limits, most, stored=settings.database is not None), settings.limits, watch)
    return _join(settings, jobs, desk, telemetry)


def build_telemetry(settings: Settings) -> Telemetry:
    """What the settings want to be seen of the service. Raises `SettingsError`."""
    policy, app = settings.telemetry, settings.app
    try:
        return telemetry_of(policy, app.name, app.version, PROBLEMS, shared_queue=settings.database is not None)
    except ModuleNotFoundError as error:
        rule = f"traces need {error.name}: pip install 'facemask[otel]'"
        raise SettingsError("OTEL_TRACES_EXPORTER", policy.traces_exporter, rule) from error


def build_jobs(
    settings: Settings, core: CoreModule | None = None, *, work: bool = True, telemetry: Telemetry | None = None
) -> JobEngine:
    """The jobs: in the database, where one is set, else in memory."""
    telemetry = telemetry or Telemetry()
    watch = JobTelemetry(telemetry.metrics, telemetry.tracer)
    core = core or native
    policy = settings.jobs
    limits = _core_limits(core, settings.limits)
    wanted = settings.cache.mode is not CacheMode.OFF
    runner = partial(
        Runner,
        core,
        limits,
        workers=policy.workers,
        simulated_delay=policy.simulated_delay,
        answer_bytes=settings.limits.response_bytes,
    )
    if settings.database is None:
        memory = MemoryCache(settings.cache) if wanted else None
        return MemoryJobs(policy, runner(cache=memory), memory, watch)
    # What speaks to a database takes 12 MB and a tenth of a second to load: not without one.
    from facemask.service.cache.postgres import PostgresCache  # noqa: PLC0415
    from facemask.service.database.pool import Database  # noqa: PLC0415
    from facemask.service.jobs.postgres.engine import PostgresJobs  # noqa: PLC0415

    database = Database(settings.database)
    cache = PostgresCache(database, settings.cache) if wanted else None
    return PostgresJobs(policy, runner(cache=cache), database, cache=cache, work=work, telemetry=watch)


def _join(settings: Settings, jobs: JobEngine, desk: Desk, telemetry: Telemetry) -> Litestar:
    page = MetricsPage(telemetry.metrics, jobs.readings) if telemetry.metrics else None
    on_app = page is not None and settings.telemetry.prometheus_on_app

    renderer = ResultRenderer(settings.limits.response_bytes)

    def services(request: Request[Any, Any, Any]) -> ApiServices:
        return ApiServices(desk, OwnJobs(jobs, owner_of(request)), renderer, settings.limits, access)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        try:
            async with jobs.running():
                yield
        finally:
            await telemetry.finish()

    access = AccessMiddleware(settings.access, settings.limits.request_seconds)
    api = Router("/", route_handlers=[routes.ROUTER], security=security_requirements(settings.access))
    shown = [metrics.metrics] if on_app else []
    app = Litestar(
        route_handlers=[api, health.ROUTER, api_docs.ROUTER, playground.ROUTER, *shown],
        middleware=[access],
        before_send=[security_headers_hook(settings.access.origins)],
        cors_config=build_cors_config(settings.access),
        dependencies={
            "jobs": _given(jobs),
            "services": Provide(services, sync_to_thread=False),
            "limits": _given(settings.limits),
            "metrics_page": _given(page),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[lifespan],
        state=State({"jobs": jobs, "metrics_page": page}),
        debug=settings.app.debug,
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title=settings.app.name,
            version=settings.app.version,
            description=_ABOUT,
            components=security_components(settings.access),
            openapi_router=api_docs.EmptyRouter("/schema", route_handlers=[]),
            render_plugins=[JsonRenderPlugin()],
        ),
    )
    watch = RequestTelemetry(app.asgi_handler, telemetry.metrics, telemetry.tracer)
    watch.routes = frozenset(route.path_format for route in app.routes)
    app.asgi_handler = watch
    app.state["shedding"] = LoadShedding(f"{routes.PREFIX}/submit", jobs, access, telemetry.metrics)
    return app


def _given(part: Any) -> Provide:
    return Provide(lambda: part, sync_to_thread=False, use_cache=True)


def _core_limits(core: CoreModule, limits: LimitSettings) -> Any:
    """The engine's limits; those that are not set keep the engine's own defaults."""
    wanted = {
        "max_pixels": limits.pixels,
        "max_decode_pixels": limits.decode_pixels,
        "max_border": limits.border,
    }
    with translate_core_errors(core):
        return core.Limits(**{name: value for name, value in wanted.items() if value is not None})
