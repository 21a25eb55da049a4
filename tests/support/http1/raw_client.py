"""Bytes over a socket, in given pieces, and what came back: answers as h11 reads them, and how the connection ended.

h11 stands here because it is not the parser that the service uses: two readers have to agree on where an answer ends.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

import h11

# Longer than any bound of the service that a test waits for, so that only a fault runs into it.
PATIENCE = float(os.environ.get("FACEMASK_TEST_PATIENCE") or 30.0)
_PIECE = 1 << 16
# A server that cuts what nobody reads takes this long at most, with the seconds that tests set.
_CUT_SECONDS = 12.0


class End(Enum):
    """How a connection stood when nothing more was read from it."""

    FIN = "closed"
    RESET = "reset"
    OPEN = "open"


@dataclass
class Answer:
    """One answer. `interim` holds the statuses of 1xx answers before it; a cut answer is not `complete`."""

    status: int
    headers: list[tuple[str, str]]
    version: str
    interim: list[int] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    complete: bool = False

    def header(self, name: str) -> str:
        """The value of a header that must not come twice; empty where it is missing."""
        values = [value for given, value in self.headers if given == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else ""

    def is_problem(self) -> bool:
        """Whether this is a document of the service's errors."""
        return self.header("content-type").startswith("application/problem+json") and b'"code":' in self.body


class AnswerReader:
    """Cuts what a server sends into answers. `methods` are those of the requests, in order; an answer beyond them is
    read as one to GET. Raises `h11.RemoteProtocolError` for what is no HTTP.
    """

    def __init__(self, methods: Iterable[str] = ()) -> None:
        self._methods = iter(methods)
        self._parser: h11.Connection | None = None
        self._rest = b""
        self.answers: list[Answer] = []
        self.interim: list[int] = []

    def feed(self, data: bytes) -> None:
        """Takes what came; nothing means the server's end of the connection."""
        self._rest += data
        if not data and self._parser is not None:
            self._read(b"")
        while self._rest:
            held, self._rest = self._rest, b""
            if self._read(held):
                break

    @property
    def complete(self) -> int:
        """Answers that came whole."""
        return sum(answer.complete for answer in self.answers)

    def _start(self) -> h11.Connection:
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
        parser.send(h11.Request(method=next(self._methods, "GET"), target="/", headers=[("Host", "x")]))
        parser.send(h11.EndOfMessage())
        self.interim = []
        return parser

    def _read(self, data: bytes) -> bool:
        """Reads at most one answer, and says whether it wants more."""
        parser = self._parser = self._parser or self._start()
        parser.receive_data(data)
        while True:
            try:
                event = parser.next_event()
            except h11.RemoteProtocolError:
                if data:
                    raise
                return True  # cut in its middle: `complete` tells
            if isinstance(event, h11.InformationalResponse):
                self.interim.append(event.status_code)
            elif isinstance(event, h11.Response):
                headers = [(name.decode(), value.decode("latin-1")) for name, value in event.headers]
                self.answers.append(Answer(event.status_code, headers, event.http_version.decode(), self.interim))
            elif isinstance(event, h11.Data):
                self.answers[-1].body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self.answers[-1].complete = True
                self._rest, self._parser = parser.trailing_data[0], None
                return False
            else:
                return True


@dataclass
class Exchange:
    """What came of one connection."""

    answers: list[Answer]
    end: End
    unsent: int

    @property
    def statuses(self) -> list[int]:
        return [answer.status for answer in self.answers]

    @property
    def closed(self) -> bool:
        return self.end is not End.OPEN


class RawConnection:
    """A connection that sends bytes as they are and reads meanwhile, so that neither side waits for the other."""

    def __init__(self, port: int, methods: Sequence[str] = (), *, source: str = "") -> None:
        origin = (source, 0) if source else None
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=origin)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(0)
        self.reader = AnswerReader(methods)
        self.end = End.OPEN
        self.unsent = 0
        self._refused = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *pieces: bytes, pause: float = 0.0) -> RawConnection:
        """Sends the pieces one by one. Stops where the server takes no more; `unsent` then counts what was left."""
        for number, piece in enumerate(pieces):
            if number and pause:
                self.listen(pause)
            self._send(piece)
        return self

    def half_close(self) -> RawConnection:
        """Says that nothing more will be sent."""
        if self.end is End.OPEN and not self._refused:
            self.socket.shutdown(socket.SHUT_WR)
        return self

    def until(self, condition: Callable[[], bool], seconds: float | None = None) -> RawConnection:
        """Reads until the condition holds, the connection has ended, or the time is over."""
        deadline = time.monotonic() + (PATIENCE if seconds is None else seconds)
        while self.end is End.OPEN and not condition():
            left = deadline - time.monotonic()
            if self._polled(select.POLLIN, left):
                self._receive()
            elif left <= 0:
                break
        return self

    def until_answers(self, count: int) -> RawConnection:
        """Reads until so many answers came whole."""
        return self.until(lambda: self.reader.complete >= count)

    def until_closed(self) -> RawConnection:
        """Reads until the server has ended the connection."""
        return self.until(lambda: False)

    def listen(self, seconds: float) -> RawConnection:
        """Reads for so long."""
        return self.until(lambda: False, seconds)

    def result(self) -> Exchange:
        """What came so far."""
        return Exchange(self.reader.answers, self.end, self.unsent)

    def until_reset(self) -> bool:
        """Waits for a reset without reading anything: it gets past what lies unread."""
        return bool(self._polled(0, max(PATIENCE, _CUT_SECONDS)) & (select.POLLERR | select.POLLHUP))

    def _polled(self, events: int, seconds: float) -> int:
        poll = select.poll()
        poll.register(self.socket, events)
        found = poll.poll(max(seconds, 0.0) * 1000)
        return found[0][1] if found else 0

    def _send(self, data: bytes) -> None:
        view, deadline = memoryview(data), time.monotonic() + PATIENCE
        while view and self.end is End.OPEN and not self._refused:
            assert time.monotonic() < deadline, f"the server takes nothing more: {len(view)} bytes are left"
            events = self._polled(select.POLLIN | select.POLLOUT, 1.0)
            if events & ~select.POLLOUT:
                self._receive()
            elif events:
                try:
                    view = view[self.socket.send(view[:_PIECE]) :]
                except (BrokenPipeError, ConnectionResetError):
                    self._refused = True  # what it said before can still be read
        self.unsent += len(view)

    def _receive(self) -> None:
        try:
            data = self.socket.recv(_PIECE)
        except ConnectionResetError:
            self.end = End.RESET
            return
        if not data:
            self.end = End.RESET if self._refused else End.FIN
        self.reader.feed(data)


def exchange(port: int, *pieces: bytes, methods: Sequence[str] = (), pause: float = 0.0) -> Exchange:
    """Sends the pieces and reads until the server closes."""
    with RawConnection(port, methods) as connection:
        return connection.send(*pieces, pause=pause).until_closed().result()
