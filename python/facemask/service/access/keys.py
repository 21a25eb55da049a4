"""API keys, kept as SHA-256 digests. Keys are long and random, so a fast hash without salt is enough."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import Final

LEAST_CHARACTERS: Final = 16
RULE: Final = (
    f"must be keys of at least {LEAST_CHARACTERS} printable ASCII characters without spaces, or sha256:HEX of such "
    "keys, with commas between them"
)

_HASHED = re.compile(r"sha256:([0-9a-fA-F]{64})")
_PLAIN = re.compile(rf"[!-+\--~]{{{LEAST_CHARACTERS},}}")  # printable, no space, no comma


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that open the service; empty: it is open to all."""

    digests: tuple[bytes, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.digests)

    def owner(self, key: str) -> bytes | None:
        """Who a key belongs to: 16 bytes that are stable, say nothing about the key, and are its jobs' owner; None for
        a wrong key. Every digest is compared, each in constant time.
        """
        given = sha256(key.encode("utf-8", "surrogateescape")).digest()
        found = None
        for digest in self.digests:
            if hmac.compare_digest(digest, given):
                found = digest
        return None if found is None else blake2b(found, digest_size=16, person=b"facemask owner").digest()


def read_keys(text: str) -> KeyRing | None:
    """Keys with commas between them, plain or as `sha256:HEX`; None when one of them is neither."""
    digests = [_digest(part.strip()) for part in text.split(",")]
    known = [digest for digest in digests if digest]
    return KeyRing(tuple(dict.fromkeys(known))) if len(known) == len(digests) else None


def _digest(text: str) -> bytes | None:
    if hashed := _HASHED.fullmatch(text):
        return bytes.fromhex(hashed.group(1))
    plain = not text.lower().startswith("sha256:") and _PLAIN.fullmatch(text)
    return sha256(text.encode()).digest() if plain else None
