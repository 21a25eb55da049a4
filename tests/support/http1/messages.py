"""Well-formed HTTP/1.1 requests as bytes, and the parts that malformed ones are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from support.service.fake_tracer import API, body

SUBMIT = f"{API}/submit"
BODY = json.dumps(body()).encode()
JSON = "Content-Type: application/json"
# A request that follows others to show whether it is still answered; the status is that of an unknown id.
NEXT_REQUEST = f"GET {API}/status/none HTTP/1.1\r\nHost: x\r\n\r\n".encode()
LAST_REQUEST = NEXT_REQUEST.replace(b"Host: x", b"Host: x\r\nConnection: close")
NEXT_STATUS = 404
# A body that is a request itself if a server misplaces the end of the message before it.
REQUEST_LIKE_BODY = f"DELETE {API}/none HTTP/1.1\r\nHost: x\r\nX: ".encode() + b"x" * 500 + b"\r\n\r\n"


def head(path: str, *lines: str, method: str = "POST", version: str = "HTTP/1.1") -> bytes:
    """A request line with the header fields `Host` and `lines`."""
    return "".join(f"{line}\r\n" for line in (f"{method} {path} {version}", "Host: x", *lines, "")).encode("latin-1")


def submit(
    *lines: str, path: str = SUBMIT, content: bytes = BODY, version: str = "HTTP/1.1", media: str = JSON
) -> bytes:
    """A submit with `Content-Length`."""
    length = f"Content-Length: {len(content)}"
    return head(path, *([media] if media else []), length, *lines, version=version) + content


def chunked(content: bytes = BODY, trailers: Iterable[str] = (), extension: str = "") -> bytes:
    """Content in chunked coding, with a first chunk of three bytes."""
    pieces = [piece for piece in (content[:3], content[3:]) if piece]
    coded = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension.encode(), piece) for piece in pieces)
    return coded + b"0\r\n" + "".join(f"{line}\r\n" for line in (*trailers, "")).encode("latin-1")


def chunked_submit(*lines: str, path: str = SUBMIT, content: bytes = BODY, media: str = JSON, **coding: Any) -> bytes:
    """A submit in chunked coding."""
    return head(path, *([media] if media else []), "Transfer-Encoding: chunked", *lines) + chunked(content, **coding)


def get(path: str, *lines: str, method: str = "GET", version: str = "HTTP/1.1") -> bytes:
    """A request without a body."""
    return head(path, *lines, method=method, version=version)


def split_bytes(data: bytes) -> list[bytes]:
    """Single bytes of a message."""
    return [data[at : at + 1] for at in range(len(data))]


def held_job(done: Path) -> bytes:
    """Body of a submit whose job runs until the file `done` exists."""
    return json.dumps(body(until=str(done))).encode()
