"""Token-bucket rate limit per caller, in bounded memory.

Litestar's limiter counts in windows of a second, a minute or an hour, so twice the rate passes where two windows meet.
It stores its history without bound and sends no `Retry-After`.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import Final

# An evicted caller starts again with a full bucket. To exploit that takes this many callers.
MAX_CALLERS: Final = 16_384


@dataclass(slots=True)
class _TokenBucket:
    tokens: float
    filled_at: float


class TokenBuckets:
    """Allows each caller `burst` requests at once, then `rate` per second.

    Belongs to one event loop.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._buckets: OrderedDict[str | bytes, _TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, caller: str | bytes) -> float:
        """Take a token. Returns 0, or the seconds until there is one."""
        now = monotonic()
        bucket = self._buckets.pop(caller, None) or _TokenBucket(self._burst, now)
        self._buckets[caller] = bucket
        if len(self._buckets) > MAX_CALLERS:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled_at) * self._rate)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._rate
        bucket.tokens -= 1
        return 0.0
