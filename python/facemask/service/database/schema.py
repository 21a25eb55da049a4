"""The schema: numbered SQL files, applied once each, forward only, by one process at a time."""

from __future__ import annotations

import asyncio
from importlib import resources
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager

from facemask.service.database.settings import DatabaseSettings, DatabaseUnreachableError

_LOCK = 0x666163656D61736B  # "facemask": one migration at a time in a whole database
_PATIENCE = "set lock_timeout = '60s'; set statement_timeout = '600s'"
_APPLIED = "create table if not exists facemask_schema (name text primary key, applied_at timestamptz default now())"
_RETRY_SECONDS = 0.3

Connection = psycopg.AsyncConnection[Any]


async def migrate(settings: DatabaseSettings) -> list[str]:
    """Brings the schema up to date and returns the names of what was applied. Safe to run in many processes at
    once. Raises `DatabaseUnreachableError`.
    """
    async with await _reached(settings) as connection:
        await connection.execute(_PATIENCE)
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
            await connection.execute(_APPLIED)
            rows = await (await connection.execute("select name from facemask_schema")).fetchall()
            steps = _steps({name for (name,) in rows}, new=not await _has_queue(connection))
            for name, statements in steps:
                if statements:
                    await connection.execute(statements.encode())
                await connection.execute("insert into facemask_schema (name) values (%s)", [name])
    return [name for name, statements in steps if statements]


def _steps(applied: set[str], *, new: bool) -> list[tuple[str, str]]:
    """What is left to do, in order: the queue's tables, its later changes, ours. A fresh queue has all of its
    changes already; they are only noted, with no statements.
    """
    folder = Path(SchemaManager.get_migrations_path())
    changes = [(f"procrastinate/{path.name}", path) for path in sorted(folder.glob("*.sql"))]
    steps = [("procrastinate/schema.sql", SchemaManager.get_schema())] if new else []
    steps += [(name, "" if new else path.read_text("utf-8")) for name, path in changes]
    own = sorted(file.name for file in resources.files(__package__).joinpath("migrations").iterdir())
    steps += [(name, _own(name)) for name in own if name.endswith(".sql")]
    return [(name, statements) for name, statements in steps if name not in applied]


def _own(name: str) -> str:
    return resources.files(__package__).joinpath("migrations", name).read_text("utf-8")


async def _has_queue(connection: Connection) -> bool:
    found = await connection.execute("select to_regclass('procrastinate_jobs') is not null")
    row = await found.fetchone()
    return bool(row and row[0])


async def _reached(settings: DatabaseSettings) -> Connection:
    """A connection, as soon as there is a server within `start_seconds`."""
    end = monotonic() + settings.start_seconds
    while True:
        try:
            return await psycopg.AsyncConnection.connect(**settings.parameters(), autocommit=True)  # type: ignore[arg-type]
        except psycopg.OperationalError as error:
            if monotonic() >= end:
                reason = " ".join(str(error).split()) or type(error).__name__
                raise DatabaseUnreachableError(settings, reason) from error
        await asyncio.sleep(_RETRY_SECONDS)
