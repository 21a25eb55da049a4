"""uvicorn's HTTP/1.1 protocol with bounds; `docs/design.md` compares servers."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from facemask.service.asgi_server.uvicorn_adapters import RequestBodyStream, ResponseTransport, head_problem
from facemask.service.errors import ProblemError
from facemask.service.http.problems import raw_problem_response

# Of a head; and of chunk lines and trailers, besides an eighth of the body's own bytes.
MAX_HEAD_BYTES, MAX_HEADERS, MAX_FRAMING_BYTES = 64 * 1024, 128, 16 * 1024
HEAD_SECONDS, LINGER_SECONDS, PROBE_SECONDS = 15.0, 4.0, 1.0
MARGIN_SECONDS = 2.0  # from the application's own deadline of a request to the reset of its connection
_FRAMING: Final = (b"host", b"transfer-encoding", b"content-length")
# RFC 9112, section 7.1, without blanks.
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_CHUNK_END: Final = re.compile(rb"\r\n")
_TRAILER: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)?\r\n")


class HttpProtocol(HttpToolsProtocol):
    """One connection, which parses one request at a time, so responses never mix.

    uvicorn's parser gets heads only: behind a head it would run on into the next request, count trailers as headers,
    and read no body where the head offers an upgrade. `load_shedder` is a `LoadShedder`, if any.
    """

    def __init__(self, *args: Any, request_seconds: float = 90.0, load_shedder: Any = None, **named: Any) -> None:
        super().__init__(*args, **named)
        self._request_seconds, self._shed = request_seconds + MARGIN_SECONDS, load_shedder
        self._registry: Any = self.connections  # a `ConnectionRegistry`
        self._timer = self.loop.call_later(HEAD_SECONDS, self._start_lingering)
        self._pipelined, self._deadline = b"", 0.0  # bytes behind the current request, and its deadline
        self._is_reading_body = self._is_last = self._is_half_closed = self._is_lingering = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.set_write_buffer_limits(high=0)  # report every unsent byte
        self._tcp_transport, self._response_transport = transport, ResponseTransport(transport, self._close)
        self.reset = self._response_transport.reset
        super().connection_made(self._response_transport)  # type: ignore[arg-type]
        self._await_head(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lingering = True
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        while data and not self._is_lingering:
            if self.cycle is None and not self._pipelined:
                data = self._read_head(data)
            elif self._is_reading_body:
                data = self._read_body(data)
                if not self._is_reading_body:
                    super().on_message_complete()
                    self._advance()
            else:  # at most one read: the next request is not parsed before this one has its response
                self._pipelined, data = self._pipelined + data, b""
                self.flow.pause_reading()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep a half-closed connection open for its response: the client may still read."""
        is_answered = self.cycle is None or self.cycle.response_complete
        if self._is_lingering or (is_answered and not self._pipelined):
            return False
        self._is_half_closed = True
        if self._is_reading_body:
            self._reject("body_incomplete", "the connection ended before the body did")
        elif not is_answered:
            self.cycle.keep_alive &= bool(self._pipelined)
            self._probe()
            self.loop.call_later(PROBE_SECONDS, self._probe)
        return True

    def _probe(self) -> None:  # clients skip it; the system of a client that has left resets the connection
        is_answered = self._is_lingering or not self.cycle or self.cycle.response_started
        if not is_answered and self.scope["http_version"] == "1.1":
            self._tcp_transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._registry.track_unsent(self, self._tcp_transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        super().resume_writing()
        self._registry.untrack_unsent(self)
        self._advance()

    def on_headers_complete(self) -> None:
        self._is_head_complete, self._is_last = True, not self.parser.should_keep_alive()

    def on_message_complete(self) -> None: ...  # the parser has seen a head only

    def on_response_complete(self) -> None:
        self._body.clear()
        self._response_transport.flush()
        self._advance()

    def _advance(self) -> None:
        """Continue with the next request once this one is read and its response is sent."""
        if self.cycle is None or not self.cycle.response_complete or self.flow.write_paused or self._is_lingering:
            return
        if self._is_last or (self._is_half_closed and not self._pipelined):
            self._start_lingering()
        elif self._is_reading_body:  # the rest of the body is read only so that the client reads the response
            self._set_timer(HEAD_SECONDS, self._start_lingering)
            self.flow.resume_reading()
        else:
            self._await_head(self.timeout_keep_alive)
            if self._pipelined or self._is_half_closed or self.flow.read_paused:
                self.loop.call_soon(self._read_pipelined)

    def _read_pipelined(self) -> None:
        pipelined, self._pipelined = self._pipelined, b""
        if not self._is_lingering:
            self.flow.resume_reading()
            self.data_received(pipelined)
        if self._is_half_closed and (self.cycle is None or self._is_reading_body):  # the rest will not come
            self._start_lingering()

    def _close(self) -> None:
        self._is_last = True  # uvicorn closes behind the last response, and where the application broke off in one
        if self.cycle and not self.cycle.response_complete:
            self.reset()
        elif not self.flow.write_paused:
            self._start_lingering()

    def _start_lingering(self) -> None:
        """Close, but read on for a moment: with unread bytes it would send RST."""
        if self._is_lingering or self._tcp_transport.is_closing():
            return
        self._is_lingering = True
        self._response_transport.flush()
        self._set_timer(HEAD_SECONDS if self._is_reading_body else LINGER_SECONDS, self._stop_lingering)
        if self._is_half_closed or not (self.cycle or self._head or self._response_transport.unread_bytes()):
            self._tcp_transport.close()
        else:
            self._tcp_transport.write_eof()
            self.flow.resume_reading()

    def _stop_lingering(self) -> None:
        """Reset the connection, unless its client still reads, until its deadline."""
        if self._response_transport.unread_bytes() and self.loop.time() < self._deadline:
            self._set_timer(PROBE_SECONDS, self._stop_lingering)
        else:
            self.reset()

    def _set_timer(self, seconds: float, callback: Any) -> None:
        self._timer.cancel()
        self._timer = self.loop.call_later(seconds, callback)

    def _await_head(self, seconds: float) -> None:
        self.cycle = None  # type: ignore[assignment]
        self.parser = httptools.HttpRequestParser(self)
        self._head, self._is_head_complete = bytearray(), False
        self._set_timer(seconds, self._start_lingering)

    def _read_head(self, data: bytes) -> bytes:
        """Parse a head, whatever upgrade it offers, and return the rest."""
        if not self._head:
            self._set_timer(HEAD_SECONDS, self._start_lingering)
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
        if self._is_head_complete is not (end >= 0):
            return self._reject("bad_request", "this is not HTTP/1.1: the head does not end where its lines do")
        return self._start_request(data[size:]) if self._is_head_complete else b""

    def _start_request(self, rest: bytes) -> bytes:
        line = bytes(self._head).lstrip().partition(b"\r\n")[0]
        hosts, codings, lengths = ([v.strip().lower() for n, v in self.headers if n == name] for name in _FRAMING)
        if problem := head_problem(line, hosts, codings, lengths):
            return self._reject(problem.code, problem.detail)
        if self._shed and (response := self._shed(self.client, self.parser.get_method(), self.url, self.headers)):
            return self._reject_with(response)
        try:
            super().on_headers_complete()
        except (httptools.HttpParserError, ValueError, AttributeError):  # a target that cannot be split
            return self._reject("bad_request", "the request's target cannot be read")
        self._deadline = self.loop.time() + self._request_seconds
        self._set_timer(self._request_seconds, self.reset)
        self._body = RequestBodyStream(self.cycle)
        self.cycle.keep_alive &= not self._is_last
        self.cycle.waiting_for_100_continue &= line.endswith(b"1.1")
        self._line, self._chunk_left = b"", int(lengths[0]) if lengths else 0
        self._framing_left = float(MAX_FRAMING_BYTES)
        self._expected = _CHUNK_SIZE if codings else None  # a body with a length is one chunk without lines
        self._is_reading_body = bool(codings or self._chunk_left)
        if not self._is_reading_body:
            super().on_message_complete()
        return rest

    def _read_body(self, data: bytes) -> bytes:
        """Pass the body to the application, without trailers, and return the rest."""
        at = 0
        while at < len(data) and self._is_reading_body:
            if self._chunk_left:
                piece = data[at : at + self._chunk_left]
                at, self._chunk_left = at + len(piece), self._chunk_left - len(piece)
                self._framing_left += len(piece) / 8
                self._is_reading_body = bool(self._chunk_left or self._expected)
                self._body.add(piece)
                continue
            end = data.find(b"\n", at) + 1 or len(data)
            self._line, self._framing_left, at = self._line + data[at:end], self._framing_left - (end - at), end
            if self._framing_left < 0:
                return self._reject("head_too_large", "the chunk lines and trailers of the body are too long")
            if not self._line.endswith(b"\n"):
                break
            line = self._expected and self._expected.fullmatch(self._line)
            if line is None:
                return self._reject("bad_request", "the body is not chunked as RFC 9112 says")
            if self._expected is _CHUNK_SIZE:
                self._chunk_left = int(line[1], 16)
                self._expected = _CHUNK_END if self._chunk_left else _TRAILER
            elif self._expected is _CHUNK_END:
                self._expected = _CHUNK_SIZE
            elif self._line == b"\r\n":
                self._is_reading_body = False
            self._line = b""
        return data[at:]

    def _reject(self, code: str, detail: str) -> bytes:
        return self._reject_with(raw_problem_response(ProblemError(code, detail)))

    def _reject_with(self, response: bytes) -> bytes:
        """Send a response, unless one has started, and close: nothing behind it is read."""
        if self.cycle is None or not self.cycle.response_started:
            self._tcp_transport.write(response)
        if self.cycle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._is_reading_body = False
        self._start_lingering()
        return b""
