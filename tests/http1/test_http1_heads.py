"""Heads that parsers often accept: without or with two `Host` fields, other versions, nested codings."""

from __future__ import annotations

import pytest
from refusals import assert_refused, each_delivery, each_message
from support.http1 import malformed
from support.http1.messages import NEXT_STATUS, SUBMIT, get, head
from support.http1.raw_client import RawConnection, exchange
from support.http1.server_process import ServerProcess

PATH = SUBMIT.replace("submit", "status/none")
EXPECT = "Expect: 100-continue"


@each_delivery
@each_message(malformed.HOSTS)
def test_a_request_needs_exactly_one_host(server: ServerProcess, data: bytes, delivery: str) -> None:
    assert_refused(server, data, delivery)


@pytest.mark.parametrize("host", ["", "Host: x\r\n", "Host:\r\n"], ids=["none", "one", "an empty one"])
def test_http_1_0_may_come_without_a_host(server: ServerProcess, host: str) -> None:
    got = exchange(server.port, f"GET {PATH} HTTP/1.0\r\n{host}\r\n".encode())
    assert got.statuses == [NEXT_STATUS]


def test_http_1_0_with_two_hosts_is_refused_too(server: ServerProcess) -> None:
    assert exchange(server.port, get(PATH, "Host: y", version="HTTP/1.0")).statuses == [400]


@each_delivery
@each_message(malformed.VERSIONS)
def test_other_versions_are_refused(server: ServerProcess, data: bytes, delivery: str) -> None:
    assert_refused(server, data, delivery)


@each_delivery
@each_message(malformed.WRAPPED_CODINGS)
def test_chunked_is_the_only_transfer_coding(server: ServerProcess, data: bytes, delivery: str) -> None:
    assert_refused(server, data, delivery)


def test_a_transfer_coding_of_http_1_0_is_refused_or_ends_the_connection(server: ServerProcess) -> None:
    """RFC 9112, section 6.1: its framing is faulty, whatever it says of the connection."""
    request = head(PATH, "Transfer-Encoding: chunked", "Connection: keep-alive", version="HTTP/1.0", method="GET")
    got = exchange(server.port, request + b"0\r\n\r\n" + get(PATH))
    assert got.statuses in ([400], [501], [NEXT_STATUS])
    assert got.closed


def test_http_1_0_is_not_asked_for_its_body(server: ServerProcess) -> None:
    """RFC 9110, section 10.1.1: it does not know interim answers."""
    request = head(SUBMIT, "Content-Type: application/json", "Content-Length: 2", EXPECT, version="HTTP/1.0")
    with RawConnection(server.port) as connection:
        connection.send(request).read_for(0.3)
        assert connection.reader.interim == []
        (answer,) = connection.send(b"{}").read_to_close().result().responses
    assert answer.status == 422
