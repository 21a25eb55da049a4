"""Player of generated request sequences against a server process; the oracle checks the responses to each.

    python tests/http1/play_sequences.py --count 100000

A fault is printed with the number of its sequence; `--only NUMBER` plays that one again.
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
from support.http1.sequence_grammar import Ending, Feature, Generator, RequestSequence
from support.http1.sequence_oracle import ResponseParser, find_fault
from support.http1.server_process import SERVER, server_process

CONCURRENCY = 48
# Seconds after which a sequence counts as hung.
TIMEOUT = 30.0
_RESET = struct.pack("ii", 1, 0)


class Player:
    """A client that plays one sequence on one connection."""

    def __init__(self, port: int, sequence: RequestSequence) -> None:
        self._port = port
        self._sequence = sequence
        self._parser = ResponseParser(item.method for item in sequence.items)
        self._received = asyncio.Event()
        self._closed = False
        self._parse_error = ""

    async def play(self) -> str:
        """Play the sequence. Returns its first fault, or an empty string."""
        loop = asyncio.get_running_loop()
        sequence = self._sequence
        with socket.socket() as connection:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(connection, ("127.0.0.1", self._port))
            reader = loop.create_task(self._read(connection))
            try:
                async with asyncio.timeout(TIMEOUT):
                    await self._write(connection)
                    await self._end(connection, reader)
            except TimeoutError:
                pass
            finally:
                reader.cancel()
                with suppress(asyncio.CancelledError):
                    await reader
        return self._parse_error or find_fault(sequence, self._parser, ended=self._closed)

    async def _end(self, connection: socket.socket, reader: asyncio.Task[None]) -> None:
        sequence = self._sequence
        if sequence.ending is Ending.CLOSE_EARLY:
            count = min(sequence.reads, self._answerable(sequence.sent))
            await self._wait_for_responses(count)
            if sequence.resets:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return
        if sequence.ending is not Ending.READS:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        await asyncio.shield(reader)

    def _answerable(self, sent: int) -> int:
        """Number of items sent completely, up to the one after which the server stops to respond."""
        count = 0
        for item in self._sequence.items:
            sent -= len(item.data)
            if sent < 0:
                break
            count += 1
            if item.last or item.maybe_last:
                break
        return count

    async def _wait_for_responses(self, count: int) -> None:
        while self._parser.complete < count and not self._closed:
            self._received.clear()
            await self._received.wait()

    async def _read(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            while data := await loop.sock_recv(connection, 65536):
                self._parser.feed(data)
                self._received.set()
        except ConnectionError:
            pass
        except (ValueError, KeyError) as error:
            self._parse_error = f"not an HTTP response: {error!r}"
        self._closed = True
        self._received.set()

    async def _write(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        sequence = self._sequence
        bounds, at = [], 0
        for item in sequence.items:
            at += len(item.data)
            bounds.append(at)
        ends = sorted({*sequence.pieces, *(bound for bound in bounds if sequence.waits and bound <= sequence.sent)})
        for number, (start, end) in enumerate(pairwise([0, *ends])):
            try:
                await loop.sock_sendall(connection, sequence.data[start:end])
            except OSError:  # the server has closed; earlier responses are still read
                return
            if sequence.waits and end in bounds:
                await self._wait_for_responses(bounds.index(end) + 1)
            elif number % 4 == 3:
                await asyncio.sleep(0.001)
            else:
                await asyncio.sleep(0)


@dataclass(frozen=True)
class Fault:
    """The fault of one sequence."""

    number: int
    description: str


async def play_all(port: int, seed: int, numbers: range, features: Feature = Feature.ALL) -> list[Fault]:
    """Play sequences concurrently, until the tenth fault."""
    faults: list[Fault] = []
    remaining = iter(numbers)

    async def play_next() -> None:
        for number in remaining:
            if len(faults) >= 10:
                return
            fault = await Player(port, Generator(seed, number, features).sequence()).play()
            if fault:
                faults.append(Fault(number, fault))

    await asyncio.gather(*(play_next() for _ in range(min(CONCURRENCY, len(numbers)))))
    return sorted(faults, key=lambda fault: fault.number)


def show(sequence: RequestSequence) -> None:
    """Print one sequence."""
    print(f"{sequence.ending.value}; {sequence.sent} of {len(sequence.data)} bytes, waits: {sequence.waits}")
    print(f"pieces: {sequence.pieces}")
    for item in sequence.items:
        print(f"well-formed {item.well_formed}, last {item.last}, maybe {item.maybe_last}: {item.data[:300]!r}")


def main() -> int:
    """Play sequences and print the faults. Returns the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", type=int, help="the number of one sequence")
    options.add_argument(
        "--plain", action="store_true", help="without trailers, upgrades, garbage and half-closed connections"
    )
    arguments = options.parse_args()
    features = Feature.PLAIN if arguments.plain else Feature.ALL
    numbers = range(arguments.count) if arguments.only is None else range(arguments.only, arguments.only + 1)
    if arguments.only is not None:
        show(Generator(arguments.seed, arguments.only, features).sequence())
    with server_process("echo") as server:
        started = time.perf_counter()
        faults = uvloop.run(play_all(server.port, arguments.seed, numbers, features))
        seconds = time.perf_counter() - started
    for fault in faults:
        print(f"sequence {fault.number}: {fault.description}")
    print(f"{SERVER}, seed {arguments.seed}: {len(numbers)} sequences in {seconds:.0f} s, {len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
