"""The server process: uvicorn with the application, stopped by a signal."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from litestar import Litestar

from facemask.service.access.client_address import is_loopback
from facemask.service.app import create_app
from facemask.service.asgi_server.connections import (
    ConnectionRegistry,
    PausableListeners,
    connection_limit,
    duplicate_listener,
)
from facemask.service.asgi_server.http_protocol import HttpProtocol
from facemask.service.asgi_server.load_shedding import LoadShedder
from facemask.service.asgi_server.monitoring_server import open_monitoring_socket, serve_monitoring
from facemask.service.asgi_server.sockets import open_listeners
from facemask.service.core.protocol import CoreModule
from facemask.service.jobs.protocol import JobEngine
from facemask.service.processes.prefork import PreforkSupervisor
from facemask.service.processes.runtime import (
    exit_at_once,
    exit_despite_stuck_threads,
    freeze_gc,
    set_stop_handlers,
    tune_malloc,
)
from facemask.service.settings import Settings
from facemask.service.telemetry.logs import configure_logging
from facemask.service.telemetry.settings import LogFormat
from facemask.service.telemetry.startup_banner import announce, print_banner

_log = logging.getLogger("facemask.service")

_LISTENING = "facemask listens on {url} (in a browser: {url}/, documentation: {url}/docs; Ctrl+C stops it)"
_EXAMPLE = """Send it the sample, from the project's folder:

  curl -sS '{url}/api/v1/frontal/crop/submit?wait=10' \\
       -F image=@samples/astronaut/image.jpg \\
       -F segmentation_map=@samples/astronaut/segmentation.png \\
       -F landmarks=@samples/astronaut/landmarks.json
"""


class DrainingServer(uvicorn.Server):
    """A uvicorn server that drains its jobs before it closes its sockets.

    Clients so can fetch the results.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        jobs: JobEngine,
        *,
        banner_format: LogFormat | None = LogFormat.AUTO,
        monitoring: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
        connections: ConnectionRegistry | None = None,
    ) -> None:
        super().__init__(config)
        self._connections = ConnectionRegistry() if connections is None else connections
        self.server_state.connections = self._connections  # type: ignore[assignment]
        self._jobs = jobs
        self._banner_format = banner_format
        self._monitoring = monitoring
        self._exit_stack = AsyncExitStack()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle stop signals until the process ends.

        uvicorn restores the handlers at the end of the server: a later signal would kill the process or print a
        traceback.
        """
        is_main_thread = threading.current_thread() is threading.main_thread()
        if is_main_thread:
            set_stop_handlers(self.handle_exit)
        yield
        if is_main_thread:
            set_stop_handlers(exit_at_once)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop at the first signal, and without waiting for jobs at the second.

        uvicorn raises the signal again at the end; here a requested stop is a success.
        """
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and print the service's address unless another process does."""
        await super().startup([copy for listener in sockets or () for copy in duplicate_listener(listener)] or None)
        if self.started:
            self._limit_connections()
            await self._exit_stack.enter_async_context(self._monitoring())
        if self.started and self._banner_format is not None:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            announce(self._banner_format, _LISTENING.format(url=url), _EXAMPLE.format(url=url))

    def _limit_connections(self) -> None:
        protocol: Any = self.config.http_protocol_class
        build = partial(protocol, config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        self._listeners = PausableListeners(self.servers, build, self.config.backlog)
        self._connections.on_full = self._listeners.pause

    async def on_tick(self, counter: int) -> bool:
        """Close idle connections at the limit, and resume accepting below it."""
        await self._update_accepting()
        return await super().on_tick(counter)

    async def _update_accepting(self) -> None:
        if self._connections.is_full:
            self._connections.close_idle()
        elif self._listeners.is_paused:
            self.servers = await self._listeners.resume()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Reject new jobs with 503 while the others finish; then close the sockets."""
        drain = asyncio.create_task(self._jobs.drain())
        while not (drain.done() or self.force_exit):
            await asyncio.wait({drain}, timeout=0.1)
            await self._update_accepting()
        if not drain.done():
            drain.cancel()
            await self._jobs.drain(0)
        self._listeners.close()
        await super().shutdown(sockets)
        if self.force_exit:  # uvicorn would leave the lifespan to be cancelled, which the application logs as an error
            await self.lifespan.shutdown()
        await self._exit_stack.aclose()


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    core: CoreModule | None = None,
    work: bool = True,
    processes: int = 1,
) -> None:
    """Serve until a stop signal; then the process has to end.

    `work=False` leaves the jobs to other processes. Several `processes` share the address and, by the database, the
    jobs. Raises `ListenError` and `DatabaseUnreachableError`.
    """
    log_format = settings.telemetry.log_format
    configure_logging(log_format, debug=settings.app.debug)
    monitoring_listener = open_monitoring_socket(settings.telemetry)
    listeners = open_listeners(host, port)
    print_banner(log_format, f"{settings.app.name} {settings.app.version}", settings)
    if settings.database:
        from facemask.service.database.schema import migrate  # noqa: PLC0415 - see `build_jobs`

        asyncio.run(migrate(settings.database))
    build_app = partial(create_app, settings, core, work=work)
    serve_one = partial(_serve, settings, build_app, _Listeners(host, listeners, monitoring_listener))
    if processes == 1:
        serve_one()
    else:
        PreforkSupervisor(serve_one, processes).run()


@dataclass(frozen=True)
class _Listeners:
    """The listening sockets of a process, which several processes may share."""

    host: str
    application: list[socket.socket]
    monitoring: socket.socket | None


def _serve(
    settings: Settings, build_app: Callable[[], Litestar], listeners: _Listeners, prints_banner: bool = True
) -> None:
    """Run one server process."""
    app = build_app()
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        **uvicorn_options(settings, app.state.load_shedder),
    )
    if prints_banner:
        warn_if_unprotected(settings, listeners.host)
    tune_malloc()
    freeze_gc()
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
    monitoring = partial(serve_monitoring, listeners.monitoring, app.state.exposition, app.state.jobs.ready)
    banner_format = settings.telemetry.log_format if prints_banner else None
    limit = connection_limit(settings.limits.connections)
    connections = ConnectionRegistry(limit, settings.limits.response_bytes)
    server = DrainingServer(
        config, app.state.jobs, banner_format=banner_format, monitoring=monitoring, connections=connections
    )
    server.run(sockets=listeners.application)
    exit_despite_stuck_threads()


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Drop records of requests that a stop cut off, and of a stop that cut off none."""
    is_cancellation = record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not is_cancellation and not record.getMessage().startswith("Cancel 0 ")


def uvicorn_options(settings: Settings, load_shedder: LoadShedder | None = None) -> dict[str, Any]:
    """Return the options of `uvicorn.Config` that enforce the service's bounds.

    uvicorn would trust `X-Forwarded-For` by itself; that is the task of `AUTH_TRUSTED_PROXIES`.
    """
    http = partial(HttpProtocol, request_seconds=settings.limits.request_seconds, load_shedder=load_shedder)
    return {"http": http, "ws": "none", "proxy_headers": False, "server_header": False}


def warn_if_unprotected(settings: Settings, host: str) -> None:
    """Log a warning where other machines may reach a service without API keys."""
    if not settings.access.keys and not is_loopback(host):
        _log.warning(
            "facemask listens on %s without API keys: whoever reaches it may use it. Set AUTH_API_KEYS, or see to it "
            "that only your own network does",
            host,
        )
