"""Connections with deadlines. A server that is gone, frozen or behind a dead line costs a request two seconds at
most, and is found again within a few seconds after it is back.
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
from facemask.service.database.writability import CANNOT_WRITE, Writability, not_writable
from facemask.service.errors import ProblemError, retry_later
from facemask.service.telemetry.gauges import Pool

# What one statement may take, for work that nobody waits for.
STATEMENT_SECONDS = 5.0
# What a request may wait: for a connection, and for everything together.
_CONNECTION_SECONDS = 0.7
ANSWER_SECONDS = 1.2
_CHECK_SECONDS = 0.4
# More than these wait in vain.
_WAITERS_A_CONNECTION = 20
_SESSION = (
    "set statement_timeout = '5s'; set lock_timeout = '1200ms'; set idle_in_transaction_session_timeout = '10s';"
    # A crash may undo a claim or a hand-over, which is healed; what clients were told says `on` itself.
    "set synchronous_commit = off"
)


class Link(psycopg.AsyncConnection[Any]):
    """A connection whose own statements are cut when they take too long."""

    async def execute(self, *arguments: Any, **named: Any) -> Any:
        """As psycopg's, within `STATEMENT_SECONDS`."""
        with cut_after(self, STATEMENT_SECONDS):
            return await super().execute(*arguments, **named)


class LinkPool(AsyncConnectionPool[Link]):
    """A pool that cuts every connection it lends after some seconds, whoever the borrower is.

    It counts itself who waits. psycopg's `max_waiting` also counts those who have given up, until a connection comes;
    after an outage in which enough have given up it would let nobody in, and so never connect again.
    """

    asking = 0

    async def getconn(self, timeout: float | None = None) -> Link:  # noqa: ASYNC109 - as psycopg calls it
        """Raises `TooManyRequests` at once when too many wait already."""
        if self.asking >= _WAITERS_A_CONNECTION * self.max_size:
            raise TooManyRequests
        self.asking += 1
        try:
            return await super().getconn(timeout)
        finally:
            self.asking -= 1

    @asynccontextmanager
    async def connection(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - as psycopg calls it
        *,
        deadline: float | None = None,
    ) -> AsyncIterator[Link]:
        """Lends a connection until `deadline` (`monotonic`), default `STATEMENT_SECONDS` from now."""
        async with super().connection(timeout) as link:
            seconds = STATEMENT_SECONDS if deadline is None else deadline - monotonic()
            with cut_after(link, seconds):
                yield link


class Database:
    """A pool, and the words for what goes wrong with it."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self.pool: LinkPool | None = None
        self._away_until = 0.0
        self.writability = Writability()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[LinkPool]:
        """The pool is open inside the block, whether or not the server answers."""
        size = self.settings.pool_size
        pool = LinkPool(
            kwargs=self.settings.parameters(),
            connection_class=Link,
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
    async def connection(self, seconds: float = ANSWER_SECONDS) -> AsyncIterator[Link]:
        """A connection for `seconds` at most, waiting for it included. Raises `database_unavailable`, and
        `database_not_writable` when a statement says that nothing can be stored.
        """
        deadline = monotonic() + seconds
        with self._translate_errors():
            if self.pool is None:
                raise psycopg.OperationalError
            async with self.pool.connection(min(seconds, _CONNECTION_SECONDS), deadline=deadline) as link:
                try:
                    yield link
                except ReadOnlySqlTransaction:  # the server was made a standby: another one is to be found
                    await link.close()
                    raise
        self._away_until = 0.0

    async def connect(self) -> Link:
        """A connection of its own, for listening."""
        link = await Link.connect(**self.settings.parameters(), autocommit=True)  # type: ignore[arg-type]
        await link.execute(_SESSION)
        return link

    def readings(self) -> Pool | None:
        """The pool now; None while it is closed."""
        if self.pool is None:
            return None
        stats = self.pool.get_stats()
        idle = stats.get("pool_available", 0)
        return Pool(size=stats.get("pool_size", 0), idle=idle, waiting=self.pool.asking)

    def require_near(self) -> None:
        """Raises `database_unavailable` at once when the last try found no server a moment ago."""
        if monotonic() < self._away_until:
            raise away()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except CANNOT_WRITE as error:
            self.writability.failed(error)
            raise not_writable() from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if isinstance(error, PoolTimeout):
                self._away_until = monotonic() + 1.0
            raise away() from error


def away() -> ProblemError:
    """The problem while the database cannot be used."""
    return retry_later("database_unavailable", "the database does not answer; send the same request again later")


@contextmanager
def cut_after(link: Link, seconds: float) -> Iterator[None]:
    """Ends the connection when the block takes longer than `seconds`: the statement then fails at once, even where
    the line is dead and nothing ever comes back.
    """
    timer = asyncio.get_running_loop().call_later(seconds, _cut, link)
    try:
        yield
    finally:
        timer.cancel()


def _cut(link: Link) -> None:
    """Shuts the socket down below libpq, which reads the end of the stream and reports a lost connection. Cancelling
    would wait for the server's consent.
    """
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(link.pgconn.socket)) as end:
        end.shutdown(socket.SHUT_RDWR)


async def _configure(link: Link) -> None:
    await link.set_autocommit(True)
    await link.execute(_SESSION)


async def _check(link: Link) -> None:
    """An idle server is silent. When there is something to read it has said goodbye, most likely: then it is asked.
    One that is gone without a word is found by the keepalives, or by the deadline of the next statement.
    """
    waiting = select.poll()
    waiting.register(link.pgconn.socket, select.POLLIN)
    if waiting.poll(0):
        with cut_after(link, _CHECK_SECONDS):
            await link.execute("")
