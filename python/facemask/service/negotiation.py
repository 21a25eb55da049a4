"""Content negotiation by a request's `Accept` header, RFC 9110, section 12.5.1.

Litestar's `Accept.best_match` serves what `q=0` excludes, and lets a wide range win over a narrow one. The choice of
prometheus_client ignores weights, raises on a version that is no number, and repeats the client's version.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

# Clients name a dozen ranges. A header of 64 KiB fits 16,000, which would block the event loop for 80 ms.
MAX_ELEMENTS: Final = 256
# Possessive quantifiers throughout: the time is linear in the header's length.
_TCHARS = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_ELEMENT: Final = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"?+)++', re.DOTALL)
_RANGE: Final = re.compile(
    rf"[ \t]*+({_TCHARS})/({_TCHARS})((?:[ \t]*+;(?:[ \t]*+{_TCHARS}=(?:{_TCHARS}|{_QUOTED}))?+)*+)[ \t]*+"
)
_PARAMETER: Final = re.compile(rf"({_TCHARS})=({_TCHARS}|{_QUOTED})")
# More digits than the RFC's three, and none before the point: clients write such numbers.
_WEIGHT: Final = re.compile(r"0?\.[0-9]++|0\.?|1(?:\.0*+)?")

Parameters = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MediaRange:
    """An element of `Accept`, in lower case.

    `weight` is 0 to 1; 0 means not acceptable.
    """

    type: str
    subtype: str
    parameters: Parameters = frozenset()
    weight: float = 1.0

    def matches(self, offer: MediaRange) -> bool:
        """Return whether the offer is in this range.

        A range with parameters needs all of them in the offer.
        """
        types = self.type in ("*", offer.type) and self.subtype in ("*", offer.subtype)
        return types and self.parameters <= offer.parameters

    @property
    def specificity(self) -> tuple[bool, bool, int, float]:
        """Sort key: the most specific matching range decides, then the heaviest."""
        return self.type != "*", self.subtype != "*", len(self.parameters), self.weight


def best_match(accept: str, offers: Sequence[str]) -> str | None:
    """Return the first offer that `accept` weighs most, or None.

    `offers` are media types, with the parameters that ranges may ask for. Malformed elements of `accept` are ignored,
    and so is everything behind the first `MAX_ELEMENTS`. An empty header accepts everything.
    """
    candidates = [_parse_offer(offer) for offer in offers]
    types = {offer.type for offer in candidates} | {"*"}
    best_ranges: list[MediaRange | None] = [None] * len(candidates)
    is_empty = True
    for element in islice(_ELEMENT.finditer(accept), MAX_ELEMENTS):
        media_range = _parse_range(element[0])
        if media_range is None:
            continue
        is_empty = False
        if media_range.type not in types:
            continue
        for i, offer in enumerate(candidates):
            known = best_ranges[i]
            if media_range.matches(offer) and (known is None or media_range.specificity > known.specificity):
                best_ranges[i] = media_range
    if is_empty:
        return offers[0]
    weights = [media_range.weight if media_range else 0.0 for media_range in best_ranges]
    highest = max(weights)
    return offers[weights.index(highest)] if highest else None


def _parse_range(element: str) -> MediaRange | None:
    """Return the media range of an element, or None where it is malformed."""
    match = _RANGE.fullmatch(element)
    if match is None or (match[1] == "*" and match[2] != "*"):
        return None
    parameters = {(name.lower(), _unquote(value)) for name, value in _PARAMETER.findall(match[3])}
    weights = [value for name, value in parameters if name == "q"]
    if len(weights) > 1 or (weights and not _WEIGHT.fullmatch(weights[0])):
        return None
    rest = frozenset(parameter for parameter in parameters if parameter[0] != "q")
    return MediaRange(match[1].lower(), match[2].lower(), rest, float(weights[0]) if weights else 1.0)


def _unquote(value: str) -> str:
    """Return a parameter's value without quotes, in lower case."""
    return re.sub(r"\\(.)", r"\1", value[1:-1]).lower() if value.startswith('"') else value.lower()


@lru_cache(maxsize=64)
def _parse_offer(offer: str) -> MediaRange:
    media_type = _parse_range(offer)
    if media_type is None:
        raise ValueError(f"no media type: {offer!r}")
    return media_type
