"""Digests of requests: everything beside the files that changes a response."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


def options_key(
    options: Mapping[str, Any], export_format: str, export_options: Mapping[str, Any], owner: bytes, version: str
) -> bytes:
    """Return the deterministic encoding of options, format, the format's options, owner and program version."""
    return _encode([version, owner, export_format, dict(options), dict(export_options)])


def request_digest(key: bytes, content: bytes) -> bytes:
    """Return 32 bytes, equal only for equal requests.

    `key` is an options key, `content` a digest of the files.
    """
    return blake2b(content, key=blake2b(key).digest(), digest_size=32).digest()
