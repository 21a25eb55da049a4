"""Malformed messages get 400, the connection closes, and nothing after them gets a response."""

from __future__ import annotations

import json

import pytest
from facemask.service.http.security_headers import SECURITY_HEADERS
from refusals import assert_refused, deliver, each_delivery, each_message
from support.http1 import malformed
from support.http1.messages import (
    BODY,
    JSON,
    NEXT_REQUEST,
    NEXT_STATUS,
    SUBMIT,
    chunked_submit,
    get,
    head,
    split_bytes,
    submit,
)
from support.http1.raw_client import RawConnection, exchange
from support.http1.server_process import ServerProcess


@each_delivery
@each_message(malformed.LENGTHS)
def test_a_content_length_that_is_no_single_number_is_refused(
    server: ServerProcess, data: bytes, delivery: str
) -> None:
    assert_refused(server, data, delivery)


@each_delivery
@each_message(malformed.BOTH)
def test_a_length_together_with_a_transfer_coding_is_refused(server: ServerProcess, data: bytes, delivery: str) -> None:
    assert_refused(server, data, delivery)


@each_delivery
@each_message(malformed.CODINGS)
def test_a_transfer_coding_that_does_not_end_in_one_chunked_is_refused(
    server: ServerProcess, data: bytes, delivery: str
) -> None:
    assert_refused(server, data, delivery)


@each_delivery
@each_message(malformed.LINES)
def test_header_lines_that_two_readers_may_read_differently_are_refused(
    server: ServerProcess, data: bytes, delivery: str
) -> None:
    assert_refused(server, data, delivery)


@each_delivery
@each_message(malformed.CHUNKS)
def test_bad_chunks_are_refused(server: ServerProcess, data: bytes, delivery: str) -> None:
    assert_refused(server, data, delivery)


@each_delivery
@each_message(malformed.FIRST_LINES)
def test_a_first_line_that_is_none_is_refused(server: ServerProcess, data: bytes, delivery: str) -> None:
    assert_refused(server, data, delivery)


def test_what_the_front_refuses_is_a_problem_document_with_strict_headers(server: ServerProcess) -> None:
    groups = (
        malformed.LENGTHS,
        malformed.CODINGS,
        malformed.LINES,
        malformed.FIRST_LINES,
    )
    for data in (data for group in groups for data in group.values()):
        (answer,) = exchange(server.port, data).responses
        assert answer.is_problem()
        told = json.loads(answer.body)
        assert (told["status"], told["code"]) == (answer.status, "bad_request")
        assert {name: answer.header(name.lower()) for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert answer.header("server") == ""


GOOD = {
    "a length": submit(),
    "a length with zeros before it": head(SUBMIT, "Content-Type: application/json", "Content-Length: 0000002") + b"{}",
    "chunks": chunked_submit(),
    "chunks in capitals": chunked_submit().replace(b"chunked", b"CHUNKED"),
    "chunks with extensions": chunked_submit(extension=';a=b;c="d e"'),
    "zeros before the size of the last chunk": chunked_submit().replace(b"\r\n0\r\n", b"\r\n000\r\n"),
    "tabs and letters outside ASCII in values": submit("A: b\tc", "B: \xe9"),
    "blanks around a value": submit("A:    b   "),
    "an empty value": submit("A:"),
    "an empty line before": b"\r\n" + submit(),
}


@pytest.mark.parametrize("delivery", ["whole", "bytewise"])
@each_message(GOOD)
def test_what_is_proper_is_read_to_its_end_and_the_next_request_apart(
    server: ServerProcess, data: bytes, delivery: str
) -> None:
    with RawConnection(server.port) as connection:
        pieces = split_bytes(data + NEXT_REQUEST) if delivery == "bytewise" else [data + NEXT_REQUEST]
        got = connection.send(*pieces).read_responses(2).result()
    assert got.statuses in ([202, NEXT_STATUS], [422, NEXT_STATUS])
    assert not got.closed


LONG_HEADS = {
    "one long value": get(SUBMIT, "A: " + "a" * 1_000_000),
    "one long name": get(SUBMIT, "a" * 1_000_000 + ": b"),
    "many short lines": get(SUBMIT, *(f"a{number}: b" for number in range(100_000))),
    "a long path": get("/" + "a" * 1_000_000),
    "a long method": b"G" * 1_000_000,
}


@pytest.mark.parametrize("delivery", ["first", "second"])
@each_message(LONG_HEADS)
def test_a_head_of_a_megabyte_is_refused_before_its_end(server: ServerProcess, data: bytes, delivery: str) -> None:
    got = deliver(server, data[:-2], delivery)
    assert got.statuses in ([431], [400], [414])
    assert got.closed


def test_a_head_of_forty_kilobytes_is_read(server: ServerProcess) -> None:
    assert exchange(server.port, submit("A: " + "a" * 40_000, "Connection: close")).statuses == [202]


def test_a_body_of_many_small_chunks_is_read(server: ServerProcess) -> None:
    """What wraps a chunk is no header: here it is more than a head may have."""
    content = BODY + b" " * 64 * 15_000
    pieces = (content[at : at + 64] for at in range(0, len(content), 64))
    coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    request = head(SUBMIT, JSON, "Transfer-Encoding: chunked", "Connection: close") + coded
    assert exchange(server.port, request).statuses == [202]
