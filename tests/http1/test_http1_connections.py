"""Persistent and pipelined connections: one response to each request, in order, until the connection closes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from support.http1.messages import API, NEXT_REQUEST, NEXT_STATUS, REQUEST_LIKE_BODY, SUBMIT, chunked, get, head, submit
from support.http1.raw_client import RawConnection, exchange
from support.http1.server_process import ServerProcess

KEY = "a key of sixteen or more".replace(" ", "-")
# Answers of the service that do not need the body: the request, and the status.
EARLY = {
    "401": (SUBMIT, ["Content-Type: application/json"], 401),
    "404": ("/nothing", [f"X-API-Key: {KEY}"], 404),
    "405": (f"{API}/status/none", [f"X-API-Key: {KEY}"], 405),
    "413": (SUBMIT, [f"X-API-Key: {KEY}", "Content-Type: application/json"], 413),
    "415": (SUBMIT, [f"X-API-Key: {KEY}", "Content-Type: text/plain"], 415),
}
KEYED_NEXT = NEXT_REQUEST.replace(b"\r\n\r\n", f"\r\nX-API-Key: {KEY}\r\n\r\n".encode())


@pytest.fixture(scope="module")
def keyed_server(module_server: Any) -> ServerProcess:
    """A service with a key that takes 2 kB at most."""
    return module_server(AUTH_API_KEYS=KEY, LIMIT_BODY_BYTES="2000")


# early answers


@pytest.mark.parametrize("coding", ["announced", "chunked"])
@pytest.mark.parametrize("name", EARLY)
@pytest.mark.parametrize("later", [False, True], ids=["at-once", "after-the-answer"])
def test_a_body_behind_an_early_refusal_is_kept_apart(
    keyed_server: ServerProcess, name: str, coding: str, later: bool
) -> None:
    path, lines, status = EARLY[name]
    content = REQUEST_LIKE_BODY * 20
    if coding == "chunked":
        first, rest = head(path, *lines, "Transfer-Encoding: chunked"), chunked(content)
    else:
        first, rest = head(path, *lines, f"Content-Length: {len(content)}"), content
    with RawConnection(keyed_server.port) as connection:
        if later and not (coding == "chunked" and status == 413):  # that is seen by the bytes only
            connection.send(first).read_responses(1).send(rest + KEYED_NEXT)
        else:
            connection.send(first + rest + KEYED_NEXT)
        got = connection.read_responses(2).result()
    assert got.statuses == [status, NEXT_STATUS]
    assert not got.closed


@pytest.mark.parametrize(
    "content", [b"{}", b"{", REQUEST_LIKE_BODY], ids=["a field is missing", "no JSON", "a request"]
)
def test_a_body_that_is_refused_ends_where_it_ends(keyed_server: ServerProcess, content: bytes) -> None:
    with RawConnection(keyed_server.port) as connection:
        request = submit(f"X-API-Key: {KEY}", content=content)
        got = connection.send(request + KEYED_NEXT).read_responses(2).result()
    assert got.statuses in ([422, NEXT_STATUS], [400, NEXT_STATUS])


def test_an_upload_of_megabytes_that_is_refused_may_be_sent_all_the_same(keyed_server: ServerProcess) -> None:
    content = b" " * 5_000_000
    with RawConnection(keyed_server.port) as connection:
        request = submit(f"X-API-Key: {KEY}", content=content)
        got = connection.send(request, KEYED_NEXT).read_responses(2).result()
    assert got.statuses == [413, NEXT_STATUS]


# pipelining


def pipeline(rng: random.Random, count: int) -> tuple[list[str], list[str], list[bytes]]:
    """Methods, paths and requests."""
    methods, paths, requests = [], [], []
    for number in range(count):
        method = rng.choice(["GET", "HEAD", "GET", "POST", "DELETE"])
        path = f"/{rng.choice(['quick', 'slow', 'early'])}/{number}"
        request = get(path, method=method)
        if method == "POST":
            content = rng.choice([b"", REQUEST_LIKE_BODY, b"x" * 100_000])
            request = submit(path=path, content=content)
        methods.append(method)
        paths.append(path)
        requests.append(request)
    return methods, paths, requests


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("pieces", ["whole", "cut"])
def test_pipelined_requests_are_answered_in_order(echo_server: ServerProcess, seed: int, pieces: str) -> None:
    rng = random.Random(seed)
    methods, paths, requests = pipeline(rng, 30)
    data = b"".join(requests)
    cuts = sorted(rng.sample(range(1, len(data)), 20)) if pieces == "cut" else []
    parts = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    with RawConnection(echo_server.port, methods) as connection:
        got = connection.send(*parts, pause=0.001).read_responses(len(requests)).result()
    assert len(got.responses) == len(requests)
    for method, path, answer in zip(methods, paths, got.responses, strict=True):
        assert answer.status == 200
        if method == "HEAD":
            assert answer.body == b""
        else:
            assert (answer.json()["method"], answer.json()["path"]) == (method, path)


def test_hundreds_of_pipelined_gets_are_answered_in_order(echo_server: ServerProcess) -> None:
    count = 400
    with RawConnection(echo_server.port) as connection:
        connection.send(b"".join(get(f"/quick/{number}") for number in range(count)))
        got = connection.read_responses(count).result()
    assert [answer.json()["path"] for answer in got.responses] == [f"/quick/{number}" for number in range(count)]


def test_a_head_is_answered_with_the_length_of_the_get_and_no_body(server: ServerProcess) -> None:
    path = "/health/live"
    requests = get(path, method="HEAD") + get(path) + get(path, method="HEAD") + get(path, "Connection: close")
    got = exchange(server.port, requests, methods=["HEAD", "GET", "HEAD", "GET"])
    assert got.statuses == [200] * 4
    assert [bool(answer.body) for answer in got.responses] == [False, True, False, True]
    assert len({answer.header("content-length") for answer in got.responses}) == 1


# the end


@pytest.mark.parametrize("value", ["close", "Close", "x, close", "close, x"])
def test_nothing_is_answered_behind_the_last_request(echo_server: ServerProcess, value: str) -> None:
    got = exchange(echo_server.port, get("/quick/1") + get("/slow/2", f"Connection: {value}") + get("/quick/3"))
    assert [answer.json()["path"] for answer in got.responses] == ["/quick/1", "/slow/2"]
    assert got.responses[-1].header("connection") == "close"


def test_a_body_behind_the_last_request_is_read(echo_server: ServerProcess) -> None:
    content = b"x" * 300_000
    got = exchange(echo_server.port, submit("Connection: close", path="/quick/1", content=content), get("/quick/2"))
    (answer,) = got.responses
    assert answer.json()["length"] == len(content)


def test_http_1_0_is_answered_once_and_closed(echo_server: ServerProcess) -> None:
    got = exchange(echo_server.port, get("/quick/1", version="HTTP/1.0") + get("/quick/2"))
    (answer,) = got.responses
    assert answer.json()["path"] == "/quick/1"
    assert answer.header("transfer-encoding") == ""


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_http_1_0_with_keep_alive_is_answered_and_either_kept_or_closed(
    echo_server: ServerProcess, method: str
) -> None:
    """A server need not keep it; what it says of the connection is what it does."""
    with RawConnection(echo_server.port, [method, "GET"]) as connection:
        connection.send(get("/quick/1", "Connection: keep-alive", method=method, version="HTTP/1.0"))
        first = connection.read_responses(1).result().responses[0]
        if first.header("connection").lower() == "keep-alive":
            second = connection.send(get("/quick/2")).read_responses(2).result().responses[1]
            assert second.json()["path"] == "/quick/2"
        else:
            assert connection.read_to_close().result().closed


def test_a_body_of_http_1_0_is_read_by_its_length(echo_server: ServerProcess) -> None:
    got = exchange(echo_server.port, submit(path="/quick/1", content=b"abc", version="HTTP/1.0") + get("/quick/2"))
    (answer,) = got.responses
    assert answer.json()["length"] == 3


def test_without_a_length_there_is_no_body(echo_server: ServerProcess) -> None:
    got = exchange(echo_server.port, head("/quick/1") + get("/quick/2", "Connection: close"))
    assert [(each.json()["path"], each.json()["length"]) for each in got.responses] == [
        ("/quick/1", 0),
        ("/quick/2", 0),
    ]


def test_a_get_may_have_a_body(echo_server: ServerProcess) -> None:
    request = get("/quick/1", f"Content-Length: {len(REQUEST_LIKE_BODY)}") + REQUEST_LIKE_BODY
    got = exchange(echo_server.port, request + get("/quick/2", "Connection: close"))
    assert [answer.json()["path"] for answer in got.responses] == ["/quick/1", "/quick/2"]
