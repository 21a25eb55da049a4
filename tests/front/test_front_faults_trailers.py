"""Header bytes behind the head: they are bounded as those in it are, and decide nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from support.http1.messages import API, BODY, JSON, NEXT, NEXT_STATUS, SUBMIT, chunked, chunked_submit, get, head
from support.http1.raw_client import RawConnection, exchange
from support.http1.server_process import FrontServer

KEY, OTHER = "a-key-of-sixteen-or-more", "another-key-of-that-length"
# More than a head may have, and no harm to any server.
BYTES = 400_000
KEPT_BYTES = 16 * 2**20
CHUNKED = head(SUBMIT, JSON, "Transfer-Encoding: chunked")


def short_trailers() -> bytes:
    return chunked()[:-2] + b"".join(b"a%06d: b\r\n" % number for number in range(BYTES // 11))


def short_extensions() -> bytes:
    size = 1000
    return b"".join(b"1;%b\r\n \r\n" % (b"a" * size) for _ in range(BYTES // size))


# None of them comes to its end: a server that waits for it has kept everything until then.
BEHIND_THE_HEAD = {
    "many short trailers": short_trailers(),
    "one long trailer": chunked()[:-2] + b"A: " + b"a" * BYTES,
    "one long name of a trailer": chunked()[:-2] + b"a" * BYTES,
    "a long chunk extension": b"3;" + b"a" * BYTES,
    "a long value of a chunk extension": b'3;a="' + b"a" * BYTES,
    "a long extension of the last chunk": chunked()[:-4] + b";" + b"a" * BYTES,
    "extensions of many small chunks": short_extensions(),
    "zeros before the size of a chunk": b"0" * BYTES,
}
WAYS = {"whole": BYTES * 2, "in pieces": 1400}


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("size", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("data", BEHIND_THE_HEAD.values(), ids=BEHIND_THE_HEAD.keys())
def test_header_bytes_behind_the_head_are_bounded(front: FrontServer, data: bytes, size: int) -> None:
    got = exchange(front.port, *cut(CHUNKED + data, size))
    assert got.closed
    assert got.statuses in ([431], [400])
    assert got.answers[0].is_problem()


@pytest.mark.parametrize("data", BEHIND_THE_HEAD.values(), ids=BEHIND_THE_HEAD.keys())
def test_header_bytes_behind_an_answered_request_end_the_connection(
    make_front: Callable[..., FrontServer], keyed: FrontServer, data: bytes
) -> None:
    """One request has one answer, so here only the connection can say it."""
    with RawConnection(keyed.port) as connection:
        assert connection.send(CHUNKED).until_answers(1).result().statuses == [401]
        got = connection.send(*cut(data, 1400)).until_closed().result()
    assert got.statuses == [401]
    assert got.closed


def test_header_bytes_behind_the_head_are_not_kept(make_front: Callable[..., FrontServer]) -> None:
    """On twenty connections at once, and each of them stays open where the server leaves it open."""
    front = make_front()
    exchange(front.port, *cut(CHUNKED + short_trailers() + b"\r\n" + NEXT, 1400))
    before = front.memory()
    with ExitStack() as stack:
        several = [stack.enter_context(RawConnection(front.port)) for _ in range(20)]
        for connection in several:
            connection.send(CHUNKED + short_trailers())
        for connection in several:
            assert connection.until_closed().result().closed
        assert front.memory() - before < KEPT_BYTES


def test_a_few_trailers_and_extensions_are_let_pass(echo: FrontServer) -> None:
    lines = [f"A{number}: {'b' * 50}" for number in range(20)]
    request = chunked_submit(path="/quick/1", trailers=lines, extension=f";a={'b' * 100}")
    first, second = exchange(echo.port, request + get("/quick/2", "Connection: close")).answers
    assert (told(first)["path"], told(second)["path"]) == ("/quick/1", "/quick/2")


# What trailers must not decide.


@pytest.fixture(scope="module")
def keyed(module_front: Any) -> FrontServer:
    return module_front(AUTH_API_KEYS=KEY)


def told(answer: Any) -> dict[str, Any]:
    return json.loads(answer.body)


def both_ways(port: int, request: bytes) -> list[int]:
    """Statuses of a request, once with the trailers in one piece with it, and once with them apart."""
    found = []
    at = request.index(b"\r\n0\r\n") + 2
    for pieces in ([request], [request[:at], request[at:]]):
        with RawConnection(port) as connection:
            found += connection.send(*pieces, pause=0.05).until_answers(1).result().statuses
    return found


@pytest.mark.parametrize(
    "trailer", [f"X-API-Key: {OTHER}", "X-API-Key:", f"Authorization: Bearer {OTHER}", f"X-API-Key: {KEY}"]
)
@pytest.mark.parametrize("header", [f"X-API-Key: {KEY}", f"Authorization: Bearer {KEY}"])
def test_a_good_key_stays_good_whatever_a_trailer_says(keyed: FrontServer, header: str, trailer: str) -> None:
    request = chunked_submit(header, trailers=[trailer])
    assert both_ways(keyed.port, request) == [202] * 2


@pytest.mark.parametrize("trailer", [f"X-API-Key: {KEY}", f"Authorization: Bearer {KEY}"])
@pytest.mark.parametrize("header", [f"X-API-Key: {OTHER}", "A: no key"])
def test_a_key_in_a_trailer_is_none(keyed: FrontServer, header: str, trailer: str) -> None:
    request = chunked_submit(header, trailers=[trailer])
    assert both_ways(keyed.port, request) == [401] * 2


def test_an_address_in_a_trailer_is_nobodys(make_front: Callable[..., FrontServer]) -> None:
    """Behind a trusted proxy, which passes trailers on as a client wrote them."""
    front = make_front(AUTH_TRUSTED_PROXIES="127.0.0.0/8", LIMIT_RATE="0.001", LIMIT_BURST="3")
    statuses = []
    for number in range(5):
        trailer = f"X-Forwarded-For: 192.0.2.{number}"
        with RawConnection(front.port) as connection:
            request = chunked_submit("X-Forwarded-For: 198.51.100.7", trailers=[trailer])
            statuses += connection.send(request).until_answers(1).result().statuses
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
def test_a_trailer_says_nothing_of_the_body(front: FrontServer, media: str, trailer: str, status: int) -> None:
    request = chunked_submit(media=media, trailers=[trailer])
    assert both_ways(front.port, request) == [status] * 2


@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_the_next_request_stands_behind_the_trailers(front: FrontServer, pause: float) -> None:
    request = chunked_submit(trailers=["A: b", "Content-Type: text/plain"])
    at = request.index(b"\r\n0\r\n") + 2
    with RawConnection(front.port) as connection:
        got = connection.send(request[:at], request[at:] + NEXT, pause=pause).until_answers(2).result()
    assert got.statuses == [202, NEXT_STATUS]


def test_an_idempotency_key_in_a_trailer_is_none(front: FrontServer) -> None:
    ids = set()
    for _ in range(2):
        with RawConnection(front.port) as connection:
            connection.send(chunked_submit(trailers=["Idempotency-Key: the-same"]))
            (answer,) = connection.until_answers(1).result().answers
            ids.add(told(answer)["id"])
    assert len(ids) == 2


@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_the_application_sees_no_trailer(echo: FrontServer, pause: float) -> None:
    request = chunked_submit(path="/slow/1", trailers=["X-Seen: yes", "B: c"])
    at = request.index(b"\r\n0\r\n") + 2
    with RawConnection(echo.port) as connection:
        (answer,) = connection.send(request[:at], request[at:], pause=pause).until_answers(1).result().answers
    assert told(answer)["names"] == ["content-type", "host", "transfer-encoding"]
    assert told(answer)["length"] == len(BODY)


def test_a_trailer_of_a_status_request_is_dropped_too(keyed: FrontServer) -> None:
    path = f"{API}/status/none"
    request = head(path, f"X-API-Key: {OTHER}", "Transfer-Encoding: chunked", method="GET")
    assert both_ways(keyed.port, request + chunked(b"abc", [f"X-API-Key: {KEY}"])) == [401] * 2
