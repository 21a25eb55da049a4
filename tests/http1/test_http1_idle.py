"""Idle and slow connections: many of them do not affect other clients, and all of them time out."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, repeat

import pytest
from support.http1.messages import NEXT_REQUEST, NEXT_STATUS, submit
from support.http1.raw_client import ConnectionEnd, RawConnection
from support.http1.server_process import ServerProcess

LONG = bool(os.environ.get("FACEMASK_TEST_LONG"))
# Files of one process that are none of these connections.
SPARE_FILES = 200
# What one idle connection may cost.
CONNECTION_BYTES = 64 * 1024
# Longer than a head may take, and than a connection may do nothing.
CLOSE_SECONDS = 60.0


@pytest.mark.parametrize(
    "count", [300, pytest.param(2000, marks=pytest.mark.skipif(not LONG, reason="FACEMASK_TEST_LONG is not set"))]
)
def test_many_idle_connections_disturb_nobody_and_can_still_be_used(
    make_server: Callable[..., ServerProcess], count: int
) -> None:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < count + SPARE_FILES:
        pytest.skip(f"{count} connections need more than {files} open files: ulimit -n")
    server = make_server()
    with RawConnection(server.port) as good:
        assert good.send(NEXT_REQUEST).read_responses(1).result().statuses == [NEXT_STATUS]
    before = server.memory()
    with ExitStack() as stack:
        idle = [stack.enter_context(RawConnection(server.port)) for _ in range(count)]
        for number, connection in enumerate(idle):
            connection.send(NEXT_REQUEST[: 10 * (number % 3)])
        with RawConnection(server.port) as good:
            assert good.send(submit()).read_responses(1).result().statuses == [202]
        for number, connection in enumerate(idle):
            connection.send(NEXT_REQUEST[10 * (number % 3) :])
        for connection in idle:
            assert connection.read_responses(1).result().statuses == [NEXT_STATUS]
        assert server.memory() - before < count * CONNECTION_BYTES + 16 * 2**20


def endless_header() -> Iterator[bytes]:
    """A header without end, a letter at a time."""
    yield b"GET /health/live HTTP/1.1\r\nHost: x\r\nA: "
    while True:
        yield b"a"


SLOW: dict[str, Callable[[], Iterator[bytes]]] = {
    "nothing at all": lambda: iter([b""]),
    "half a line": lambda: iter([NEXT_REQUEST[:10]]),
    "a head without its end": lambda: iter([NEXT_REQUEST[:-2]]),
    "letter by letter": endless_header,
    "an answered request, then nothing": lambda: iter([NEXT_REQUEST]),
    "an answered request, then half a line": lambda: iter([NEXT_REQUEST + NEXT_REQUEST[:10]]),
    "an answered request, then letter by letter": lambda: chain([NEXT_REQUEST], endless_header()),
    "empty lines": lambda: repeat(b"\r\n"),
}


def is_closed_by_server(server: ServerProcess, pieces: Iterator[bytes]) -> bool:
    """Whether the server closes a connection on which these pieces come, one every tenth of a second."""
    deadline = time.monotonic() + CLOSE_SECONDS
    with RawConnection(server.port) as connection:
        for piece in pieces:
            connection.send(piece).read_for(0.1)
            if connection.end is not ConnectionEnd.OPEN or time.monotonic() > deadline:
                break
        connection.read_until(lambda: False, max(0.0, deadline - time.monotonic()))
        return connection.end is not ConnectionEnd.OPEN


def test_whoever_does_not_send_a_head_in_time_is_hung_up_on(server: ServerProcess) -> None:
    """All of them at once: the bound is fifteen seconds."""
    ended: dict[str, bool] = {}

    def watch(name: str, pieces: Callable[[], Iterator[bytes]]) -> None:
        ended[name] = is_closed_by_server(server, pieces())

    watchers = [threading.Thread(target=watch, args=each) for each in SLOW.items()]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()
    assert ended == dict.fromkeys(SLOW, True)
