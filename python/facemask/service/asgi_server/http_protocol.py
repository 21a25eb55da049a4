"""uvicorn's HTTP/1.1 protocol with bounds: which bytes uvicorn gets, and how requests and connections end.

`docs/design.md` compares it with the servers that were tried instead.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from facemask.service.asgi_server.uvicorn_adapters import AnswerTransport, RequestBody, head_fault
from facemask.service.errors import ProblemError
from facemask.service.http.problems import raw_problem_response

# Of a head; and of chunk lines and trailers, besides an eighth of the body's own bytes.
MAX_HEAD_BYTES, MAX_HEADERS, MAX_FRAMING_BYTES = 64 * 1024, 128, 16 * 1024
HEAD_SECONDS, LINGER_SECONDS, PROBE_SECONDS = 15.0, 4.0, 1.0
MARGIN_SECONDS = 2.0  # behind the application's own end of a request the connection is cut
_FRAMING: Final = (b"host", b"transfer-encoding", b"content-length")
# RFC 9112, section 7.1, without blanks.
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_CHUNK_END: Final = re.compile(rb"\r\n")
_TRAILER: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)?\r\n")


class HttpProtocol(HttpToolsProtocol):
    """One connection. One request is parsed and answered at a time; what comes behind it waits unparsed, so no answer
    can meet another request. uvicorn's parser gets heads only: behind one it would run on into the next request, count
    trailers as headers, and read no body where the head offers an upgrade. `shed` is a `LoadShedding`, if any.
    """

    def __init__(self, *args: Any, request_seconds: float = 90.0, shed: Any = None, **named: Any) -> None:
        super().__init__(*args, **named)
        self._request_seconds, self._shed = request_seconds + MARGIN_SECONDS, shed
        self._counted: Any = self.connections  # see `Connections`
        self._timer = self.loop.call_later(HEAD_SECONDS, self._hang_up)
        self._behind, self._deadline = b"", 0.0  # what came behind the request at hand, and that one's end
        self._unread = self._is_last = self._is_half_closed = self._is_ending = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.set_write_buffer_limits(high=0)  # it tells of every byte that is not taken
        self._wire, self._adapter = transport, AnswerTransport(transport, self._close)
        self.reset = self._adapter.reset
        super().connection_made(self._adapter)  # type: ignore[arg-type]
        self._await_head(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_ending = True
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        while data and not self._is_ending:
            if self.cycle is None and not self._behind:
                data = self._read_head(data)
            elif self._unread:
                data = self._read_body(data)
                if not self._unread:
                    super().on_message_complete()
                    self._advance()
            else:  # one read at most: the next request is not looked at before this one has its answer
                self._behind, data = self._behind + data, b""
                self.flow.pause_reading()

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends no more, but may still read: a whole request gets its answer."""
        is_answered = self.cycle is None or self.cycle.response_complete
        if self._is_ending or (is_answered and not self._behind):
            return False
        self._is_half_closed = True
        if self._unread:
            self._reject("body_incomplete", "the connection ended before the body did")
        elif not is_answered:
            self.cycle.keep_alive &= bool(self._behind)
            self._probe()
            self.loop.call_later(PROBE_SECONDS, self._probe)
        return True

    def _probe(self) -> None:  # clients skip it; the system of one that has left resets the connection
        if self.cycle and not (self._is_ending or self.cycle.response_started) and self.scope["http_version"] == "1.1":
            self._wire.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._counted.hold_unsent(self, self._wire.get_write_buffer_size())

    def resume_writing(self) -> None:
        super().resume_writing()
        self._counted.release_unsent(self)
        self._advance()

    def on_headers_complete(self) -> None:
        self._is_whole, self._is_last = True, not self.parser.should_keep_alive()

    def on_message_complete(self) -> None: ...  # the parser has seen a head only

    def on_response_complete(self) -> None:
        self._body.clear()
        self._adapter.flush()
        self._advance()

    def _advance(self) -> None:
        """Goes on to the next request when this one is read and its answer is sent."""
        if self.cycle is None or not self.cycle.response_complete or self.flow.write_paused or self._is_ending:
            return
        if self._is_last or (self._is_half_closed and not self._behind):
            self._hang_up()
        elif self._unread:  # what is left of the body is read only so that the client gets to see the answer
            self._arm(HEAD_SECONDS, self._hang_up)
            self.flow.resume_reading()
        else:
            self._await_head(self.timeout_keep_alive)
            if self._behind or self._is_half_closed or self.flow.read_paused:
                self.loop.call_soon(self._read_behind)

    def _read_behind(self) -> None:
        behind, self._behind = self._behind, b""
        if not self._is_ending:
            self.flow.resume_reading()
            self.data_received(behind)
        if self._is_half_closed and (self.cycle is None or self._unread):  # what is missing will not come
            self._hang_up()

    def _close(self) -> None:
        self._is_last = True  # uvicorn closes behind the last answer, and where the application broke off in one
        if self.cycle and not self.cycle.response_complete:
            self.reset()
        elif not self.flow.write_paused:
            self._hang_up()

    def _hang_up(self) -> None:
        """Ends the connection, and reads on for a moment: over unread bytes it would be reset, and the answer lost."""
        if self._is_ending or self._wire.is_closing():
            return
        self._is_ending = True
        self._adapter.flush()
        self._arm(HEAD_SECONDS if self._unread else LINGER_SECONDS, self._end)
        if self._is_half_closed or not (self.cycle or self._head or self._adapter.unread()):
            self._wire.close()
        else:
            self._wire.write_eof()
            self.flow.resume_reading()

    def _end(self) -> None:
        """Ends a connection that lingers, but not while its client still reads what the system holds of an answer."""
        if self._adapter.unread() and self.loop.time() < self._deadline:
            self._arm(PROBE_SECONDS, self._end)
        else:
            self.reset()

    def _arm(self, seconds: float, action: Any) -> None:
        self._timer.cancel()
        self._timer = self.loop.call_later(seconds, action)

    def _await_head(self, seconds: float) -> None:
        self.cycle = None  # type: ignore[assignment]
        self.parser = httptools.HttpRequestParser(self)
        self._head, self._is_whole = bytearray(), False
        self._arm(seconds, self._hang_up)

    def _read_head(self, data: bytes) -> bytes:
        """Gives the parser the head and nothing behind it, whatever the head offers to switch to; returns the rest."""
        if not self._head:
            self._arm(HEAD_SECONDS, self._hang_up)
        tail = self._head[-3:]
        end = (tail + data).find(b"\r\n\r\n")
        size = len(data) if end < 0 else end + 4 - len(tail)
        self._head += data[:size]
        try:
            self.parser.feed_data(data[:size])
        except httptools.HttpParserUpgrade:
            pass
        except httptools.HttpParserError as error:
            return self._reject("bad_request", f"this is not HTTP/1.1: {error}")
        if len(self._head) > MAX_HEAD_BYTES or len(self.headers or ()) > MAX_HEADERS:
            return self._reject("head_too_large", "the request's headers are too long, or too many")
        if self._is_whole is not (end >= 0):
            return self._reject("bad_request", "this is not HTTP/1.1: the head does not end where its lines do")
        return self._begin(data[size:]) if self._is_whole else b""

    def _begin(self, rest: bytes) -> bytes:
        line = bytes(self._head).lstrip().partition(b"\r\n")[0]
        hosts, codings, lengths = ([v.strip().lower() for n, v in self.headers if n == name] for name in _FRAMING)
        if fault := head_fault(line, hosts, codings, lengths):
            return self._reject(*fault)
        if self._shed and (answer := self._shed(self.client, self.parser.get_method(), self.url, self.headers)):
            return self._end_with(answer)
        try:
            super().on_headers_complete()
        except (httptools.HttpParserError, ValueError, AttributeError):  # a target that cannot be taken apart
            return self._reject("bad_request", "the request's target cannot be read")
        self._deadline = self.loop.time() + self._request_seconds
        self._arm(self._request_seconds, self.reset)
        self._body = RequestBody(self.cycle)
        self.cycle.keep_alive &= not self._is_last
        self.cycle.waiting_for_100_continue &= line.endswith(b"1.1")
        self._line, self._chunk, self._framing = b"", int(lengths[0]) if lengths else 0, float(MAX_FRAMING_BYTES)
        self._expected = _SIZE if codings else None  # a body with a length is one chunk without lines
        self._unread = bool(codings or self._chunk)
        if not self._unread:
            super().on_message_complete()
        return rest

    def _read_body(self, data: bytes) -> bytes:
        """Gives the body's bytes to the application, trailers to nobody; returns what comes behind."""
        at = 0
        while at < len(data) and self._unread:
            if self._chunk:
                piece = data[at : at + self._chunk]
                at, self._chunk = at + len(piece), self._chunk - len(piece)
                self._framing += len(piece) / 8
                self._unread = bool(self._chunk or self._expected)
                self._body.add(piece)
                continue
            end = data.find(b"\n", at) + 1 or len(data)
            self._line, self._framing, at = self._line + data[at:end], self._framing - (end - at), end
            if self._framing < 0:
                return self._reject("head_too_large", "the chunk lines and trailers of the body are too long")
            if not self._line.endswith(b"\n"):
                break
            line = self._expected and self._expected.fullmatch(self._line)
            if line is None:
                return self._reject("bad_request", "the body is not chunked as RFC 9112 says")
            if self._expected is _SIZE:
                self._chunk = int(line[1], 16)
                self._expected = _CHUNK_END if self._chunk else _TRAILER
            elif self._expected is _CHUNK_END:
                self._expected = _SIZE
            elif self._line == b"\r\n":
                self._unread = False
            self._line = b""
        return data[at:]

    def _reject(self, code: str, detail: str) -> bytes:
        return self._end_with(raw_problem_response(ProblemError(code, detail)))

    def _end_with(self, answer: bytes) -> bytes:
        """Answers what is not read on, unless it has its answer already. Nothing behind it is read."""
        if self.cycle is None or not self.cycle.response_started:
            self._wire.write(answer)
        if self.cycle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._unread = False
        self._hang_up()
        return b""
