"""Two API keys, and servers that require one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from facemask.service.access.keys import KeyRing, parse_keys
from support.service.fake_tracer import FakeTracer
from support.service.live_server import build_settings, live_server

ANNA, BERT = "anna-0123456789abcdef", "bert-0123456789abcdef"
KEYS = parse_keys(f"{ANNA}, sha256:{sha256(BERT.encode()).hexdigest()}") or KeyRing()
JOB_ENGINES = ("memory", "postgres")


def bearer(key: str) -> dict[str, str]:
    """Header that presents a key."""
    return {"Authorization": f"Bearer {key}"}


@contextmanager
def keyed_server(kind: str, request: pytest.FixtureRequest, tracer: FakeTracer) -> Iterator[Any]:
    """Run a server that requires one of the keys, with one worker and its jobs in memory or in PostgreSQL."""
    database = request.getfixturevalue("database") if kind == "postgres" else None
    settings = build_settings(workers=1, heartbeat_seconds=0.2, keys=KEYS)
    with live_server(replace(settings, database=database), tracer) as live:
        yield live
