"""The settings of who may ask."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from facemask.service.access.client_address import Network
from facemask.service.access.keys import KeyRing

ORIGINS_RULE: Final = "must be origins such as https://example.org with commas between them, or *"

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

# What a route or router says in `opt`: no key is asked for; the rate is not counted.
OPEN: Final = "open"
UNCOUNTED: Final = "uncounted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPolicy:
    """Who may ask, how often, and from which web pages.

    Attributes:
        keys: the API keys; without any the service is open to all who reach it.
        rate: requests a second that a caller may keep up; 0: as many as come.
        burst: requests a caller may send at once before the rate counts.
        trusted_proxies: where requests come from whose `X-Forwarded-For` is believed.
        origins: web pages that may read answers (CORS); `*` is all.

    """

    keys: KeyRing = field(default_factory=KeyRing)
    rate: float = 0.0
    burst: int = 60
    trusted_proxies: tuple[Network, ...] = ()
    origins: tuple[str, ...] = ()


def read_origins(text: str) -> tuple[str, ...] | None:
    """Origins with commas between them; None when one of them is none."""
    origins = tuple(part.strip() for part in text.split(","))
    return origins if all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in origins) else None
