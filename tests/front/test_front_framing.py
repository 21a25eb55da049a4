"""What is no proper HTTP is refused with 400, the connection is closed, and nothing behind it is ever answered."""

from __future__ import annotations

import json

import malformed
import pytest
from facemask.service.http.security_headers import SECURITY_HEADERS
from front_server import FrontServer
from messages import BODY, JSON, NEXT, NEXT_STATUS, SUBMIT, bytewise, chunked_submit, get, head, submit
from raw_client import Exchange, RawConnection, exchange

REFUSED = (400, 501, 505)
# Where the fault stands and how it comes: at once, behind a request that was answered, each byte by itself.
WAYS = ("first", "second", "bytewise")


def sent(front: FrontServer, data: bytes, way: str) -> Exchange:
    """What comes of a message with a good request right behind it, without what came before."""
    if way == "second":
        with RawConnection(front.port) as connection:
            before = connection.send(NEXT).until_answers(1).result()
            assert before.statuses == [NEXT_STATUS]
            after = connection.send(data + NEXT).until_closed().result()
            return Exchange(after.answers[1:], after.end, after.unsent)
    pieces = bytewise(data + NEXT) if way == "bytewise" else [data + NEXT]
    return exchange(front.port, *pieces)


def refused(front: FrontServer, data: bytes, way: str) -> None:
    """One refusal, and then the end."""
    got = sent(front, data, way)
    assert len(got.answers) == 1, got.statuses
    assert got.statuses[0] in REFUSED
    assert got.answers[0].header("connection") == "close"
    assert got.closed


def table(cases: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("data", cases.values(), ids=cases.keys())


everywhere = pytest.mark.parametrize("way", WAYS)


@everywhere
@table(malformed.LENGTHS)
def test_a_content_length_that_is_no_single_number_is_refused(front: FrontServer, data: bytes, way: str) -> None:
    refused(front, data, way)


@everywhere
@table(malformed.BOTH)
def test_a_length_together_with_a_transfer_coding_is_refused(front: FrontServer, data: bytes, way: str) -> None:
    refused(front, data, way)


@everywhere
@table(malformed.CODINGS)
def test_a_transfer_coding_that_does_not_end_in_one_chunked_is_refused(
    front: FrontServer, data: bytes, way: str
) -> None:
    refused(front, data, way)


@everywhere
@table(malformed.LINES)
def test_header_lines_that_two_readers_may_read_differently_are_refused(
    front: FrontServer, data: bytes, way: str
) -> None:
    refused(front, data, way)


@everywhere
@table(malformed.CHUNKS)
def test_bad_chunks_are_refused(front: FrontServer, data: bytes, way: str) -> None:
    refused(front, data, way)


@everywhere
@table(malformed.FIRST_LINES)
def test_a_first_line_that_is_none_is_refused(front: FrontServer, data: bytes, way: str) -> None:
    refused(front, data, way)


def test_what_the_front_refuses_is_a_problem_document_with_strict_headers(front: FrontServer) -> None:
    groups = (malformed.LENGTHS, malformed.CODINGS, malformed.LINES, malformed.FIRST_LINES)
    for data in (data for group in groups for data in group.values()):
        (answer,) = exchange(front.port, data).answers
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


@pytest.mark.parametrize("way", ["whole", "bytewise"])
@table(GOOD)
def test_what_is_proper_is_read_to_its_end_and_the_next_request_apart(
    front: FrontServer, data: bytes, way: str
) -> None:
    with RawConnection(front.port) as connection:
        pieces = bytewise(data + NEXT) if way == "bytewise" else [data + NEXT]
        got = connection.send(*pieces).until_answers(2).result()
    assert got.statuses in ([202, NEXT_STATUS], [422, NEXT_STATUS])
    assert not got.closed


LONG_HEADS = {
    "one long value": get(SUBMIT, "A: " + "a" * 1_000_000),
    "one long name": get(SUBMIT, "a" * 1_000_000 + ": b"),
    "many short lines": get(SUBMIT, *(f"a{number}: b" for number in range(100_000))),
    "a long path": get("/" + "a" * 1_000_000),
    "a long method": b"G" * 1_000_000,
}


@pytest.mark.parametrize("way", ["first", "second"])
@table(LONG_HEADS)
def test_a_head_of_a_megabyte_is_refused_before_its_end(front: FrontServer, data: bytes, way: str) -> None:
    got = sent(front, data[:-2], way)
    assert got.statuses in ([431], [400], [414])
    assert got.closed


def test_a_head_of_forty_kilobytes_is_read(front: FrontServer) -> None:
    assert exchange(front.port, submit("A: " + "a" * 40_000, "Connection: close")).statuses == [202]


def test_a_body_of_many_small_chunks_is_read(front: FrontServer) -> None:
    """What wraps a chunk is no header: here it is more than a head may have."""
    content = BODY + b" " * 64 * 15_000
    pieces = (content[at : at + 64] for at in range(0, len(content), 64))
    coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    request = head(SUBMIT, JSON, "Transfer-Encoding: chunked", "Connection: close") + coded
    assert exchange(front.port, request).statuses == [202]
