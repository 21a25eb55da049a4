"""Oracle of request sequences: one response to each request, in order, and none after the end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, chain

from support.http1.sequence_grammar import Ending, RequestSequence, SequenceItem

OK = 200
REFUSED = (400, 431, 501, 505)
# Also to a truncated request.
REFUSED_OR_TRUNCATED = (*REFUSED, 408)
_ECHOED = b"x-path"


@dataclass
class FramedResponse:
    """One response with `Content-Length`."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    interim: list[int] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False

    @property
    def connection(self) -> bytes:
        """Value of the `Connection` header."""
        return self.headers.get(b"connection", b"").lower()


class ResponseParser:
    """Parser of responses with `Content-Length`. Raises `ValueError` for anything else."""

    def __init__(self, methods: Iterable[str]) -> None:
        self._methods = iter(methods)
        self._data = bytearray()
        self._wanted: int | None = None
        self.responses: list[FramedResponse] = []
        self._next = FramedResponse()

    @property
    def complete(self) -> int:
        """Number of complete responses."""
        return len(self.responses) - (self._wanted is not None)

    @property
    def unparsed(self) -> bytes:
        """Received bytes that are not a complete head."""
        return bytes(self._data) if self._wanted is None else b""

    def feed(self, data: bytes) -> None:
        """Parse received bytes."""
        self._data += data
        while self._step():
            pass

    def _step(self) -> bool:
        if self._wanted is not None:
            if len(self._data) < self._wanted:
                return False
            self.responses[-1].body = bytes(self._data[: self._wanted])
            self.responses[-1].complete = True
            del self._data[: self._wanted]
            self._wanted = None
            return True
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        first, *lines = bytes(self._data[:end]).split(b"\r\n")
        del self._data[: end + 4]
        version, status, _ = first.split(b" ", 2)
        if version != b"HTTP/1.1":
            raise ValueError(f"not a response: {first[:80]!r}")
        if status.startswith(b"1"):
            self._next.interim.append(int(status))
            return True
        response, self._next = self._next, FramedResponse()
        response.status = int(status)
        for line in lines:
            name, _, value = line.partition(b":")
            response.headers[name.lower()] = value.strip()
        method = next(self._methods, "GET")
        self._wanted = 0 if method == "HEAD" else int(response.headers[b"content-length"])
        self.responses.append(response)
        return True


def digest(content: bytes) -> str:
    """Digest of a body as the echo application computes it."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def find_fault(sequence: RequestSequence, parser: ResponseParser, *, ended: bool) -> str:
    """First fault of the responses to a sequence, or an empty string. `ended`: the server has closed the connection."""
    oracle = _Oracle(sequence, parser.responses)
    ending = () if oracle.is_lenient else oracle.check_ending(parser.unparsed, ended=ended)
    return next(chain(oracle.check_responses(), ending), "")


class _Oracle:
    """Checks responses one by one, then the ending."""

    def __init__(self, sequence: RequestSequence, responses: list[FramedResponse]) -> None:
        self._sequence = sequence
        self._responses = responses
        self._ends = list(accumulate(len(item.data) for item in sequence.items))
        self._stopped = False
        # A client that closes early leaves responses unread, and may read half of the last one.
        self.is_lenient = sequence.ending is Ending.CLOSE_EARLY
        self._half_closed = sequence.ending in (Ending.HALF_CLOSE, Ending.HALF_CLOSE_EARLY)

    def check_responses(self) -> Iterator[str]:
        """Faults of each response."""
        items = self._sequence.items
        if len(self._responses) > len(items):
            yield f"{len(self._responses)} responses to {len(items)} requests"
        for number, (item, response) in enumerate(zip(items, self._responses, strict=False)):
            if not response.complete and self.is_lenient:
                return
            if self._stopped:
                yield f"response {number} after the end: {response.status} {response.headers.get(_ECHOED)!r}"
            sent = self._sequence.sent - (self._ends[number] - len(item.data))
            check = _check_refusal if response.status != OK else _check_echo
            yield from (f"response {number}: {found}" for found in check(item, response, sent))
            # A server may probe a half-closed connection by an interim response; clients skip those.
            expected = [100] if item.expects and not item.early else []
            if response.interim not in ([], expected) and not (self._half_closed and set(response.interim) == {100}):
                yield f"response {number} follows {response.interim}"
            closes = item.last or (item.maybe_last and response.connection != b"keep-alive")
            self._stopped = closes or response.status != OK
            if not self._stopped and self._half_closed and number == len(self._responses) - 1:
                continue  # the server may or may not have read the end of the stream by now
            if self._stopped is not (response.connection == b"close"):
                yield f"response {number} has `Connection: {response.connection!r}`; it is the last: {self._stopped}"

    def check_ending(self, unparsed: bytes, *, ended: bool) -> Iterator[str]:
        """Faults of the end of the connection."""
        responses = self._responses
        if not ended:
            yield f"not closed after {len(responses)} responses"
        last = self._sequence.items[len(responses) - 1] if responses else None
        if unparsed and not (last and last.method == "HEAD" and responses[-1].status != OK):
            yield f"bytes that are not a response: {unparsed[:80]!r}"
        if responses and not responses[-1].complete and self._ends[len(responses) - 1] <= self._sequence.sent:
            yield "the last response is truncated"
        complete = sum(end <= self._sequence.sent for end in self._ends)
        if not self._stopped and len(responses) < complete:
            yield f"{len(responses)} responses to {complete} requests"


def _check_refusal(item: SequenceItem, response: FramedResponse, sent: int) -> Iterator[str]:
    """Faults of an error response; `sent` is how many bytes of the item were sent."""
    if item.well_formed and sent >= len(item.data):
        yield f"{response.status} to {item.path}: {response.body[:100]!r}"
    if response.status not in (REFUSED_OR_TRUNCATED if sent < len(item.data) else REFUSED):
        yield f"{response.status} to {item.data[:80]!r}"


def _check_echo(item: SequenceItem, response: FramedResponse, sent: int) -> Iterator[str]:
    """Faults of a response of the echo application."""
    if not item.well_formed:
        yield f"{response.status} to a malformed request"
    if sent < (item.head_bytes if item.early else len(item.data)):
        yield f"{response.status} to a truncated request"
    if response.headers.get(_ECHOED) != item.path.encode():
        yield f"{response.headers.get(_ECHOED)!r} to {item.path}"
    if item.method != "HEAD" and response.complete:
        expected = {"method": item.method, "path": item.path, "headers": item.headers}
        if not item.early:
            expected |= {"length": len(item.content), "digest": digest(item.content)}
        try:
            echo = json.loads(response.body)
            found = {name: echo[name] for name in expected}
        except (ValueError, KeyError):
            found = {"body": response.body[:200]}
        if found != expected:
            yield f"{found} instead of {expected}"
