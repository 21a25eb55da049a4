"""The owner of a request.

The middleware sets it in the ASGI scope; jobs and cache read it there.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

from litestar import Request

_SCOPE_KEY: Final = "facemask_owner"
_CREDENTIALS: Final = ("authorization", "x-api-key")


def set_owner(scope: Any, owner: bytes) -> None:
    """Set the owner of a request whose key is valid."""
    scope[_SCOPE_KEY] = owner


def owner_of(request: Request[Any, Any, Any]) -> bytes | None:
    """Return the owner whose jobs the request may access.

    None, where no keys are set: jobs of any owner.
    """
    owner: bytes | None = request.scope.get(_SCOPE_KEY)  # type: ignore[assignment]
    return owner


def sharing_owner(request: Request[Any, Any, Any]) -> bytes:
    """Return the owner within which responses and Idempotency-Keys are shared.

    That is the owner of the API key. Where no keys are set it is a digest of the request's credentials, which a proxy
    may have verified; empty without any.
    """
    owner = owner_of(request)
    if owner is not None:
        return owner
    credentials = [request.headers.get(name, "") for name in _CREDENTIALS]
    return blake2b("\0".join(credentials).encode(), digest_size=16).digest() if any(credentials) else b""
