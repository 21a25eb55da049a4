"""A real server in a thread, for tests that need sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from facemask.service.access.settings import AccessSettings
from facemask.service.app import create_app
from facemask.service.asgi_server.connections import ConnectionRegistry
from facemask.service.cache.settings import CacheMode, CacheSettings
from facemask.service.jobs.protocol import JobEngine, Load
from facemask.service.jobs.settings import JobSettings
from facemask.service.processes.server import DrainingServer, uvicorn_options
from facemask.service.settings import AppSettings, LimitSettings, Settings
from litestar import Litestar

from support.service.fake_tracer import FakeTracer


def build_settings(**changes: Any) -> Settings:
    """Settings with some fields changed; each field goes to the struct that defines it."""
    structs: dict[str, dict[str, Any]] = {"app": {}, "limits": {}, "jobs": {}, "access": {}}
    kinds = {"app": AppSettings, "limits": LimitSettings, "jobs": JobSettings, "access": AccessSettings}
    for name, value in changes.items():
        (owner,) = [key for key, kind in kinds.items() if name in kind.__dataclass_fields__]
        structs[owner][name] = value
    structs["jobs"].setdefault("grace_seconds", 0.2)
    parts: dict[str, Any] = {key: kinds[key](**values) for key, values in structs.items()}
    return Settings(**parts, cache=CacheSettings(mode=CacheMode.OFF))  # each fake photo must run again


@dataclass
class LiveServer:
    """A server that listens on 127.0.0.1, with access to its internals."""

    port: int
    app: Litestar
    jobs: JobEngine
    tracer: FakeTracer
    server: DrainingServer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def load(self) -> Load:
        """Counts of the job engine; its `load` never awaits, so any thread may run it."""
        return asyncio.run(self.jobs.load())

    def connect(self) -> socket.socket:
        """A new connection to the server."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def wait_for_load(self, condition: Callable[[Load], bool], seconds: float = 5.0) -> Load:
        """Wait for a condition on the counts. Returns those that meet it."""
        end = time.monotonic() + seconds
        while not condition(load := self.load()):
            assert time.monotonic() < end, f"still {load}"
            time.sleep(0.01)
        return load


@contextmanager
def live_server(settings: Settings, tracer: FakeTracer) -> Iterator[LiveServer]:
    """Run a server until the block ends."""
    app = create_app(settings, tracer)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_config=None,
        timeout_graceful_shutdown=1,
        **uvicorn_options(settings, app.state.load_shedder),
    )
    connections = ConnectionRegistry(settings.limits.connections, settings.limits.response_bytes)
    server = DrainingServer(config, app.state.jobs, connections=connections)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield LiveServer(server.servers[0].sockets[0].getsockname()[1], app, app.state.jobs, tracer, server)
    finally:
        tracer.release.set()
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
