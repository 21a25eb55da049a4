"""What every answer tells browsers: guess nothing, load nothing, show it in no frame, pass no address on."""

from __future__ import annotations

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


def hardened(*, shared: bool) -> BeforeMessageSendHookHandler:
    """A hook that adds what an answer does not say itself. `shared`: some other origins may load answers."""
    wanted = STRICT | ({"Cross-Origin-Resource-Policy": "cross-origin"} if shared else {})

    async def harden(message: Message, _: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in wanted.items():
                headers.setdefault(name, value)

    return harden
