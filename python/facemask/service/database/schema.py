"""Schema migrations: numbered SQL files, each applied once, forward only.

There is no 003: 005 replaced it before the first release.
"""

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
_TIMEOUTS = "set lock_timeout = '60s'; set statement_timeout = '600s'"
_APPLIED = "create table if not exists facemask_schema (name text primary key, applied_at timestamptz default now())"
_RETRY_SECONDS = 0.3

Connection = psycopg.AsyncConnection[Any]


async def migrate(settings: DatabaseSettings) -> list[str]:
    """Apply the pending migrations and return their names.

    Many processes may call this at once.

    Raises `DatabaseUnreachableError`.
    """
    async with await _connect_with_retry(settings) as connection:
        await connection.execute(_TIMEOUTS)
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
            await connection.execute(_APPLIED)
            rows = await (await connection.execute("select name from facemask_schema")).fetchall()
            steps = _pending_steps({name for (name,) in rows}, is_new=not await _has_queue(connection))
            for name, statements in steps:
                if statements:
                    await connection.execute(statements.encode())
                await connection.execute("insert into facemask_schema (name) values (%s)", [name])
    return [name for name, statements in steps if statements]


def _pending_steps(applied: set[str], *, is_new: bool) -> list[tuple[str, str]]:
    """Return names and statements: the queue's schema and migrations, then ours.

    A new queue's schema includes all of its migrations, so these are recorded without statements.
    """
    folder = Path(SchemaManager.get_migrations_path())
    queue_migrations = [(f"procrastinate/{path.name}", path) for path in sorted(folder.glob("*.sql"))]
    steps = [("procrastinate/schema.sql", SchemaManager.get_schema())] if is_new else []
    steps += [(name, "" if is_new else path.read_text("utf-8")) for name, path in queue_migrations]
    own = sorted(file.name for file in resources.files(__package__).joinpath("migrations").iterdir())
    steps += [(name, _read_migration(name)) for name in own if name.endswith(".sql")]
    return [(name, statements) for name, statements in steps if name not in applied]


def _read_migration(name: str) -> str:
    return resources.files(__package__).joinpath("migrations", name).read_text("utf-8")


async def _has_queue(connection: Connection) -> bool:
    cursor = await connection.execute("select to_regclass('procrastinate_jobs') is not null")
    row = await cursor.fetchone()
    return bool(row and row[0])


async def _connect_with_retry(settings: DatabaseSettings) -> Connection:
    """Return a connection as soon as there is a server within `start_seconds`."""
    end = monotonic() + settings.start_seconds
    while True:
        try:
            return await psycopg.AsyncConnection.connect(**settings.parameters(), autocommit=True)  # type: ignore[arg-type]
        except psycopg.OperationalError as error:
            if monotonic() >= end:
                reason = " ".join(str(error).split()) or type(error).__name__
                raise DatabaseUnreachableError(settings, reason) from error
        await asyncio.sleep(_RETRY_SECONDS)
