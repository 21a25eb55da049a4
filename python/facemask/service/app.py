"""Where the parts are built and joined; nowhere else, and nothing at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from facemask.service import docs, health, playground, routes
from facemask.service.access.browsers import cross_origin, demands, schemes
from facemask.service.access.headers import hardened
from facemask.service.access.owner import seen_by
from facemask.service.access.policy import OPEN
from facemask.service.cache.memory import MemoryCache
from facemask.service.cache.policy import Mode
from facemask.service.cache.postgres import PostgresCache
from facemask.service.database.pool import Database
from facemask.service.engine import Engine, refusals_of
from facemask.service.gate import Gate
from facemask.service.intake.decoding import Decoder
from facemask.service.intake.desk import Desk
from facemask.service.jobs.memory import MemoryJobs
from facemask.service.jobs.own import OwnJobs
from facemask.service.jobs.postgres.engine import PostgresJobs
from facemask.service.jobs.protocol import JobEngine
from facemask.service.jobs.runner import Runner
from facemask.service.native import native_engine
from facemask.service.press import Press
from facemask.service.problems import EXCEPTION_HANDLERS
from facemask.service.settings import LimitSettings, Settings, read_settings

_ABOUT = """Turns a photo of a face, its landmarks and its label map into an upright SVG of contours.

Send the pictures to `submit`, ask `status` with the id it answers (with `?wait=10` the answer comes when the
job has ended), fetch the drawing from `result`. Every error is an `application/problem+json` document with a
stable `type`. Pictures and results are erased after a while, or at once with `DELETE`."""


def create_app(settings: Settings | None = None, engine: Engine | None = None, *, work: bool = True) -> Litestar:
    """The ASGI application. Settings come from the environment unless given; `engine` is the compiled module
    unless a test brings its own. `work=False` leaves the jobs to other processes' workers. Raises `SettingsError`
    for a bad environment.
    """
    settings = settings or read_settings()
    engine = engine or native_engine()
    limits = _engine_limits(engine, settings.limits)
    jobs = build_jobs(settings, engine, work=work)
    most = min(settings.cache.mode, Mode.SIMILAR if settings.database else Mode.EXACT)
    desk = Desk(jobs, Decoder(engine, limits, most), settings.limits)
    return _join(settings, jobs, desk, Press(settings.limits.response_bytes))


def build_jobs(settings: Settings, engine: Engine | None = None, *, work: bool = True) -> JobEngine:
    """The jobs: in the database, where one is set, else in memory."""
    engine = engine or native_engine()
    policy = settings.jobs
    limits = _engine_limits(engine, settings.limits)
    wanted = settings.cache.mode is not Mode.OFF
    runner = partial(
        Runner,
        engine,
        limits,
        workers=policy.workers,
        simulated_delay=policy.simulated_delay,
        answer_bytes=settings.limits.response_bytes,
    )
    if settings.database is None:
        memory = MemoryCache(settings.cache) if wanted else None
        return MemoryJobs(policy, runner(cache=memory), memory)
    database = Database(settings.database)
    cache = PostgresCache(database, settings.cache) if wanted else None
    return PostgresJobs(policy, runner(cache=cache), database, cache=cache, work=work)


def _join(settings: Settings, jobs: JobEngine, desk: Desk, press: Press) -> Litestar:
    def own(request: Request[Any, Any, Any]) -> OwnJobs:
        return OwnJobs(jobs, seen_by(request))

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with jobs.running():
            yield

    access = settings.access
    api = Router("/", route_handlers=[routes.ROUTER], security=demands(access))
    return Litestar(
        route_handlers=[api, health.ROUTER, docs.ROUTER, playground.ROUTER],
        middleware=[Gate(access, settings.limits.request_seconds)],
        before_send=[hardened(shared=bool(access.origins))],
        cors_config=cross_origin(access),
        dependencies={
            "engine": _given(jobs),
            "jobs": Provide(own, sync_to_thread=False),
            "desk": _given(desk),
            "press": _given(press),
            "limits": _given(settings.limits),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[lifespan],
        state=State({"jobs": jobs}),
        debug=settings.app.debug,
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title=settings.app.name,
            version=settings.app.version,
            description=_ABOUT,
            components=schemes(access),
            openapi_router=Router(
                "/schema", route_handlers=[], include_in_schema=False, before_request=_nothing_here, opt={OPEN: True}
            ),
            render_plugins=[JsonRenderPlugin()],
        ),
    )


def _nothing_here(_: Request[Any, Any, Any]) -> None:
    """Litestar serves its own documentation pages, errors as HTML; ours are in `docs.py`."""
    raise NotFoundException


def _given(part: Any) -> Provide:
    return Provide(lambda: part, sync_to_thread=False, use_cache=True)


def _engine_limits(engine: Engine, limits: LimitSettings) -> Any:
    """The engine's limits; those that are not set keep the engine's own defaults."""
    wanted = {
        "max_pixels": limits.pixels,
        "max_decode_pixels": limits.decode_pixels,
        "max_border": limits.border,
    }
    with refusals_of(engine):
        return engine.Limits(**{name: value for name, value in wanted.items() if value is not None})
