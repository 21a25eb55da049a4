"""Whether Postgres stores what it is given, as far as the last statements tell.

A server whose disk is full, or that became a standby, still answers what is read. Then no job can be taken.
"""

from __future__ import annotations

import logging
from math import inf
from time import monotonic

import psycopg
from psycopg.errors import DiskFull, InsufficientPrivilege, IoError, ReadOnlySqlTransaction

from facemask.service.errors import ProblemError, retry_later

_log = logging.getLogger("facemask.service")

# What these say is true of every job: there is no room, no permission, or no disk.
CANNOT_WRITE = (DiskFull, IoError, ReadOnlySqlTransaction, InsufficientPrivilege)
# After a failure nobody else tries for so long.
_PAUSE_SECONDS = 1.0


class Writability:
    """Belongs to one process and its event loop. Until the first statement the server is believed to write."""

    def __init__(self) -> None:
        self._failed_at: float | None = None
        self._proved_at = -inf

    @property
    def is_lost(self) -> bool:
        """Whether the last statement that stored something failed."""
        return self._failed_at is not None

    @property
    def proved_seconds(self) -> float:
        """How long ago something was stored; infinite before the first time."""
        return monotonic() - self._proved_at

    def proved(self) -> None:
        """Something was stored."""
        self._proved_at = monotonic()
        if self._failed_at is not None:
            self._failed_at = None
            _log.warning("Postgres stores jobs again")

    def failed(self, error: psycopg.Error) -> None:
        """Nothing could be stored. What the error says may quote a row, so only its class is told."""
        if self._failed_at is None:
            kind, state = type(error).__name__, error.sqlstate
            _log.error("Postgres cannot store jobs (%s, SQLSTATE %s): they are refused until it can", kind, state)
        self._failed_at = monotonic()

    def require(self) -> None:
        """Raises `database_not_writable` for a moment after each failure: a body need not be read for that."""
        if self._failed_at is not None and monotonic() < self._failed_at + _PAUSE_SECONDS:
            raise not_writable()


def not_writable() -> ProblemError:
    """The problem while the database answers and stores nothing."""
    return retry_later("database_not_writable", "the database cannot store jobs now; send the same request again later")
