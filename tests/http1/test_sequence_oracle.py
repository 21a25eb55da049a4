"""The oracle accepts right responses to a sequence and finds each kind of fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

import pytest
from support.http1.sequence_grammar import Ending, Generator, RequestSequence
from support.http1.sequence_oracle import ResponseParser, digest, find_fault


def response_head(status: int, path: str, connection: str, length: int) -> bytes:
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {length}", *([f"X-Path: {path}"] if path else [])]
    return "\r\n".join([*lines, *([f"Connection: {connection}"] if connection else []), "", ""]).encode()


def right_answers(sequence: RequestSequence) -> list[bytes]:
    """Responses of a correct server to a sequence that is sent completely."""
    answers = []
    for item in sequence.items:
        if not item.well_formed:
            return [*answers, response_head(400, "", "close", 2) + b"{}"]
        echo = {"method": item.method, "path": item.path, "headers": item.headers}
        echo |= {"length": len(item.content), "digest": digest(item.content)}
        body = json.dumps(echo).encode()
        last = item.last or item.maybe_last
        interim = b"HTTP/1.1 100 Continue\r\n\r\n" if item.expects and not item.early else b""
        head = interim + response_head(200, item.path, "close" if last else "", len(body))
        answers.append(head if item.method == "HEAD" else head + body)
        if last:
            break
    return answers


def check(sequence: RequestSequence, answers: list[bytes], *, ended: bool = True) -> str:
    parser = ResponseParser(item.method for item in sequence.items)
    try:
        parser.feed(b"".join(answers))
    except (ValueError, KeyError) as error:
        return repr(error)
    return find_fault(sequence, parser, ended=ended)


@cache
def sequences() -> list[RequestSequence]:
    generated = [Generator(3, number).sequence() for number in range(300)]
    return [each for each in generated if each.ending is Ending.READS]


def test_right_answers_are_found_right() -> None:
    assert len(sequences()) > 100
    assert [check(each, right_answers(each)) for each in sequences()] == [""] * len(sequences())


def swapped(answers: list[bytes]) -> list[bytes]:
    return [*answers[1:2], *answers[:1], *answers[2:]]


FAULTS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "the first answer is missing": lambda answers: answers[1:],
    "the last answer is missing": lambda answers: answers[:-1],
    "the first answer comes twice": lambda answers: [answers[0], *answers],
    "two answers are swapped": swapped,
    "one answer too many": lambda answers: [*answers, answers[0]],
    "a refusal too many": lambda answers: [*answers, response_head(400, "", "close", 2) + b"{}"],
    "a refusal instead of an answer": lambda answers: [response_head(400, "", "close", 2) + b"{}", *answers[1:]],
    "bytes behind the end": lambda answers: [*answers, b"x"],
    "another body": lambda answers: [answer.replace(b'"digest": "', b'"digest": "0') for answer in answers],
    "another number of headers": lambda answers: [
        answer.replace(b'"headers": ', b'"headers": 1') for answer in answers
    ],
    "the last answer is cut": lambda answers: [*answers[:-1], answers[-1][:-1]],
    "an answer asks for a body": lambda answers: [b"HTTP/1.1 100 x\r\n\r\n" * 2, *answers],
    "no word of the end": lambda answers: [answer.replace(b"Connection: close", b"A: b") for answer in answers],
}


@pytest.mark.parametrize("name", FAULTS)
def test_wrong_answers_are_found_wrong(name: str) -> None:
    """In every sequence of at least two answers which the fault changes."""
    changed = 0
    for each in sequences():
        right = right_answers(each)
        wrong = FAULTS[name](right)
        if len(right) > 1 and wrong != right:
            assert check(each, wrong), (each.number, name)
            changed += 1
    assert changed > 20


def test_a_connection_that_stays_open_is_found() -> None:
    for each in sequences():
        assert check(each, right_answers(each), ended=False).startswith("not closed")
