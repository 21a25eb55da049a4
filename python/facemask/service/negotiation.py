"""Which of some media types a request takes: its `Accept` by RFC 9110, section 12.5.1.

Litestar's `Accept.best_match` serves what `q=0` excludes, and lets a wide range win over a narrow one. The choice of
prometheus_client takes no heed of weights, raises on a version that is no number, and says the client's version back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

# Clients name a dozen ranges. A header of 64 KiB has room for 16,000, which would hold up the event loop for 80 ms.
MAX_ELEMENTS: Final = 256
# Possessive throughout, so the time grows with the header's length and no faster.
_TCHARS = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_ELEMENT: Final = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"?+)++', re.DOTALL)
_RANGE: Final = re.compile(
    rf"[ \t]*+({_TCHARS})/({_TCHARS})((?:[ \t]*+;(?:[ \t]*+{_TCHARS}=(?:{_TCHARS}|{_QUOTED}))?+)*+)[ \t]*+"
)
_PARAMETER: Final = re.compile(rf"({_TCHARS})=({_TCHARS}|{_QUOTED})")
# More digits than the three of the RFC, and none before the point: clients write their numbers so.
_WEIGHT: Final = re.compile(r"0?\.[0-9]++|0\.?|1(?:\.0*+)?")

Parameters = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MediaRange:
    """An element of `Accept`, in small letters. `weight` is 0 to 1; an offer of weight 0 is not acceptable."""

    type: str
    subtype: str
    parameters: Parameters = frozenset()
    weight: float = 1.0

    def covers(self, offer: MediaRange) -> bool:
        """Whether the offer is of this range. A range with parameters covers only what has them too."""
        types = self.type in ("*", offer.type) and self.subtype in ("*", offer.subtype)
        return types and self.parameters <= offer.parameters

    @property
    def precedence(self) -> tuple[bool, bool, int, float]:
        """Of two ranges that cover an offer the greater one decides; of equal ones the one that weighs more."""
        return self.type != "*", self.subtype != "*", len(self.parameters), self.weight


def best_of(accept: str, offers: Sequence[str]) -> str | None:
    """The offer that the request likes most, the first of those it likes as much; None where it takes none of them.

    `offers` are media types, with the parameters that ranges may ask for. A malformed element of `accept` is ignored,
    and so is all behind the first `MAX_ELEMENTS`. A header with nothing else is like none: everything is acceptable.
    """
    parsed = [_parsed_offer(offer) for offer in offers]
    types = {offer.type for offer in parsed} | {"*"}
    deciding: list[MediaRange | None] = [None] * len(parsed)
    empty = True
    for found in islice(_ELEMENT.finditer(accept), MAX_ELEMENTS):
        media_range = _parsed(found[0])
        if media_range is None:
            continue
        empty = False
        if media_range.type not in types:
            continue
        for place, offer in enumerate(parsed):
            known = deciding[place]
            if media_range.covers(offer) and (known is None or media_range.precedence > known.precedence):
                deciding[place] = media_range
    if empty:
        return offers[0]
    weights = [media_range.weight if media_range else 0.0 for media_range in deciding]
    most = max(weights)
    return offers[weights.index(most)] if most else None


def _parsed(element: str) -> MediaRange | None:
    """The element, or None where it is malformed."""
    found = _RANGE.fullmatch(element)
    if found is None or (found[1] == "*" and found[2] != "*"):
        return None
    parameters = {(name.lower(), _plain(value)) for name, value in _PARAMETER.findall(found[3])}
    weights = [value for name, value in parameters if name == "q"]
    if len(weights) > 1 or (weights and not _WEIGHT.fullmatch(weights[0])):
        return None
    rest = frozenset(parameter for parameter in parameters if parameter[0] != "q")
    return MediaRange(found[1].lower(), found[2].lower(), rest, float(weights[0]) if weights else 1.0)


def _plain(value: str) -> str:
    """A parameter's value without its quotes."""
    return re.sub(r"\\(.)", r"\1", value[1:-1]).lower() if value.startswith('"') else value.lower()


@lru_cache(maxsize=64)
def _parsed_offer(offer: str) -> MediaRange:
    parsed = _parsed(offer)
    if parsed is None:
        raise ValueError(f"no media type: {offer!r}")
    return parsed
