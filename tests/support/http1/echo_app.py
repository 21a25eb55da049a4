"""An ASGI application that answers what it was asked: with it a test sees whose answer it got.

`/early/...` answers without reading the body, `/slow/...` after a moment, `/large/BYTES/...` with so many bytes more.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

SLOW_SECONDS = 0.02
# The header that repeats the path, also where an answer has no body.
MARK = b"x-path"


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers one request."""
    kind, _, _ = scope["path"].removeprefix("/").partition("/")
    digest, length = hashlib.blake2b(digest_size=8), 0
    while kind != "early":
        message = await receive()
        if message["type"] != "http.request":
            return
        digest.update(message.get("body", b""))
        length += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    if kind == "slow":
        await asyncio.sleep(SLOW_SECONDS)
    told = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode("latin-1"),
        "headers": len(scope["headers"]),
        "names": sorted(name.decode("latin-1") for name, _ in scope["headers"]),
        "length": length,
        "digest": digest.hexdigest(),
    }
    body = json.dumps(told).encode()
    if kind == "large":
        body += b" " * int(scope["path"].split("/")[2])
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), (MARK, scope["raw_path"])]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})
