"""Services that are watched."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "service"), str(HERE.parent / "postgres")]

from facemask.service.database.settings import DatabaseSettings  # noqa: E402 - the paths come first
from fleet import Fleet, fleet  # noqa: E402
from otlp import Collector, collector  # noqa: E402


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def traces() -> Iterator[Collector]:
    """A collector of traces on a free port."""
    with collector() as found:
        yield found


@pytest.fixture
def ships(database: DatabaseSettings, tmp_path: Path) -> Iterator[Fleet]:
    """Processes over one database."""
    with fleet(database, tmp_path) as members:
        yield members
