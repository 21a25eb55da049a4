"""Services that are watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from facemask.service.database.address import DatabaseSettings
from otlp import Collector, collector
from support.service.processes import Fleet, fleet


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
