"""The order of looking: the exact digest first, then, only if that missed, a like photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from facemask.service.cache.entry import Cache, Found, Marks
from facemask.service.cache.key import scope_of
from facemask.service.cache.photo_hash import photo_hash
from facemask.service.cache.policy import Mode
from facemask.service.engine import Fingerprint
from facemask.service.refusal import Refusal
from facemask.service.thread_pool import ThreadPool

# A photo as its small grey picture. Raises `Refusal` for one that cannot be decoded.
Grey = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, or the marks under which a new answer can be found."""

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

    async def look_up(self, fingerprint: Fingerprint, image: bytes, salt: bytes, mode: Mode) -> Looked:
        """The answer to this input or to one that is alike, if there is one."""
        counters = self._cache.counters
        if found := await self._cache.exact(fingerprint.exact):
            counters.exact += 1
            return Looked(found)
        marks = await self._marks(fingerprint, image, salt) if mode is Mode.SIMILAR else None
        found = await self._cache.similar(marks.scope, marks.phash, fingerprint.is_like) if marks else None
        counters.similar += found is not None
        counters.miss += found is None
        return Looked(found, marks)

    async def _marks(self, fingerprint: Fingerprint, image: bytes, salt: bytes) -> Marks | None:
        work = partial(self._measure, fingerprint, image, scope_of(salt, fingerprint.sizes))
        return await self._threads.run(work)

    def _measure(self, fingerprint: Fingerprint, image: bytes, scope: bytes) -> Marks | None:
        """Runs in a thread. A photo that cannot be decoded need not be: it has no hash, that is all."""
        try:
            phash = photo_hash(self._grey(image))
        except Refusal:
            return None
        return Marks(scope, phash, fingerprint.signature(), fingerprint.points(), fingerprint.runs())
