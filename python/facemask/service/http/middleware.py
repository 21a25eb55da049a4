"""Access control of every route: API key, rate limit and request deadline."""

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


class AccessMiddleware(ASGIMiddleware):
    """Access control of every route.

    A route is exempt by `PUBLIC` or `NOT_RATE_LIMITED` in its `opt`.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, settings: AccessSettings, request_seconds: float) -> None:
        self._settings = settings
        self._request_seconds = request_seconds
        self._buckets = TokenBuckets(settings.rate, settings.burst) if settings.rate else None

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Call the route. Raises `unauthorized`, `rate_limited` and `request_timeout`."""
        opt = scope["route_handler"].opt
        headers = Headers.from_scope(scope)
        owner = self.key_owner(headers)
        if self._buckets is not None and not opt.get(NOT_RATE_LIMITED):
            self._take_token(self._buckets, owner or self.client_address(scope, headers))
        if self._settings.keys:
            if owner is None and not opt.get(PUBLIC):
                raise _unauthorized(headers)
            set_owner(scope, owner or b"")
        await self._run_with_deadline(scope, receive, send, next_app)

    @property
    def requires_keys(self) -> bool:
        """Whether callers need an API key."""
        return bool(self._settings.keys)

    def direct_address(self, client: Any) -> str:
        """Return the connection's address where it identifies the caller, or "".

        It does where no header could name another one.
        """
        address = client[0] if client else ""
        is_direct = not (self._settings.keys or self._settings.trusted_proxies or ":" in address)
        return address if is_direct else ""

    def key_owner(self, headers: Headers) -> bytes | None:
        """Return the owner of the request's key, or None without a valid one."""
        key = _key(headers)
        return None if key is None else self._settings.keys.owner(key)

    def caller(self, request: Request[Any, Any, Any]) -> bytes | str:
        """Return the caller in whose share the request counts.

        That is the key's owner, or the client's address.
        """
        return (
            owner_of(request)
            or self.direct_address(request.scope["client"])
            or self.client_address(request.scope, request.headers)
        )

    def client_address(self, scope: Any, headers: Headers) -> str:
        """Return the client's address behind trusted proxies."""
        peer = (scope.get("client") or ("",))[0]
        return caller_address(peer, headers.getall("x-forwarded-for", []), self._settings.trusted_proxies)

    def _take_token(self, buckets: TokenBuckets, caller: str | bytes) -> None:
        if seconds := buckets.take(caller):
            detail = f"more than {self._settings.rate:g} requests a second; send it again later"
            raise ProblemError("rate_limited", detail, headers={"Retry-After": str(ceil(seconds))})

    async def _run_with_deadline(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Run the route until the request's deadline.

        A response that has started is then cut off, and the server closes the connection.
        """
        has_started = False

        async def track_start(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        deadline = asyncio.timeout(self._request_seconds)
        try:
            async with deadline:
                await next_app(scope, receive, track_start)
        except asyncio.CancelledError:  # uvicorn stops and waits for requests no longer
            if has_started:
                raise
            raise retry_later("shutting_down", "the service is stopping; send the same request again") from None
        except TimeoutError:
            if not deadline.expired():
                raise
            if not has_started:
                detail = f"the request took more than {self._request_seconds:g} seconds"
                headers = {"Retry-After": "1", "Connection": "close"}
                raise ProblemError("request_timeout", detail, headers=headers) from None


def _key(headers: Headers) -> str | None:
    """Return the key in `X-API-Key`, else in `Authorization: Bearer`.

    A repeated header counts as none.
    """
    keys = headers.getall("x-api-key", [])
    if not keys:
        authorizations = headers.getall("authorization", [])
        keys = [text[len(_BEARER) :].strip() for text in authorizations if text.lower().startswith(_BEARER)]
    return keys[0] if len(keys) == 1 and keys[0] else None


def _unauthorized(headers: Headers) -> ProblemError:
    """Return the same problem for every wrong key."""
    has_key: Any = _key(headers) is not None
    detail = "the API key is not known" if has_key else "send an API key: Authorization: Bearer KEY, or X-API-Key: KEY"
    challenge = _CHALLENGE + (', error="invalid_token"' if has_key else "")
    return ProblemError("unauthorized", detail, headers={"WWW-Authenticate": challenge})
