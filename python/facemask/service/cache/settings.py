"""Settings of the response cache."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class CacheMode(IntEnum):
    """How a cached response may replace a new one; each mode includes those below it."""

    OFF = 0
    EXACT = 1
    SIMILAR = 2

    @classmethod
    def names(cls) -> dict[str, CacheMode]:
        """Return the modes by the names that settings and options use."""
        return {mode.name.lower(): mode for mode in cls}


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """Bounds of the cache.

    Attributes:
        mode: the highest mode that requests get; memory mode has no similar tier.
        distance: most bits in which the hashes of two similar photos differ, 0 to 7.
        max_results: most cached responses; the least recently used one is evicted first.
        max_bytes: most bytes of all cached responses.
        ttl: seconds from a response's last use to its expiry.

    """

    mode: CacheMode = CacheMode.SIMILAR
    distance: int = 3
    max_results: int = 1000
    max_bytes: int = 64 * 2**20
    ttl: float = 3600.0
