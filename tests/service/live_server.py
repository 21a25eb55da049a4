"""A real server in a thread, for what only sockets can show."""

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
from fake_engine import FakeEngine
from litestar import Litestar


def build_settings(**changes: Any) -> Settings:
    """Settings with changed fields, whichever struct they belong to."""
    structs: dict[str, dict[str, Any]] = {"app": {}, "limits": {}, "jobs": {}, "access": {}}
    kinds = {"app": AppSettings, "limits": LimitSettings, "jobs": JobSettings, "access": AccessSettings}
    for name, value in changes.items():
        (home,) = [key for key, kind in kinds.items() if name in kind.__dataclass_fields__]
        structs[home][name] = value
    structs["jobs"].setdefault("grace_seconds", 0.2)
    parts: dict[str, Any] = {key: kinds[key](**values) for key, values in structs.items()}
    return Settings(**parts, cache=CacheSettings(mode=CacheMode.OFF))  # a fake photo is told again and again what to do


@dataclass
class Live:
    """Where the server is, and a look inside."""

    port: int
    app: Litestar
    jobs: JobEngine
    engine: FakeEngine
    server: DrainingServer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def load(self) -> Load:
        """The counts; `load` never awaits, so any thread may run it."""
        return asyncio.run(self.jobs.load())

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def until(self, condition: Callable[[Load], bool], seconds: float = 5.0) -> Load:
        """Waits for a condition on the counts."""
        end = time.monotonic() + seconds
        while not condition(load := self.load()):
            assert time.monotonic() < end, f"still {load}"
            time.sleep(0.01)
        return load


@contextmanager
def live_server(settings: Settings, engine: FakeEngine) -> Iterator[Live]:
    app = create_app(settings, engine)
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
        yield Live(server.servers[0].sockets[0].getsockname()[1], app, app.state.jobs, engine, server)
    finally:
        engine.release.set()
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
