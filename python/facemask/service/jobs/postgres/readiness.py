"""Would a job be taken? What health checks ask, for all of them together."""

from __future__ import annotations

import asyncio
from math import inf
from time import monotonic

import psycopg

from facemask.service.database.writability import Writability, not_writable
from facemask.service.errors import ProblemError
from facemask.service.jobs.postgres.repository import Ledger

# One look at the database serves all health checks of so many seconds.
_FRESH_SECONDS = 1.0
# Where nobody has stored a job for so long, a look stores one and takes it back. It costs 20 kB of the server's log.
_PROBE_SECONDS = 30.0


class Readiness:
    """Looks at the database when it is asked, at most once a second, however many ask."""

    def __init__(self, ledger: Ledger, writability: Writability) -> None:
        self._ledger = ledger
        self._writability = writability
        self._problem: ProblemError | None = None
        self._looked_at = -inf
        self._looking: asyncio.Task[None] | None = None

    async def require(self) -> None:
        """Raises `database_unavailable` and `database_not_writable`. What a job has met since counts at once."""
        if self._looking is None and monotonic() >= self._looked_at + _FRESH_SECONDS:
            self._looking = asyncio.create_task(self._look())
        if self._looking is not None:
            await asyncio.shield(self._looking)
        if self._problem is not None:
            raise self._problem.without_traceback()
        if self._writability.is_lost:
            raise not_writable()

    async def _look(self) -> None:
        """Ends within the deadline of a request's statement."""
        try:
            if self._writability.is_lost or self._writability.proved_seconds >= _PROBE_SECONDS:
                await self._ledger.probe()
            else:
                await self._ledger.ping()
        except ProblemError as problem:
            self._problem = problem.without_traceback()
        except psycopg.Error as error:  # what no statement of ours should meet
            self._writability.failed(error)
            self._problem = not_writable()
        else:
            self._problem = None
        finally:
            self._looked_at = monotonic()
            self._looking = None
