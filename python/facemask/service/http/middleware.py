"""The gate: before any route runs, its caller's key and rate are checked; while it runs, its time."""

from __future__ import annotations

import asyncio
from math import ceil
from typing import Any

from litestar import Request
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from facemask.service.access.client_address import caller_address
from facemask.service.access.owner import owner_of, set_owner
from facemask.service.access.rate_limit import TokenBuckets
from facemask.service.access.settings import NOT_RATE_LIMITED, PUBLIC, AccessSettings
from facemask.service.errors import ProblemError, retry_later

_CHALLENGE = 'Bearer realm="facemask"'
_BEARER = "bearer "


class Gate(ASGIMiddleware):
    """Routes and routers say in `opt` when they need no key (`PUBLIC`) or are not counted (`NOT_RATE_LIMITED`); all others need
    and are.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, policy: AccessSettings, request_seconds: float) -> None:
        self._policy = policy
        self._seconds = request_seconds
        self._buckets = TokenBuckets(policy.rate, policy.burst) if policy.rate else None

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Lets a request through, or raises `unauthorized`, `rate_limited` or `request_timeout`."""
        opt = scope["route_handler"].opt
        headers = Headers.from_scope(scope)
        owner = self.owner(headers)
        if self._buckets is not None and not opt.get(NOT_RATE_LIMITED):
            self._count(self._buckets, owner or self.address(scope, headers))
        if self._policy.keys:
            if owner is None and not opt.get(PUBLIC):
                raise _unauthorized(headers)
            set_owner(scope, owner or b"")
        await self._in_time(scope, receive, send, next_app)

    @property
    def asks_for_keys(self) -> bool:
        """Whether callers have to show a key."""
        return bool(self._policy.keys)

    def plain_address(self, client: Any) -> str:
        """The address of a connection where that is all there is to know of its caller; empty where more is."""
        address = client[0] if client else ""
        is_plain = not (self._policy.keys or self._policy.trusted_proxies or ":" in address)
        return address if is_plain else ""

    def owner(self, headers: Headers) -> bytes | None:
        """Who the key in the headers belongs to; None without a good one."""
        key = _key(headers)
        return None if key is None else self._policy.keys.owner(key)

    def caller(self, request: Request[Any, Any, Any]) -> bytes | str:
        """Whose share of what is bounded a request takes: its key's owner's, or its address's."""
        return (
            owner_of(request)
            or self.plain_address(request.scope["client"])
            or self.address(request.scope, request.headers)
        )

    def address(self, scope: Any, headers: Headers) -> str:
        """Where the request comes from, behind the proxies that are trusted."""
        peer = (scope.get("client") or ("",))[0]
        return caller_address(peer, headers.getall("x-forwarded-for", []), self._policy.trusted_proxies)

    def _count(self, buckets: TokenBuckets, caller: str | bytes) -> None:
        if seconds := buckets.take(caller):
            detail = f"more than {self._policy.rate:g} requests a second; send it again later"
            raise ProblemError("rate_limited", detail, headers={"Retry-After": str(ceil(seconds))})

    async def _in_time(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Runs the route until the time of the whole request is over. What has begun to be answered then ends without
        its end, and the server closes the connection.
        """
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        time = asyncio.timeout(self._seconds)
        try:
            async with time:
                await next_app(scope, receive, watched)
        except asyncio.CancelledError:  # uvicorn does not wait for requests any longer
            if begun:
                raise
            raise retry_later("shutting_down", "the service is stopping; send the same request again") from None
        except TimeoutError:
            if not time.expired():
                raise
            if not begun:
                detail = f"the request took more than {self._seconds:g} seconds"
                raise ProblemError(
                    "request_timeout", detail, headers={"Retry-After": "1", "Connection": "close"}
                ) from None


def _key(headers: Headers) -> str | None:
    """The key that a request shows: `X-API-Key`, else `Authorization: Bearer`. A header that comes twice shows none."""
    keys = headers.getall("x-api-key", [])
    if not keys:
        given = headers.getall("authorization", [])
        keys = [text[len(_BEARER) :].strip() for text in given if text.lower().startswith(_BEARER)]
    return keys[0] if len(keys) == 1 and keys[0] else None


def _unauthorized(headers: Headers) -> ProblemError:
    """The same for every wrong key."""
    wrong: Any = _key(headers) is not None
    detail = "the API key is not known" if wrong else "send an API key: Authorization: Bearer KEY, or X-API-Key: KEY"
    challenge = _CHALLENGE + (', error="invalid_token"' if wrong else "")
    return ProblemError("unauthorized", detail, headers={"WWW-Authenticate": challenge})
