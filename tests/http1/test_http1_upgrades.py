"""Upgrade requests are served in HTTP/1.1: the body is read, and the next request is separate from it.

RFC 9110, section 7.8: a server may ignore an upgrade, and a client must not assume that it was taken.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.http1.messages import (
    LAST_REQUEST,
    NEXT_REQUEST,
    NEXT_STATUS,
    REQUEST_LIKE_BODY,
    chunked_submit,
    get,
    submit,
)
from support.http1.raw_client import RawConnection, exchange
from support.http1.server_process import ServerProcess
from support.paths import SAMPLE_FILES

_KEY = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
OFFERS = {
    "h2c, as Java and curl do": ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQA"],
    "h2c alone": ["Connection: upgrade", "Upgrade: h2c"],
    "websocket": ["Connection: Upgrade", "Upgrade: websocket", _KEY, "Sec-WebSocket-Version: 13"],
    "a protocol nobody knows": ["Connection: keep-alive, Upgrade", "Upgrade: riddle/7"],
    "two protocols": ["Connection: Upgrade", "Upgrade: h2c, websocket"],
    "TLS": ["Connection: Upgrade", "Upgrade: TLS/1.0"],
    "the name alone": ["Connection: upgrade"],
    "the protocol alone": ["Upgrade: h2c"],
}
offers = pytest.mark.parametrize("lines", OFFERS.values(), ids=OFFERS.keys())


@offers
@pytest.mark.parametrize("coding", [submit, chunked_submit])
@pytest.mark.parametrize("pause", [0.0, 0.02], ids=["at once", "body later"])
def test_a_submit_that_offers_an_upgrade_is_read(
    server: ServerProcess, lines: list[str], coding: Any, pause: float
) -> None:
    request = coding(*lines)
    at = request.index(b"\r\n\r\n") + 4
    with RawConnection(server.port) as connection:
        got = connection.send(request[:at], request[at:] + NEXT_REQUEST, pause=pause).read_responses(2).result()
    assert got.statuses == [202, NEXT_STATUS]
    assert not got.closed


@offers
def test_a_body_behind_an_offered_upgrade_is_kept_apart(echo_server: ServerProcess, lines: list[str]) -> None:
    requests = submit(*lines, path="/quick/1", content=REQUEST_LIKE_BODY * 20) + get("/quick/2", *lines)
    got = exchange(echo_server.port, requests + get("/quick/3", "Connection: close"))
    assert [answer.json()["path"] for answer in got.responses] == ["/quick/1", "/quick/2", "/quick/3"]
    assert got.responses[0].json()["length"] == len(REQUEST_LIKE_BODY) * 20


@offers
def test_an_offered_upgrade_that_is_refused_early_keeps_its_body_apart(server: ServerProcess, lines: list[str]) -> None:
    request = submit(*lines, media="Content-Type: text/plain", content=REQUEST_LIKE_BODY * 20)
    with RawConnection(server.port) as connection:
        got = connection.send(request + NEXT_REQUEST).read_responses(2).result()
    assert got.statuses == [415, NEXT_STATUS]


def test_a_tunnel_is_refused_and_nothing_behind_it_goes_through(server: ServerProcess) -> None:
    """CONNECT makes the rest of a connection another protocol's; a refusal leaves it HTTP, or ends it."""
    request = get("x:443", method="CONNECT").replace(b"Host: x", b"Host: x:443")
    got = exchange(server.port, request + LAST_REQUEST)
    assert got.statuses[0] in (400, 404, 405, 501)
    assert got.statuses[1:] in ([], [NEXT_STATUS])
    assert got.closed


# Clients as they come.


@pytest.fixture(scope="module")
def compiled_server(module_server: Any) -> ServerProcess:
    """The service with its own engine."""
    return module_server("service", JOB_WORKERS="2")


def test_the_client_that_java_comes_with_is_answered(compiled_server: ServerProcess) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("there is no java: apt-get install openjdk-17-jdk-headless")
    command = [
        java,
        str(Path(__file__).with_name("Submit.java")),
        f"http://127.0.0.1:{compiled_server.port}",
        *map(str, SAMPLE_FILES),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["200 completed", "404", "200 completed", "200 completed", "404"]


def test_curl_is_answered_where_it_offers_http_2(compiled_server: ServerProcess) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl: apt-get install curl")
    api = f"http://127.0.0.1:{compiled_server.port}/api/v1/frontal/crop"
    fields = [
        f"{name}=@{path}" for name, path in zip(("image", "segmentation_map", "landmarks"), SAMPLE_FILES, strict=True)
    ]
    form = [word for each in fields for word in ("--form", each)]
    asked = ["--write-out", "%{http_code} %{num_connects}\n", "--output", "/dev/null"]
    submits = [*form, *asked, f"{api}/submit?wait=30"]
    command = [curl, "--silent", "--http2", *submits, "--next", "--silent", "--http2", *submits]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["200 1", "200 0"]
