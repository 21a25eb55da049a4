"""The worker process: jobs from the database, no HTTP, stopped by SIGTERM or SIGINT with exit code 0."""

from __future__ import annotations

import asyncio
import socket

from facemask.service.app import build_jobs, build_telemetry
from facemask.service.asgi_server.monitoring_server import monitoring, open_port
from facemask.service.core.protocol import CoreModule
from facemask.service.database.schema import migrate
from facemask.service.database.settings import DatabaseSettings
from facemask.service.processes.runtime import (
    SIGNALS,
    exit_at_once,
    finish_process,
    interruptible,
    on_signals,
    signals_held,
)
from facemask.service.processes.server import give_big_blocks_back, leave_code_alone
from facemask.service.settings import Settings
from facemask.service.telemetry.exposition import MetricsPage
from facemask.service.telemetry.logs import configure_logging
from facemask.service.telemetry.startup_banner import greet, say


def work(settings: Settings, database: DatabaseSettings, *, core: CoreModule | None = None) -> None:
    """Works until it is told to stop; a second signal does not wait for running jobs. Raises
    `DatabaseUnreachableError`.
    """
    interruptible()
    form = settings.telemetry.log_format
    configure_logging(form, debug=settings.app.debug)
    port = open_port(settings.telemetry)
    give_big_blocks_back()
    leave_code_alone()  # an interrupt in the middle of it may be lost: who waits for the greeting comes later
    greet(form, f"{settings.app.name} {settings.app.version}, worker", settings)
    asyncio.run(_work(settings, database, core, port))
    finish_process()


async def _work(
    settings: Settings, database: DatabaseSettings, core: CoreModule | None, port: socket.socket | None
) -> None:
    await migrate(database)
    told = [asyncio.Event(), asyncio.Event()]

    def tell() -> None:
        told[1 if told[0].is_set() else 0].set()

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, tell)
    telemetry = build_telemetry(settings)
    jobs = build_jobs(settings, core, telemetry=telemetry)
    page = MetricsPage(telemetry.metrics, jobs.readings) if telemetry.metrics else None
    async with jobs.running(), monitoring(port, page, jobs.ready):
        say(settings.telemetry.log_format, "facemask works on jobs (Ctrl+C stops it)")
        await told[0].wait()
        drained, hurried = asyncio.create_task(jobs.drain()), asyncio.create_task(told[1].wait())
        await asyncio.wait({drained, hurried}, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not drained.done():
            await jobs.drain(0)
    await telemetry.finish()
    with signals_held():  # the loop would give them back when it is closed, and the next one would kill the process
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        on_signals(exit_at_once)
