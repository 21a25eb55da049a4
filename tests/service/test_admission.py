"""Admission of uploads: slots expire without data, received bytes count, and callers have a share of both."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from facemask.service.errors import ProblemError
from facemask.service.jobs import admission
from facemask.service.jobs.admission import HOLD_SECONDS, Admission, Slot

FULL = "queue_full"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(admission, "monotonic", lambda: now[0])
    return now


def reserve(admission: Admission, *callers: str) -> list[Slot]:
    return [admission.reserve(caller) for caller in callers]


def test_what_is_announced_takes_nothing_but_a_slot_for_a_moment(clock: list[float]) -> None:
    admission = Admission(2, 100)
    slow = reserve(admission, "a", "b")
    with pytest.raises(ProblemError, match=FULL):
        admission.require_capacity("c")
    clock[0] += HOLD_SECONDS
    admission.require_capacity("c")
    assert (admission.slots, admission.bytes) == (2, 0)
    for slot in slow:
        slot.release()
    assert admission.slots == 0


def test_a_slow_body_gets_another_slot_if_there_is_one(clock: list[float]) -> None:
    admission = Admission(1, 100)
    slow = admission.reserve("slow")
    clock[0] += HOLD_SECONDS
    quick = admission.reserve("quick")
    quick.take()
    with pytest.raises(ProblemError, match=FULL):
        slow.take()
    quick.release()
    slow.take()
    assert admission.slots == 1


def test_a_slot_that_is_held_is_there_when_its_body_is_whole(clock: list[float]) -> None:
    admission = Admission(4, 100)
    held = reserve(admission, "a", "a", "b", "c")
    for slot in held:
        slot.take()
    clock[0] += 10 * HOLD_SECONDS
    with pytest.raises(ProblemError, match=FULL):
        admission.require_capacity("d")


def test_one_caller_leaves_a_quarter_of_the_slots_to_others() -> None:
    admission = Admission(8, 100)
    held = reserve(admission, *["many"] * 6)
    with pytest.raises(ProblemError, match="6 requests of this caller are unfinished"):
        admission.reserve("many")
    reserve(admission, "other", "another")
    held[0].take()  # a job is no unfinished request
    with pytest.raises(ProblemError, match="too many jobs"):
        admission.require_capacity("many")
    held[0].release()
    admission.require_capacity("many")


def test_one_caller_leaves_half_of_the_bytes_to_others() -> None:
    admission = Admission(8, 100)
    first, second, third = reserve(admission, "many", "many", "other")
    first.add(30)
    with pytest.raises(ProblemError, match="unfinished requests of this caller are too large"):
        second.add(21)
    second.release()
    third.add(50)
    assert admission.bytes == 80
    first.take()
    third.take()
    with pytest.raises(ProblemError, match="bodies of the jobs that are waiting are too large"):
        admission.reserve("many").add(21)


def test_a_body_larger_than_all_that_is_allowed_gets_in_alone() -> None:
    admission = Admission(8, 100)
    with ExitStack() as stack:
        only = stack.enter_context(admission.reserve("one"))
        only.add(1000)
        only.take()
        with pytest.raises(ProblemError, match=FULL):
            admission.require_capacity("two")
    assert (admission.slots, admission.bytes) == (0, 0)


def test_nothing_is_left_of_callers_that_are_gone() -> None:
    admission = Admission(8, 1000)
    for number in range(100):
        with admission.reserve(number) as slot:
            slot.add(10)
            if number % 2:
                slot.take()
    assert (admission.slots, admission.bytes) == (0, 0)
    assert not admission._slots_of
    assert not admission._bytes_of
