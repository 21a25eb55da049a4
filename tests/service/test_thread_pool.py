"""Steps in threads: deadlines hold, and abandoned threads still count."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import re
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from facemask.service.jobs.admission import Admission
from facemask.service.thread_pool import ThreadPool

SERVICE = Path(__file__).parents[2] / "python/facemask/service"
pytestmark = pytest.mark.anyio


class BlockingStep:
    """A step that goes on until it is told to end, whoever waits for it."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.release.wait(30)
        return "done"


@pytest.fixture
def blocking_step() -> Iterator[BlockingStep]:
    step = BlockingStep()
    yield step
    step.release.set()


async def wait_until_true(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not condition():
            await anyio.sleep(0.005)


async def test_a_step_returns_raises_and_sees_what_its_caller_sees() -> None:
    pool = ThreadPool(1)
    word: contextvars.ContextVar[str] = contextvars.ContextVar("word", default="")
    word.set("seen")
    assert await pool.run(word.get) == "seen"
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0)  # type: ignore[arg-type, return-value]


async def test_a_deadline_around_a_held_thread_ends_in_time_with_an_error(blocking_step: BlockingStep) -> None:
    with pytest.raises(TimeoutError), anyio.fail_after(0.05):
        await ThreadPool(1).run(blocking_step)
    assert not blocking_step.release.is_set()
    with anyio.move_on_after(0.05) as scope:
        await ThreadPool(1).run(blocking_step)
    assert scope.cancelled_caught


async def test_a_thread_that_was_left_behind_counts_until_it_ends(blocking_step: BlockingStep) -> None:
    pool, ran = ThreadPool(1), []
    for _ in range(3):
        with anyio.move_on_after(0.05):
            await pool.run(blocking_step)
    with anyio.move_on_after(0.05) as scope:
        await pool.run(lambda: ran.append("too early"))
    assert scope.cancelled_caught
    assert ran == []
    blocking_step.release.set()
    await pool.run(lambda: ran.append("in turn"))
    assert ran == ["in turn"]


class Resource:
    """A resource that records who released it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def detach(self) -> None:
        self.told.append("kept")

    def release(self) -> None:
        self.told.append("released")


async def test_what_a_step_holds_is_kept_until_its_thread_ends_and_only_then(blocking_step: BlockingStep) -> None:
    pool, left, never, done = ThreadPool(1), Resource(), Resource(), Resource()
    with anyio.move_on_after(0.05):
        await pool.run(blocking_step, left)
    assert left.told == ["kept"]
    with anyio.move_on_after(0.05):  # waits behind it, and is forgotten
        await pool.run(lambda: None, never)
    blocking_step.release.set()
    await pool.run(lambda: None, done)
    await wait_until_true(lambda: left.told == ["kept", "released"])
    assert never.told == done.told == [], "these are their callers' business"


async def test_what_was_cancelled_before_it_began_is_let_go_of_at_once(blocking_step: BlockingStep) -> None:
    class Body:
        pass

    def step(body: Body) -> None:
        raise AssertionError(body)

    pool = ThreadPool(1)
    with anyio.move_on_after(0.05):
        await pool.run(blocking_step)
    body = Body()
    seen = weakref.ref(body)
    with anyio.move_on_after(0.05):
        await pool.run(lambda body=body: step(body))  # type: ignore[misc]
    del body
    await wait_until_true(lambda: gc.collect() >= 0 and seen() is None)
    assert not blocking_step.release.is_set()


async def test_a_slot_is_given_back_when_request_and_thread_have_both_let_go(blocking_step: BlockingStep) -> None:
    pool, admission = ThreadPool(1), Admission(1, 100)
    with anyio.move_on_after(0.05), admission.reserve("a") as slot:
        slot.add(50)
        slot.take()
        await pool.run(blocking_step, slot)
    assert (admission.slots, admission.bytes) == (1, 50)
    blocking_step.release.set()
    await wait_until_true(lambda: admission.slots == 0)
    assert admission.bytes == 0
    with admission.reserve("a") as slot:
        await pool.run(lambda: None, slot)
        assert admission.slots == 1
    assert admission.slots == 0


async def test_who_leaves_before_the_thread_has_begun_leaves_nothing_behind() -> None:
    pool, ran = ThreadPool(1), []
    with anyio.CancelScope() as scope:
        scope.cancel()
        await pool.run(lambda: ran.append("cancelled"))
    await pool.run(lambda: ran.append("next"))
    assert ran == ["next"]


def test_a_loop_that_has_ended_is_not_told(blocking_step: BlockingStep, caplog: pytest.LogCaptureFixture) -> None:
    pool = ThreadPool(1)

    async def leave() -> None:
        with anyio.move_on_after(0.05):
            await pool.run(blocking_step, Resource())

    before = set(threading.enumerate())
    asyncio.run(leave())
    blocking_step.release.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
        assert not thread.is_alive()
    assert not caplog.records


def test_every_thread_of_the_service_comes_from_a_pool() -> None:
    """Else a deadline around it does not hold, or what it left behind is not counted."""
    wild = re.compile(r"to_thread\.run_sync|asyncio\.to_thread|run_in_executor|Thread\(|ThreadPoolExecutor\(")
    found = [path.name for path in SERVICE.rglob("*.py") if wild.search(path.read_text(encoding="utf-8"))]
    assert sorted(found) == ["monitoring_server.py", "thread_pool.py"]  # the one has a loop of its own


@pytest.fixture
def anyio_backend() -> Any:
    return "asyncio"
