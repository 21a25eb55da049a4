"""A thousand clients that disconnect leave no resources behind, in memory and in PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from raw_requests import SUBMIT_HEAD
from support.service.fake_tracer import API, FakeTracer, body
from support.service.live_server import LiveServer, build_settings, live_server

ROUND = 100  # at once
ROUNDS = {"upload": 4, "wait": 3, "submit and wait": 3}


def count_resources(live: LiveServer) -> dict[str, Any]:
    """What a request may leave behind."""
    jobs: Any = live.jobs
    loop = live.server.servers[0].get_loop()
    kept: dict[str, Any] = {
        "tasks": len(asyncio.all_tasks(loop)),
        "connections": len(live.server.server_state.connections),
        "requests": len(live.server.server_state.tasks),
        "slots": jobs._admission.slots,
        "bytes": jobs._admission.bytes,
    }
    if not hasattr(jobs, "_database"):
        return kept | {"waiters": jobs._waiters}
    pool = jobs._database.pool
    stats = pool.get_stats()
    lent = stats["pool_size"] - stats["pool_available"]
    return kept | {
        "waiters": jobs._waiters.waiters,
        "watches": len(jobs._waiters._entries),
        "lent": lent,
        "asking": pool.waiting,
        "queueing": stats.get("requests_waiting", 0),
    }


def wait_for_counts(live: LiveServer, what: str, condition: Callable[[dict[str, Any]], bool]) -> None:
    end = time.monotonic() + 60
    while not condition(now := count_resources(live)):
        assert time.monotonic() < end, (what, now)
        time.sleep(0.05)


def is_not_more(now: dict[str, Any], before: dict[str, Any]) -> bool:
    """A thousand things left behind would be many; the service's own tasks come and go by one or two."""
    return all(now[name] <= before[name] for name in before)


def connect_and_disconnect(live: LiveServer, sent: bytes, count: str, least: int) -> None:
    """So many clients send something, are all there at once, and are gone."""
    wait_for_counts(live, "the others are gone", lambda now: now[count] == least)
    clients = [live.connect() for _ in range(ROUND)]
    for client in clients:
        client.sendall(sent)
    wait_for_counts(live, "all are there", lambda now: now[count] == least + ROUND)
    for number, client in enumerate(clients):
        if number % 2:  # half of them hang up, half of them are gone without a word more
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()


@pytest.mark.parametrize("kind", ["memory", "postgres"])
def test_a_thousand_clients_that_vanish_leave_nothing_behind(
    kind: str, request: pytest.FixtureRequest, tracer: FakeTracer
) -> None:
    assert ROUND * sum(ROUNDS.values()) == 1000
    database = request.getfixturevalue("database") if kind == "postgres" else None
    plain = build_settings(workers=1, queue_size=2000, max_waiters=2000, heartbeat_seconds=0.5)
    with live_server(replace(plain, database=database), tracer) as live:
        held = httpx.post(f"{live.url}{API}/submit?wait=0.3", json=body(hold=True)).json()
        assert held["status"] == "processing"
        wait_for_counts(live, "calm", lambda now: now["connections"] == 0 and now.get("lent", 0) == 0)
        before = count_resources(live)

        whole = json.dumps(body()).encode()
        head = f"{SUBMIT_HEAD}Content-Length: {len(whole)}\r\n\r\n".encode()
        for _ in range(ROUNDS["upload"]):
            connect_and_disconnect(live, head + whole[: len(whole) // 2], "slots", before["slots"])
        wait_for_counts(live, "uploads are gone", lambda now: is_not_more(now, before))

        status = f"GET {API}/status/{held['id']}?wait=30 HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for _ in range(ROUNDS["wait"]):
            connect_and_disconnect(live, status, "waiters", 0)
        wait_for_counts(live, "waiters are gone", lambda now: is_not_more(now, before))

        submit = head.replace(b"/submit", b"/submit?wait=30") + whole
        for _ in range(ROUNDS["submit and wait"]):
            connect_and_disconnect(live, submit, "waiters", 0)
        wait_for_counts(
            live, "their waiters are gone", lambda now: now["waiters"] == 0 and now["tasks"] <= before["tasks"]
        )

        tracer.release.set()  # what they submitted is done all the same
        calm = before | {"slots": 0, "bytes": 0} | ({"watches": 0} if kind == "postgres" else {})
        wait_for_counts(live, "everything is done", lambda now: is_not_more(now, calm))
        assert len(tracer.traced) == 1 + ROUND * ROUNDS["submit and wait"]
        assert httpx.post(f"{live.url}{API}/submit?wait=5", json=body()).json()["status"] == "completed"
