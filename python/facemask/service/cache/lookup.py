"""The order of looking: the digest of the input first, then, only if that missed, inputs with the same answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from facemask.service.cache.entry import Cache, Found, Marked, Marks
from facemask.service.cache.photo_hash import bits_apart, photo_hash
from facemask.service.cache.settings import CacheMode
from facemask.service.core.protocol import Fingerprint
from facemask.service.errors import ProblemError
from facemask.service.thread_pool import ThreadPool

# A photo as its small grey picture. Raises `ProblemError` for one that cannot be decoded.
Grey = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, or the marks by which others find the new answer."""

    found: Found | None
    marks: Marks | None = None


class Tiers:
    """Looks an input up."""

    def __init__(self, cache: Cache, grey: Grey, threads: ThreadPool) -> None:
        self._cache = cache
        self._grey = grey
        self._threads = threads

    def lacks(self, digest: bytes) -> bool:
        """Whether looking up would surely find nothing. Any thread may ask."""
        return self._cache.lacks(digest)

    def missed(self) -> None:
        """Looking up was not worth it: the cache surely `lacks` an answer."""
        self._cache.counters.miss += 1

    async def look_up(self, fingerprint: Fingerprint, image: bytes, mode: CacheMode) -> Looked:
        """The answer to this input, or to one that has the same answer and a like photo, if it is kept."""
        counters = self._cache.counters
        if found := await self._cache.exact(fingerprint.exact):
            counters.exact += 1
            return Looked(found)
        scope = fingerprint.scope() if mode is CacheMode.SIMILAR else None
        kept = await self._cache.in_scope(scope) if scope else []
        # Decoding a photo costs more than its trace: it waits until there is another photo to compare it with.
        phash = await self._hash(image) if kept else None
        found = None if phash is None else await self._nearest(kept, phash)
        counters.similar += found is not None
        counters.miss += found is None
        return Looked(found, Marks(scope, phash) if scope else None)

    async def _nearest(self, kept: list[Marked], phash: int) -> Found | None:
        """The answer to the photo that is most alike, if it is alike enough."""
        near = [(bits_apart(phash, marked.phash), marked.digest) for marked in kept if marked.phash is not None]
        distance, digest = min(near, default=(65, b""))
        if distance > self._cache.policy.distance:
            return None
        found = await self._cache.exact(digest)
        return found and Found(digest, found.made, distance)

    async def _hash(self, image: bytes) -> int | None:
        return await self._threads.run(partial(self._measure, image))

    def _measure(self, image: bytes) -> int | None:
        """Runs in a thread. A photo that cannot be decoded need not be: it has no hash, that is all."""
        try:
            return photo_hash(self._grey(image))
        except ProblemError:
            return None
