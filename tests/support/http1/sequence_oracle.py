"""What must come of a sequence: answers in order, each to its own request, nothing behind the end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, chain

from support.http1.sequence_grammar import Ending, Item, Sequence

OK = 200
REFUSED = (400, 431, 501, 505)
# Also for what is cut.
UNFINISHED = (*REFUSED, 408)
_ECHOED = b"x-path"


@dataclass
class Reply:
    """One answer."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    interim: list[int] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False

    @property
    def connection(self) -> bytes:
        return self.headers.get(b"connection", b"").lower()


class ReplyParser:
    """Cuts answers that have a length apart; raises `ValueError` for anything else."""

    def __init__(self, methods: Iterable[str]) -> None:
        self._methods = iter(methods)
        self._data = bytearray()
        self._wanted: int | None = None
        self.replies: list[Reply] = []
        self._next = Reply()

    @property
    def complete(self) -> int:
        """Answers that came whole."""
        return len(self.replies) - (self._wanted is not None)

    @property
    def rest(self) -> bytes:
        """What came and is no whole head."""
        return bytes(self._data) if self._wanted is None else b""

    def feed(self, data: bytes) -> None:
        """Takes what came."""
        self._data += data
        while self._step():
            pass

    def _step(self) -> bool:
        if self._wanted is not None:
            if len(self._data) < self._wanted:
                return False
            self.replies[-1].body = bytes(self._data[: self._wanted])
            self.replies[-1].complete = True
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
            raise ValueError(f"no answer: {first[:80]!r}")
        if status.startswith(b"1"):
            self._next.interim.append(int(status))
            return True
        reply, self._next = self._next, Reply()
        reply.status = int(status)
        for line in lines:
            name, _, value = line.partition(b":")
            reply.headers[name.lower()] = value.strip()
        method = next(self._methods, "GET")
        self._wanted = 0 if method == "HEAD" else int(reply.headers[b"content-length"])
        self.replies.append(reply)
        return True


def digest(content: bytes) -> str:
    """As the echo application says it."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def fault(sequence: Sequence, parser: ReplyParser, *, ended: bool) -> str:
    """What is wrong with the answers to a sequence, or nothing. `ended`: the server has closed the connection."""
    judge = _Judge(sequence, parser.replies)
    return next(chain(judge.answers(), () if judge.forgiven else judge.ending(parser.rest, ended=ended)), "")


class _Judge:
    """Looks at answers one by one, then at the end."""

    def __init__(self, sequence: Sequence, replies: list[Reply]) -> None:
        self._sequence = sequence
        self._replies = replies
        self._ends = list(accumulate(len(item.data) for item in sequence.items))
        self._stopped = False
        # A client that is gone leaves answers unread, and the last one cut.
        self.forgiven = sequence.ending is Ending.GONE
        self._half_closed = sequence.ending in (Ending.HALF, Ending.HALF_CUT)

    def answers(self) -> Iterator[str]:
        """What is wrong with each."""
        items = self._sequence.items
        if len(self._replies) > len(items):
            yield f"{len(self._replies)} answers to {len(items)} requests"
        for number, (item, reply) in enumerate(zip(items, self._replies, strict=False)):
            if not reply.complete and self.forgiven:
                return
            if self._stopped:
                yield f"answer {number} behind the end: {reply.status} {reply.headers.get(_ECHOED)!r}"
            begun = self._sequence.sent - (self._ends[number] - len(item.data))
            wrong = _refusal(item, reply, begun) if reply.status != OK else _answer(item, reply, begun)
            yield from (f"answer {number}: {each}" for each in wrong)
            # A server may ask a half-closed connection whether anybody is still there; clients skip interim answers.
            asked = [100] if item.expects and not item.early else []
            if reply.interim not in ([], asked) and not (self._half_closed and set(reply.interim) == {100}):
                yield f"answer {number} comes after {reply.interim}"
            closes = item.last or (item.maybe_last and reply.connection != b"keep-alive")
            self._stopped = closes or reply.status != OK
            if not self._stopped and self._half_closed and number == len(self._replies) - 1:
                continue  # here the server may have known that nothing more comes, or not
            if self._stopped is not (reply.connection == b"close"):
                yield f"answer {number} says {reply.connection!r} of the connection; it ends: {self._stopped}"

    def ending(self, rest: bytes, *, ended: bool) -> Iterator[str]:
        """What is wrong with how it ended."""
        replies = self._replies
        if not ended:
            yield f"not closed after {len(replies)} answers"
        last = self._sequence.items[len(replies) - 1] if replies else None
        if rest and not (last and last.method == "HEAD" and replies[-1].status != OK):
            yield f"bytes that are no answer: {rest[:80]!r}"
        if replies and not replies[-1].complete and self._ends[len(replies) - 1] <= self._sequence.sent:
            yield "the last answer is cut"
        whole = sum(end <= self._sequence.sent for end in self._ends)
        if not self._stopped and len(replies) < whole:
            yield f"{len(replies)} answers to {whole} requests"


def _refusal(item: Item, reply: Reply, begun: int) -> Iterator[str]:
    """Of a refusal; `begun` is how many bytes of the item were sent."""
    if item.good and begun >= len(item.data):
        yield f"{reply.status} to {item.path}: {reply.body[:100]!r}"
    if reply.status not in (UNFINISHED if begun < len(item.data) else REFUSED):
        yield f"{reply.status} to {item.data[:80]!r}"


def _answer(item: Item, reply: Reply, begun: int) -> Iterator[str]:
    """Of an answer of the application."""
    if not item.good:
        yield f"{reply.status} to what is no request"
    if begun < (item.head_bytes if item.early else len(item.data)):
        yield f"{reply.status} to half a request"
    if reply.headers.get(_ECHOED) != item.path.encode():
        yield f"{reply.headers.get(_ECHOED)!r} to {item.path}"
    if item.method != "HEAD" and reply.complete:
        wanted = {"method": item.method, "path": item.path, "headers": item.headers}
        if not item.early:
            wanted |= {"length": len(item.content), "digest": digest(item.content)}
        try:
            told = json.loads(reply.body)
            found = {name: told[name] for name in wanted}
        except (ValueError, KeyError):
            found = {"body": reply.body[:200]}
        if found != wanted:
            yield f"{found} instead of {wanted}"
