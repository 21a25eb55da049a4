"""Health checks and metrics on a port, a thread and an event loop of their own.

Monitoring gets a response however many submissions occupy the service's loop. An internal network can reach this port
while the outer one cannot.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Final

import uvicorn
from uvicorn.server import ServerState

from facemask.service.asgi_server.connections import ConnectionRegistry
from facemask.service.asgi_server.http_protocol import HttpProtocol
from facemask.service.environment import SettingsError
from facemask.service.errors import ProblemError
from facemask.service.telemetry.exposition import MetricsExposition
from facemask.service.telemetry.settings import TelemetrySettings

# A service's event loop that was blocked for so long does not recover.
STUCK_SECONDS: Final = 20.0
_HEARTBEAT_SECONDS: Final = 1.0
# A service that does not report its readiness within this time is not ready.
_READY_SECONDS: Final = 2.0
_STOP_SECONDS: Final = 2.0

ReadyCheck = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class MonitoringResponse:
    """Status, body and content type of a response."""

    status: int
    body: bytes
    content_type: str = "application/json"


def open_monitoring_socket(settings: TelemetrySettings) -> socket.socket | None:
    """Return the socket, opened before anything else; None when not enabled.

    Raises `SettingsError` when it cannot be opened: an operator who enabled metrics must not miss them later.
    """
    if not settings.prometheus_enabled:
        return None
    try:
        return socket.create_server((settings.prometheus_host, settings.prometheus_port), backlog=16)
    except OSError as error:
        reason = error.strerror or str(error)
        rule = f"metrics cannot be served on this port of {settings.prometheus_host} ({reason}): choose another one"
        raise SettingsError("PROMETHEUS_PORT", str(settings.prometheus_port), rule) from error


@asynccontextmanager
async def serve_monitoring(
    listener: socket.socket | None, exposition: MetricsExposition | None, ready: ReadyCheck
) -> AsyncIterator[None]:
    """Serve health checks and `/metrics` on the socket inside the block."""
    if listener is None:
        yield
        return
    server = MonitoringServer(listener, exposition, ready, asyncio.get_running_loop())
    server.start()
    try:
        yield
    finally:
        server.stop()


class MonitoringServer:
    """The thread.

    It queries the service's loop only where necessary, and with short timeouts.
    """

    def __init__(
        self,
        listener: socket.socket,
        exposition: MetricsExposition | None,
        ready: ReadyCheck,
        service_loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._listener = listener
        self._service_loop = service_loop
        self._ready = ready
        self._exposition = exposition and exposition.for_other_loop(service_loop)
        self._heartbeat = monotonic()
        self._stopped = asyncio.Event()
        self._own_loop: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="monitoring", daemon=True)

    def start(self) -> None:
        """Start serving."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving.

        Waits for the thread only some seconds: the process is about to end.
        """
        self._own_loop.result(_STOP_SECONDS).call_soon_threadsafe(self._stopped.set)
        self._thread.join(_STOP_SECONDS)

    async def _serve(self) -> None:
        server = await self._listen()
        self._own_loop.set_result(asyncio.get_running_loop())
        while not self._stopped.is_set():
            self._service_loop.call_soon_threadsafe(self._set_heartbeat)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), _HEARTBEAT_SECONDS)
        server.close()

    async def _listen(self) -> asyncio.Server:
        config = uvicorn.Config(
            self._application,
            http=HttpProtocol,
            ws="none",
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        config.load()
        state: Any = ServerState()
        state.connections = ConnectionRegistry()
        protocol = partial(HttpProtocol, config=config, server_state=state, app_state={})
        return await asyncio.get_running_loop().create_server(protocol, sock=self._listener)

    def _set_heartbeat(self) -> None:
        self._heartbeat = monotonic()

    async def _application(self, scope: Any, _: Any, send: Any) -> None:
        """ASGI."""
        response = await self._respond(scope)
        headers = [(b"content-type", response.content_type.encode())]
        headers += [(b"content-length", str(len(response.body)).encode())]
        headers += [(b"cache-control", b"no-store"), (b"vary", b"Accept")]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else response.body})

    async def _respond(self, scope: Any) -> MonitoringResponse:
        path = scope["path"] if scope["method"] in ("GET", "HEAD") else ""
        if path == "/health/live":
            return self._liveness()
        if path == "/health/ready":
            return await self._readiness()
        if path == "/metrics" and self._exposition:
            try:
                return MonitoringResponse(200, *await self._exposition.render(_accept(scope["headers"])))
            except ProblemError as problem:
                return MonitoringResponse(503, f"{problem.detail}\n".encode(), "text/plain")
        body = b"only /metrics, /health/live and /health/ready are here\n"
        return MonitoringResponse(404, body, "text/plain")

    def _liveness(self) -> MonitoringResponse:
        if monotonic() - self._heartbeat > STUCK_SECONDS:
            return MonitoringResponse(503, b'{"status":"stuck"}')
        return MonitoringResponse(200, b'{"status":"live"}')

    async def _readiness(self) -> MonitoringResponse:
        check = asyncio.run_coroutine_threadsafe(_run_check(self._ready), self._service_loop)
        try:
            await asyncio.wait_for(asyncio.wrap_future(check), _READY_SECONDS)
        except ProblemError as problem:
            return MonitoringResponse(503, f'{{"status":"{problem.code}"}}'.encode())
        except TimeoutError:
            return MonitoringResponse(503, b'{"status":"busy"}')
        return MonitoringResponse(200, b'{"status":"ready"}')


async def _run_check(ready: ReadyCheck) -> None:
    await ready()


def _accept(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the whole header; a client may send it in several lines."""
    return ", ".join(value.decode("latin-1") for name, value in headers if name == b"accept")
