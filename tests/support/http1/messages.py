"""Requests as bytes: good ones of the service, and the pieces that others are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from support.service.fake_tracer import API, body

SUBMIT = f"{API}/submit"
BODY = json.dumps(body()).encode()
JSON = "Content-Type: application/json"
# A request for what is not there, and its answer: it stands behind others, to see whether it is answered.
NEXT = f"GET {API}/status/none HTTP/1.1\r\nHost: x\r\n\r\n".encode()
LAST = NEXT.replace(b"Host: x", b"Host: x\r\nConnection: close")
NEXT_STATUS = 404
# A body that would be a request, were it not kept apart.
LIKE_A_REQUEST = f"DELETE {API}/none HTTP/1.1\r\nHost: x\r\nX: ".encode() + b"x" * 500 + b"\r\n\r\n"


def head(path: str, *lines: str, method: str = "POST", version: str = "HTTP/1.1") -> bytes:
    """A head with a host and these lines."""
    return "".join(f"{line}\r\n" for line in (f"{method} {path} {version}", "Host: x", *lines, "")).encode("latin-1")


def submit(
    *lines: str, path: str = SUBMIT, content: bytes = BODY, version: str = "HTTP/1.1", media: str = JSON
) -> bytes:
    """A submit whose body's length is announced."""
    length = f"Content-Length: {len(content)}"
    return head(path, *([media] if media else []), length, *lines, version=version) + content


def chunked(content: bytes = BODY, trailers: Iterable[str] = (), extension: str = "") -> bytes:
    """A body in chunks of which the first is small."""
    pieces = [piece for piece in (content[:3], content[3:]) if piece]
    coded = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension.encode(), piece) for piece in pieces)
    return coded + b"0\r\n" + "".join(f"{line}\r\n" for line in (*trailers, "")).encode("latin-1")


def chunked_submit(*lines: str, path: str = SUBMIT, content: bytes = BODY, media: str = JSON, **coding: Any) -> bytes:
    """A submit whose body comes in chunks."""
    return head(path, *([media] if media else []), "Transfer-Encoding: chunked", *lines) + chunked(content, **coding)


def get(path: str, *lines: str, method: str = "GET", version: str = "HTTP/1.1") -> bytes:
    """A request without a body."""
    return head(path, *lines, method=method, version=version)


def bytewise(data: bytes) -> list[bytes]:
    """Each byte by itself."""
    return [data[at : at + 1] for at in range(len(data))]


def held(done: Path) -> bytes:
    """A submit's body whose job runs until that file is there."""
    return json.dumps(body(until=str(done))).encode()
