"""Fuzzes the HTTP front in memory: requests from the grammar of `tests/front`, most of them damaged, each stream once
in one piece and then in pieces by chance. FUZZ_SECONDS (60) is the time; FUZZ_SEED repeats a run.

What must hold of every stream: nothing is raised; the connection comes to its end; however it is cut, its answers are
the same; h11 reads every answer; and where h11 too takes a request for one, both mean the same method and body. Of a
stream without damage the judge of `tests/front` says what its answers are.
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
from support.http1.raw_client import Answer, AnswerReader
from support.http1.sequence_grammar import Ending, Generator
from support.http1.sequence_oracle import ReplyParser, fault
from support.http1.serve import own_server
from virtual_loop import MemoryTransport, VirtualLoop

HERE = Path(__file__).parent
ARTIFACTS = HERE / "artifacts" / "front"
# By the clock of the loop: longer than all bounds of a connection together.
LONGEST_SECONDS = 600.0
# Streams of one size class, so that a run of seconds sees thousands of them.
LONGEST_STREAM = 20_000
MARKS = [b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b":", b";", b",", b"0", b"-", b"\xff", b"\r\n\r\n", b"0\r\n\r\n"]


@dataclass
class Outcome:
    """What came of a stream. `answers` are comparable: one refusal is as good as another."""

    sent: bytes
    ended: bool
    answers: list[tuple[Any, ...]] = field(default_factory=list)


def protocol_of(app: Any, loop: asyncio.AbstractEventLoop) -> asyncio.Protocol:
    """The front's protocol as the service's own server makes it."""
    server = own_server(app)
    server.config.load()
    return server.config.http_protocol_class(
        config=server.config, server_state=server.server_state, app_state={}, _loop=loop
    )


class Case:
    """One stream: a sequence, damaged or not, and how it is cut."""

    def __init__(self, seed: int, number: int) -> None:
        self.number = number
        rng = random.Random(f"{seed}/{number}/damage")
        self.sequence = Generator(seed, number).sequence()
        if self.sequence.ending is Ending.GONE:  # from memory nobody is gone: such a client closes its sending half
            self.sequence = replace(self.sequence, ending=Ending.HALF_CUT)
        self.half_closes = self.sequence.ending is not Ending.LISTENS
        self.data = self.sequence.data[: self.sequence.sent][:LONGEST_STREAM]
        self.is_whole = len(self.data) == len(self.sequence.data)
        self.is_damaged = rng.random() < 0.7
        # An early answer may come before the damage or the end behind it is seen, or not: that is no fault.
        if self.is_damaged or not self.is_whole:
            self.data = self.data.replace(b"/early/", b"/quick/")
        if self.is_damaged:  # an answer to HEAD has no body, and who knows which is whose
            self.data = _damaged(rng, self.data).replace(b"HEAD ", b"POST ")
        cuts = min(len(self.data) - 1, rng.choice([1, 3, 20, 200]))
        self.cuts = sorted(rng.sample(range(1, len(self.data)), cuts)) if cuts > 0 else []
        self.turns = [rng.choice([0, 0, 1, 3]) for _ in range(len(self.cuts) + 1)]
        self.lazy = rng.random() < 0.5

    def pieces(self) -> list[bytes]:
        """The stream as it is cut."""
        bounds = [0, *self.cuts, len(self.data)]
        return [self.data[start:end] for start, end in pairwise(bounds)]


def _damaged(rng: random.Random, data: bytes) -> bytes:
    """A stream with some bytes lost, changed, doubled, moved or put in."""
    stream = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(stream) + 1)
        size = rng.choice([1, 1, 2, 8, 100])
        kind = rng.randrange(5)
        if kind == 0:
            del stream[at : at + size]
        elif kind == 1:
            stream[at:at] = rng.choice(MARKS)
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


async def fed(case: Case, pieces: list[bytes], *, lazy: bool, turns: list[int]) -> Outcome:
    """Feeds a stream to a new connection, and waits for its end by the loop's clock."""
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


def read(outcome: Outcome, methods: list[str]) -> list[Answer]:
    """The answers as h11 reads them. Raises what h11 raises."""
    reader = AnswerReader(methods)
    reader.feed(outcome.sent)
    reader.feed(b"")
    return reader.answers


def comparable(answer: Answer) -> tuple[Any, ...]:
    """An answer without what may differ: whose bound a bad stream met first, in which words that is said, and whether
    the server knew already that nothing more would come.
    """
    return (answer.header("x-path"), bytes(answer.body), answer.complete) if answer.status == 200 else ("refused",)


def as_h11_reads(data: bytes) -> list[tuple[str, int, str]]:
    """Method, length and digest of the body of each request, up to what h11 does not take for one."""
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


def trouble(case: Case, loop: VirtualLoop) -> str:
    """What is wrong with a stream, or nothing."""
    methods = [] if case.is_damaged else [item.method for item in case.sequence.items]
    raised: list[str] = []
    loop.set_exception_handler(lambda _, context: raised.append(repr(context.get("exception") or context["message"])))
    one = loop.run_until_complete(fed(case, [case.data], lazy=False, turns=[0]))
    cut = loop.run_until_complete(fed(case, case.pieces(), lazy=case.lazy, turns=case.turns))
    for outcome in (one, cut):
        outcome.answers = [comparable(answer) for answer in read(outcome, methods)]
    if raised:
        return f"raised: {raised[0]}"
    if not (one.ended and cut.ended):
        return f"no end: in one piece {one.ended}, cut {cut.ended}"
    if one.answers != cut.answers:
        return f"in one piece: {one.answers}\ncut: {cut.answers}"
    return _against_h11(case, one) or _judged(case, cut, methods)


def _against_h11(case: Case, outcome: Outcome) -> str:
    """Where both take a request for one they must mean the same."""
    for theirs, ours in zip(as_h11_reads(case.data), outcome.answers, strict=False):
        if ours[0] == "refused" or not ours[1]:
            return ""
        told = json.loads(ours[1])
        if told["path"].startswith("/early/"):
            continue
        mine = (told["method"], told["length"], told["digest"])
        if mine != theirs:
            return f"h11 reads {theirs}, the front {mine}"
    return ""


def _judged(case: Case, outcome: Outcome, methods: list[str]) -> str:
    if case.is_damaged or not case.is_whole:
        return ""
    parser = ReplyParser(methods)
    parser.feed(outcome.sent)
    return fault(case.sequence, parser, ended=outcome.ended)


def main() -> int:
    """Runs until the time is over, or something is found."""
    seconds = float(os.environ.get("FUZZ_SECONDS", "60"))
    seed = int(os.environ.get("FUZZ_SEED", "0")) or time.time_ns() % 10**9
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    deadline, number = time.monotonic() + seconds, first
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    while time.monotonic() < deadline:
        case = Case(seed, number)
        try:
            wrong = trouble(case, loop)
        except Exception as error:  # noqa: BLE001 - whatever it is, it was found
            wrong = repr(error)
        if wrong:
            ARTIFACTS.mkdir(parents=True, exist_ok=True)
            kept = ARTIFACTS / hashlib.blake2b(case.data, digest_size=8).hexdigest()
            kept.write_bytes(case.data)
            again = f"FUZZ_SEED={seed} python fuzz/front.py {number}"
            print(f"{wrong}\nfuzz front: failed; the input is in {kept.relative_to(HERE.parent)}; again: {again}")
            return 1
        number += 1
    print(f"fuzz front: nothing found in {seconds:g} s, {number - first} inputs, seed {seed}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
