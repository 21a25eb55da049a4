"""Trailers and chunk extensions: limited like header fields, and without effect on the request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from support.http1.messages import (
    API,
    BODY,
    JSON,
    NEXT_REQUEST,
    NEXT_STATUS,
    SUBMIT,
    chunked,
    chunked_submit,
    get,
    head,
)
from support.http1.raw_client import RawConnection, exchange
from support.http1.server_process import ServerProcess

KEY, OTHER = "a-key-of-sixteen-or-more", "another-key-of-that-length"
# More than a head may have, and no harm to any server.
BYTES = 400_000
KEPT_BYTES = 16 * 2**20
CHUNKED = head(SUBMIT, JSON, "Transfer-Encoding: chunked")


def many_trailers() -> bytes:
    return chunked()[:-2] + b"".join(b"a%06d: b\r\n" % number for number in range(BYTES // 11))


def many_extensions() -> bytes:
    size = 1000
    return b"".join(b"1;%b\r\n \r\n" % (b"a" * size) for _ in range(BYTES // size))


# None of them comes to its end: a server that waits for it has kept everything until then.
BEHIND_THE_HEAD = {
    "many short trailers": many_trailers(),
    "one long trailer": chunked()[:-2] + b"A: " + b"a" * BYTES,
    "one long name of a trailer": chunked()[:-2] + b"a" * BYTES,
    "a long chunk extension": b"3;" + b"a" * BYTES,
    "a long value of a chunk extension": b'3;a="' + b"a" * BYTES,
    "a long extension of the last chunk": chunked()[:-4] + b";" + b"a" * BYTES,
    "extensions of many small chunks": many_extensions(),
    "zeros before the size of a chunk": b"0" * BYTES,
}
WAYS = {"whole": BYTES * 2, "in pieces": 1400}


def split(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("size", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("data", BEHIND_THE_HEAD.values(), ids=BEHIND_THE_HEAD.keys())
def test_header_bytes_behind_the_head_are_bounded(server: ServerProcess, data: bytes, size: int) -> None:
    got = exchange(server.port, *split(CHUNKED + data, size))
    assert got.closed
    assert got.statuses in ([431], [400])
    assert got.responses[0].is_problem()


@pytest.mark.parametrize("data", BEHIND_THE_HEAD.values(), ids=BEHIND_THE_HEAD.keys())
def test_header_bytes_behind_an_answered_request_end_the_connection(
    make_server: Callable[..., ServerProcess], keyed_server: ServerProcess, data: bytes
) -> None:
    """One request has one answer, so here only the connection can say it."""
    with RawConnection(keyed_server.port) as connection:
        assert connection.send(CHUNKED).read_responses(1).result().statuses == [401]
        got = connection.send(*split(data, 1400)).read_to_close().result()
    assert got.statuses == [401]
    assert got.closed


def test_header_bytes_behind_the_head_are_not_kept(make_server: Callable[..., ServerProcess]) -> None:
    """On twenty connections at once, and each of them stays open where the server leaves it open."""
    server = make_server()
    exchange(server.port, *split(CHUNKED + many_trailers() + b"\r\n" + NEXT_REQUEST, 1400))
    before = server.memory()
    with ExitStack() as stack:
        several = [stack.enter_context(RawConnection(server.port)) for _ in range(20)]
        for connection in several:
            connection.send(CHUNKED + many_trailers())
        for connection in several:
            assert connection.read_to_close().result().closed
        assert server.memory() - before < KEPT_BYTES


def test_a_few_trailers_and_extensions_are_let_pass(echo_server: ServerProcess) -> None:
    lines = [f"A{number}: {'b' * 50}" for number in range(20)]
    request = chunked_submit(path="/quick/1", trailers=lines, extension=f";a={'b' * 100}")
    first, second = exchange(echo_server.port, request + get("/quick/2", "Connection: close")).responses
    assert (first.json()["path"], second.json()["path"]) == ("/quick/1", "/quick/2")


# What trailers must not decide.


@pytest.fixture(scope="module")
def keyed_server(module_server: Any) -> ServerProcess:
    return module_server(AUTH_API_KEYS=KEY)


def statuses_whole_and_split(port: int, request: bytes) -> list[int]:
    """Statuses of a request, once with the trailers in one piece with it, and once with them apart."""
    found = []
    at = request.index(b"\r\n0\r\n") + 2
    for pieces in ([request], [request[:at], request[at:]]):
        with RawConnection(port) as connection:
            found += connection.send(*pieces, pause=0.05).read_responses(1).result().statuses
    return found


@pytest.mark.parametrize(
    "trailer", [f"X-API-Key: {OTHER}", "X-API-Key:", f"Authorization: Bearer {OTHER}", f"X-API-Key: {KEY}"]
)
@pytest.mark.parametrize("header", [f"X-API-Key: {KEY}", f"Authorization: Bearer {KEY}"])
def test_a_good_key_stays_good_whatever_a_trailer_says(keyed_server: ServerProcess, header: str, trailer: str) -> None:
    request = chunked_submit(header, trailers=[trailer])
    assert statuses_whole_and_split(keyed_server.port, request) == [202] * 2


@pytest.mark.parametrize("trailer", [f"X-API-Key: {KEY}", f"Authorization: Bearer {KEY}"])
@pytest.mark.parametrize("header", [f"X-API-Key: {OTHER}", "A: no key"])
def test_a_key_in_a_trailer_is_none(keyed_server: ServerProcess, header: str, trailer: str) -> None:
    request = chunked_submit(header, trailers=[trailer])
    assert statuses_whole_and_split(keyed_server.port, request) == [401] * 2


def test_an_address_in_a_trailer_is_nobodys(make_server: Callable[..., ServerProcess]) -> None:
    """Behind a trusted proxy, which passes trailers on as a client wrote them."""
    server = make_server(AUTH_TRUSTED_PROXIES="127.0.0.0/8", LIMIT_RATE="0.001", LIMIT_BURST="3")
    statuses = []
    for number in range(5):
        trailer = f"X-Forwarded-For: 192.0.2.{number}"
        with RawConnection(server.port) as connection:
            request = chunked_submit("X-Forwarded-For: 198.51.100.7", trailers=[trailer])
            statuses += connection.send(request).read_responses(1).result().statuses
    assert statuses == [202, 202, 202, 429, 429]


@pytest.mark.parametrize(
    ("media", "trailer", "status"),
    [
        ("", JSON, 415),
        ("Content-Type: text/plain", JSON, 415),
        (JSON, "Content-Type: text/plain", 202),
        (JSON, "Content-Encoding: gzip", 202),
        (JSON, "Accept: text/plain", 202),
        (JSON, "Host: a b", 202),
    ],
)
def test_a_trailer_says_nothing_of_the_body(server: ServerProcess, media: str, trailer: str, status: int) -> None:
    request = chunked_submit(media=media, trailers=[trailer])
    assert statuses_whole_and_split(server.port, request) == [status] * 2


@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_the_next_request_stands_behind_the_trailers(server: ServerProcess, pause: float) -> None:
    request = chunked_submit(trailers=["A: b", "Content-Type: text/plain"])
    at = request.index(b"\r\n0\r\n") + 2
    with RawConnection(server.port) as connection:
        got = connection.send(request[:at], request[at:] + NEXT_REQUEST, pause=pause).read_responses(2).result()
    assert got.statuses == [202, NEXT_STATUS]


def test_an_idempotency_key_in_a_trailer_is_none(server: ServerProcess) -> None:
    ids = set()
    for _ in range(2):
        with RawConnection(server.port) as connection:
            connection.send(chunked_submit(trailers=["Idempotency-Key: the-same"]))
            (answer,) = connection.read_responses(1).result().responses
            ids.add(answer.json()["id"])
    assert len(ids) == 2


@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_the_application_sees_no_trailer(echo_server: ServerProcess, pause: float) -> None:
    request = chunked_submit(path="/slow/1", trailers=["X-Seen: yes", "B: c"])
    at = request.index(b"\r\n0\r\n") + 2
    with RawConnection(echo_server.port) as connection:
        (answer,) = connection.send(request[:at], request[at:], pause=pause).read_responses(1).result().responses
    assert answer.json()["names"] == ["content-type", "host", "transfer-encoding"]
    assert answer.json()["length"] == len(BODY)


def test_a_trailer_of_a_status_request_is_dropped_too(keyed_server: ServerProcess) -> None:
    path = f"{API}/status/none"
    request = head(path, f"X-API-Key: {OTHER}", "Transfer-Encoding: chunked", method="GET")
    assert statuses_whole_and_split(keyed_server.port, request + chunked(b"abc", [f"X-API-Key: {KEY}"])) == [401] * 2
