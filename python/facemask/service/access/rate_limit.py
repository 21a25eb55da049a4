"""How often somebody may ask: a token bucket for each caller, in bounded memory.

Litestar's own limiter counts in windows of a second, a minute or an hour (so twice the rate goes through where two
meet), keeps its history in a store without bounds, and says no `Retry-After`.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import Final

# A caller who is forgotten has a full bucket; that costs no more than being this many callers.
MOST_CALLERS: Final = 16_384


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float


class Buckets:
    """`burst` requests at once, then `rate` a second, for each caller. Belongs to one event loop."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._buckets: OrderedDict[str | bytes, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, caller: str | bytes) -> float:
        """Takes a token: 0, or the seconds until there is one."""
        now = monotonic()
        bucket = self._buckets.pop(caller, None) or _Bucket(self._burst, now)
        self._buckets[caller] = bucket
        if len(self._buckets) > MOST_CALLERS:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled) * self._rate)
        bucket.filled = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._rate
        bucket.tokens -= 1
        return 0.0
