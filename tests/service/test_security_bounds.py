"""Limits of requests and responses, security headers, and warnings at startup."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import time
from typing import Any
from uuid import uuid4

import anyio
import httpx
import pytest
from api_keys import KEYS
from facemask.service.asgi_server import http_protocol
from facemask.service.http.security_headers import SECURITY_HEADERS
from facemask.service.jobs.memory import MemoryJobs
from facemask.service.processes.server import warn_if_unprotected
from facemask.service.settings import read_settings
from litestar.testing import TestClient
from raw_requests import SUBMIT_HEAD, assert_still_works, read_all
from support.service.fake_tracer import API, TEST_ORIGIN, body
from support.service.live_server import build_settings
from support.service.problems import assert_problem
from support.waiting import wait_until

# time


def test_the_deadline_leaves_room_for_body_and_wait() -> None:
    limits = read_settings({"LIMIT_BODY_SECONDS": "5", "LIMIT_WAIT_SECONDS": "600"}).limits
    assert limits.request_seconds == 635
    assert read_settings({}).limits.request_seconds == 90
    assert read_settings({"LIMIT_REQUEST_SECONDS": "60.5"}).limits.request_seconds == 60.5


def test_a_request_that_takes_too_long_is_503(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client(request_seconds=0.2)

    async def stuck(*_: Any) -> None:
        await anyio.sleep(30)

    monkeypatch.setattr(MemoryJobs, "get", stuck)
    response = client.get(f"/result/{uuid4()}")
    assert_problem(response, 503, "request_timeout")
    assert response.headers["retry-after"] == "1"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_drop_by_drop_is_cut_whether_announced_or_not(make_live: Any, announced: bool) -> None:
    """A chunk now and then does not gain any time."""
    live = make_live(workers=1, queue_size=0, body_seconds=0.5)
    framing = "Content-Length: 100000" if announced else "Transfer-Encoding: chunked"
    drop = b"{" if announced else b"1\r\n{\r\n"
    with live.connect() as sock:
        sock.sendall(f"{SUBMIT_HEAD}{framing}\r\n\r\n".encode())
        sock.settimeout(0.05)
        answer = b""
        for _ in range(200):
            sock.sendall(drop)
            try:
                answer = sock.recv(65536)
                break
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")
    live.wait_for_load(lambda load: load.slots == 0)
    assert_still_works(live)


@pytest.mark.parametrize("nagging", [False, True])
def test_an_answer_that_nobody_reads_is_not_kept_for_ever(
    make_live: Any, monkeypatch: pytest.MonkeyPatch, nagging: bool
) -> None:
    """Nor when the client sends one request after the other without reading."""
    monkeypatch.setattr(http_protocol, "MARGIN_SECONDS", 0.0)
    live = make_live(request_seconds=2.0)
    job_id = httpx.post(f"{live.url}{API}/submit?wait=10", json=body(svg_bytes=20_000_000), timeout=20).json()["id"]
    with live.connect() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        asking = f"GET {API}/result/{job_id}.svg HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        sock.sendall(asking)
        connections = live.server.server_state.connections
        wait_until(lambda: any(each.transport.get_write_buffer_size() for each in connections), 20)
        end = time.monotonic() + 20
        with contextlib.suppress(ConnectionError):
            while connections and time.monotonic() < end:
                time.sleep(0.2)
                if nagging:
                    sock.sendall(asking)
        assert not connections
    slow = httpx.get(f"{live.url}{API}/result/{job_id}.svg", timeout=20)  # who reads gets everything
    assert len(slow.content) > 20_000_000


def test_a_kept_alive_connection_starts_each_request_anew(make_live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "MARGIN_SECONDS", 0.0)
    live = make_live(request_seconds=0.6)
    with httpx.Client(base_url=live.url) as client:
        for _ in range(6):
            assert client.get("/health/live").status_code == 200
            time.sleep(0.2)


@pytest.mark.parametrize("last", ["Connection: close\r\n", ""])
def test_who_reads_slowly_gets_all_of_an_answer(make_live: Any, monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    """Also what the system holds of it when the process has sent everything."""
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.1)
    live = make_live()
    live.server.config.timeout_keep_alive = 0.1
    job_id = httpx.post(f"{live.url}{API}/submit?wait=10", json=body(svg_bytes=400_000), timeout=20).json()["id"]
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        sock.connect(("127.0.0.1", live.port))
        sock.sendall(f"GET {API}/result/{job_id}.svg HTTP/1.1\r\nHost: x\r\n{last}\r\n".encode())
        wait_until(
            lambda: all(each.cycle is None or each._is_last for each in live.server.server_state.connections), 20
        )
        read = 0
        while read < 400_000 and (part := sock.recv(16_384)):
            read += len(part)
            time.sleep(0.05)
    assert read > 400_000


def test_a_pause_behind_a_quick_beginning_is_no_slow_body(make_live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facemask.service.intake.body.GRACE_SECONDS", 0.2)
    live = make_live()
    content = json.dumps(body(mark=" " * 100_000)).encode()
    with live.connect() as sock:
        sock.sendall(f"{SUBMIT_HEAD}Content-Length: {len(content)}\r\n\r\n".encode() + content[:-10])
        sock.settimeout(0.6)
        with pytest.raises(TimeoutError):
            sock.recv(100)
        sock.settimeout(10)
        sock.sendall(content[-10:])
        assert sock.recv(100).startswith(b"HTTP/1.1 202 ")


# size


def test_a_head_of_many_small_headers_is_refused(make_live: Any) -> None:
    """Each of them takes a hundred times the memory of its bytes."""
    live = make_live()
    with live.connect() as sock:
        sock.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n" + b"a:b\r\n" * 1000)
        assert read_all(sock).startswith(b"HTTP/1.1 431 ")


def test_an_answer_that_is_too_large_fails_with_its_code(make_client: Any) -> None:
    client = make_client(response_bytes=2**20)
    job = client.post("/submit?wait=10", json=body(svg_bytes=2**20)).json()
    assert (job["status"], job["error"]["code"]) == ("failed", "result_too_large")
    assert str(2**20) in job["error"]["detail"]
    assert client.post("/submit?wait=10", json=body(svg_bytes=2**19)).json()["status"] == "completed"


def test_a_file_made_of_a_result_is_bounded_too(make_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client(response_bytes=2**20)
    job_id = client.post("/submit?wait=10", json=body()).json()["id"]
    monkeypatch.setattr("facemask.service.http.exports.render_export", lambda *_: b" " * (2**20 + 1))
    assert_problem(client.get(f"/result/{job_id}?format=geojson"), 422, "result_too_large")


# browsers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/health/live"),
        ("GET", "/docs"),
        ("GET", "/docs/openapi.json"),
        ("GET", "/docs/start.js"),
        ("GET", "/nothing"),
        ("PUT", f"{API}/submit"),
        ("POST", f"{API}/submit"),
        ("GET", f"{API}/status/x"),
        ("DELETE", f"{API}/x"),
        ("OPTIONS", f"{API}/submit"),
        ("GET", "/schema"),
    ],
)
def test_every_answer_is_strict(client: TestClient[Any], method: str, path: str) -> None:
    headers = client.request(method, TEST_ORIGIN + path).headers
    for name, value in SECURITY_HEADERS.items():
        if name == "Content-Security-Policy":
            assert "default-src 'none'" in headers[name]
            assert "frame-ancestors 'none'" in headers[name]
        else:
            assert headers[name] == value
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


def test_results_are_strict_too(client: TestClient[Any]) -> None:
    job_id = client.post("/submit?wait=5", json=body()).json()["id"]
    for path in (f"/result/{job_id}.svg", f"/result/{job_id}?format=geojson", f"/status/{job_id}"):
        headers = client.get(path).headers
        assert SECURITY_HEADERS.items() - {
            ("Content-Security-Policy", SECURITY_HEADERS["Content-Security-Policy"])
        } <= {(name, headers.get(name, "")) for name in SECURITY_HEADERS}
    assert "sandbox" in client.get(f"/result/{job_id}.svg").headers["content-security-policy"]


def test_what_uvicorn_would_answer_itself_is_strict(make_live: Any) -> None:
    live = make_live()
    with live.connect() as sock:
        sock.sendall(b"nonsense\r\n\r\n")
        answer = read_all(sock, 1).lower()
    assert answer.startswith(b"http/1.1 400 ")
    for name, value in SECURITY_HEADERS.items():
        assert f"{name}: {value}\r\n".lower().encode() in answer
    assert b"\r\nserver:" not in answer


ORIGIN = {"Origin": "https://faces.example.org"}
PREFLIGHT = ORIGIN | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}


def allowed_origin(response: httpx.Response) -> str | None:
    return response.headers.get("access-control-allow-origin")


def test_other_origins_read_nothing_by_default(client: TestClient[Any]) -> None:
    assert allowed_origin(client.options("/submit", headers=PREFLIGHT)) is None
    assert allowed_origin(client.get("/status/x", headers=ORIGIN)) is None
    assert client.get("/status/x", headers=ORIGIN).headers["cross-origin-resource-policy"] == "same-origin"


def test_origins_that_are_set_may_read_and_others_not(make_client: Any) -> None:
    client = make_client(origins=("https://faces.example.org",), keys=KEYS)
    preflight = client.options("/submit", headers=PREFLIGHT)
    assert preflight.status_code == 204
    assert allowed_origin(preflight) == ORIGIN["Origin"]
    assert "x-api-key" in preflight.headers["access-control-allow-headers"].lower()
    answer = client.get("/status/x", headers=ORIGIN)
    assert (answer.status_code, allowed_origin(answer)) == (401, ORIGIN["Origin"])
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    other = {"Origin": "https://faces.example.org.evil.example"}
    assert allowed_origin(client.options("/submit", headers=PREFLIGHT | other)) is None
    assert allowed_origin(client.get("/status/x", headers=other)) is None


# the warning


@pytest.mark.parametrize(
    ("host", "keys", "warned"),
    [
        ("127.0.0.1", False, False),
        ("localhost", False, False),
        ("::1", False, False),
        ("0.0.0.0", False, True),
        ("::", False, True),
        ("192.0.2.1", False, True),
        ("0.0.0.0", True, False),
    ],
)
def test_who_listens_to_strangers_without_keys_is_warned(
    caplog: pytest.LogCaptureFixture, host: str, keys: bool, warned: bool
) -> None:
    with caplog.at_level(logging.WARNING):
        warn_if_unprotected(build_settings(**({"keys": KEYS} if keys else {})), host)
    assert ("AUTH_API_KEYS" in caplog.text) is warned


def test_a_length_that_is_no_number_is_400(make_live: Any) -> None:
    live = make_live()
    for length in ("x", "-1", "1e3", "0x10", "\u00b2", "1, 1"):
        with live.connect() as sock:
            sock.sendall(f"{SUBMIT_HEAD}Content-Length: {length}\r\n\r\n{{}}".encode("latin-1"))
            answer = read_all(sock, 1)
        assert answer.startswith(b"HTTP/1.1 400 "), (length, answer)
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "bad_request"
    assert_still_works(live)
