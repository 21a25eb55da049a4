"""Security headers of every response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# IdempotencyKey of the request's state under which a route collects the headers for `Vary`.
_VARY_STATE_KEY: Final = "facemask_varies"


def add_vary(scope: Scope, header: str) -> None:
    """Add a request header to `Vary` of this request's response, also of problems."""
    scope["state"].setdefault(_VARY_STATE_KEY, []).append(header)


def security_headers_hook(origins: Sequence[str]) -> BeforeMessageSendHookHandler:
    """Return a hook that adds missing security headers.

    It also drops the body of responses to HEAD. `origins` are the other origins that may load responses.
    """
    defaults = SECURITY_HEADERS | ({"Cross-Origin-Resource-Policy": "cross-origin"} if origins else {})
    always = ["Origin"] if origins and "*" not in origins else []

    async def add_headers(message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in defaults.items():
                headers.setdefault(name, value)
            # Only now: Litestar's CORS layer replaces a route's `Vary` by `Vary: Origin`.
            present = [headers["Vary"]] if "Vary" in headers else []
            added = [name for name in [*always, *scope["state"].get(_VARY_STATE_KEY, [])] if name not in present]
            if vary := [*present, *added]:
                headers["Vary"] = ", ".join(vary)
        elif message["type"] == "http.response.body" and scope.get("method") == "HEAD":
            message["body"] = b""

    return add_headers
