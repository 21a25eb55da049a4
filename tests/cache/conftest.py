"""Services with a cache: in Postgres, and in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clients import Client, client
from facemask.service.database.settings import DatabaseSettings


@pytest.fixture
def durable(database: DatabaseSettings) -> Iterator[Client]:
    with client(database) as ready:
        yield ready


@pytest.fixture
def memory() -> Iterator[Client]:
    with client(None) as ready:
        yield ready
