"""Who may come in: a request gets a slot before its body is read, and gives it back when its job has ended.

A body that is announced is not there yet. So a slot is only held for a moment before its body is whole, bytes count
when they have come, and one caller gets no more than a share of what is unfinished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from time import monotonic
from types import TracebackType
from typing import Final, Self

from facemask.service.errors import ProblemError, retry_later

# So long a slot is held for a body. Behind a slow line the body may need another one when it is whole.
HOLD_SECONDS: Final = 1.0
# Of the slots that are held for bodies, and of the bytes of unfinished bodies, one caller gets this much.
_SHARE_OF_SLOTS, _SHARE_OF_BYTES = 3 / 4, 1 / 2


class Admission:
    """Counts slots and bytes. Belongs to one event loop, so it needs no lock."""

    def __init__(self, max_slots: int, max_bytes: int) -> None:
        self._max_slots = max_slots
        self._max_bytes = max_bytes
        self._slots_a_caller = max(1, round(max_slots * _SHARE_OF_SLOTS))
        self._bytes_a_caller = max_bytes * _SHARE_OF_BYTES
        self._taken = 0
        self._held: dict[Slot, float] = {}  # until when, the earliest first
        self._slots_of: Counter[Hashable] = Counter()
        self._bytes_of: Counter[Hashable] = Counter()
        self._unfinished = 0
        self.bytes = 0

    @property
    def slots(self) -> int:
        """Jobs, and requests that are being read."""
        return self._taken + self._unfinished

    def require_room(self, caller: Hashable = None, ahead: int = 0) -> None:
        """Raises `queue_full` when a request of `caller` would get no slot now, with so many ahead of it."""
        self._lapse()
        if self._is_full(ahead):
            raise _full("too many jobs are waiting")
        if self._slots_of[caller] >= self._slots_a_caller:
            raise _full(f"{self._slots_a_caller} requests of this caller are unfinished")

    def reserve(self, caller: Hashable = None) -> Slot:
        """Holds a slot for a body of `caller`. Raises `queue_full` at once when there is none."""
        self.require_room(caller)
        slot = Slot(self, caller)
        self._held[slot] = monotonic() + HOLD_SECONDS
        self._slots_of[caller] += 1
        self._unfinished += 1
        return slot

    def add(self, slot: Slot, size: int) -> None:
        """Counts bytes that have come. Raises `queue_full` where they are too many, for all or for their caller. A body
        that is larger than all that is allowed still gets in when nothing else is there, or it never would.
        """
        self.bytes += size
        self._bytes_of[slot.caller] += size
        if self.bytes > self._max_bytes and self.bytes > slot.size + size:
            raise _full("the bodies of the jobs that are waiting are too large")
        if self._bytes_of[slot.caller] > max(self._bytes_a_caller, slot.size + size):
            raise _full("the unfinished requests of this caller are too large")

    def take(self, slot: Slot) -> None:
        """Makes a slot a job's. Raises `queue_full` when it was not held any longer and there is no other."""
        self._lapse()
        if slot not in self._held and self._is_full():
            raise _full("too many jobs are waiting")
        self._finish(slot)
        self._taken += 1

    def release(self, slot: Slot) -> None:
        """Ends a slot."""
        self.bytes -= slot.size
        if slot.is_taken:
            self._taken -= 1
        else:
            self._finish(slot)

    def _is_full(self, ahead: int = 0) -> bool:
        return self._taken + len(self._held) + ahead >= self._max_slots or self.bytes >= self._max_bytes

    def _lapse(self) -> None:
        now = monotonic()
        while self._held and next(iter(self._held.values())) <= now:
            self._let_go(next(iter(self._held)))

    def _let_go(self, slot: Slot) -> None:
        if self._held.pop(slot, None) is not None:
            _subtract(self._slots_of, slot.caller, 1)

    def _finish(self, slot: Slot) -> None:
        self._let_go(slot)
        _subtract(self._bytes_of, slot.caller, slot.size)
        self._unfinished -= 1


class Slot:
    """One request, and then its job. As a context manager it is given back unless `detach` was called."""

    def __init__(self, admission: Admission, caller: Hashable) -> None:
        self._admission = admission
        self._is_released = False
        self._is_detached = False
        self.caller = caller
        self.size = 0
        self.is_taken = False

    def add(self, size: int) -> None:
        """Counts bytes of the body. Raises `queue_full`."""
        try:
            self._admission.add(self, size)
        finally:
            self.size += size

    def take(self) -> None:
        """The body is whole: the slot is a job's. Raises `queue_full`; a second call does nothing."""
        if not self.is_taken:
            self._admission.take(self)
            self.is_taken = True

    def detach(self) -> None:
        """The slot now belongs to a job, which releases it."""
        self.take()
        self._is_detached = True

    def release(self) -> None:
        """Gives the slot back; a second call does nothing."""
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


def _full(reason: str) -> ProblemError:
    return retry_later("queue_full", f"{reason}; send the same request again later")


def _subtract(counter: Counter[Hashable], key: Hashable, amount: int) -> None:
    """A key whose count is 0 goes: there may be as many callers as addresses."""
    counter[key] -= amount
    if not counter[key]:
        del counter[key]
