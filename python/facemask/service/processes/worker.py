"""The worker process: runs jobs of the database, stopped by a signal."""

from __future__ import annotations

import asyncio
import socket

from facemask.service.app import build_jobs, build_telemetry
from facemask.service.asgi_server.monitoring_server import open_monitoring_socket, serve_monitoring
from facemask.service.core.protocol import CoreModule
from facemask.service.database.schema import migrate
from facemask.service.database.settings import DatabaseSettings
from facemask.service.processes.runtime import (
    exit_at_once,
    exit_despite_stuck_threads,
    exit_on_interrupt,
    freeze_gc,
    set_stop_handlers,
    tune_malloc,
)
from facemask.service.settings import Settings
from facemask.service.telemetry.exposition import MetricsExposition
from facemask.service.telemetry.logs import configure_logging
from facemask.service.telemetry.startup_banner import announce, print_banner


def work(settings: Settings, database: DatabaseSettings, *, core: CoreModule | None = None) -> None:
    """Run jobs until a stop signal; a second one does not wait for running jobs.

    Raises `DatabaseUnreachableError`.
    """
    exit_on_interrupt()
    log_format = settings.telemetry.log_format
    configure_logging(log_format, debug=settings.app.debug)
    monitoring_listener = open_monitoring_socket(settings.telemetry)
    tune_malloc()
    freeze_gc()  # an interrupt meanwhile may be lost: who sends one waits for the banner first
    print_banner(log_format, f"{settings.app.name} {settings.app.version}, worker", settings)
    asyncio.run(_work(settings, database, core, monitoring_listener))
    exit_despite_stuck_threads()


async def _work(
    settings: Settings,
    database: DatabaseSettings,
    core: CoreModule | None,
    monitoring_listener: socket.socket | None,
) -> None:
    await migrate(database)
    stop_requested, stop_forced = asyncio.Event(), asyncio.Event()

    def on_stop_signal() -> None:
        (stop_forced if stop_requested.is_set() else stop_requested).set()

    # Not by the loop's own handlers: removing one restores the default action for a moment, and a signal that another
    # thread receives then kills the process.
    loop = asyncio.get_running_loop()
    set_stop_handlers(lambda *_: loop.call_soon_threadsafe(on_stop_signal))
    telemetry = build_telemetry(settings)
    jobs = build_jobs(settings, core, telemetry=telemetry)
    exposition = MetricsExposition(telemetry.metrics, jobs.gauges) if telemetry.metrics else None
    async with jobs.running(), serve_monitoring(monitoring_listener, exposition, jobs.ready):
        announce(settings.telemetry.log_format, "facemask works on jobs (Ctrl+C stops it)")
        await stop_requested.wait()
        drain, forced = asyncio.create_task(jobs.drain()), asyncio.create_task(stop_forced.wait())
        await asyncio.wait({drain, forced}, return_when=asyncio.FIRST_COMPLETED)
        forced.cancel()
        if not drain.done():
            await jobs.drain(0)
    await telemetry.shut_down()
    set_stop_handlers(exit_at_once)
