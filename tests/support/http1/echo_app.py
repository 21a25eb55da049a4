"""An ASGI application that echoes each request, so that a test can match responses to requests.

`/early/...` responds without reading the body, `/slow/...` after `SLOW_SECONDS`, `/large/BYTES/...` with that
many bytes of padding.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

SLOW_SECONDS = 0.02
# Response header with the path, also where a response has no body.
PATH_HEADER = b"x-path"


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Respond to one request."""
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
    echo = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode("latin-1"),
        "headers": len(scope["headers"]),
        "names": sorted(name.decode("latin-1") for name, _ in scope["headers"]),
        "length": length,
        "digest": digest.hexdigest(),
    }
    body = json.dumps(echo).encode()
    if kind == "large":
        body += b" " * int(scope["path"].split("/")[2])
    head = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (PATH_HEADER, scope["raw_path"]),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})
