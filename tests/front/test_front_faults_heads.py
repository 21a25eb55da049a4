"""Heads that were let pass: without a host or with two, of other versions, with codings around the chunks."""

from __future__ import annotations

import pytest
from support.http1 import malformed
from support.http1.messages import NEXT_STATUS, SUBMIT, get, head
from support.http1.raw_client import RawConnection, exchange
from support.http1.server_process import FrontServer
from test_front_framing import everywhere, refused, table

PATH = SUBMIT.replace("submit", "status/none")
EXPECT = "Expect: 100-continue"


@everywhere
@table(malformed.HOSTS)
def test_a_request_needs_exactly_one_host(front: FrontServer, data: bytes, way: str) -> None:
    refused(front, data, way)


@pytest.mark.parametrize("host", ["", "Host: x\r\n", "Host:\r\n"], ids=["none", "one", "an empty one"])
def test_http_1_0_may_come_without_a_host(front: FrontServer, host: str) -> None:
    got = exchange(front.port, f"GET {PATH} HTTP/1.0\r\n{host}\r\n".encode())
    assert got.statuses == [NEXT_STATUS]


def test_http_1_0_with_two_hosts_is_refused_too(front: FrontServer) -> None:
    assert exchange(front.port, get(PATH, "Host: y", version="HTTP/1.0")).statuses == [400]


@everywhere
@table(malformed.VERSIONS)
def test_other_versions_are_refused(front: FrontServer, data: bytes, way: str) -> None:
    refused(front, data, way)


@everywhere
@table(malformed.WRAPPED_CODINGS)
def test_chunked_is_the_only_transfer_coding(front: FrontServer, data: bytes, way: str) -> None:
    refused(front, data, way)


def test_a_transfer_coding_of_http_1_0_is_refused_or_ends_the_connection(front: FrontServer) -> None:
    """RFC 9112, section 6.1: its framing is faulty, whatever it says of the connection."""
    request = head(PATH, "Transfer-Encoding: chunked", "Connection: keep-alive", version="HTTP/1.0", method="GET")
    got = exchange(front.port, request + b"0\r\n\r\n" + get(PATH))
    assert got.statuses in ([400], [501], [NEXT_STATUS])
    assert got.closed


def test_http_1_0_is_not_asked_for_its_body(front: FrontServer) -> None:
    """RFC 9110, section 10.1.1: it does not know interim answers."""
    request = head(SUBMIT, "Content-Type: application/json", "Content-Length: 2", EXPECT, version="HTTP/1.0")
    with RawConnection(front.port) as connection:
        connection.send(request).listen(0.3)
        assert connection.reader.interim == []
        (answer,) = connection.send(b"{}").until_closed().result().answers
    assert answer.status == 422
