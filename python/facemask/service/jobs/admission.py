"""Who may come in: a slot is taken before a request's body is read and given back when its job has ended."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from facemask.service.refusal import busy


class Admission:
    """Counts slots and bytes. Belongs to one event loop, so it needs no lock."""

    def __init__(self, max_slots: int, max_bytes: int) -> None:
        self._max_slots = max_slots
        self._max_bytes = max_bytes
        self.slots = 0
        self.bytes = 0

    def reserve(self, size: int) -> Slot:
        """Takes a slot for a body of `size` bytes; raises `queue_full` at once when there is none.

        A body that is bigger than `max_bytes` still gets in when the house is empty, or it never would.
        """
        if self.slots >= self._max_slots or (self.slots and self.bytes + size > self._max_bytes):
            raise busy("queue_full", "too many jobs are waiting; send the same request again later")
        self.slots += 1
        self.bytes += size
        return Slot(self, size)

    def give_back(self, size: int) -> None:
        """Ends one slot."""
        self.slots -= 1
        self.bytes -= size


class Slot:
    """One place in the house. As a context manager it is given back unless `keep` was called."""

    def __init__(self, admission: Admission, size: int) -> None:
        self._admission = admission
        self._size = size
        self._held = True
        self._kept = False

    def resize(self, size: int) -> None:
        """Corrects the size once it is known."""
        self._admission.bytes += size - self._size
        self._size = size

    def keep(self) -> None:
        """The slot now belongs to a job, which releases it."""
        self._kept = True

    def release(self) -> None:
        """Gives the slot back; a second call does nothing."""
        if self._held:
            self._held = False
            self._admission.give_back(self._size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._kept:
            self.release()
