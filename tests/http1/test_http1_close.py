"""Ends of responses and connections: unread responses are cut in time, and early ends are handled."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from support.http1 import malformed
from support.http1.messages import API, NEXT_REQUEST, NEXT_STATUS, REQUEST_LIKE_BODY, chunked_submit, get, submit
from support.http1.raw_client import TIMEOUT, RawConnection, exchange
from support.http1.server_process import ServerProcess
from support.service.fake_tracer import body
from support.waiting import wait_until

LARGE = 8_000_000
SHORT = {"LIMIT_BODY_SECONDS": "0.5", "LIMIT_WAIT_SECONDS": "0.5", "LIMIT_REQUEST_SECONDS": "2"}
KEPT_BYTES = 32 * 2**20
# Long beyond those two seconds, and less than a connection may live otherwise.
CUT_SECONDS = 12.0


# Answers that nobody reads.


@pytest.fixture(scope="module")
def short_timeout_server(module_server: Any) -> ServerProcess:
    """The server before the application that answers at length, with two seconds for a request."""
    return module_server("echo", **SHORT)


UNREAD = {
    "a large answer": get(f"/large/{LARGE}/1"),
    "a small one, then a large one": get("/quick/1") + get(f"/large/{LARGE}/2"),
    "a slow one, then a large one": get("/slow/1") + get(f"/large/{LARGE}/2"),
    "small ones, then a large one": b"".join(map(get, ["/quick/1"] * 50)) + get(f"/large/{LARGE}/2"),
    "a large one, then a small one": get(f"/large/{LARGE}/1") + get("/quick/2"),
    "large ones": b"".join(map(get, [f"/large/{LARGE}/1"] * 3)),
    "a large one that is the last": get(f"/large/{LARGE}/1", "Connection: close"),
    "a small one, then a large last one": get("/quick/1") + get(f"/large/{LARGE}/2", "Connection: close"),
    "a large one to HTTP/1.0": get(f"/large/{LARGE}/1", version="HTTP/1.0"),
    "a large one, then garbage": get(f"/large/{LARGE}/1") + b"garbage\r\n\r\n",
    "a large one, then half a request": get(f"/large/{LARGE}/1") + b"GET /qui",
    "a large one to a submit": submit(path=f"/large/{LARGE}/1") + get("/quick/2"),
}


def connect_without_reading(stack: ExitStack, server: ServerProcess, data: bytes) -> RawConnection:
    """A client that sends and never reads."""
    connection = stack.enter_context(RawConnection(server.port))
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.socket.settimeout(TIMEOUT)
    connection.socket.sendall(data)
    return connection


@pytest.mark.parametrize("data", UNREAD.values(), ids=UNREAD.keys())
def test_a_connection_whose_answer_nobody_reads_is_cut(short_timeout_server: ServerProcess, data: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            connect_without_reading(stack, short_timeout_server, data)
        wait_until(lambda: short_timeout_server.connections() == 0, CUT_SECONDS)


def test_an_answer_that_nobody_reads_is_cut_behind_one_that_was_read(short_timeout_server: ServerProcess) -> None:
    with ExitStack() as stack:
        connection = connect_without_reading(stack, short_timeout_server, get("/quick/1"))
        assert connection.socket.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.socket.sendall(get(f"/large/{LARGE}/2"))
        wait_until(lambda: short_timeout_server.connections() == 0, CUT_SECONDS)


def test_what_was_not_read_is_not_kept(make_server: Callable[..., ServerProcess]) -> None:
    server = make_server("echo", **SHORT)
    data = get("/quick/1") + get(f"/large/{LARGE}/2")
    with ExitStack() as stack:
        connect_without_reading(stack, server, data)
        wait_until(lambda: server.connections() == 0, CUT_SECONDS)
        before = server.memory()
        for _ in range(20):
            connect_without_reading(stack, server, data)
        wait_until(lambda: server.connections() == 0, CUT_SECONDS)
        assert server.memory() - before < KEPT_BYTES


def test_the_system_does_not_keep_what_was_not_read_either(short_timeout_server: ServerProcess) -> None:
    """A socket that is merely closed is sent to its end by the kernel, however long nobody reads; a reset ends it."""
    with ExitStack() as stack:
        several = [connect_without_reading(stack, short_timeout_server, get(f"/large/{LARGE}/1")) for _ in range(3)]
        assert [connection.wait_for_reset() for connection in several] == [True] * 3


def test_whoever_reads_gets_everything(echo_server: ServerProcess) -> None:
    requests = get("/quick/1") + get(f"/large/{LARGE}/2") + get(f"/large/{LARGE}/3", "Connection: close")
    got = exchange(echo_server.port, requests)
    assert [answer.json()["path"].rpartition("/")[2] for answer in got.responses] == ["1", "2", "3"]
    assert all(answer.complete for answer in got.responses)


# A client that has nothing more to send, and listens.

WHOLE = {
    "a get": (get("/quick/1"), ["/quick/1"]),
    "a slow get": (get("/slow/1"), ["/slow/1"]),
    "a submit": (submit(path="/slow/1"), ["/slow/1"]),
    "chunks": (chunked_submit(path="/slow/1"), ["/slow/1"]),
    "an answer without a look at the body": (submit(path="/early/1"), ["/early/1"]),
    "a large answer": (get(f"/large/{LARGE}/1"), [f"/large/{LARGE}/1"]),
    "the last request": (get("/slow/1", "Connection: close"), ["/slow/1"]),
    "HTTP/1.0": (get("/slow/1", version="HTTP/1.0"), ["/slow/1"]),
    "three requests": (get("/slow/1") + submit(path="/quick/2") + get("/slow/3"), ["/slow/1", "/quick/2", "/slow/3"]),
    "nothing": (b"", []),
}


@pytest.mark.parametrize(("data", "paths"), WHOLE.values(), ids=WHOLE.keys())
def test_a_client_that_closes_its_sending_half_gets_its_answers(
    echo_server: ServerProcess, data: bytes, paths: list[str]
) -> None:
    with RawConnection(echo_server.port) as connection:
        got = connection.send(data).half_close().read_to_close().result()
    assert [answer.json()["path"] for answer in got.responses] == paths
    assert all(answer.complete for answer in got.responses)
    assert got.closed


@pytest.mark.parametrize("wait", ["", "?wait=20"])
def test_a_submit_whose_client_sends_nothing_more_is_answered(server: ServerProcess, wait: str) -> None:
    content = json.dumps(body(sleep=1.3)).encode()  # longer than the service waits before it looks for the client
    with RawConnection(server.port) as connection:
        connection.send(submit(path=f"{API}/submit{wait}", content=content))
        (answer,) = connection.half_close().read_to_close().result().responses
    assert (answer.status, answer.json()["status"]) == ((200, "completed") if wait else (202, "pending"))


CUT = {
    "in a first line": get("/quick/1")[:10],
    "in a head": get("/quick/1")[:-2],
    "in a body": submit(path="/quick/1")[:-5],
    "in a chunk": chunked_submit(path="/quick/1")[:-12],
    "before the last chunk": chunked_submit(path="/quick/1")[:-5],
    "in the trailers": chunked_submit(path="/quick/1", trailers=["A: b"])[:-4],
}


@pytest.mark.parametrize("data", CUT.values(), ids=CUT.keys())
def test_a_request_that_ends_early_ends_the_connection(echo_server: ServerProcess, data: bytes) -> None:
    with RawConnection(echo_server.port) as connection:
        got = connection.send(get("/slow/0") + data).half_close().read_to_close().result()
    assert got.closed
    assert got.responses[0].json()["path"] == "/slow/0"
    assert got.statuses[1:] in ([], [400], [408])


# A good request, and garbage right behind it.

GARBAGE = {
    "no HTTP": b"garbage\r\n\r\n",
    "a handshake of TLS": malformed.FIRST_LINES["a handshake of TLS"],
    "two lengths": malformed.LENGTHS["two different"],
    "length and coding": malformed.BOTH["length, then coding"],
    "a bad chunk": malformed.CHUNKS["no hexadecimal digit"],
    "a folded header": malformed.LINES["folded by a blank"],
    "another version": malformed.FIRST_LINES["another version"],
    "a head of a megabyte": get("/", "A: " + "a" * 1_000_000),
}
GOOD = {
    "a get": (get("/quick/1"), ["/quick/1"]),
    "a slow get": (get("/slow/1"), ["/slow/1"]),
    "a submit": (submit(path="/slow/1", content=REQUEST_LIKE_BODY), ["/slow/1"]),
    "chunks": (chunked_submit(path="/slow/1"), ["/slow/1"]),
    "three requests": (get("/slow/1") + submit(path="/quick/2") + get("/slow/3"), ["/slow/1", "/quick/2", "/slow/3"]),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
@pytest.mark.parametrize(("data", "paths"), GOOD.values(), ids=GOOD.keys())
def test_a_good_request_is_answered_before_the_garbage_behind_it(
    echo_server: ServerProcess, data: bytes, paths: list[str], garbage: bytes
) -> None:
    got = exchange(echo_server.port, data + garbage + get("/quick/9"))
    assert [answer.json()["path"] for answer in got.responses[: len(paths)]] == paths
    assert got.statuses[len(paths) :] in ([400], [431], [505])
    assert got.closed


def test_a_submit_is_answered_before_the_garbage_behind_it(server: ServerProcess) -> None:
    content = json.dumps(body(sleep=0.3)).encode()
    got = exchange(
        server.port,
        submit(path=f"{API}/submit?wait=20", content=content) + NEXT_REQUEST + b"garbage\r\n\r\n" + NEXT_REQUEST,
    )
    assert got.statuses == [200, NEXT_STATUS, 400]
    assert got.responses[0].json()["status"] == "completed"


def test_garbage_behind_the_last_request_is_not_looked_at(echo_server: ServerProcess) -> None:
    """RFC 9112, section 9.6: behind `Connection: close` nothing is a request."""
    got = exchange(echo_server.port, get("/slow/1", "Connection: close") + b"garbage\r\n\r\n")
    assert [answer.json()["path"] for answer in got.responses] == ["/slow/1"]
    assert got.closed
