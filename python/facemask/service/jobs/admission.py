"""Admission control: a slot from before a body is read until its job has ended.

A declared body has not arrived yet. A slot is therefore held only for a moment before its body is complete, bytes count
when they arrive, and one caller gets only a share of what is unfinished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from time import monotonic
from types import TracebackType
from typing import Final, Self

from facemask.service.errors import ProblemError, retry_later

# How long a slot is held for a body. A slower body needs another slot when it is complete.
HOLD_SECONDS: Final = 1.0
# One caller's share of the slots held for bodies, and of the bytes of unfinished bodies.
_SHARE_OF_SLOTS, _SHARE_OF_BYTES = 3 / 4, 1 / 2


class Admission:
    """Counts slots and bytes. Belongs to one event loop, so it needs no lock."""

    def __init__(self, max_slots: int, max_bytes: int) -> None:
        self._max_slots = max_slots
        self._max_bytes = max_bytes
        self._max_slots_per_caller = max(1, round(max_slots * _SHARE_OF_SLOTS))
        self._max_bytes_per_caller = max_bytes * _SHARE_OF_BYTES
        self._taken = 0
        self._held: dict[Slot, float] = {}  # slot -> end of its hold, the earliest first
        self._slots_of: Counter[Hashable] = Counter()
        self._bytes_of: Counter[Hashable] = Counter()
        self._reading = 0
        self.bytes = 0

    @property
    def slots(self) -> int:
        """Jobs, and requests whose body is being read."""
        return self._taken + self._reading

    def require_capacity(self, caller: Hashable = None, ahead: int = 0) -> None:
        """Raise `queue_full` when a request would get no slot, behind `ahead` others."""
        self._expire_holds()
        if self._is_full(ahead):
            raise _queue_full("too many jobs are waiting")
        if self._slots_of[caller] >= self._max_slots_per_caller:
            raise _queue_full(f"{self._max_slots_per_caller} requests of this caller are unfinished")

    def reserve(self, caller: Hashable = None) -> Slot:
        """Hold a slot for a body of `caller`.

        Raises `queue_full` at once when there is none.
        """
        self.require_capacity(caller)
        slot = Slot(self, caller)
        self._held[slot] = monotonic() + HOLD_SECONDS
        self._slots_of[caller] += 1
        self._reading += 1
        return slot

    def add(self, slot: Slot, size: int) -> None:
        """Count bytes that have arrived.

        Raises `queue_full` above the bound, or above the caller's share.

        A body larger than the bound is admitted when there is no other, or it never would be.
        """
        self.bytes += size
        self._bytes_of[slot.caller] += size
        if self.bytes > self._max_bytes and self.bytes > slot.size + size:
            raise _queue_full("the bodies of the jobs that are waiting are too large")
        if self._bytes_of[slot.caller] > max(self._max_bytes_per_caller, slot.size + size):
            raise _queue_full("the unfinished requests of this caller are too large")

    def take(self, slot: Slot) -> None:
        """Turn a slot into a job's.

        Raises `queue_full` when its hold has expired and there is no other slot.
        """
        self._expire_holds()
        if slot not in self._held and self._is_full():
            raise _queue_full("too many jobs are waiting")
        self._finish_reading(slot)
        self._taken += 1

    def release(self, slot: Slot) -> None:
        """Release a slot and its bytes."""
        self.bytes -= slot.size
        if slot.is_taken:
            self._taken -= 1
        else:
            self._finish_reading(slot)

    def _is_full(self, ahead: int = 0) -> bool:
        return self._taken + len(self._held) + ahead >= self._max_slots or self.bytes >= self._max_bytes

    def _expire_holds(self) -> None:
        now = monotonic()
        while self._held and next(iter(self._held.values())) <= now:
            self._end_hold(next(iter(self._held)))

    def _end_hold(self, slot: Slot) -> None:
        if self._held.pop(slot, None) is not None:
            _subtract(self._slots_of, slot.caller, 1)

    def _finish_reading(self, slot: Slot) -> None:
        self._end_hold(slot)
        _subtract(self._bytes_of, slot.caller, slot.size)
        self._reading -= 1


class Slot:
    """The capacity for one request, and then for its job.

    As a context manager it is released unless detached.
    """

    def __init__(self, admission: Admission, caller: Hashable) -> None:
        self._admission = admission
        self._is_released = False
        self._is_detached = False
        self.caller = caller
        self.size = 0
        self.is_taken = False

    def add(self, size: int) -> None:
        """Count bytes of the body. Raises `queue_full`."""
        try:
            self._admission.add(self, size)
        finally:
            self.size += size

    def take(self) -> None:
        """Turn the slot into a job's, once the body is complete.

        Raises `queue_full`; a second call does nothing.
        """
        if not self.is_taken:
            self._admission.take(self)
            self.is_taken = True

    def detach(self) -> None:
        """Pass the slot to a job, which releases it."""
        self.take()
        self._is_detached = True

    def release(self) -> None:
        """Release the slot; a second call does nothing."""
        if not self._is_released:
            self._is_released = True
            self._admission.release(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_detached:
            self.release()


def _queue_full(reason: str) -> ProblemError:
    return retry_later("queue_full", f"{reason}; send the same request again later")


def _subtract(counter: Counter[Hashable], key: Hashable, amount: int) -> None:
    """Subtract, and remove a key whose count is 0."""
    counter[key] -= amount
    if not counter[key]:
        del counter[key]
