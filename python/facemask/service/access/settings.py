"""Settings of access control."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from facemask.service.access.client_address import Network
from facemask.service.access.keys import KeyRing

ORIGINS_RULE: Final = "must be origins such as https://example.org with commas between them, or *"

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

# Keys of `opt` by which a route or router is exempt from API keys or from the rate limit.
PUBLIC: Final = "public"
NOT_RATE_LIMITED: Final = "not_rate_limited"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """Who may send requests, how many, and from which web pages.

    Attributes:
        keys: the API keys; without any the service is open to everybody who reaches it.
        rate: requests per second that a caller may sustain; 0: no limit.
        burst: requests that a caller may send at once before the rate applies.
        trusted_proxies: networks whose `X-Forwarded-For` is trusted.
        origins: origins of web pages that may read responses (CORS); `*` is any.

    """

    keys: KeyRing = field(default_factory=KeyRing)
    rate: float = 0.0
    burst: int = 60
    trusted_proxies: tuple[Network, ...] = ()
    origins: tuple[str, ...] = ()


def parse_origins(text: str) -> tuple[str, ...] | None:
    """Return the comma-separated origins, or None where one of them is invalid."""
    origins = tuple(part.strip() for part in text.split(","))
    return origins if all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins) else None
