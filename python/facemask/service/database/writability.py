"""Whether Postgres can store jobs, according to the last statements.

A server with a full disk, or one that became a standby, still answers queries. Then no job can be accepted.
"""

from __future__ import annotations

import logging
from math import inf
from time import monotonic

import psycopg
from psycopg.errors import DiskFull, InsufficientPrivilege, IoError, ReadOnlySqlTransaction

from facemask.service.errors import ProblemError, retry_later

_log = logging.getLogger("facemask.service")

# Errors that every insert would meet: no space, no permission, or no disk.
WRITE_ERRORS = (DiskFull, IoError, ReadOnlySqlTransaction, InsufficientPrivilege)
# After a failure no other request tries for so long.
_PAUSE_SECONDS = 1.0


class Writability:
    """The state in one process and its event loop.

    Before the first statement writes are assumed to work.
    """

    def __init__(self) -> None:
        self._failed_at: float | None = None
        self._succeeded_at = -inf

    @property
    def is_failing(self) -> bool:
        """Whether the last write failed."""
        return self._failed_at is not None

    @property
    def seconds_since_success(self) -> float:
        """Seconds since the last successful write; infinite before the first."""
        return monotonic() - self._succeeded_at

    def record_success(self) -> None:
        """Note a successful write."""
        self._succeeded_at = monotonic()
        if self._failed_at is not None:
            self._failed_at = None
            _log.warning("Postgres stores jobs again")

    def record_failure(self, error: psycopg.Error) -> None:
        """Note a failed write.

        The error's message may quote a row, so only its class is logged.
        """
        if self._failed_at is None:
            kind, state = type(error).__name__, error.sqlstate
            _log.error("Postgres cannot store jobs (%s, SQLSTATE %s): they are refused until it can", kind, state)
        self._failed_at = monotonic()

    def raise_if_failing(self) -> None:
        """Raise `database_not_writable` for a moment after each failure.

        So no body is read in vain.
        """
        if self._failed_at is not None and monotonic() < self._failed_at + _PAUSE_SECONDS:
            raise database_not_writable()


def database_not_writable() -> ProblemError:
    """Return the problem of a database that answers and stores nothing."""
    return retry_later("database_not_writable", "the database cannot store jobs now; send the same request again later")
