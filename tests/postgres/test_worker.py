"""Slots of the worker."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from facemask.service.database.pool import database_unavailable
from facemask.service.jobs.postgres import queue as line
from facemask.service.jobs.postgres import worker as room
from facemask.service.jobs.postgres.queue import QueueConsumer
from facemask.service.jobs.postgres.waiters import JobWaiters
from facemask.service.jobs.postgres.worker import Worker
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.jobs import JobTelemetry

pytestmark = pytest.mark.anyio
NOBODY: Any = None


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_no_hand_is_lost_when_one_comes_free_as_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy event loop sees both in one round: the hand is free, and the time is over."""
    monkeypatch.setattr(room, "_SLOT_WAIT_SECONDS", 0.02)
    worker = Worker(NOBODY, NOBODY, JobWaiters(), JobSettings(workers=1), JobTelemetry())
    hands = worker._slots

    def free_and_dawdle() -> None:
        hands.release()
        time.sleep(0.04)

    for cancelled in (False, True) * 5:
        await hands.acquire()
        waiting = asyncio.create_task(worker._acquire_slot())
        asyncio.get_running_loop().call_later(0.005, free_and_dawdle)
        if cancelled:
            asyncio.get_running_loop().call_later(0.006, waiting.cancel)
        await asyncio.wait({waiting})
        if not waiting.cancelled() and waiting.result():
            hands.release()
        await asyncio.sleep(0)
        assert not hands.locked()


async def test_claims_that_nobody_knows_of_are_looked_for_soon_after_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next heartbeat might be too late for them."""

    class Away:
        """Answers the first question, none of the next two, and all others."""

        def __init__(self) -> None:
            self.beats = 0

        async def register(self, _: float) -> int:
            return 1

        async def claim_next(self, _: int) -> None:
            if self.beats < 2:
                raise database_unavailable()

        async def heartbeat(self, _: int) -> list[Any]:
            self.beats += 1
            if self.beats <= 2:
                raise database_unavailable()
            return []

        async def unregister(self, _: int) -> None:
            pass

    monkeypatch.setattr(line, "_RECOVERY_SECONDS", 0.01)
    monkeypatch.setattr(line, "_RETRY_SECONDS", 0.01)
    there: Any = Away()
    queue = QueueConsumer(there, asyncio.Semaphore(1), 0.5, on_claim=lambda _: None, on_heartbeat=lambda _: None)
    queue.start()
    await asyncio.sleep(0.6)  # the first heartbeat is over
    monkeypatch.setattr(queue, "_heartbeat_seconds", 3600.0)
    async with asyncio.timeout(10):
        while there.beats < 2 + line._RECOVERY_HEARTBEATS:
            await asyncio.sleep(0.01)
    await queue.unregister()
