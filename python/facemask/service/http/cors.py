"""CORS rules, and the API key schemes of the OpenAPI document."""

from __future__ import annotations

from typing import Final

from litestar.config.cors import CORSConfig
from litestar.openapi.spec import Components, SecurityRequirement, SecurityScheme

from facemask.service.access.settings import AccessSettings

_REQUEST_HEADERS: Final = [
    "Accept",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Prefer",
    "X-API-Key",
]
_RESPONSE_HEADERS: Final = ["ETag", "Idempotency-Replayed", "Location", "Retry-After", "WWW-Authenticate"]
_SCHEMES: Final = {
    "bearer": SecurityScheme(type="http", scheme="bearer", description="an API key"),
    "apiKey": SecurityScheme(type="apiKey", name="X-API-Key", security_scheme_in="header", description="an API key"),
}


def build_cors_config(settings: AccessSettings) -> CORSConfig | None:
    """Return the CORS rules for the origins that may read responses; None without any.

    The API uses no cookies.
    """
    if not settings.origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.origins),
        allow_methods=["GET", "HEAD", "POST", "DELETE", "OPTIONS"],
        allow_headers=_REQUEST_HEADERS,
        expose_headers=_RESPONSE_HEADERS,
        allow_credentials=False,
    )


def security_components(settings: AccessSettings) -> Components:
    """Return the security schemes of the OpenAPI document, where keys are required."""
    return Components(security_schemes=dict(_SCHEMES) if settings.keys else None)


def security_requirements(settings: AccessSettings) -> list[SecurityRequirement] | None:
    """Return the alternative schemes of a protected route: a key in either header."""
    return [{name: []} for name in _SCHEMES] if settings.keys else None
