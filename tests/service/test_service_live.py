"""Over real sockets: disconnecting, slow and malformed clients; liveness under load."""

from __future__ import annotations

import contextlib
import gc
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from facemask.service.asgi_server import http_protocol
from facemask.service.intake.body import BodyChunks
from raw_requests import SUBMIT_HEAD, assert_still_works, read_all
from support.service.fake_tracer import API, FakeTracer, body
from support.waiting import wait_until
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


def test_a_client_that_leaves_in_the_middle_of_its_upload_leaves_nothing_behind(make_live: Any) -> None:
    live = make_live(workers=1, queue_size=1)
    for _ in range(5):
        with live.connect() as sock:
            sock.sendall(f"{SUBMIT_HEAD}Content-Length: 1000\r\n\r\n{{".encode())
            live.wait_for_load(lambda load: load.slots == 1)
        live.wait_for_load(lambda load: load.slots == 0 and load.slot_bytes == 0)
    assert_still_works(live)


def test_a_client_that_leaves_while_it_waits_leaves_no_waiter(make_live: Any, tracer: FakeTracer) -> None:
    live = make_live(workers=1, wait_seconds=60.0)
    sent = json.dumps(body(hold=True))
    with live.connect() as submitter:
        head = SUBMIT_HEAD.replace("/submit", "/submit?wait=60")
        submitter.sendall(f"{head}Content-Length: {len(sent)}\r\n\r\n{sent}".encode())
        live.wait_for_load(lambda load: load.waiters == 1)
        (job_id,) = live.jobs._jobs
        with live.connect() as waiter:
            waiter.sendall(f"GET {API}/status/{job_id}?wait=60 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            live.wait_for_load(lambda load: load.waiters == 2)
        live.wait_for_load(lambda load: load.waiters == 1)
    live.wait_for_load(lambda load: load.waiters == 0)
    tracer.release.set()
    live.wait_for_load(lambda load: load.results == 1)
    assert_still_works(live)


def test_a_body_that_does_not_arrive_in_time_is_408_and_gives_its_place_back(make_live: Any) -> None:
    live = make_live(workers=1, queue_size=0, body_seconds=0.3)
    with live.connect() as sock:
        sock.sendall(f"{SUBMIT_HEAD}Content-Length: 1000\r\n\r\n{{".encode())
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"urn:facemask:problem:body_timeout" in answer
    assert_still_works(live)


def test_a_body_arrives_in_any_pieces_and_the_next_request_right_behind_it(make_live: Any) -> None:
    live = make_live()
    sent = json.dumps(body()).encode() + b" " * 300_000  # more than the server keeps before it stops reading
    head = SUBMIT_HEAD.replace("/submit", "/submit?wait=5")
    announced = f"{head}Content-Length: {len(sent)}\r\n".encode()
    chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (sent[:7], sent[7:8], sent[8:]))
    with live.connect() as sock:
        sock.sendall(announced + b"Expect: 100-continue\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 100 ")
        for start in range(0, len(sent), len(sent) // 20):
            sock.sendall(sent[start : start + len(sent) // 20])
            time.sleep(0.005)
        # Two more at once, the last one cut in its middle.
        sock.sendall(chunked + chunks + b"0\r\n\r\n" + announced + b"\r\n" + sent[:50])
        time.sleep(0.1)
        sock.sendall(sent[50:])
        answers = b""
        while answers.count(b'"completed"') < 3:
            received = read_all(sock, 0.2)
            assert received, answers[-300:]
            answers += received
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    live.wait_for_load(lambda load: load.slots == 0 and load.slot_bytes == 0)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """What is free here is free by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive(kind: type) -> int:
    return sum(type(each) is kind for each in gc.get_objects())


@pytest.mark.usefixtures("no_collector")
def test_a_body_that_turns_out_too_large_ends_where_the_limit_is(make_live: Any) -> None:
    """Its end may never come, and nothing of it is kept until somebody collects garbage."""
    live = make_live(body_bytes=100_000)
    before = alive(BodyChunks)
    for _ in range(3):
        with live.connect() as sock:
            sock.sendall(f"{SUBMIT_HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
            for _ in range(3):
                time.sleep(0.05)
                sock.sendall(b"c350\r\n%b\r\n" % (b" " * 50_000))
            assert read_all(sock, 2).startswith(b"HTTP/1.1 413 ")
    live.wait_for_load(lambda load: load.slots == 0 and load.slot_bytes == 0)
    assert alive(BodyChunks) == before
    assert_still_works(live)


@pytest.mark.usefixtures("no_collector")
def test_requests_leave_nothing_for_the_collector(make_live: Any) -> None:
    live = make_live()
    assert_still_works(live)
    before = alive(RequestResponseCycle)
    with httpx.Client(base_url=live.url) as client:
        for _ in range(5):
            assert client.get("/health/live").status_code == 200
            assert client.post(f"{API}/submit?wait=5", json=body()).status_code == 200
    wait_until(lambda: alive(RequestResponseCycle) <= before, 5)


def test_a_full_queue_is_answered_before_the_body_is_sent(make_live: Any, tracer: FakeTracer) -> None:
    live = make_live(workers=1, queue_size=0)
    httpx.post(f"{live.url}{API}/submit?wait=0.1", json=body(hold=True))
    with live.connect() as sock:
        sock.sendall(f"{SUBMIT_HEAD}Content-Length: 30000000\r\nExpect: 100-continue\r\n\r\n".encode())
        sock.settimeout(5)
        answer = sock.recv(65536)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after" in answer.lower()
    tracer.release.set()


def test_a_body_announced_too_large_is_413_and_may_be_sent_all_the_same(make_live: Any) -> None:
    live = make_live(body_bytes=100_000)
    with live.connect() as sock:
        sock.sendall(f"{SUBMIT_HEAD}Content-Length: 1000000000000\r\nExpect: 100-continue\r\n\r\n".encode())
        sock.settimeout(5)
        assert sock.recv(65536).startswith(b"HTTP/1.1 413 ")
    with httpx.Client(base_url=live.url + API) as client:
        headers = {"content-type": "application/json"}
        assert client.post("/submit", content=b" " * 20_000_000, headers=headers).status_code == 413
        chunks = (b" " * 50_000 for _ in range(400))
        assert client.post("/submit", content=chunks, headers=headers).status_code == 413
    assert_still_works(live)


NOT_HTTP = {
    "noise": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n",
    "bad length": f"{SUBMIT_HEAD}Content-Length: x\r\n\r\n".encode(),
    "two lengths": f"{SUBMIT_HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{{}}".encode(),
    "length and chunks": f"{SUBMIT_HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{{}}".encode(),
    "bad chunk": f"{SUBMIT_HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
    "no host": f"GET {API}/status/x HTTP/1.1\r\n\r\n".encode(),
    "bad host": f"GET {API}/status/x HTTP/1.1\r\nHost: a b\r\n\r\n".encode(),
    "odd path": b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "no path": b"GET ?x HTTP/1.1\r\nHost: x\r\n\r\n",
    "nul path": f"GET {API}/status/\x00 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "star": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "connect": b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "websocket": b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
}


@pytest.mark.parametrize("name", NOT_HTTP)
def test_what_is_not_proper_http_is_a_4xx_problem_or_ends(make_live: Any, name: str) -> None:
    live = make_live()
    with live.connect() as sock:
        sock.sendall(NOT_HTTP[name])
        answer = read_all(sock, 0.5)
    if answer:
        assert answer.startswith(b"HTTP/1.1 4"), answer
        assert b"application/problem+json" in answer, answer
        assert b'"code":' in answer
    live.wait_for_load(lambda load: load.slots == 0)
    assert_still_works(live)


def test_heads_are_bounded_in_size(make_live: Any) -> None:
    live = make_live()
    with live.connect() as sock:
        sock.settimeout(3)
        with contextlib.suppress(ConnectionError):  # closed before everything was sent
            sock.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000)
            assert sock.recv(65536).startswith(b"HTTP/1.1 431 ")
    with live.connect() as sock:  # a long head that is allowed, then a body that is longer than any head
        sent = json.dumps(body() | {"options": {}}) + " " * 300_000
        sock.sendall(f"{SUBMIT_HEAD}X: {'a' * 40_000}\r\nContent-Length: {len(sent)}\r\n\r\n{sent}".encode() * 3)
        assert read_all(sock, 1).count(b"HTTP/1.1 202 ") == 3


def test_heads_are_bounded_in_time(make_live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.3)
    live = make_live()
    for start in (b"", b"GET /health/live HT", b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /heal"):
        with live.connect() as sock:
            sock.sendall(start)
            started = time.monotonic()
            read_all(sock)
            assert time.monotonic() - started < 2


def test_a_running_request_is_not_cut_by_the_bound_on_heads(make_live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.2)
    live = make_live()
    response = httpx.post(f"{live.url}{API}/submit?wait=5", json=body(sleep=0.6))
    assert response.json()["status"] == "completed"


def test_a_waiting_request_is_woken_not_polled(
    make_live: Any, tracer: FakeTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = make_live(workers=1)
    job_id = httpx.post(f"{live.url}{API}/submit", json=body(hold=True)).json()["id"]
    looked: list[str] = []
    find = live.jobs._find
    monkeypatch.setattr(live.jobs, "_find", lambda job_id, *owner: looked.append(job_id) or find(job_id, *owner))
    ended: list[float] = []

    def wait() -> None:
        httpx.get(f"{live.url}{API}/status/{job_id}?wait=30", timeout=40)
        ended.append(time.monotonic())

    waiter = threading.Thread(target=wait)
    waiter.start()
    live.wait_for_load(lambda load: load.waiters == 1)
    before = len(looked)
    time.sleep(0.3)
    assert len(looked) == before > 0, "nobody looks whether the job has ended"
    released = time.monotonic()
    tracer.release.set()
    waiter.join(30)
    assert ended[0] - released < 10  # by the end of the job, not by that of the wait


def test_a_client_that_closes_its_sending_half_in_its_body_is_told(make_live: Any) -> None:
    live = make_live()
    with live.connect() as sock:
        sock.sendall(f"{SUBMIT_HEAD}Content-Length: 100\r\n\r\n{{".encode())
        sock.shutdown(socket.SHUT_WR)
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"body_incomplete"' in answer
    live.wait_for_load(lambda load: load.slots == 0)


def test_an_upload_that_a_stop_cuts_off_is_told_to_go_elsewhere(make_live: Any) -> None:
    live = make_live()
    with live.connect() as sock:
        sock.sendall(f"{SUBMIT_HEAD}Content-Length: 100000\r\n\r\n{{".encode())
        live.wait_for_load(lambda load: load.slots == 1)
        live.server.should_exit = True
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b'"code":"shutting_down"' in answer
    assert b"x-content-type-options: nosniff" in answer.lower()


@pytest.mark.parametrize(
    "line", ["GET  /health/live HTTP/1.1", "GET /health/live  HTTP/1.1", "GET /health/live#x HTTP/1.1"]
)
def test_a_request_line_has_one_blank_between_its_parts_and_no_fragment(make_live: Any, line: str) -> None:
    live = make_live()
    with live.connect() as sock:
        sock.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
        assert read_all(sock).startswith(b"HTTP/1.1 400 ")


def test_an_empty_line_before_a_request_is_let_pass(make_live: Any) -> None:
    """RFC 9112, section 2.2."""
    live = make_live()
    with live.connect() as sock:
        sock.sendall(b"\r\nGET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert read_all(sock).startswith(b"HTTP/1.1 200 ")
