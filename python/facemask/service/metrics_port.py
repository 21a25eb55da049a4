"""Metrics on a port of their own, so that the inner network sees them and the outer one does not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from facemask.service.connections import Connections
from facemask.service.http_protocol import HttpProtocol
from facemask.service.refusal import Refusal
from facemask.service.settings import SettingsError
from facemask.service.telemetry.page import MetricsPage
from facemask.service.telemetry.policy import TelemetryPolicy


def open_port(policy: TelemetryPolicy) -> socket.socket | None:
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
async def serving_metrics(port: socket.socket | None, page: MetricsPage | None) -> AsyncIterator[None]:
    """Answers `/metrics` on the port inside the block."""
    if port is None or page is None:
        yield
        return
    config = uvicorn.Config(
        partial(_answer, page),
        http=HttpProtocol,
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
    server = await asyncio.get_running_loop().create_server(protocol, sock=port)
    try:
        yield
    finally:
        server.close()


async def _answer(page: MetricsPage, scope: Any, _: Any, send: Any) -> None:
    """ASGI."""
    status, body, kind = 404, b"only /metrics is here\n", "text/plain"
    if scope["path"] == "/metrics" and scope["method"] in ("GET", "HEAD"):
        try:
            status, (body, kind) = 200, await page.written(_accept(scope["headers"]))
        except Refusal as refusal:
            status, body = 503, f"{refusal.detail}\n".encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(b"vary", b"Accept")] if status != 404 else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _accept(headers: list[tuple[bytes, bytes]]) -> str:
    """The whole header; a client may send it in several lines."""
    return ", ".join(value.decode("latin-1") for name, value in headers if name == b"accept")
