"""A cache in this process's memory: exact tier only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic

from facemask.service.cache.entry import CacheCounters, CacheEntry, CacheHit, SharedResponse, SimilarityCandidate
from facemask.service.cache.settings import CacheSettings


@dataclass(slots=True)
class _StoredResponse:
    response: SharedResponse
    used_at: float
    request: bytes


class MemoryCache:
    """An LRU cache bounded by count, bytes and age. Belongs to one event loop."""

    def __init__(self, settings: CacheSettings) -> None:
        self.settings = settings
        self._entries: OrderedDict[bytes, _StoredResponse] = OrderedDict()
        self._requests: dict[bytes, bytes] = {}
        self._bytes = 0
        self.counters = CacheCounters()

    def certainly_missing(self, digest: bytes) -> bool:
        """Return whether there is no such entry; memory has no similar tier."""
        return digest not in self._entries

    async def find_exact(self, digest: bytes) -> CacheHit | None:
        """Return the response to exactly this input."""
        self._expire()
        entry = self._entries.get(digest)
        if entry is None:
            return None
        self._touch(digest, entry)
        return CacheHit(digest, entry.response)

    async def find_in_scope(self, scope: bytes) -> list[SimilarityCandidate]:  # noqa: ARG002
        """Return nothing: memory has no similar tier."""
        return []

    def find_request(self, request: bytes) -> CacheHit | None:
        """Return the response to a request of the same bytes."""
        self._expire()
        digest = self._requests.get(request)
        entry = self._entries.get(digest) if digest else None
        if digest is None or entry is None:
            return None
        self._touch(digest, entry)
        return CacheHit(digest, entry.response)

    def insert(self, entry: CacheEntry) -> None:
        """Store a response; the least recently used ones are evicted for it."""
        if entry.response.size > self.settings.max_bytes:
            return
        self.remove(entry.digest)
        self._entries[entry.digest] = _StoredResponse(entry.response, monotonic(), entry.request)
        if entry.request:
            self._requests[entry.request] = entry.digest
        self._bytes += entry.response.size
        while len(self._entries) > self.settings.max_results or self._bytes > self.settings.max_bytes:
            self.remove(next(iter(self._entries)))

    def remove(self, digest: bytes) -> None:
        """Remove an entry, if it is there."""
        if entry := self._entries.pop(digest, None):
            self._bytes -= entry.response.size
            self._requests.pop(entry.request, None)

    def _touch(self, digest: bytes, entry: _StoredResponse) -> None:
        entry.used_at = monotonic()
        self._entries.move_to_end(digest)

    def _expire(self) -> None:
        oldest = monotonic() - self.settings.ttl
        while self._entries and next(iter(self._entries.values())).used_at <= oldest:
            self.remove(next(iter(self._entries)))
