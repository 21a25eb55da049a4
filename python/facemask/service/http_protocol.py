"""uvicorn's HTTP/1.1 protocol with bounds on what a connection may send, hold and leave unread.

uvicorn parses heads and speaks ASGI; this file decides which bytes it gets, and how a request and a connection end.
`docs/design.md` compares it with the servers that were tried instead.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Callable
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from facemask.service.problems import problem_bytes
from facemask.service.refusal import Refusal

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_FRAMING_BYTES: Final = 16 * 1024  # of chunk lines and trailers, besides an eighth of the body's own bytes
HEAD_SECONDS = 15.0
LINGER_SECONDS = 2.0
PROBE_SECONDS = 1.0
# The application ends a request in time by itself; where it does not, the connection is cut this much later.
MARGIN_SECONDS = 2.0

_RESET: Final = struct.pack("ii", 1, 0)
_HEAD_END: Final = b"\r\n\r\n"
_FRAMING: Final = (b"host", b"transfer-encoding", b"content-length")
# RFC 9112, section 7.1, without the blanks that it allows and nobody sends.
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_CHUNK_END: Final = re.compile(rb"\r\n")
_TRAILER: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)?\r\n")


class HttpProtocol(HttpToolsProtocol):
    """One connection. One request is parsed and answered at a time; what comes behind it waits unparsed, so no answer
    can meet another request. uvicorn's parser gets heads only: behind one it would run on into the next request, count
    trailers as headers, and read no body where the head offers an upgrade.
    """

    def __init__(self, *args: Any, request_seconds: float = 90.0, **named: Any) -> None:
        super().__init__(*args, **named)
        self._request_seconds = request_seconds + MARGIN_SECONDS
        self._counted: Any = self.connections  # see `Connections`
        self._timer: asyncio.TimerHandle | None = None
        self._unread = 0  # bytes of the body that are still to come; -1: as many as the chunks say
        self._behind = b""  # what came behind the request at hand
        self._is_last = self._is_half_closed = self._is_ending = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """With no room in its write buffer the transport tells of every byte that is not taken."""
        transport.set_write_buffer_limits(high=0)
        self._wire = transport
        self._adapter = _Transport(transport, self._close)
        super().connection_made(cast("asyncio.Transport", self._adapter))
        self._await_head(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing more to wait for."""
        self._is_ending = True
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads heads and bodies."""
        while data and not self._is_ending:
            if self.cycle is None and not self._behind:
                data = self._read_head(data)
            elif self._unread:
                data = self._read_body(data) if self._unread > 0 else self._read_chunks(data)
            else:  # one read at most: the next request is not looked at before this one has its answer
                self._behind += data
                self.flow.pause_reading()
                return

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends no more, but may still read: a whole request gets its answer."""
        is_answered = self.cycle is None or self.cycle.response_complete
        if self._is_ending or self._unread or (is_answered and not self._behind):
            return False
        self._is_half_closed = True
        if not is_answered:
            self.cycle.keep_alive &= bool(self._behind)
            self._probe()
            self.loop.call_later(PROBE_SECONDS, self._probe)
        return True

    def _probe(self) -> None:
        """Sends an interim response, which clients skip. The system of a client that has left answers it with a reset,
        and the next write finds that out.
        """
        if self.cycle and not (self._is_ending or self.cycle.response_started) and self.scope["http_version"] == "1.1":
            self._wire.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def pause_writing(self) -> None:
        """Bytes lie unsent."""
        super().pause_writing()
        self._counted.hold_unsent(self, self._wire.get_write_buffer_size())

    def resume_writing(self) -> None:
        """All bytes are sent."""
        super().resume_writing()
        self._counted.release_unsent(self)
        self._advance()

    def drop_idle(self) -> None:
        """Closes the connection unless a request is at hand."""
        if self.cycle is None:
            self._wire.close()

    def on_headers_complete(self) -> None:
        """The request starts when its head is checked, not within the parser."""
        self._is_whole, self._is_last = True, not self.parser.should_keep_alive()

    def on_message_complete(self) -> None:
        """The parser has seen a head only."""

    def on_response_complete(self) -> None:
        """The answer is made, but perhaps not sent."""
        self.server_state.total_requests += 1
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
            self.loop.call_soon(self._read_behind)

    def _read_behind(self) -> None:
        behind, self._behind = self._behind, b""
        if not self._is_ending:
            self.flow.resume_reading()
            self.data_received(behind)
        if self._is_half_closed and (self.cycle is None or self._unread):  # what is missing will not come
            self._hang_up()

    def _close(self) -> None:
        """Uvicorn closes behind the last answer, and where the application broke off in one."""
        self._is_last = True
        if self.cycle and not self.cycle.response_complete:
            self.reset()
        elif not self.flow.write_paused:
            self._hang_up()

    def _hang_up(self) -> None:
        """Ends the connection after what was sent, and reads on for a moment: a connection that is closed over unread
        bytes is reset, and then the client may lose the answer.
        """
        if self._is_ending:
            return
        self._is_ending = True
        self._adapter.flush()
        if self._is_half_closed:
            self._wire.close()
            return
        self._arm(HEAD_SECONDS if self._unread else LINGER_SECONDS, self.reset)
        self._wire.write_eof()
        self.flow.resume_reading()

    def reset(self) -> None:
        """Resets the connection: the system would go on sending what lies unsent, however long nobody reads it."""
        if not self._wire.is_closing():
            self._wire.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._wire.abort()

    def _arm(self, seconds: float, action: Callable[[], object]) -> None:
        if self._timer:
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
        end = (tail + data).find(_HEAD_END)
        size = len(data) if end < 0 else end + len(_HEAD_END) - len(tail)
        self._head += data[:size]
        if len(self._head) > MAX_HEAD_BYTES:
            return self._reject("head_too_large", "the request's headers are too long")
        try:
            self.parser.feed_data(data[:size])
        except httptools.HttpParserUpgrade:
            pass
        except httptools.HttpParserError as error:
            return self._reject("bad_request", f"this is not HTTP/1.1: {error}")
        if self._is_whole is not (end >= 0):
            return self._reject("bad_request", "this is not HTTP/1.1: the head does not end where its lines do")
        return self._begin(data[size:]) if self._is_whole else b""

    def _begin(self, rest: bytes) -> bytes:
        """Starts the request that a head asks for; returns what comes behind the head."""
        version = bytes(self._head).lstrip().partition(b"\r\n")[0].rpartition(b" ")[2]
        hosts, codings, lengths = ([v.strip().lower() for n, v in self.headers if n == name] for name in _FRAMING)
        if version not in {b"HTTP/1.0", b"HTTP/1.1"}:
            return self._reject("http_version_unsupported", "this server speaks HTTP/1.1 and HTTP/1.0")
        if len(hosts) > 1 or (not hosts and version == b"HTTP/1.1"):
            return self._reject("bad_request", "a request needs one Host header")
        if codings and (codings != [b"chunked"] or lengths or version == b"HTTP/1.0"):
            return self._reject("bad_request", "the only transfer coding here is chunked, without Content-Length")
        try:
            super().on_headers_complete()
        except (httptools.HttpParserError, ValueError, AttributeError):  # a target that cannot be taken apart
            return self._reject("bad_request", "the request's target cannot be read")
        self._arm(self._request_seconds, self.reset)
        self.cycle.keep_alive &= not self._is_last
        self.cycle.waiting_for_100_continue &= version == b"HTTP/1.1"
        self._unread = -1 if codings else int(lengths[0]) if lengths else 0
        self._expected, self._line, self._chunk, self._framing = _SIZE, b"", 0, float(MAX_FRAMING_BYTES)
        if not self._unread:
            super().on_message_complete()
        return rest

    def _read_body(self, data: bytes) -> bytes:
        """Gives the body's bytes to the application; returns what comes behind the body."""
        piece = data[: self._unread]
        self._unread -= len(piece)
        self.on_body(piece)
        if not self._unread:
            self._end_body()
        return data[len(piece) :]

    def _read_chunks(self, data: bytes) -> bytes:
        """As `_read_body`. Trailers are dropped: nothing behind its head may change a request."""
        at = 0
        while at < len(data) and self._unread:
            if self._chunk:
                piece = data[at : at + self._chunk]
                at, self._chunk, self._framing = (
                    at + len(piece),
                    self._chunk - len(piece),
                    self._framing + len(piece) / 8,
                )
                self.on_body(piece)
                continue
            end = data.find(b"\n", at) + 1 or len(data)
            self._line, self._framing, at = self._line + data[at:end], self._framing - (end - at), end
            if self._framing < 0:
                return self._reject("head_too_large", "the chunk lines and trailers of the body are too long")
            if not self._line.endswith(b"\n"):
                break
            if (line := self._expected.fullmatch(self._line)) is None:
                return self._reject("bad_request", "the body is not chunked as RFC 9112 says")
            if self._expected is _SIZE:
                self._chunk = int(line[1], 16)
                self._expected = _CHUNK_END if self._chunk else _TRAILER
            elif self._expected is _CHUNK_END:
                self._expected = _SIZE
            elif self._line == b"\r\n":
                self._unread = 0
                self._end_body()
            self._line = b""
        return data[at:]

    def _end_body(self) -> None:
        super().on_message_complete()
        self._advance()

    def _reject(self, code: str, detail: str) -> bytes:
        """Answers what cannot be read on. Nothing behind it is read."""
        if self.cycle is None or not self.cycle.response_started:
            self._wire.write(problem_bytes(Refusal(code, detail)))
        if self.cycle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._unread = 0
        self._hang_up()
        return b""


class _Transport:
    """The transport as uvicorn sees it: heads of answers go out with what follows, and the protocol closes."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self._head = b""
        self.close = close

    def write(self, data: bytes) -> None:
        if not self._head and data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 100"):
            self._head = data
        else:
            self.flush(data)

    def flush(self, data: bytes = b"") -> None:
        head, self._head = self._head, b""
        if (head or data) and not self._transport.is_closing():
            self._transport.writelines([head, data])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
