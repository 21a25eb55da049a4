"""Fuzzer of the HTTP server in memory: generated request sequences, most of them mutated.

Each stream is fed once in one piece and once in random pieces. FUZZ_SECONDS (60) is the duration; FUZZ_SEED repeats a
run. For every stream: nothing is raised; the connection ends; the responses do not depend on the segmentation; h11
parses all of them; and wherever h11 accepts a request too, both see the same method and body. For streams without
mutations the oracle of the sequences checks the responses.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import sys
import time
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))

import h11
from support.http1 import echo_app
from support.http1.raw_client import Response, ResponseReader
from support.http1.sequence_grammar import Ending, Generator
from support.http1.sequence_oracle import ResponseParser, find_fault
from support.http1.serve import facemask_server
from virtual_loop import MemoryTransport, VirtualLoop

HERE = Path(__file__).parent
ARTIFACTS = HERE / "artifacts" / "http1"
# Virtual seconds, longer than all time limits of a connection together.
LONGEST_SECONDS = 600.0
# Bytes. With longer streams a run would see fewer of them.
LONGEST_STREAM = 20_000
TOKENS = [b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b":", b";", b",", b"0", b"-", b"\xff", b"\r\n\r\n", b"0\r\n\r\n"]


@dataclass
class Outcome:
    """Bytes that the server sent, and whether the connection ended.

    `responses` are comparable: all error responses are equal.
    """

    sent: bytes
    ended: bool
    responses: list[tuple[Any, ...]] = field(default_factory=list)


def protocol_of(app: Any, loop: asyncio.AbstractEventLoop) -> asyncio.Protocol:
    """A protocol instance as the server of the service creates it."""
    server = facemask_server(app)
    server.config.load()
    return server.config.http_protocol_class(
        config=server.config, server_state=server.server_state, app_state={}, _loop=loop
    )


class Case:
    """One stream: a sequence, mutated or not, and its segmentation."""

    def __init__(self, seed: int, number: int) -> None:
        self.number = number
        rng = random.Random(f"{seed}/{number}/damage")
        self.sequence = Generator(seed, number).sequence()
        if self.sequence.ending is Ending.CLOSE_EARLY:  # in memory, such a client half-closes
            self.sequence = replace(self.sequence, ending=Ending.HALF_CLOSE_EARLY)
        self.half_closes = self.sequence.ending is not Ending.READS
        self.data = self.sequence.data[: self.sequence.sent][:LONGEST_STREAM]
        self.is_complete = len(self.data) == len(self.sequence.data)
        self.is_mutated = rng.random() < 0.7
        # An early response may or may not precede the detection of a mutation or of the end of the stream.
        if self.is_mutated or not self.is_complete:
            self.data = self.data.replace(b"/early/", b"/quick/")
        if self.is_mutated:  # responses to HEAD lack a body, and requests may shift
            self.data = _mutated(rng, self.data).replace(b"HEAD ", b"POST ")
        cuts = min(len(self.data) - 1, rng.choice([1, 3, 20, 200]))
        self.cuts = sorted(rng.sample(range(1, len(self.data)), cuts)) if cuts > 0 else []
        self.turns = [rng.choice([0, 0, 1, 3]) for _ in range(len(self.cuts) + 1)]
        self.lazy = rng.random() < 0.5

    def pieces(self) -> list[bytes]:
        """Segments of the stream."""
        bounds = [0, *self.cuts, len(self.data)]
        return [self.data[start:end] for start, end in pairwise(bounds)]


def _mutated(rng: random.Random, data: bytes) -> bytes:
    """A stream with some bytes deleted, changed, duplicated, moved or inserted."""
    stream = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(stream) + 1)
        size = rng.choice([1, 1, 2, 8, 100])
        kind = rng.randrange(5)
        if kind == 0:
            del stream[at : at + size]
        elif kind == 1:
            stream[at:at] = rng.choice(TOKENS)
        elif kind == 2:
            stream[at:at] = stream[at : at + size]
        elif kind == 3:
            stream[at : at + 1] = bytes([rng.randrange(256)])
        else:
            piece = bytes(stream[at : at + size])
            del stream[at : at + size]
            there = rng.randrange(len(stream) + 1)
            stream[there:there] = piece
    return bytes(stream)


async def feed(case: Case, pieces: list[bytes], *, lazy: bool, turns: list[int]) -> Outcome:
    """Feed a stream to a new connection and wait in virtual time for the end of the connection."""
    loop = asyncio.get_running_loop()
    protocol = protocol_of(echo_app.application, loop)
    transport = MemoryTransport(loop, protocol, lazy=lazy)
    protocol.connection_made(transport)
    deadline = loop.time() + LONGEST_SECONDS
    for piece, pause in zip(pieces, turns, strict=True):
        while transport.is_paused and not transport.is_closing() and loop.time() < deadline:
            await asyncio.sleep(0.01)
        if transport.is_closing():
            break
        protocol.data_received(piece)
        for _ in range(pause):
            await asyncio.sleep(0)
    while transport.is_paused and not transport.is_closing() and loop.time() < deadline:
        await asyncio.sleep(0.01)
    if case.half_closes and not transport.is_closing() and not protocol.eof_received():
        transport.close()
    while not (transport.is_lost or transport.is_finished) and loop.time() < deadline:
        await asyncio.sleep(0.5)
    ended = transport.is_finished or transport.is_lost
    transport.abort()
    await asyncio.sleep(0.01)
    return Outcome(bytes(transport.sent), ended)


def parse(outcome: Outcome, methods: list[str]) -> list[Response]:
    """Parse the responses with h11. Raises `h11.RemoteProtocolError`."""
    reader = ResponseReader(methods)
    reader.feed(outcome.sent)
    reader.feed(b"")
    return reader.responses


def comparable(response: Response) -> tuple[Any, ...]:
    """The part of a response that must not depend on the segmentation.

    Error responses may differ: in the limit that the server hits first, in the detail, and in whether the server has
    seen the end of the stream.
    """
    if response.status != 200:
        return ("refused",)
    return (response.header("x-path"), bytes(response.body), response.complete)


def parse_with_h11(data: bytes) -> list[tuple[str, int, str]]:
    """Method, body length and body digest of each request, up to the first that h11 rejects."""
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    parser.receive_data(data)
    found: list[tuple[str, int, str]] = []
    method, length, digest = "", 0, hashlib.blake2b(digest_size=8)
    try:
        while True:
            event = parser.next_event()
            if isinstance(event, h11.Request):
                method, length, digest = event.method.decode(), 0, hashlib.blake2b(digest_size=8)
            elif isinstance(event, h11.Data):
                digest.update(event.data)
                length += len(event.data)
            elif isinstance(event, h11.EndOfMessage):
                found.append((method, length, digest.hexdigest()))
                parser.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
                parser.send(h11.EndOfMessage())
                if parser.our_state is not h11.DONE:
                    return found
                parser.start_next_cycle()
            else:
                return found
    except h11.RemoteProtocolError:
        return found


def check(case: Case, loop: VirtualLoop) -> str:
    """Feed a stream twice. Returns the first fault, or an empty string."""
    methods = [] if case.is_mutated else [item.method for item in case.sequence.items]
    raised: list[str] = []
    loop.set_exception_handler(lambda _, context: raised.append(repr(context.get("exception") or context["message"])))
    whole = loop.run_until_complete(feed(case, [case.data], lazy=False, turns=[0]))
    segmented = loop.run_until_complete(feed(case, case.pieces(), lazy=case.lazy, turns=case.turns))
    for outcome in (whole, segmented):
        outcome.responses = [comparable(response) for response in parse(outcome, methods)]
    if raised:
        return f"raised: {raised[0]}"
    if not (whole.ended and segmented.ended):
        return f"no end: in one piece {whole.ended}, segmented {segmented.ended}"
    if whole.responses != segmented.responses:
        return f"in one piece: {whole.responses}\nsegmented: {segmented.responses}"
    return _compare_with_h11(case, whole) or _check_with_oracle(case, segmented, methods)


def _compare_with_h11(case: Case, outcome: Outcome) -> str:
    """Requests that both parsers accept must have the same method and body."""
    for theirs, ours in zip(parse_with_h11(case.data), outcome.responses, strict=False):
        if ours[0] == "refused" or not ours[1]:
            return ""
        echo = json.loads(ours[1])
        if echo["path"].startswith("/early/"):
            continue
        seen = (echo["method"], echo["length"], echo["digest"])
        if seen != theirs:
            return f"h11 parses {theirs}, the server {seen}"
    return ""


def _check_with_oracle(case: Case, outcome: Outcome, methods: list[str]) -> str:
    if case.is_mutated or not case.is_complete:
        return ""
    parser = ResponseParser(methods)
    parser.feed(outcome.sent)
    return find_fault(case.sequence, parser, ended=outcome.ended)


def main() -> int:
    """Run until the time is over or a fault is found. Returns the exit code."""
    seconds = float(os.environ.get("FUZZ_SECONDS", "60"))
    seed = int(os.environ.get("FUZZ_SEED", "0")) or time.time_ns() % 10**9
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    deadline, number = time.monotonic() + seconds, first
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    while time.monotonic() < deadline:
        case = Case(seed, number)
        try:
            found = check(case, loop)
        except Exception as error:  # noqa: BLE001 - any exception is a finding
            found = repr(error)
        if found:
            ARTIFACTS.mkdir(parents=True, exist_ok=True)
            artifact = ARTIFACTS / hashlib.blake2b(case.data, digest_size=8).hexdigest()
            artifact.write_bytes(case.data)
            again = f"FUZZ_SEED={seed} python fuzz/http1.py {number}"
            print(f"{found}\nfuzz http1: failed; the input is in {artifact.relative_to(HERE.parent)}; again: {again}")
            return 1
        number += 1
    print(f"fuzz http1: nothing found in {seconds:g} s, {number - first} inputs, seed {seed}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
