"""Two-tier lookup: by the input's digest, then by scope and similar photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from facemask.service.cache.entry import Cache, CacheHit, SimilarityCandidate, SimilarityKey
from facemask.service.cache.photo_hash import hamming_distance, photo_hash
from facemask.service.cache.settings import CacheMode
from facemask.service.core.protocol import Fingerprint
from facemask.service.errors import ProblemError
from facemask.service.thread_pool import ThreadPool

# Photo file -> its gray thumbnail. Raises `ProblemError` for a photo that cannot be decoded.
Thumbnailer = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class LookupResult:
    """A hit, or the key by which similar inputs find the new response."""

    hit: CacheHit | None
    similarity: SimilarityKey | None = None


class CacheLookup:
    """Looks up inputs in both tiers and counts the results."""

    def __init__(self, cache: Cache, thumbnailer: Thumbnailer, threads: ThreadPool) -> None:
        self._cache = cache
        self._thumbnailer = thumbnailer
        self._threads = threads

    def certainly_missing(self, digest: bytes) -> bool:
        """Return whether a lookup would certainly miss. Called in any thread."""
        return self._cache.certainly_missing(digest)

    def count_miss(self) -> None:
        """Count a miss without a lookup, after `certainly_missing`."""
        self._cache.counters.miss += 1

    async def look_up_request(self, request: bytes) -> CacheHit | None:
        """Return the response to a request of the same bytes, that is stored by the request's digest alone."""
        hit = await self._cache.find_exact(request)
        self._cache.counters.exact += hit is not None
        self._cache.counters.miss += hit is None
        return hit

    async def look_up(self, fingerprint: Fingerprint, image: bytes, mode: CacheMode) -> LookupResult:
        """Return the response to this input, or to a similar one of the same scope."""
        counters = self._cache.counters
        if hit := await self._cache.find_exact(fingerprint.exact):
            counters.exact += 1
            return LookupResult(hit)
        scope = fingerprint.scope() if mode is CacheMode.SIMILAR else None
        candidates = await self._cache.find_in_scope(scope) if scope else []
        # Decoding a photo costs more than its trace, so it is hashed only where there is another one to compare.
        phash = await self._hash(image) if candidates else None
        hit = None if phash is None else await self._nearest(candidates, phash)
        counters.similar += hit is not None
        counters.miss += hit is None
        return LookupResult(hit, SimilarityKey(scope, phash) if scope else None)

    async def _nearest(self, candidates: list[SimilarityCandidate], phash: int) -> CacheHit | None:
        """Return the response to the most similar photo within the distance limit."""
        distances = [
            (hamming_distance(phash, candidate.phash), candidate.digest)
            for candidate in candidates
            if candidate.phash is not None
        ]
        distance, digest = min(distances, default=(65, b""))
        if distance > self._cache.settings.distance:
            return None
        hit = await self._cache.find_exact(digest)
        return hit and CacheHit(digest, hit.response, distance)

    async def _hash(self, image: bytes) -> int | None:
        return await self._threads.run(partial(self._hash_in_thread, image))

    def _hash_in_thread(self, image: bytes) -> int | None:
        """Return the hash; None for a photo that cannot be decoded."""
        try:
            return photo_hash(self._thumbnailer(image))
        except ProblemError:
            return None
