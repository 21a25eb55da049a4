"""What may be answered from the cache, and how much it may hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Mode(IntEnum):
    """How far a cached answer may stand in for a new one; each mode includes those below it."""

    OFF = 0
    EXACT = 1
    SIMILAR = 2

    @classmethod
    def names(cls) -> dict[str, Mode]:
        """The modes by the names that settings and options use."""
        return {mode.name.lower(): mode for mode in cls}


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePolicy:
    """The bounds of the cache.

    Attributes:
        mode: the most that requests get; memory mode has no similar tier.
        distance: bits in which the hashes of two like photos may differ, 7 at most.
        max_results: answers that are kept; the one that was not used for longest goes first.
        max_bytes: bytes of all answers that are kept.
        ttl: seconds an answer is kept after its last use.

    """

    mode: Mode = Mode.SIMILAR
    distance: int = 3
    max_results: int = 1000
    max_bytes: int = 64 * 2**20
    ttl: float = 3600.0
