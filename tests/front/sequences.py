"""`python sequences.py --count 100000`: so many sequences against a front in a process of its own, each judged. A fault
is shown with the number of its sequence, and `--only NUMBER` plays that one again.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import uvloop
from support.http1.sequence_grammar import Ending, Feature, Generator, Sequence
from support.http1.sequence_oracle import ReplyParser, fault
from support.http1.server_process import FRONT, front_server

AT_ONCE = 48
# A sequence that takes longer hangs.
PATIENCE = 30.0
_RESET = struct.pack("ii", 1, 0)


class Player:
    """Plays one sequence on one connection."""

    def __init__(self, port: int, sequence: Sequence) -> None:
        self._port = port
        self._sequence = sequence
        self._parser = ReplyParser(item.method for item in sequence.items)
        self._heard = asyncio.Event()
        self._ended = False
        self._trouble = ""

    async def play(self) -> str:
        """What was wrong, or nothing."""
        loop = asyncio.get_running_loop()
        sequence = self._sequence
        with socket.socket() as connection:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(connection, ("127.0.0.1", self._port))
            reader = loop.create_task(self._read(connection))
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._write(connection)
                    await self._end(connection, reader)
            except TimeoutError:
                pass
            finally:
                reader.cancel()
                with suppress(asyncio.CancelledError):
                    await reader
        return self._trouble or fault(sequence, self._parser, ended=self._ended)

    async def _end(self, connection: socket.socket, reader: asyncio.Task[None]) -> None:
        sequence = self._sequence
        if sequence.ending is Ending.GONE:
            wanted = min(sequence.hears, self._answerable(sequence.sent))
            await self._until(wanted)
            if sequence.resets:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return
        if sequence.ending is not Ending.LISTENS:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        await asyncio.shield(reader)

    def _answerable(self, sent: int) -> int:
        """Items that are whole, up to the one behind which nothing is answered."""
        count = 0
        for item in self._sequence.items:
            sent -= len(item.data)
            if sent < 0:
                break
            count += 1
            if item.last or item.maybe_last:
                break
        return count

    async def _until(self, count: int) -> None:
        while self._parser.complete < count and not self._ended:
            self._heard.clear()
            await self._heard.wait()

    async def _read(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            while data := await loop.sock_recv(connection, 65536):
                self._parser.feed(data)
                self._heard.set()
        except ConnectionError:
            pass
        except (ValueError, KeyError) as error:
            self._trouble = f"no answer of HTTP: {error!r}"
        self._ended = True
        self._heard.set()

    async def _write(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        sequence = self._sequence
        bounds, at = [], 0
        for item in sequence.items:
            at += len(item.data)
            bounds.append(at)
        ends = sorted({*sequence.pieces, *(bound for bound in bounds if sequence.patient and bound <= sequence.sent)})
        for number, (start, end) in enumerate(pairwise([0, *ends])):
            try:
                await loop.sock_sendall(connection, sequence.data[start:end])
            except OSError:  # it has heard enough; what it said before is still read
                return
            if sequence.patient and end in bounds:
                await self._until(bounds.index(end) + 1)
            elif number % 4 == 3:
                await asyncio.sleep(0.001)
            else:
                await asyncio.sleep(0)


@dataclass(frozen=True)
class Fault:
    """What was wrong with which sequence."""

    number: int
    what: str


async def run(port: int, seed: int, numbers: range, features: Feature = Feature.ALL) -> list[Fault]:
    """Plays sequences, many at once. Ends at the tenth fault."""
    faults: list[Fault] = []
    coming = iter(numbers)

    async def play_on() -> None:
        for number in coming:
            if len(faults) >= 10:
                return
            what = await Player(port, Generator(seed, number, features).sequence()).play()
            if what:
                faults.append(Fault(number, what))

    await asyncio.gather(*(play_on() for _ in range(min(AT_ONCE, len(numbers)))))
    return sorted(faults, key=lambda each: each.number)


def show(sequence: Sequence) -> None:
    """One sequence for a person."""
    print(f"{sequence.ending.value}; {sequence.sent} of {len(sequence.data)} bytes, patient: {sequence.patient}")
    print(f"pieces: {sequence.pieces}")
    for item in sequence.items:
        print(f"good {item.good}, last {item.last}, maybe {item.maybe_last}: {item.data[:300]!r}")


def main() -> int:
    """Runs and says what it found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", type=int, help="the number of one sequence")
    options.add_argument("--plain", action="store_true", help="only what has always held")
    given = options.parse_args()
    features = Feature.PLAIN if given.plain else Feature.ALL
    numbers = range(given.count) if given.only is None else range(given.only, given.only + 1)
    if given.only is not None:
        show(Generator(given.seed, given.only, features).sequence())
    with front_server("echo") as server:
        started = time.perf_counter()
        faults = uvloop.run(run(server.port, given.seed, numbers, features))
        took = time.perf_counter() - started
    for found in faults:
        print(f"sequence {found.number}: {found.what}")
    print(f"{FRONT}, seed {given.seed}: {len(numbers)} sequences in {took:.0f} s, {len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
