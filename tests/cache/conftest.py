"""Clients of services with a cache, in PostgreSQL and in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cache_client import CacheClient, cache_client
from facemask.service.database.settings import DatabaseSettings


@pytest.fixture
def durable(database: DatabaseSettings) -> Iterator[CacheClient]:
    with cache_client(database) as ready:
        yield ready


@pytest.fixture
def memory() -> Iterator[CacheClient]:
    with cache_client(None) as ready:
        yield ready
