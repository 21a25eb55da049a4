"""What is not counted when it happens but read when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Connections to the database: open, of them idle, and requests that wait for one."""

    size: int
    idle: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """How it stands now.

    Attributes:
        in_queue: jobs that wait for a worker, or None while the database cannot be asked.
        pool: the database's connections of this process, where there is a database.

    """

    in_queue: int | None
    pool: Pool | None = None
