"""Load shedding: a full queue refuses requests before the framework sees them, but after the API key is checked."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from typing import Any

import httpx
import pytest
from facemask.service.access.keys import parse_keys
from facemask.service.intake.submit import SubmissionService
from support.service.fake_tracer import API, body
from support.service.metrics import sample_value

KEY = "k" * 20
BODY = json.dumps(body()).encode()


@pytest.fixture
def make_full(make_live: Any) -> Any:
    """A service whose one slot is taken by a job that is held."""

    def make(**changes: Any) -> Any:
        live = make_live(workers=1, queue_size=0, **changes)
        headers = {"x-api-key": KEY} if changes.get("keys") else {}
        assert httpx.post(f"{live.url}{API}/submit", json=body(hold=True), headers=headers).status_code == 202
        return live

    return make


def submit_raw(live: Any, *headers: str, content: bytes = BODY) -> httpx.Response:
    lines = [f"POST {API}/submit?wait=1 HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    with socket.create_connection(("127.0.0.1", live.port), timeout=20) as sock:
        sock.sendall("\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode() + content)
        data = b""
        while part := sock.recv(65536):
            data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *others = head.decode().split("\r\n")
    return httpx.Response(int(first.split()[1]), headers=[line.split(": ", 1) for line in others], content=rest)


def test_a_full_queue_is_told_by_the_head(make_full: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    live = make_full()

    async def unexpected(*_: Any, **__: Any) -> None:
        raise AssertionError("the application was asked")

    monkeypatch.setattr(SubmissionService, "submit", unexpected)
    answer = submit_raw(live)
    assert (answer.status_code, answer.json()["code"]) == (503, "queue_full")
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["connection"] == "close"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert submit_raw(live, content=b"{" * 3_000_000).status_code == 503  # read on, so that its client sees it


def test_what_needs_more_than_a_look_at_the_queue_is_the_applications(make_full: Any) -> None:
    live = make_full(keys=parse_keys(KEY))
    assert submit_raw(live).json()["code"] == "unauthorized"
    assert submit_raw(live, "X-API-Key: " + "x" * 20).json()["code"] == "unauthorized"
    assert submit_raw(live, f"X-API-Key: {KEY}").json()["code"] == "queue_full"
    assert submit_raw(live, f"Authorization: Bearer {KEY}").json()["code"] == "queue_full"
    with_key = submit_raw(live, f"X-API-Key: {KEY}", "Idempotency-Key: a", "Connection: close")
    assert with_key.json()["code"] == "queue_full"


def test_who_gets_no_slot_is_not_ahead_of_anybody(make_live: Any) -> None:
    """Many requests without a key may be parsed in one turn of the loop."""
    live = make_live(workers=1, queue_size=0, keys=parse_keys(KEY))
    shed = live.app.state.load_shedder
    client = live.connect()
    bare, good = [(b"host", b"x")], [(b"host", b"x"), (b"x-api-key", KEY.encode())]
    told: list[bool] = []

    async def turn() -> None:
        target = f"{API}/submit".encode()
        told.extend(shed(("127.0.0.1", 1), b"POST", target, each) is None for each in [bare] * 20 + [good, good])

    (connection,) = wait_for(lambda: list(live.server.server_state.connections))
    asyncio.run_coroutine_threadsafe(turn(), connection.loop).result(20)
    client.close()
    assert told == [True] * 21 + [False]


def test_a_page_of_another_origin_may_read_the_refusal(make_full: Any) -> None:
    live = make_full(origins=("https://example.org",))
    answer = submit_raw(live, "Origin: https://example.org", "Connection: close")
    assert answer.json()["code"] == "queue_full"
    assert answer.headers["access-control-allow-origin"] == "https://example.org"


def test_refusals_are_counted_each_and_told_once_a_second(make_full: Any, caplog: pytest.LogCaptureFixture) -> None:
    live = make_full()
    with caplog.at_level(logging.INFO, logger="facemask.requests"):
        for _ in range(5):
            submit_raw(live)
        page = httpx.get(f"{live.url}/metrics").text
        assert sample_value(page, "facemask_rejected_total", reason="queue_full") == 5
        submits = {"method": "POST", "route": f"{API}/submit", "status": "503"}
        assert sample_value(page, "facemask_http_requests_total", **submits) == 5
        told = wait_for(lambda: [each for each in caplog.records if getattr(each, "problem", "") == "queue_full"])
    assert sum(each.count for each in told) <= 5
    assert len(told) < 5


def wait_for(found: Any) -> Any:
    from support.waiting import wait_until  # noqa: PLC0415

    wait_until(lambda: bool(found()), 20)
    return found()


def test_a_stopping_service_says_so_by_the_head(make_live: Any) -> None:
    live = make_live(grace_seconds=20.0, workers=1)
    httpx.post(f"{live.url}{API}/submit", json=body(hold=True))
    live.server.should_exit = True
    wait_for(lambda: not live.jobs._is_accepting)
    assert submit_raw(live).json()["code"] == "shutting_down"
    live.tracer.release.set()
