"""Processes and servers for fault tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from facemask.service.database.settings import DatabaseSettings
from postgres_server import TEMPLATE, OwnServer, fresh_database, make_template, own_server, run

sys.path.insert(0, str(Path(__file__).parents[1] / "service"))

from fake_engine import FakeEngine
from fleet import Fleet, fleet


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def fake() -> Iterator[FakeEngine]:
    engine = FakeEngine()
    yield engine
    engine.release.set()


@pytest.fixture(scope="session")
def own() -> Iterator[OwnServer]:
    """A Postgres that tests may stop, as long as they start it again."""
    with own_server() as server:
        make_template(server.settings)
        yield server
        run(server.settings, "drop database {} with (force)", TEMPLATE)


@pytest.fixture
def own_database(own: OwnServer) -> Iterator[DatabaseSettings]:
    with fresh_database(own.settings) as settings:
        yield settings


@pytest.fixture
def ships(own_database: DatabaseSettings, tmp_path: Path) -> Iterator[Fleet]:
    """Processes over a database of a server that may be stopped."""
    with fleet(own_database, tmp_path) as members:
        yield members
