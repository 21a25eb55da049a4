"""Health checks and metrics on a port of their own, by an event loop and a thread of their own.

However many submits keep the service's loop busy, who watches over it gets an answer. And the inner network sees the
port while the outer one does not.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, Final

import uvicorn
from uvicorn.server import ServerState

from facemask.service.asgi_server.connections import Connections
from facemask.service.asgi_server.http_protocol import HttpProtocol
from facemask.service.environment import SettingsError
from facemask.service.errors import ProblemError
from facemask.service.telemetry.exposition import MetricsPage
from facemask.service.telemetry.settings import TelemetrySettings

# A service whose loop does nothing for so long does not come back by itself.
STUCK_SECONDS: Final = 20.0
_BEAT_SECONDS: Final = 1.0
# A service that is too busy to say whether it is ready is not.
_READY_SECONDS: Final = 2.0
_STOP_SECONDS: Final = 2.0

Ready = Callable[[], Awaitable[None]]
Answer = tuple[int, bytes, str]


def open_port(policy: TelemetrySettings) -> socket.socket | None:
    """The port, taken before anything else is started; None when it is not wanted. Raises `SettingsError` when it
    cannot be had: an operator who asked for metrics must not find out later that there are none.
    """
    if not policy.prometheus_enabled:
        return None
    try:
        return socket.create_server((policy.prometheus_host, policy.prometheus_port), backlog=16)
    except OSError as error:
        reason = error.strerror or str(error)
        rule = f"metrics cannot be served on this port of {policy.prometheus_host} ({reason}): choose another one"
        raise SettingsError("PROMETHEUS_PORT", str(policy.prometheus_port), rule) from error


@asynccontextmanager
async def monitoring(port: socket.socket | None, page: MetricsPage | None, ready: Ready) -> AsyncIterator[None]:
    """Answers `/health/live`, `/health/ready` and `/metrics` on the port inside the block."""
    if port is None:
        yield
        return
    monitor = _Monitor(port, page, ready, asyncio.get_running_loop())
    monitor.start()
    try:
        yield
    finally:
        monitor.stop()


class _Monitor:
    """The thread. It asks the service's loop only for what nobody else knows, and does not wait for long."""

    def __init__(
        self, port: socket.socket, page: MetricsPage | None, ready: Ready, service: asyncio.AbstractEventLoop
    ) -> None:
        self._port = port
        self._service = service
        self._ready = ready
        self._page = page and page.read_on(service)
        self._beat = monotonic()
        self._stopped = asyncio.Event()
        self._own: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="monitoring", daemon=True)

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answers no more. The thread is not waited for beyond some seconds: the process is about to end."""
        self._own.result(_STOP_SECONDS).call_soon_threadsafe(self._stopped.set)
        self._thread.join(_STOP_SECONDS)

    async def _serve(self) -> None:
        server = await self._listen()
        self._own.set_result(asyncio.get_running_loop())
        while not self._stopped.is_set():
            self._service.call_soon_threadsafe(self._set_beat)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), _BEAT_SECONDS)
        server.close()

    async def _listen(self) -> asyncio.Server:
        config = uvicorn.Config(
            self._answer,
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
        state.connections = Connections()
        protocol = partial(HttpProtocol, config=config, server_state=state, app_state={})
        return await asyncio.get_running_loop().create_server(protocol, sock=self._port)

    def _set_beat(self) -> None:
        self._beat = monotonic()

    async def _answer(self, scope: Any, _: Any, send: Any) -> None:
        """ASGI."""
        status, body, kind = await self._found(scope)
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        headers += [(b"cache-control", b"no-store"), (b"vary", b"Accept")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _found(self, scope: Any) -> Answer:
        asked = scope["path"] if scope["method"] in ("GET", "HEAD") else ""
        if asked == "/health/live":
            return self._is_live()
        if asked == "/health/ready":
            return await self._is_ready()
        if asked == "/metrics" and self._page:
            try:
                return 200, *await self._page.written(_accept(scope["headers"]))
            except ProblemError as problem:
                return 503, f"{problem.detail}\n".encode(), "text/plain"
        return 404, b"only /metrics, /health/live and /health/ready are here\n", "text/plain"

    def _is_live(self) -> Answer:
        if monotonic() - self._beat > STUCK_SECONDS:
            return 503, b'{"status":"stuck"}', "application/json"
        return 200, b'{"status":"live"}', "application/json"

    async def _is_ready(self) -> Answer:
        asked = asyncio.run_coroutine_threadsafe(_awaited(self._ready), self._service)
        try:
            await asyncio.wait_for(asyncio.wrap_future(asked), _READY_SECONDS)
        except ProblemError as problem:
            return 503, f'{{"status":"{problem.code}"}}'.encode(), "application/json"
        except TimeoutError:
            return 503, b'{"status":"busy"}', "application/json"
        return 200, b'{"status":"ready"}', "application/json"


async def _awaited(ready: Ready) -> None:
    await ready()


def _accept(headers: list[tuple[bytes, bytes]]) -> str:
    """The whole header; a client may send it in several lines."""
    return ", ".join(value.decode("latin-1") for name, value in headers if name == b"accept")
