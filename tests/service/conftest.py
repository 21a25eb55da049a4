"""Parts that service tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from facemask.service.app import create_app
from litestar.testing import TestClient
from support.service.fake_tracer import API, FakeTracer
from support.service.live_server import LiveServer, build_settings, live_server


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def tracer() -> Iterator[FakeTracer]:
    tracer = FakeTracer()
    yield tracer
    tracer.release.set()


@pytest.fixture
def make_client(tracer: FakeTracer) -> Iterator[Callable[..., TestClient[Any]]]:
    """Builds clients of an app with the given settings and the fake tracer."""
    with ExitStack() as stack:

        def make(**changes: Any) -> TestClient[Any]:
            app = create_app(build_settings(**changes), tracer)
            client = TestClient(app, base_url="http://testserver.local" + API, raise_server_exceptions=False)
            return stack.enter_context(client)

        yield make
        tracer.release.set()


@pytest.fixture
def client(make_client: Callable[..., TestClient[Any]]) -> TestClient[Any]:
    return make_client()


@pytest.fixture
def make_live(tracer: FakeTracer) -> Iterator[Callable[..., LiveServer]]:
    """Starts real servers on a free port of 127.0.0.1."""
    with ExitStack() as stack:

        def make(**changes: Any) -> LiveServer:
            return stack.enter_context(live_server(build_settings(**changes), tracer))

        yield make
        tracer.release.set()
