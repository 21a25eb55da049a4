"""The process: uvicorn with our application, one event loop, stopped by SIGTERM or SIGINT with exit code
0.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from litestar import Litestar

from facemask.service.access.client_address import is_loopback
from facemask.service.app import create_app
from facemask.service.asgi_server.connections import Acceptor, Connections, connection_limit, copies
from facemask.service.asgi_server.http_protocol import HttpProtocol
from facemask.service.asgi_server.load_shedding import LoadShedding
from facemask.service.asgi_server.monitoring_server import monitoring, open_port
from facemask.service.asgi_server.sockets import listening_sockets
from facemask.service.core.protocol import CoreModule
from facemask.service.jobs.protocol import JobEngine
from facemask.service.processes.prefork import Processes
from facemask.service.processes.runtime import exit_at_once, finish_process, on_signals
from facemask.service.settings import Settings
from facemask.service.telemetry.logs import configure_logging
from facemask.service.telemetry.settings import LogFormat
from facemask.service.telemetry.startup_banner import greet, say

_log = logging.getLogger("facemask.service")

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h
_BIG_BLOCK = 4 * 2**20
_KEPT_FREE = 16 * 2**20
_PROCESSORS_AN_ARENA = 4
_HELLO = "facemask listens on {url} (in a browser: {url}/, documentation: {url}/docs; Ctrl+C stops it)"
_EXAMPLE = """Send it the sample, from the project's folder:

  curl -sS '{url}/api/v1/frontal/crop/submit?wait=10' \\
       -F image=@samples/astronaut/image.jpg \\
       -F segmentation_map=@samples/astronaut/segmentation.png \\
       -F landmarks=@samples/astronaut/landmarks.json
"""


class Server(uvicorn.Server):
    """uvicorn that finishes its jobs before it closes its socket, so that clients can still ask for them."""

    def __init__(
        self,
        config: uvicorn.Config,
        jobs: JobEngine,
        *,
        told: LogFormat | None = LogFormat.AUTO,
        metrics: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
        connections: Connections | None = None,
    ) -> None:
        super().__init__(config)
        self._connections = Connections() if connections is None else connections
        self.server_state.connections = self._connections  # type: ignore[assignment]
        self._jobs = jobs
        self._told = told
        self._metrics = metrics
        self._beside = AsyncExitStack()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Unlike uvicorn's, does not give the signals back at the end: the process is not over yet, and a signal would
        kill it or leave a traceback.
        """
        is_process = threading.current_thread() is threading.main_thread()
        if is_process:
            on_signals(self.handle_exit)
        yield
        if is_process:
            on_signals(exit_at_once)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """The first signal stops the service, the second one does not wait for jobs. Unlike in uvicorn the signal is
        not raised again at the end: a stop that was asked for is a success.
        """
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Says where the service is and how to use it, unless another process does."""
        await super().startup([copy for each in sockets or () for copy in copies(each)] or None)
        if self.started:
            self._accept_within_limit()
            await self._beside.enter_async_context(self._metrics())
        if self.started and self._told is not None:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            say(self._told, _HELLO.format(url=url), _EXAMPLE.format(url=url))

    def _accept_within_limit(self) -> None:
        protocol: Any = self.config.http_protocol_class
        build = partial(protocol, config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        self._acceptor = Acceptor(self.servers, build, self.config.backlog)
        self._connections.on_full = self._acceptor.pause

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: makes room for connections, and accepts again where there is some."""
        await self._keep_accepting()
        return await super().on_tick(counter)

    async def _keep_accepting(self) -> None:
        if self._connections.is_full:
            self._connections.drop_idle()
        elif self._acceptor.is_paused:
            self.servers = await self._acceptor.resume()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """New jobs get 503 while the others finish; then the socket is closed."""
        drained = asyncio.create_task(self._jobs.drain())
        while not (drained.done() or self.force_exit):
            await asyncio.wait({drained}, timeout=0.1)
            await self._keep_accepting()
        if not drained.done():
            drained.cancel()
            await self._jobs.drain(0)
        self._acceptor.close()
        await super().shutdown(sockets)
        if self.force_exit:  # then uvicorn leaves the application to be cancelled, which it takes for an error
            await self.lifespan.shutdown()
        await self._beside.aclose()


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    core: CoreModule | None = None,
    work: bool = True,
    processes: int = 1,
) -> None:
    """Serves until it is told to stop; then the process has to end. Raises `ListenError` when the address cannot be
    used, and `DatabaseUnreachableError`. `work=False` leaves the jobs to other processes. More `processes` than one share
    the address and, by the database, the jobs.
    """
    form = settings.telemetry.log_format
    configure_logging(form, debug=settings.app.debug)
    monitoring_socket = open_port(settings.telemetry)
    sockets = listening_sockets(host, port)
    greet(form, f"{settings.app.name} {settings.app.version}", settings)
    if settings.database:
        from facemask.service.database.schema import migrate  # noqa: PLC0415 - see `build_jobs`

        asyncio.run(migrate(settings.database))
    app = partial(create_app, settings, core, work=work)
    one = partial(_serve, settings, app, _Place(host, sockets, monitoring_socket))
    if processes == 1:
        one()
    else:
        Processes(one, processes).run()


@dataclass(frozen=True)
class _Place:
    """Where a process is asked; several may share the sockets."""

    host: str
    sockets: list[socket.socket]
    metrics: socket.socket | None


def _serve(settings: Settings, build: Callable[[], Litestar], place: _Place, greets: bool = True) -> None:
    """One process of the service."""
    app = build()
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        **guarded(settings, app.state.shedding),
    )
    if greets:
        warn_if_open(settings, place.host)
    give_big_blocks_back()
    leave_code_alone()
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
    metrics = partial(monitoring, place.metrics, app.state.metrics_page, app.state.jobs.ready)
    told = settings.telemetry.log_format if greets else None
    connections = Connections(connection_limit(settings.limits.connections), settings.limits.response_bytes)
    server = Server(config, app.state.jobs, told=told, metrics=metrics, connections=connections)
    server.run(sockets=place.sockets)
    finish_process()


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """That a stop cut a request off is no error, and has no traceback. That it cut off none need not be told."""
    is_cut = record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not is_cut and not record.getMessage().startswith("Cancel 0 ")


def guarded(settings: Settings, shed: LoadShedding | None = None) -> dict[str, Any]:
    """What uvicorn must be told for the service's bounds to hold. It would take addresses out of `X-Forwarded-For` by
    itself; that is `AUTH_TRUSTED_PROXIES`' business.
    """
    http = partial(HttpProtocol, request_seconds=settings.limits.request_seconds, shed=shed)
    return {"http": http, "ws": "none", "proxy_headers": False, "server_header": False}


def warn_if_open(settings: Settings, host: str) -> None:
    """Says so where strangers may reach the service and nothing keeps them from using it."""
    if not settings.access.keys and not is_loopback(host):
        _log.warning(
            "facemask listens on %s without API keys: whoever reaches it may use it. Set AUTH_API_KEYS, or see to it "
            "that only your own network does",
            host,
        )


def give_big_blocks_back() -> None:
    """Sets glibc's allocator for bodies of megabytes; another C library is left as it is.

    By itself glibc raises the size from which blocks are given back to the system up to 32 MB, just because such
    blocks were freed before, and would so hold on to the memory of photos that are gone. With that size fixed it
    gives back everything else as soon as 128 kB are free at the end of the heap: then the pages of every body and
    every label map are asked of the system anew and filled with zeros, a fifth of the time of a job. So some
    megabytes may stay. And glibc gives each thread a heap of its own, up to eight for each processor, where these
    megabytes would stay once more; here four processors share one, and on two processors no thread has been seen to
    wait for it. Variables of the environment such as `MALLOC_TRIM_THRESHOLD_` go before it.
    """
    if sys.platform != "linux":
        return
    wanted = {
        "MALLOC_MMAP_THRESHOLD_": (_M_MMAP_THRESHOLD, _BIG_BLOCK),
        "MALLOC_TRIM_THRESHOLD_": (_M_TRIM_THRESHOLD, _KEPT_FREE),
        "MALLOC_ARENA_MAX": (_M_ARENA_MAX, max(1, len(os.sched_getaffinity(0)) // _PROCESSORS_AN_ARENA)),
    }
    with suppress(AttributeError, OSError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        for name, (parameter, value) in wanted.items():
            if name not in os.environ:
                mallopt(parameter, value)


def leave_code_alone() -> None:
    """What is there at the start, classes and routes above all, is there until the end: the collector of cycles need
    not walk over it again and again, some fifty milliseconds each time, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()
