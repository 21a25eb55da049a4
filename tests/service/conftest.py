"""Parts that service tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from facemask.service.app import create_app
from litestar.testing import TestClient
from support.service.fake_tracer import API, FakeEngine
from support.service.live_server import Live, build_settings, live_server


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    engine = FakeEngine()
    yield engine
    engine.release.set()


@pytest.fixture
def make_client(engine: FakeEngine) -> Iterator[Callable[..., TestClient[Any]]]:
    """Builds clients of an app with the given settings and the fake engine."""
    with ExitStack() as stack:

        def make(**changes: Any) -> TestClient[Any]:
            app = create_app(build_settings(**changes), engine)
            client = TestClient(app, base_url="http://testserver.local" + API, raise_server_exceptions=False)
            return stack.enter_context(client)

        yield make
        engine.release.set()


@pytest.fixture
def client(make_client: Callable[..., TestClient[Any]]) -> TestClient[Any]:
    return make_client()


@pytest.fixture
def make_live(engine: FakeEngine) -> Iterator[Callable[..., Live]]:
    """Starts real servers on a free port of 127.0.0.1."""
    with ExitStack() as stack:

        def make(**changes: Any) -> Live:
            return stack.enter_context(live_server(build_settings(**changes), engine))

        yield make
        engine.release.set()
