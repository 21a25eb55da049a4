"""What every answer tells browsers and caches: guess nothing, load nothing, show it in no frame, pass no address on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

STRICT: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# The key in a request's state under which a route leaves the request headers that its answer depends on.
_VARIES: Final = "facemask_varies"


def varies_by(scope: Scope, header: str) -> None:
    """Says that every answer to this request depends on one of its headers, a problem too."""
    scope["state"].setdefault(_VARIES, []).append(header)


def hardened(origins: Sequence[str]) -> BeforeMessageSendHookHandler:
    """A hook that adds what an answer does not say itself, and takes the body from the answer to HEAD. `origins`: the
    other origins that may load answers.
    """
    wanted = STRICT | ({"Cross-Origin-Resource-Policy": "cross-origin"} if origins else {})
    always = ["Origin"] if origins and "*" not in origins else []

    async def harden(message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in wanted.items():
                headers.setdefault(name, value)
            # Only now: Litestar's CORS layer puts `Vary: Origin` in the place of what a route says.
            said = [headers["Vary"]] if "Vary" in headers else []
            if varies := [*said, *(each for each in [*always, *scope["state"].get(_VARIES, [])] if each not in said)]:
                headers["Vary"] = ", ".join(varies)
        elif message["type"] == "http.response.body" and scope.get("method") == "HEAD":
            message["body"] = b""

    return harden
