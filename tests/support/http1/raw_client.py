"""A client that sends raw bytes in given pieces and parses the responses with h11.

The service uses another parser: both have to agree on where each message ends.
"""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Self

import h11

# Seconds. Longer than any bound of the service that a test waits for, so that only a fault reaches it.
TIMEOUT = float(os.environ.get("FACEMASK_TEST_PATIENCE") or 30.0)
_PIECE = 1 << 16
# The longest time until a server resets a connection that is not read, with the settings of the tests.
_RESET_SECONDS = 12.0


class ConnectionEnd(Enum):
    """How the server ended a connection, if it did."""

    FIN = "closed"
    RESET = "reset"
    OPEN = "open"


@dataclass
class Response:
    """One response. `interim` holds the statuses of 1xx responses before it; a truncated one is not `complete`."""

    status: int
    headers: list[tuple[str, str]]
    version: str
    interim: list[int] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    complete: bool = False

    def header(self, name: str) -> str:
        """Value of a header field, empty if it is missing. Raises `AssertionError` if the field is repeated."""
        values = [value for given, value in self.headers if given == name]
        assert len(values) <= 1, f"{name} is repeated {len(values)} times"
        return values[0] if values else ""

    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)

    def is_problem(self) -> bool:
        """Whether the body is a problem document of RFC 9457."""
        return self.header("content-type").startswith("application/problem+json") and b'"code":' in self.body


class ResponseReader:
    """Parser of a stream of responses.

    `methods` are those of the requests, in order; further responses are parsed as responses to GET. `feed` raises
    `h11.RemoteProtocolError` for malformed messages.
    """

    def __init__(self, methods: Iterable[str] = ()) -> None:
        self._methods = iter(methods)
        self._parser: h11.Connection | None = None
        self._rest = b""
        self.responses: list[Response] = []
        self.interim: list[int] = []

    def feed(self, data: bytes) -> None:
        """Parse received bytes; empty bytes mean that the server has closed the connection."""
        self._rest += data
        if not data and self._parser is not None:
            self._read(b"")
        while self._rest:
            data, self._rest = self._rest, b""
            if self._read(data):
                break

    @property
    def complete(self) -> int:
        """Number of complete responses."""
        return sum(response.complete for response in self.responses)

    def _start(self) -> h11.Connection:
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
        parser.send(h11.Request(method=next(self._methods, "GET"), target="/", headers=[("Host", "x")]))
        parser.send(h11.EndOfMessage())
        self.interim = []
        return parser

    def _read(self, data: bytes) -> bool:
        """Parse at most one response. Returns whether the parser needs more data."""
        parser = self._parser = self._parser or self._start()
        parser.receive_data(data)
        while True:
            try:
                event = parser.next_event()
            except h11.RemoteProtocolError:
                if data:
                    raise
                return True  # truncated: its `complete` stays false
            if isinstance(event, h11.InformationalResponse):
                self.interim.append(event.status_code)
            elif isinstance(event, h11.Response):
                headers = [(name.decode(), value.decode("latin-1")) for name, value in event.headers]
                self.responses.append(Response(event.status_code, headers, event.http_version.decode(), self.interim))
            elif isinstance(event, h11.Data):
                self.responses[-1].body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self.responses[-1].complete = True
                self._rest, self._parser = parser.trailing_data[0], None
                return False
            else:
                return True


@dataclass
class Exchange:
    """Responses on one connection, how it ended, and how many bytes could not be sent."""

    responses: list[Response]
    end: ConnectionEnd
    unsent: int

    @property
    def statuses(self) -> list[int]:
        """Statuses of the responses."""
        return [response.status for response in self.responses]

    @property
    def closed(self) -> bool:
        """Whether the server has ended the connection."""
        return self.end is not ConnectionEnd.OPEN


class RawConnection:
    """A connection that sends bytes unchanged and reads at the same time, so that neither side blocks the other."""

    def __init__(self, port: int, methods: Sequence[str] = (), *, source: str = "") -> None:
        origin = (source, 0) if source else None
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT, source_address=origin)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(0)
        self.reader = ResponseReader(methods)
        self.end = ConnectionEnd.OPEN
        self.unsent = 0
        self._send_failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *pieces: bytes, pause: float = 0.0) -> RawConnection:
        """Send pieces one by one. Stops when the connection breaks; `unsent` counts the bytes left then."""
        for number, piece in enumerate(pieces):
            if number and pause:
                self.read_for(pause)
            self._send(piece)
        return self

    def half_close(self) -> RawConnection:
        """Shut down the sending side."""
        if self.end is ConnectionEnd.OPEN and not self._send_failed:
            self.socket.shutdown(socket.SHUT_WR)
        return self

    def read_until(self, condition: Callable[[], bool], seconds: float | None = None) -> RawConnection:
        """Read until the condition holds, the connection has ended, or the time is over."""
        deadline = time.monotonic() + (TIMEOUT if seconds is None else seconds)
        while self.end is ConnectionEnd.OPEN and not condition():
            remaining = deadline - time.monotonic()
            if self._poll(select.POLLIN, remaining):
                self._receive()
            elif remaining <= 0:
                break
        return self

    def read_responses(self, count: int) -> RawConnection:
        """Read until there are `count` complete responses."""
        return self.read_until(lambda: self.reader.complete >= count)

    def read_to_close(self) -> RawConnection:
        """Read until the server has ended the connection."""
        return self.read_until(lambda: False)

    def read_for(self, seconds: float) -> RawConnection:
        """Read for a number of seconds."""
        return self.read_until(lambda: False, seconds)

    def result(self) -> Exchange:
        """Responses so far."""
        return Exchange(self.reader.responses, self.end, self.unsent)

    def wait_for_reset(self) -> bool:
        """Wait for a reset without reading; a reset is delivered ahead of unread data. Returns whether it came."""
        return bool(self._poll(0, max(TIMEOUT, _RESET_SECONDS)) & (select.POLLERR | select.POLLHUP))

    def _poll(self, events: int, seconds: float) -> int:
        poll = select.poll()
        poll.register(self.socket, events)
        events = poll.poll(max(seconds, 0.0) * 1000)
        return events[0][1] if events else 0

    def _send(self, data: bytes) -> None:
        view, deadline = memoryview(data), time.monotonic() + TIMEOUT
        while view and self.end is ConnectionEnd.OPEN and not self._send_failed:
            assert time.monotonic() < deadline, f"the server reads no more: {len(view)} bytes are unsent"
            events = self._poll(select.POLLIN | select.POLLOUT, 1.0)
            if events & ~select.POLLOUT:
                self._receive()
            elif events:
                try:
                    view = view[self.socket.send(view[:_PIECE]) :]
                except (BrokenPipeError, ConnectionResetError):
                    self._send_failed = True  # earlier responses can still be read
        self.unsent += len(view)

    def _receive(self) -> None:
        try:
            data = self.socket.recv(_PIECE)
        except ConnectionResetError:
            self.end = ConnectionEnd.RESET
            return
        if not data:
            self.end = ConnectionEnd.RESET if self._send_failed else ConnectionEnd.FIN
        self.reader.feed(data)


def exchange(port: int, *pieces: bytes, methods: Sequence[str] = (), pause: float = 0.0) -> Exchange:
    """Send pieces and read until the server closes the connection."""
    with RawConnection(port, methods) as connection:
        return connection.send(*pieces, pause=pause).read_to_close().result()
