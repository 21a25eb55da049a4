"""Ids of jobs as clients write them."""

from __future__ import annotations

import re
from typing import Final

_FORM: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def canonical_id(text: str) -> str | None:
    """The id as answers spell it: a UUID of 8, 4, 4, 4 and 12 digits, in small letters. None for any other form:
    `uuid.UUID` would also read braces, `urn:uuid:` and no dashes at all, so one job would have many addresses.
    """
    return text.lower() if _FORM.fullmatch(text) else None
