"""Open-loop load: requests leave at a fixed rate whatever becomes of those before, each on a connection of its own.

One thread, sockets that never block and one epoll: the machine's processors are the server's too.
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

# The most that one call hands to the kernel for a body, and the most that one call takes out.
_ROOM = memoryview(bytearray(1 << 18))
_EVENTS = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
_STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK
# Far clients have a window's bytes on their way, not a whole body, when a refusal reaches them.
_IN_FLIGHT = 1 << 15
_TICK = 0.25
# The beginning of an answer, head and all, that says what became of the job.
_SHOWN = 2000
_LATE_CONNECT = 0.5
_BIND_ADDRESS_NO_PORT = 24  # linux/in.h; Python names it from 3.12 on

Parts = tuple[bytes, bytes]


@dataclass(slots=True)
class Outcomes:
    """What came of the requests. Times are seconds; `times` has one list for each status.

    Attributes:
        times: from connect to the whole answer, by status; those of finished jobs are under `completed`.
        finished: when each finished job's answer was read, in seconds since the load began.
        lost: requests without a whole answer, by what ended them.
        reset_behind: answers that were read whole although the connection was reset.
        late_connects: connections that took more than half a second to be made: a full accept queue.
        behind: the most that a request left later than planned.
        sent: requests that were begun.
        cpu: processor seconds of this thread, all of them for the load.

    """

    times: dict[str, list[float]] = field(default_factory=dict)
    finished: list[float] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    reset_behind: int = 0
    late_connects: int = 0
    behind: float = 0.0
    sent: int = 0
    cpu: float = 0.0


class _Request:
    """One request on a connection of its own."""

    __slots__ = ("answer", "connected", "failed", "left", "parts", "sock", "started")

    def __init__(self, sock: socket.socket, parts: Parts, started: float) -> None:
        self.sock = sock
        self.started = started
        self.parts: list[bytes | memoryview] = [*filter(None, parts)]
        self.connected = False
        self.failed = ""  # why sending ended early
        self.answer = bytearray()
        self.left = -1  # bytes of the answer still to come, once its head is there


class OpenLoop:
    """Requests to 127.0.0.1 at a rate. `make` gives a request's bytes in two parts; `sources` are the addresses that
    connections come from. `blocking` clients look at no answer before their body is sent, and a connection that is
    reset by then is an answer lost.
    """

    def __init__(
        self,
        port: int,
        make: Callable[[int], Parts],
        sources: Sequence[str] = ("127.0.0.1",),
        *,
        blocking: bool = False,
        patience: float = 45.0,
    ) -> None:
        self._port = port
        self._make = make
        self._sources = sources
        self._blocking = blocking
        self._patience = patience
        self._poll = select.epoll()
        self._live: dict[int, _Request] = {}
        self._began = 0.0
        self.outcomes = Outcomes()

    def run(self, rate: float, seconds: float, *, poisson: bool = False) -> Outcomes:
        """Send `rate` requests a second for `seconds`, then wait for the answers that are still to come."""
        chance = random.Random(20)
        gc.disable()
        cpu = time.thread_time()
        self._began = due = tick = time.perf_counter()
        end = self._began + seconds
        try:
            while due < end or self._live:
                now = time.perf_counter()
                while due <= now and due < end:
                    self.outcomes.behind = max(self.outcomes.behind, now - due)
                    self._begin()
                    due += chance.expovariate(rate) if poisson else 1.0 / rate
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

    def _begin(self) -> None:
        number = self.outcomes.sent
        self.outcomes.sent += 1
        sock = socket.socket(socket.AF_INET, _STREAM)
        if not self._blocking:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _IN_FLIGHT)
        # The port is chosen when the connection is made: a port may then serve many destinations and is found quickly.
        sock.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
        sock.bind((self._sources[number % len(self._sources)], 0))
        request = _Request(sock, self._make(number), time.perf_counter())
        code = sock.connect_ex(("127.0.0.1", self._port))
        if code not in (0, errno.EINPROGRESS):
            self.outcomes.lost[f"connect: {errno.errorcode.get(code, code)}"] += 1
            sock.close()
            return
        self._live[sock.fileno()] = request
        self._send(request)  # to this machine the connection is there at once, unless its queue is full
        if sock.fileno() >= 0:  # not refused by now
            self._poll.register(sock.fileno(), _EVENTS)

    def _serve(self, request: _Request, event: int) -> None:
        if event & ~select.EPOLLOUT and not (self._blocking and request.parts) and self._receive(request):
            return
        if request.parts and not request.answer:
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
            self._end(request, f"connect: {request.failed}")
        elif self._blocking:
            self._end(request, "reset while sending")
        else:
            self._receive(request)  # the answer may have come before the reset

    def _receive(self, request: _Request) -> bool:
        """Read what is there; whether the request is over."""
        while True:
            try:
                count = request.sock.recv_into(_ROOM)
            except BlockingIOError:
                return False
            except OSError as error:
                if request.connected:
                    self._end(request, "reset" if error.errno == errno.ECONNRESET else str(error))
                else:
                    self._end(request, f"connect: {errno.errorcode.get(error.errno or 0, 'error')}")
                return True
            if count == 0:
                self._end(request, "closed in the answer" if request.answer else "closed without an answer")
                return True
            if request.left < 0:
                request.answer += _ROOM[:count]
                end = request.answer.find(b"\r\n\r\n")
                if end < 0:
                    continue
                head = bytes(request.answer[:end]).lower()
                length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
                request.left = length - (len(request.answer) - end - 4)
            else:
                request.left -= count
                if len(request.answer) < _SHOWN:  # the body may come in another chunk than the head
                    request.answer += _ROOM[:count]
            if request.left <= 0:
                self._answered(request)
                return True

    def _answered(self, request: _Request) -> None:
        now = time.perf_counter()
        status = bytes(request.answer[9:12]).decode()
        if status == "200" and b'"completed"' in request.answer[:_SHOWN]:
            status = "completed"
            self.outcomes.finished.append(now - self._began)
        self.outcomes.times.setdefault(status, []).append(now - request.started)
        self.outcomes.reset_behind += bool(request.failed)
        self._close(request)

    def _expire(self, now: float) -> None:
        """Give up what waits too long; the oldest come first."""
        for request in list(self._live.values()):
            if now - request.started < self._patience:
                return
            self._end(request, "no answer in time" if request.connected else "connect: no answer in time")

    def _end(self, request: _Request, why: str) -> None:
        self.outcomes.lost[why] += 1
        self._close(request)

    def _close(self, request: _Request) -> None:
        del self._live[request.sock.fileno()]
        request.sock.close()


def percentile(times: Sequence[float], share: float) -> float | None:
    """The time that `share` of them did not exceed; None of nothing."""
    return sorted(times)[min(int(share * len(times)), len(times) - 1)] if times else None
