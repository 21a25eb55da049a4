"""The worker's hands."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from facemask.service.jobs.policy import JobPolicy
from facemask.service.jobs.postgres import worker as room
from facemask.service.jobs.postgres.watches import Watches
from facemask.service.jobs.postgres.worker import Worker
from facemask.service.telemetry.jobs import JobTelemetry

pytestmark = pytest.mark.anyio
NOBODY: Any = None


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_no_hand_is_lost_when_one_comes_free_as_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy event loop sees both in one round: the hand is free, and the time is over."""
    monkeypatch.setattr(room, "_PATIENCE_SECONDS", 0.02)
    worker = Worker(NOBODY, NOBODY, Watches(), JobPolicy(workers=1), JobTelemetry())
    hands = worker._hands

    def free_and_dawdle() -> None:
        hands.release()
        time.sleep(0.04)

    for cancelled in (False, True) * 5:
        await hands.acquire()
        waiting = asyncio.create_task(worker._hand_free())
        asyncio.get_running_loop().call_later(0.005, free_and_dawdle)
        if cancelled:
            asyncio.get_running_loop().call_later(0.006, waiting.cancel)
        await asyncio.wait({waiting})
        if not waiting.cancelled() and waiting.result():
            hands.release()
        await asyncio.sleep(0)
        assert not hands.locked()
