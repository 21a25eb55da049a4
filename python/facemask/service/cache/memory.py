"""Answers in this process's memory, found by their exact digest only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic

from facemask.service.cache.entry import Counters, Entry, Found, Made, Marked
from facemask.service.cache.settings import CacheSettings


@dataclass(slots=True)
class _Kept:
    made: Made
    used: float
    request: bytes


class MemoryCache:
    """The least recently used answer goes first. Belongs to one event loop."""

    def __init__(self, policy: CacheSettings) -> None:
        self.policy = policy
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._requests: dict[bytes, bytes] = {}
        self._bytes = 0
        self.counters = Counters()

    def lacks(self, digest: bytes) -> bool:
        """Whether there is no such answer: all of them are here, and memory has no similar tier."""
        return digest not in self._kept

    async def exact(self, digest: bytes) -> Found | None:
        """The answer to exactly this input."""
        self._expire()
        kept = self._kept.get(digest)
        if kept is None:
            return None
        self._use(digest, kept)
        return Found(digest, kept.made)

    async def in_scope(self, scope: bytes) -> list[Marked]:  # noqa: ARG002
        """Nothing: memory has no similar tier."""
        return []

    def repeated(self, request: bytes) -> Found | None:
        """The answer to the very bytes of a request, if it was traced before and is still here."""
        self._expire()
        digest = self._requests.get(request)
        kept = self._kept.get(digest) if digest else None
        if digest is None or kept is None:
            return None
        self._use(digest, kept)
        return Found(digest, kept.made)

    def insert(self, entry: Entry) -> None:
        """Keeps an answer as long as there is room and time."""
        if entry.made.size > self.policy.max_bytes:
            return
        self.forget(entry.digest)
        self._kept[entry.digest] = _Kept(entry.made, monotonic(), entry.request)
        if entry.request:
            self._requests[entry.request] = entry.digest
        self._bytes += entry.made.size
        while len(self._kept) > self.policy.max_results or self._bytes > self.policy.max_bytes:
            self.forget(next(iter(self._kept)))

    def forget(self, digest: bytes) -> None:
        """Erases an answer; nothing happens when it is not here."""
        if kept := self._kept.pop(digest, None):
            self._bytes -= kept.made.size
            self._requests.pop(kept.request, None)

    def _use(self, digest: bytes, kept: _Kept) -> None:
        kept.used = monotonic()
        self._kept.move_to_end(digest)

    def _expire(self) -> None:
        oldest = monotonic() - self.policy.ttl
        while self._kept and next(iter(self._kept.values())).used <= oldest:
            self.forget(next(iter(self._kept)))
