"""API keys, stored as SHA-256 digests.

Keys are long and random, so a fast hash without salt suffices.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import Final

MIN_CHARACTERS: Final = 16
RULE: Final = (
    f"must be keys of at least {MIN_CHARACTERS} printable ASCII characters without spaces, or sha256:HEX of such "
    "keys, with commas between them"
)

_HASHED = re.compile(r"sha256:([0-9a-fA-F]{64})")
_PLAIN = re.compile(rf"[!-+\--~]{{{MIN_CHARACTERS},}}")  # printable, no space, no comma


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The valid API keys. Empty: the service is open to everybody."""

    digests: tuple[bytes, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.digests)

    def owner(self, key: str) -> bytes | None:
        """Return the owner id of a key, 16 bytes, or None for an unknown key.

        The id is stable and reveals nothing about the key. The key is compared with every digest in constant time.
        """
        candidate = sha256(key.encode("utf-8", "surrogateescape")).digest()
        matching = None
        for digest in self.digests:
            if hmac.compare_digest(digest, candidate):
                matching = digest
        return None if matching is None else blake2b(matching, digest_size=16, person=b"facemask owner").digest()


def parse_keys(text: str) -> KeyRing | None:
    """Return comma-separated keys, or None where one is invalid.

    Keys are plain or `sha256:HEX`.
    """
    digests = [_digest(part.strip()) for part in text.split(",")]
    valid = [digest for digest in digests if digest]
    return KeyRing(tuple(dict.fromkeys(valid))) if len(valid) == len(digests) else None


def _digest(text: str) -> bytes | None:
    if hashed := _HASHED.fullmatch(text):
        return bytes.fromhex(hashed.group(1))
    is_plain = not text.lower().startswith("sha256:") and _PLAIN.fullmatch(text)
    return sha256(text.encode()).digest() if is_plain else None
