"""Job ids as clients spell them."""

from __future__ import annotations

import re
from typing import Final

_PATTERN: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def canonical_id(text: str) -> str | None:
    """Return the id in lower case, as responses spell it, or None for other text.

    An id is a UUID of 8, 4, 4, 4 and 12 digits. `uuid.UUID` also accepts braces, `urn:uuid:` and no dashes, so one job
    would have many addresses.
    """
    return text.lower() if _PATTERN.fullmatch(text) else None
