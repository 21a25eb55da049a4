"""Waiting for a condition instead of sleeping: a pause that suffices here is too short on a slower machine."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import httpx

_DEFAULT_TIMEOUT = httpx.Timeout(5.0).as_dict()
_LONG_TIMEOUT = httpx.Timeout(60.0).as_dict()


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Poll a condition every 10 ms until it holds. Raises `AssertionError` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def with_long_timeout(send: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    """Wrap `httpx.Client.send` so that its default deadline of five seconds fails no test on a loaded machine."""

    @functools.wraps(send)
    def send_with_long_timeout(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        if request.extensions.get("timeout") == _DEFAULT_TIMEOUT:
            request.extensions["timeout"] = _LONG_TIMEOUT
        return send(client, request, **options)

    return send_with_long_timeout
