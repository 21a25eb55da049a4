"""Services that are watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from facemask.service.database.settings import DatabaseSettings
from otlp_collector import OtlpCollector, otlp_collector
from support.service.processes import ProcessGroup, process_group


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def traces() -> Iterator[OtlpCollector]:
    """A collector of traces on a free port."""
    with otlp_collector() as found:
        yield found


@pytest.fixture
def group(database: DatabaseSettings, tmp_path: Path) -> Iterator[ProcessGroup]:
    """Processes over one database."""
    with process_group(database, tmp_path) as group:
        yield group
