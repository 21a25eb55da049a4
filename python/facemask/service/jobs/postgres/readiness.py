"""Readiness: whether a job could be stored.

All health checks share one test of the database.
"""

from __future__ import annotations

import asyncio
from math import inf
from time import monotonic

import psycopg

from facemask.service.database.writability import Writability, database_not_writable
from facemask.service.errors import ProblemError
from facemask.service.jobs.postgres.repository import JobRepository

# A test's result is valid for so long.
_FRESH_SECONDS = 1.0
# After so long without a stored job, the test stores one and rolls back. That costs 20 kB of the server's log.
_PROBE_SECONDS = 30.0


class Readiness:
    """Tests the database on request, at most once a second."""

    def __init__(self, repository: JobRepository, writability: Writability) -> None:
        self._repository = repository
        self._writability = writability
        self._problem: ProblemError | None = None
        self._tested_at = -inf
        self._test: asyncio.Task[None] | None = None

    async def raise_if_not_ready(self) -> None:
        """Raise `database_unavailable` and `database_not_writable`.

        Failures of jobs since the test count at once.
        """
        if self._test is None and monotonic() >= self._tested_at + _FRESH_SECONDS:
            self._test = asyncio.create_task(self._run_test())
        if self._test is not None:
            await asyncio.shield(self._test)
        if self._problem is not None:
            raise self._problem.without_traceback()
        if self._writability.is_failing:
            raise database_not_writable()

    async def _run_test(self) -> None:
        """Test within the deadline of a request's statement."""
        try:
            if self._writability.is_failing or self._writability.seconds_since_success >= _PROBE_SECONDS:
                await self._repository.probe()
            else:
                await self._repository.ping()
        except ProblemError as problem:
            self._problem = problem.without_traceback()
        except psycopg.Error as error:  # not expected of these statements
            self._writability.record_failure(error)
            self._problem = database_not_writable()
        else:
            self._problem = None
        finally:
            self._tested_at = monotonic()
            self._test = None
