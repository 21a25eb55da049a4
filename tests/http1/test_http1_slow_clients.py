"""Slow clients do not exclude others: capacity is reserved for received bytes, not for announced ones.

The slow clients and the good client have different addresses of the loopback network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from slow_clients import GOOD_ADDRESS, SlowClients
from support.http1.messages import API, BODY, JSON, SUBMIT, head, held_job, submit
from support.http1.raw_client import ConnectionEnd, RawConnection
from support.http1.server_process import ServerProcess

KEY, OTHER = "a-key-of-sixteen-or-more", "another-key-of-that-length"
# Number of requests of the good client meanwhile, and the pause between them.
REQUESTS, PAUSE_SECONDS = 12, 0.25
MEBIBYTE = 2**20


def head_of(length: int, *lines: str) -> bytes:
    return head(SUBMIT, JSON, f"Content-Length: {length}", *lines)


CHUNKS = head(SUBMIT, JSON, "Transfer-Encoding: chunked")
SLOW_CLIENTS = {
    "70 announce 1,000 bytes and send nothing": (70, head_of(1000), None),
    "70 announce 1,000 bytes and send one": (70, head_of(1000) + b"{", None),
    "70 announce 1,000 bytes and send one a second": (70, head_of(1000), 1.0),
    "70 announce chunks and send nothing": (70, CHUNKS, None),
    "70 announce a chunk of 1,000 bytes and send one a second": (70, CHUNKS + b"3e8\r\n", 1.0),
    "8 announce 32 MiB and send nothing": (8, head_of(32 * MEBIBYTE), None),
    "8 announce 32 MiB and send one byte": (8, head_of(32 * MEBIBYTE) + b"{", None),
    "8 announce 32 MiB and send a byte a second": (8, head_of(32 * MEBIBYTE), 1.0),
    "70 announce 32 MiB and send a byte a second": (70, head_of(32 * MEBIBYTE), 1.0),
    "200 announce 1,000 bytes and send one": (200, head_of(1000) + b"{", None),
}


def submit_status(server: ServerProcess, *lines: str, source: str = GOOD_ADDRESS, path: str = SUBMIT) -> int:
    """Status of a good submit."""
    with RawConnection(server.port, source=source) as good:
        (answer,) = good.send(submit(*lines, path=path)).read_responses(1).result().responses
        return answer.status


@pytest.mark.parametrize(("count", "data", "seconds"), SLOW_CLIENTS.values(), ids=SLOW_CLIENTS.keys())
def test_a_crowd_that_announces_and_does_not_send_keeps_nobody_out(
    make_server: Callable[..., ServerProcess], count: int, data: bytes, seconds: float | None
) -> None:
    server = make_server()
    before = server.memory()
    with SlowClients(server.port, count, data, seconds=seconds):
        statuses = []
        for _ in range(REQUESTS):
            statuses.append(submit_status(server))
            time.sleep(PAUSE_SECONDS)
        assert statuses == [202] * REQUESTS
        assert submit_status(server, path=f"{SUBMIT}?wait=20") == 200
        assert server.memory() - before < 64 * MEBIBYTE


def test_a_crowd_that_comes_back_again_and_again_keeps_nobody_out(make_server: Callable[..., ServerProcess]) -> None:
    """Its bodies end, in error, after half a second, and it begins anew."""
    server = make_server(LIMIT_BODY_SECONDS="0.5")
    with SlowClients(server.port, 70, head_of(1000), seconds=0.2) as clients:
        statuses = []
        while clients.opened < 3 * 70:
            statuses.append(submit_status(server))
            time.sleep(PAUSE_SECONDS)
        assert set(statuses) == {202}


@pytest.mark.parametrize(
    "address", [lambda _: "127.0.0.1", lambda number: f"127.0.1.{number + 1}"], ids=["one address", "many addresses"]
)
def test_one_key_keeps_no_other_out(make_server: Callable[..., ServerProcess], address: Callable[[int], str]) -> None:
    server = make_server(AUTH_API_KEYS=f"{KEY},{OTHER}")
    data = head_of(1000, f"X-API-Key: {OTHER}") + b"{"
    with SlowClients(server.port, 70, data, address=address):
        statuses = []
        for _ in range(REQUESTS):
            statuses.append(submit_status(server, f"X-API-Key: {KEY}"))
            time.sleep(PAUSE_SECONDS)
        assert statuses == [202] * REQUESTS


def test_a_crowd_without_a_key_takes_no_room_at_all(make_server: Callable[..., ServerProcess]) -> None:
    """Not even from clients of its own address; and it is told 401, with the queue full or not."""
    server = make_server(AUTH_API_KEYS=KEY)
    with SlowClients(server.port, 70, head_of(1000, f"X-API-Key: {OTHER}") + b"{"):
        assert [submit_status(server, f"X-API-Key: {KEY}", source="127.0.0.1") for _ in range(REQUESTS)] == [
            202
        ] * REQUESTS
        assert submit_status(server, f"X-API-Key: {OTHER}", source="127.0.0.1") == 401


def test_a_full_queue_is_told_to_those_with_a_key_only_also_in_a_crowd(
    make_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    server = make_server(AUTH_API_KEYS=KEY, JOB_QUEUE_SIZE="0")
    done = tmp_path / "done"
    with RawConnection(server.port, source=GOOD_ADDRESS) as worker, SlowClients(server.port, 20, head_of(1000) + b"{"):
        worker.send(submit(f"X-API-Key: {KEY}", content=held_job(done))).read_responses(1)
        statuses = [
            submit_status(server),
            submit_status(server, f"X-API-Key: {OTHER}"),
            submit_status(server, f"X-API-Key: {KEY}"),
        ]
        done.touch()
    assert statuses == [401, 401, 503]


# Who is slow, and who is too slow.


def test_a_body_that_comes_at_a_drop_a_second_is_ended_before_its_time(
    make_server: Callable[..., ServerProcess],
) -> None:
    """Its time would be minutes: what ends it is that less comes than any line carries."""
    server = make_server(LIMIT_BODY_SECONDS="600")
    deadline = time.monotonic() + 60
    with RawConnection(server.port) as connection:
        connection.send(head_of(1_000_000))
        while connection.end is ConnectionEnd.OPEN and not connection.reader.complete and time.monotonic() < deadline:
            connection.send(b" ").read_for(0.5)
        got = connection.read_to_close().result()
    assert got.statuses == [408]
    assert got.closed


def test_a_slow_line_is_served(make_server: Callable[..., ServerProcess]) -> None:
    """40 kB a second, with a second between the head and the body."""
    server = make_server()
    content = BODY + b" " * 160_000
    with RawConnection(server.port) as connection:
        connection.send(head_of(len(content))).read_for(1.0)
        connection.send(*(content[at : at + 8000] for at in range(0, len(content), 8000)), pause=0.2)
        (answer,) = connection.read_responses(1).result().responses
    assert answer.status == 202


def test_several_slow_lines_of_one_address_are_served(make_server: Callable[..., ServerProcess]) -> None:
    """An office, a gateway: some uploads at once from one address are no attack."""
    server = make_server()
    content = BODY + b" " * 100_000
    several = [RawConnection(server.port) for _ in range(8)]
    for connection in several:
        connection.send(head_of(len(content)))
    for at in range(0, len(content), 10_000):
        for connection in several:
            connection.send(content[at : at + 10_000])
        time.sleep(0.1)
    statuses = [connection.read_responses(1).result().statuses for connection in several]
    for connection in several:
        connection.socket.close()
    assert statuses == [[202]] * 8


def test_a_crowd_that_is_gone_leaves_nothing_behind(make_server: Callable[..., ServerProcess]) -> None:
    """Its room was given back, also to its own address."""
    server = make_server()
    with SlowClients(server.port, 70, head_of(1000) + b"{"):
        pass
    with RawConnection(server.port) as connection:
        got = connection.send(submit(), submit(), submit(path=f"{API}/submit?wait=20")).read_responses(3).result()
    assert got.statuses == [202, 202, 200]
