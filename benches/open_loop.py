"""Open-loop load: requests at a fixed rate, independent of earlier responses, each on a new connection.

It uses one thread with non-blocking sockets and epoll, because the server shares the CPUs of the machine.
"""

from __future__ import annotations

import errno
import gc
import random
import select
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

# The most bytes that one call receives.
_BUFFER = memoryview(bytearray(1 << 18))
_EVENTS = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
_STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK
# Bytes. Remote clients have at most a window in flight when a refusal reaches them, not a whole body.
_IN_FLIGHT = 1 << 15
_TICK = 0.25
# Bytes of a response, head included, that contain the status of the job.
_HEAD_BYTES = 2000
_LATE_CONNECT = 0.5
_BIND_ADDRESS_NO_PORT = 24  # linux/in.h; Python names it from 3.12 on

Parts = tuple[bytes, bytes]


@dataclass(slots=True)
class Outcomes:
    """Outcomes of the requests. Times are seconds.

    Attributes:
        times: from connect to the complete response, by status; those of completed jobs are under `completed`.
        finished: when each completed job's response was read, since the start of the load.
        lost: requests without a complete response, by cause.
        reset_after_response: complete responses on connections that were reset.
        late_connects: connections that took more than half a second: the accept queue was full.
        max_lag: the largest delay of a request behind its schedule.
        sent: number of requests.
        cpu: CPU time of this thread.

    """

    times: dict[str, list[float]] = field(default_factory=dict)
    finished: list[float] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    reset_after_response: int = 0
    late_connects: int = 0
    max_lag: float = 0.0
    sent: int = 0
    cpu: float = 0.0


class _Request:
    """One request on a connection of its own."""

    __slots__ = ("connected", "failed", "parts", "remaining", "response", "sock", "started")

    def __init__(self, sock: socket.socket, parts: Parts, started: float) -> None:
        self.sock = sock
        self.started = started
        self.parts: list[bytes | memoryview] = [*filter(None, parts)]
        self.connected = False
        self.failed = ""  # why sending failed
        self.response = bytearray()
        self.remaining = -1  # bytes of the response to come, known after its head


class OpenLoopLoad:
    """Requests to 127.0.0.1 at a rate.

    `make_request` returns the bytes of a request in two parts; `sources` are the addresses of the clients. `blocking`
    clients read no response before they have sent their body; if the connection is reset by then, the response is lost.
    """

    def __init__(
        self,
        port: int,
        make_request: Callable[[int], Parts],
        sources: Sequence[str] = ("127.0.0.1",),
        *,
        blocking: bool = False,
        timeout: float = 45.0,
    ) -> None:
        self._port = port
        self._make_request = make_request
        self._sources = sources
        self._blocking = blocking
        self._timeout = timeout
        self._poll = select.epoll()
        self._live: dict[int, _Request] = {}
        self._started = 0.0
        self.outcomes = Outcomes()

    def run(self, rate: float, seconds: float, *, poisson: bool = False) -> Outcomes:
        """Send `rate` requests a second for `seconds`, then wait for outstanding responses."""
        rng = random.Random(20)
        gc.disable()
        cpu = time.thread_time()
        self._started = due = tick = time.perf_counter()
        end = self._started + seconds
        try:
            while due < end or self._live:
                now = time.perf_counter()
                while due <= now and due < end:
                    self.outcomes.max_lag = max(self.outcomes.max_lag, now - due)
                    self._start_request()
                    due += rng.expovariate(rate) if poisson else 1.0 / rate
                    now = time.perf_counter()
                if now >= tick:
                    self._expire(now)
                    tick = now + _TICK
                wait = min(due if due < end else tick, tick) - now
                for number, event in self._poll.poll(max(wait, 0.0)):
                    if request := self._live.get(number):
                        self._serve(request, event)
        finally:
            self._poll.close()
            self.outcomes.cpu = time.thread_time() - cpu
            gc.enable()
        return self.outcomes

    def _start_request(self) -> None:
        number = self.outcomes.sent
        self.outcomes.sent += 1
        sock = socket.socket(socket.AF_INET, _STREAM)
        if not self._blocking:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _IN_FLIGHT)
        # The kernel chooses the port at connect, which is fast, and may share it between destinations.
        sock.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
        sock.bind((self._sources[number % len(self._sources)], 0))
        request = _Request(sock, self._make_request(number), time.perf_counter())
        code = sock.connect_ex(("127.0.0.1", self._port))
        if code not in (0, errno.EINPROGRESS):
            self.outcomes.lost[f"connect: {errno.errorcode.get(code, code)}"] += 1
            sock.close()
            return
        self._live[sock.fileno()] = request
        self._send(request)  # loopback connects at once, unless the accept queue is full
        if sock.fileno() >= 0:  # not refused yet
            self._poll.register(sock.fileno(), _EVENTS)

    def _serve(self, request: _Request, event: int) -> None:
        if event & ~select.EPOLLOUT and not (self._blocking and request.parts) and self._receive(request):
            return
        if request.parts and not request.response:
            self._send(request)
        if not request.parts and self._blocking:
            self._receive(request)

    def _send(self, request: _Request) -> None:
        while request.parts:
            try:
                sent = request.sock.sendmsg(request.parts)
            except BlockingIOError:
                return
            except OSError as error:
                self._sending_failed(request, error)
                return
            if not request.connected:
                request.connected = True
                self.outcomes.late_connects += time.perf_counter() - request.started > _LATE_CONNECT
            parts = request.parts
            while parts and sent >= len(parts[0]):
                sent -= len(parts.pop(0))
            if parts:
                parts[0] = memoryview(parts[0])[sent:]

    def _sending_failed(self, request: _Request, error: OSError) -> None:
        request.parts = []
        request.failed = errno.errorcode.get(error.errno or 0, "error")
        if not request.connected:
            self._lose(request, f"connect: {request.failed}")
        elif self._blocking:
            self._lose(request, "reset while sending")
        else:
            self._receive(request)  # the response may precede the reset

    def _receive(self, request: _Request) -> bool:
        """Read available bytes. Returns whether the request has ended."""
        while True:
            try:
                count = request.sock.recv_into(_BUFFER)
            except BlockingIOError:
                return False
            except OSError as error:
                if request.connected:
                    self._lose(request, "reset" if error.errno == errno.ECONNRESET else str(error))
                else:
                    self._lose(request, f"connect: {errno.errorcode.get(error.errno or 0, 'error')}")
                return True
            if count == 0:
                self._lose(request, "closed within the response" if request.response else "closed without a response")
                return True
            if request.remaining < 0:
                request.response += _BUFFER[:count]
                end = request.response.find(b"\r\n\r\n")
                if end < 0:
                    continue
                head = bytes(request.response[:end]).lower()
                length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
                request.remaining = length - (len(request.response) - end - 4)
            else:
                request.remaining -= count
                if len(request.response) < _HEAD_BYTES:  # the body may follow the head later
                    request.response += _BUFFER[:count]
            if request.remaining <= 0:
                self._complete(request)
                return True

    def _complete(self, request: _Request) -> None:
        now = time.perf_counter()
        status = bytes(request.response[9:12]).decode()
        if status == "200" and b'"completed"' in request.response[:_HEAD_BYTES]:
            status = "completed"
            self.outcomes.finished.append(now - self._started)
        self.outcomes.times.setdefault(status, []).append(now - request.started)
        self.outcomes.reset_after_response += bool(request.failed)
        self._close(request)

    def _expire(self, now: float) -> None:
        """Give up requests after the timeout; the oldest come first."""
        for request in list(self._live.values()):
            if now - request.started < self._timeout:
                return
            self._lose(request, "no response in time" if request.connected else "connect: no response in time")

    def _lose(self, request: _Request, cause: str) -> None:
        self.outcomes.lost[cause] += 1
        self._close(request)

    def _close(self, request: _Request) -> None:
        del self._live[request.sock.fileno()]
        request.sock.close()


def percentile(times: Sequence[float], share: float) -> float | None:
    """Quantile of times, or None if there are none."""
    return sorted(times)[min(int(share * len(times)), len(times) - 1)] if times else None
