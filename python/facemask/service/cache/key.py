"""What stands in a digest beside the files: everything else that changes an answer, and who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


def salt_of(options: Mapping[str, Any], form: str, owner: bytes, version: str) -> bytes:
    """Options, format, owner and the program's version, in one way only."""
    return _encode([version, owner, form, dict(options)])


def request_of(salt: bytes, content: bytes) -> bytes:
    """32 bytes; equal only for requests that are the same byte by byte. `content` is a digest of the files."""
    return blake2b(content, key=blake2b(salt).digest(), digest_size=32).digest()
