"""What web pages of other origins may do (CORS), and how the API's description says what a key is."""

from __future__ import annotations

from typing import Final

from litestar.config.cors import CORSConfig
from litestar.openapi.spec import Components, SecurityRequirement, SecurityScheme

from facemask.service.access.settings import AccessSettings

_SENT: Final = ["Accept", "Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "X-API-Key"]
_READ: Final = ["ETag", "Idempotency-Replayed", "Location", "Retry-After", "WWW-Authenticate"]
_SCHEMES: Final = {
    "bearer": SecurityScheme(type="http", scheme="bearer", description="an API key"),
    "apiKey": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header", description="an API key"),
}


def cross_origin(policy: AccessSettings) -> CORSConfig | None:
    """The origins that may read answers; None without any. Cookies are never part of it: there are none."""
    if not policy.origins:
        return None
    return CORSConfig(
        allow_origins=list(policy.origins),
        allow_methods=["GET", "HEAD", "POST", "DELETE", "OPTIONS"],
        allow_headers=_SENT,
        expose_headers=_READ,
        allow_credentials=False,
    )


def schemes(policy: AccessSettings) -> Components:
    """How to show a key, where one is needed."""
    return Components(security_schemes=dict(_SCHEMES) if policy.keys else None)


def demands(policy: AccessSettings) -> list[SecurityRequirement] | None:
    """What a route behind the gate needs: a key in either place."""
    return [{name: []} for name in _SCHEMES] if policy.keys else None
