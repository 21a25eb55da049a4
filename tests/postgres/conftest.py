"""Fixtures of the tests with PostgreSQL and of their faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from facemask.service.database.settings import DatabaseSettings
from support.postgres_server import (
    TEMPLATE,
    PostgresServer,
    create_template,
    execute,
    postgres_server,
    temporary_database,
)
from support.service.fake_tracer import FakeTracer
from support.service.processes import ProcessGroup, process_group


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def tracer() -> Iterator[FakeTracer]:
    tracer = FakeTracer()
    yield tracer
    tracer.release.set()


@pytest.fixture(scope="session")
def stoppable_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that tests may stop if they start it again."""
    with postgres_server() as server:
        create_template(server.settings)
        yield server
        execute(server.settings, "drop database {} with (force)", TEMPLATE)


@pytest.fixture
def stoppable_database(stoppable_postgres: PostgresServer) -> Iterator[DatabaseSettings]:
    with temporary_database(stoppable_postgres.settings) as settings:
        yield settings


@pytest.fixture
def group(stoppable_database: DatabaseSettings, tmp_path: Path) -> Iterator[ProcessGroup]:
    """Processes over a database of the stoppable server."""
    with process_group(stoppable_database, tmp_path) as group:
        yield group
