"""Connection pool with deadlines.

A server that is gone, frozen or unreachable costs a request at most two seconds. The pool finds it within a few
seconds after it is back.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic
from typing import Any

import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from facemask.service.database.settings import DatabaseSettings
from facemask.service.database.writability import WRITE_ERRORS, Writability, database_not_writable
from facemask.service.errors import ProblemError, retry_later
from facemask.service.telemetry.gauges import PoolGauges

# Deadline of one statement for which no request waits.
STATEMENT_SECONDS = 5.0
# Deadlines of a request: for a connection, and for everything together.
_CONNECTION_SECONDS = 0.7
REQUEST_SECONDS = 1.2
_CHECK_SECONDS = 0.4
# More waiters than these would time out.
_WAITERS_PER_CONNECTION = 20
_SESSION = (
    "set statement_timeout = '5s'; set lock_timeout = '1200ms'; set idle_in_transaction_session_timeout = '10s';"
    # A server crash may undo a claim or its release, which is repaired. What a response confirms is written with `on`.
    "set synchronous_commit = off"
)


class TimedConnection(psycopg.AsyncConnection[Any]):
    """A connection that is aborted when one of its own statements takes too long."""

    async def execute(self, *arguments: Any, **named: Any) -> Any:
        """As psycopg's, within `STATEMENT_SECONDS`."""
        with abort_after(self, STATEMENT_SECONDS):
            return await super().execute(*arguments, **named)


class TimedConnectionPool(AsyncConnectionPool[TimedConnection]):
    """A pool that aborts each lent connection at its deadline.

    It counts its waiters itself. psycopg's `max_waiting` also counts those that have timed out, until a connection
    comes: after an outage with enough of them it would admit nobody, and so never connect again.
    """

    waiting = 0

    async def getconn(self, timeout: float | None = None) -> TimedConnection:  # noqa: ASYNC109 - as psycopg calls it
        """Raise `TooManyRequests` at once when too many wait already."""
        if self.waiting >= _WAITERS_PER_CONNECTION * self.max_size:
            raise TooManyRequests
        self.waiting += 1
        try:
            return await super().getconn(timeout)
        finally:
            self.waiting -= 1

    @asynccontextmanager
    async def connection(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - as psycopg calls it
        *,
        deadline: float | None = None,
    ) -> AsyncIterator[TimedConnection]:
        """Lend a connection until `deadline`, by the monotonic clock.

        By default that is `STATEMENT_SECONDS` from now.
        """
        async with super().connection(timeout) as connection:
            seconds = STATEMENT_SECONDS if deadline is None else deadline - monotonic()
            with abort_after(connection, seconds):
                yield connection


class Database:
    """A pool whose errors are problems of the HTTP API."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self.pool: TimedConnectionPool | None = None
        self._down_until = 0.0
        self.writability = Writability()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[TimedConnectionPool]:
        """Open the pool for the block, whether or not the server responds."""
        size = self.settings.pool_size
        pool = TimedConnectionPool(
            kwargs=self.settings.parameters(),
            connection_class=TimedConnection,
            min_size=min(2, size),
            max_size=size,
            timeout=_CONNECTION_SECONDS,
            reconnect_timeout=2.0,
            configure=_configure,
            check=_check,
            open=False,
            name="facemask",
        )
        await pool.open()
        self.pool = pool
        try:
            yield pool
        finally:
            self.pool = None
            with suppress(psycopg.Error):
                await pool.close(timeout=2.0)

    @asynccontextmanager
    async def connection(self, seconds: float = REQUEST_SECONDS) -> AsyncIterator[TimedConnection]:
        """Lend a connection for at most `seconds`, including the wait for it.

        Raises `database_unavailable`, and `database_not_writable` when a statement reports that nothing can be stored.
        """
        deadline = monotonic() + seconds
        with self._translate_errors():
            if self.pool is None:
                raise psycopg.OperationalError
            async with self.pool.connection(min(seconds, _CONNECTION_SECONDS), deadline=deadline) as connection:
                try:
                    yield connection
                except ReadOnlySqlTransaction:  # the server became a standby: reconnect, to find the primary
                    await connection.close()
                    raise
        self._down_until = 0.0

    async def connect(self) -> TimedConnection:
        """Return a connection outside the pool, for LISTEN."""
        connection = await TimedConnection.connect(**self.settings.parameters(), autocommit=True)  # type: ignore[arg-type]
        await connection.execute(_SESSION)
        return connection

    def gauges(self) -> PoolGauges | None:
        """Return the pool's gauge values; None while it is closed."""
        if self.pool is None:
            return None
        stats = self.pool.get_stats()
        idle = stats.get("pool_available", 0)
        return PoolGauges(size=stats.get("pool_size", 0), idle=idle, waiting=self.pool.waiting)

    def raise_if_down(self) -> None:
        """Raise `database_unavailable` when an attempt a moment ago found no server."""
        if monotonic() < self._down_until:
            raise database_unavailable()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except WRITE_ERRORS as error:
            self.writability.record_failure(error)
            raise database_not_writable() from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if isinstance(error, PoolTimeout):
                self._down_until = monotonic() + 1.0
            raise database_unavailable() from error


def database_unavailable() -> ProblemError:
    """Return the problem of a database that does not respond."""
    return retry_later("database_unavailable", "the database does not answer; send the same request again later")


@contextmanager
def abort_after(connection: TimedConnection, seconds: float) -> Iterator[None]:
    """Abort the connection when the block takes longer than `seconds`.

    Its statement then fails at once, even on a dead network.
    """
    timer = asyncio.get_running_loop().call_later(seconds, _shut_down_socket, connection)
    try:
        yield
    finally:
        timer.cancel()


def _shut_down_socket(connection: TimedConnection) -> None:
    """Shut the socket down below libpq, which then reports a lost connection.

    Cancelling the statement would need a response of the server.
    """
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.pgconn.socket)) as own:
        own.shutdown(socket.SHUT_RDWR)


async def _configure(connection: TimedConnection) -> None:
    await connection.set_autocommit(True)
    await connection.execute(_SESSION)


async def _check(connection: TimedConnection) -> None:
    """Test a connection whose server has sent something while it was idle.

    Most likely that is the end of the stream. A server that vanished silently is found by the keepalives, or by the
    deadline of the next statement.
    """
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    if poll.poll(0):
        with abort_after(connection, _CHECK_SECONDS):
            await connection.execute("")
