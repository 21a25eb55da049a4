"""Limits on the number of connections and on unsent bytes of responses."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from facemask.service.asgi_server import connections
from facemask.service.asgi_server.connections import ConnectionRegistry, connection_limit
from support.service.fake_tracer import API, body
from support.waiting import wait_until

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


class Fake:
    """A connection that only remembers how it was ended."""

    def __init__(self, *, busy: bool = False, unread: int = 0) -> None:
        self.cycle = object() if busy else None
        self.transport = SimpleNamespace(unread_bytes=lambda: unread)
        self.ended = ""

    def reset(self) -> None:
        self.ended = "reset"


def test_it_is_full_at_the_limit_and_takes_more_when_an_eighth_is_free() -> None:
    told: list[int] = []
    kept = ConnectionRegistry(16, 100)
    kept.on_full = lambda: told.append(len(kept))
    many = [Fake() for _ in range(16)]
    for each in many:
        kept.add(each)
    assert (kept.is_full, told) == (True, [16])
    kept.discard(many[0])
    assert kept.is_full
    kept.discard(many[1])
    assert (kept.is_full, len(kept), list(kept)) == (False, 14, many[2:])


def test_the_older_half_ends_where_nothing_is_asked() -> None:
    kept = ConnectionRegistry(8, 100)
    many = [Fake(busy=number % 2 == 0) for number in range(8)]
    for each in many:
        kept.add(each)
    kept.close_idle()
    assert [each.ended for each in many] == ["", "reset", "", "reset", "", "", "", ""]


def test_who_still_reads_an_answer_ends_last() -> None:
    kept = ConnectionRegistry(8, 100)
    many = [Fake(unread=100 * (number != 1)) for number in range(8)]
    for each in many:
        kept.add(each)
    kept.close_idle()
    assert [number for number, each in enumerate(many) if each.ended] == [1]
    kept.discard(many[1])
    kept.close_idle()
    assert [number for number, each in enumerate(many) if each.ended] == [0, 1, 2, 3]


def test_the_answer_that_lies_for_longest_goes_when_the_bytes_are_too_many() -> None:
    kept = ConnectionRegistry(8, 100)
    first, second, third = Fake(), Fake(), Fake()
    kept.track_unsent(first, 5000)  # alone an answer may be as large as it likes
    assert first.ended == ""
    kept.track_unsent(second, 60)
    assert (first.ended, second.ended) == ("reset", "")
    kept.untrack_unsent(second)
    kept.track_unsent(third, 100)
    kept.discard(third)
    kept.track_unsent(second, 100)
    assert (second.ended, third.ended) == ("", "")


@pytest.mark.parametrize(
    ("soft", "hard", "limit", "raised"),
    [
        (1024, 1_048_576, 4096, 4096 + 128),
        (1_048_576, 1_048_576, 4096, None),
        (256, 1024, 1024 - 128, 1024),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 4096, None),
        (256, resource.RLIM_INFINITY, 4096, 4096 + 128),
        (64, 64, 1, None),
    ],
)
def test_as_many_as_files_may_be_open(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, limit: int, raised: int | None
) -> None:
    limits = [soft]
    monkeypatch.setattr(connections.resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(connections.resource, "setrlimit", lambda _, both: limits.append(both[0]))
    assert connection_limit(4096) == limit
    assert limits[-1] == (raised or soft)


def test_idle_connections_make_room_for_new_ones(make_live: Any) -> None:
    live = make_live(connections=16)
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(live.connect())
        assert httpx.get(f"{live.url}/health/live", timeout=30).status_code == 200
        wait_until(lambda: len(live.server.server_state.connections) < 16, 30)


def test_who_comes_when_all_are_busy_waits_and_is_not_lost(make_live: Any) -> None:
    live = make_live(connections=16, workers=1)
    job_id = httpx.post(f"{live.url}{API}/submit", json=body(hold=True)).json()["id"]
    asking = f"GET {API}/status/{job_id}?wait=30 HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with ExitStack() as stack:
        busy = [stack.enter_context(live.connect()) for _ in range(16)]
        for each in busy:
            each.sendall(asking)
        live.wait_for_load(lambda load: load.waiters >= 15)
        late = stack.enter_context(socket.create_connection(("127.0.0.1", live.port), timeout=20))
        late.sendall(LIVE)
        late.settimeout(0.5)
        with pytest.raises(TimeoutError):
            late.recv(100)
        live.tracer.release.set()
        late.settimeout(20)
        assert late.recv(100).startswith(b"HTTP/1.1 200")
        assert all(each.recv(100).startswith(b"HTTP/1.1 200") for each in busy)
