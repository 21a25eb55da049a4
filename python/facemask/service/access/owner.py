"""Whose a request is. The gate writes it down where the rest of the service reads it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

from litestar import Request

_PLACE: Final = "facemask_owner"
_CREDENTIALS: Final = ("authorization", "x-api-key")


def write_owner(scope: Any, owner: bytes) -> None:
    """Notes whose request this is: its key has been checked."""
    scope[_PLACE] = owner


def seen_by(request: Request[Any, Any, Any]) -> bytes | None:
    """Who sees this request's jobs; None, where no keys are set: everybody who knows the id."""
    owner: bytes | None = request.scope.get(_PLACE)  # type: ignore[assignment]
    return owner


def kept_for(request: Request[Any, Any, Any]) -> bytes:
    """Within what answers and Idempotency-Keys are shared: the key's owner. Where no keys are set, whoever sends the
    same credentials, which something in front of the service may have checked; empty without any.
    """
    owner = seen_by(request)
    if owner is not None:
        return owner
    given = [request.headers.get(name, "") for name in _CREDENTIALS]
    return blake2b("\0".join(given).encode(), digest_size=16).digest() if any(given) else b""
