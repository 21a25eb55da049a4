"""uvicorn's HTTP protocol with bounds it lacks: how big a request's head may be and how long it may take, and how long
an answer may lie unread. And with a shorter way for bodies.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from typing import Any, Final, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from facemask.service.access.headers import STRICT
from facemask.service.intake.body import INLET
from facemask.service.problems import PROBLEM_JSON, problem_body
from facemask.service.refusal import Refusal

MAX_HEAD_BYTES: Final = 64 * 1024
# Also bounds how long a refused upload is read on only so that its client gets to see the refusal.
HEAD_SECONDS: Final = 15.0
# The gate ends a request in time by itself; here what is left of it is cut, so a moment later.
_MERCY_SECONDS: Final = 2.0


class BoundedHttp(HttpToolsProtocol):
    """Closes a connection whose next request head is too big or does not arrive in time, or whose answer has not been
    read `request_seconds` after the request began.

    httptools itself collects headers without end, uvicorn starts its keep-alive timer only after an answer, and a
    closed connection keeps what it has still to send for as long as the other side does not read it.
    """

    _timer: asyncio.TimerHandle | None = None
    _end: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0
    _chunk_bytes = 0
    _inlet: _Inlet | None = None

    def __init__(self, *args: Any, request_seconds: float = 90.0, **named: Any) -> None:
        super().__init__(*args, **named)
        self._request_seconds = request_seconds + _MERCY_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first head may take `HEAD_SECONDS`."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more to wait for."""
        self._stop_timer()
        self._stop_end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts what belongs to a head that is not complete."""
        self._chunk_bytes = len(data)
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self._refuse(
                    "431 Request Header Fields Too Large",
                    "head_too_large",
                    "the request's headers are too long",
                )

    def on_headers_complete(self) -> None:
        """The head is complete: from here the service's own bounds hold."""
        self._in_head = False
        self._stop_timer()
        if self._is_read():
            self._stop_end()
            self._end = self.loop.call_later(self._request_seconds, self._cut)
        self._inlet = _Inlet()
        cast("dict[str, Any]", self.scope)["extensions"] = {INLET: self._inlet}
        super().on_headers_complete()
        self._inlet.of(self.cycle)

    def on_body(self, body: bytes) -> None:
        """A chunk of the body: uvicorn keeps it for the application, unless that takes it at once."""
        if self._inlet is None or not self._inlet.takes(body):
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The next head begins, perhaps in this very chunk, which is not all head."""
        self._in_head = True
        self._head_bytes = -self._chunk_bytes
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The next head may take `HEAD_SECONDS`."""
        super().on_response_complete()
        self._start_timer()
        if self._is_read():
            self._stop_end()

    def send_400_response(self, msg: str) -> None:
        """What is not HTTP gets the same kind of answer as everything else."""
        self._refuse("400 Bad Request", "bad_request", msg)

    def _refuse(self, status_line: str, code: str, detail: str) -> None:
        body = msgspec.json.encode(problem_body(Refusal(code, detail)))
        strict = "".join(f"{name.lower()}: {value}\r\n" for name, value in STRICT.items())
        head = (
            f"HTTP/1.1 {status_line}\r\ncontent-type: {PROBLEM_JSON}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n{strict}\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()

    def _start_timer(self) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_read(self) -> bool:
        """Whether the other side has taken all that was sent. Whoever asks anew without reading gains no time."""
        return self.transport.get_write_buffer_size() == 0

    def _stop_end(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def _cut(self) -> None:
        if not self._is_read() or (self.cycle is not None and not self.cycle.response_complete):
            self.transport.abort()

    def _give_up(self) -> None:
        if (self.cycle is None or self.cycle.response_complete) and not self.transport.is_closing():
            self.transport.close()


class _Inlet:
    """The body of one request, see `Inlet`. uvicorn copies every chunk twice between its parser and the application,
    stops reading from the connection behind each, and wakes the application for it.
    """

    def __init__(self) -> None:
        # Its scope holds this. Who asks for the body holds it.
        self._cycle: Callable[[], RequestResponseCycle | None] = lambda: None
        self._take: Callable[[bytes], None] | None = None
        self._error: Exception | None = None

    def of(self, cycle: RequestResponseCycle) -> None:
        """Says whose body it is."""
        self._cycle = weakref.ref(cycle)

    async def pour(self, take: Callable[[bytes], None]) -> bool:
        """See `Inlet`."""
        cycle = self._cycle()
        if cycle is None:
            return False
        # The first chunk comes by uvicorn's way, which also tells the client to go on where it waits for that.
        message: Any = await cycle.receive()
        if message["type"] == "http.disconnect":
            return False
        take(message["body"])
        del message
        self._take = take
        cycle.flow.resume_reading()
        try:
            while cycle.more_body and not cycle.disconnected and self._error is None:
                await cycle.message_event.wait()
                cycle.message_event.clear()
        finally:
            self._take = None
        if self._error is not None:
            error, self._error = self._error, None
            try:
                raise error
            finally:
                # Its traceback holds this frame: a name for it here would keep the body until the collector comes.
                del error
        return not cycle.more_body

    def takes(self, chunk: bytes) -> bool:
        """Whether the application took a chunk. An error of the application is for itself and not for the parser."""
        cycle = self._cycle()
        if self._take is None or cycle is None or cycle.response_complete:
            return False
        try:
            self._take(chunk)
        except Exception as error:  # noqa: BLE001
            self._error, self._take = error, None
            cycle.message_event.set()
        return True
