"""Gauge values that are read on request instead of being counted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolGauges:
    """Database connections: open, idle among them, and waiting requests."""

    size: int
    idle: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeValues:
    """The values now.

    Attributes:
        in_queue: jobs that wait for a worker, or None while the database is unavailable.
        pool: this process's database connections, where there is a database.

    """

    in_queue: int | None
    pool: PoolGauges | None = None
