"""Grammar of request sequences on one connection, with random framing, segmentation, endings and malformed requests.

Seed and number alone determine a sequence.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import Enum, Flag, auto

from support.http1 import malformed
from support.http1.messages import REQUEST_LIKE_BODY

TRAILER_NAMES = ["X-API-Key", "X-Forwarded-For", "Content-Type", "Accept", "Idempotency-Key", "X-Note", "Digest"]
UPGRADES = [["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMA"]] + [
    ["Connection: Upgrade", f"Upgrade: {name}"] for name in ("websocket", "h2c", "riddle/7")
]
_ALWAYS_REFUSED = ("LENGTHS", "BOTH", "CODINGS", "LINES", "CHUNKS", "FIRST_LINES")
_REFUSED_IF_STRICT = ("WRAPPED_CODINGS", "VERSIONS", "HOSTS")


class Feature(Flag):
    """What sequences may contain besides plain requests."""

    PLAIN = 0
    TRAILERS = auto()
    UPGRADES = auto()
    TRAILING_GARBAGE = auto()
    HALF_CLOSE = auto()
    STRICT_HEADS = auto()
    ALL = TRAILERS | UPGRADES | TRAILING_GARBAGE | HALF_CLOSE | STRICT_HEADS


class Ending(Enum):
    """How the client ends the connection."""

    READS = "sends everything and reads on"
    HALF_CLOSE = "shuts down its sending side after the last byte"
    HALF_CLOSE_EARLY = "shuts down its sending side in between"
    CLOSE_EARLY = "closes the connection in between"


@dataclass(frozen=True)
class SequenceItem:
    """One request, well-formed or not.

    After an item that is `last` a server responds to nothing; after one that is `maybe_last` it may close.
    """

    data: bytes
    path: str = ""
    method: str = "GET"
    headers: int = 0
    content: bytes = b""
    head_bytes: int = 0
    well_formed: bool = True
    last: bool = False
    maybe_last: bool = False
    expects: bool = False

    @property
    def early(self) -> bool:
        """Whether the response may precede the body."""
        return self.path.startswith("/early/")


@dataclass(frozen=True)
class RequestSequence:
    """Items, and how their bytes are sent.

    `pieces` are the ends of writes. With `waits` the client reads the response to each item before it sends the next.
    A client that closes early first reads up to `reads` responses, then closes with a reset if `resets`.
    """

    items: tuple[SequenceItem, ...]
    ending: Ending
    sent: int
    pieces: tuple[int, ...]
    waits: bool
    reads: int = 0
    resets: bool = False
    number: int = 0
    data: bytes = field(default=b"", repr=False)


class Generator:
    """Generator of the sequence that a seed and a number determine."""

    def __init__(self, seed: int, number: int, features: Feature = Feature.ALL) -> None:
        self._random = random.Random(f"{seed}/{number}")
        self._number = number
        self._features = features

    def sequence(self) -> RequestSequence:
        """Generate the sequence."""
        rng = self._random
        items = [self._well_formed(place) for place in range(rng.choice([1, 1, 2, 3, 3, 5, 8, 12]))]
        if rng.random() < 0.35:
            items.insert(rng.randrange(len(items) + 1), self._malformed())
        ending = self._ending()
        if ending is Ending.READS and not any(item.last for item in items):
            items.append(self._well_formed(len(items), closing=True))
        data = b"".join(item.data for item in items)
        cut = ending in (Ending.HALF_CLOSE_EARLY, Ending.CLOSE_EARLY)
        sent = rng.randrange(len(data) + 1) if cut else len(data)
        return RequestSequence(
            items=tuple(items),
            ending=ending,
            sent=sent,
            pieces=self._pieces(sent, items),
            waits=rng.random() < 0.4 or self._must_wait(items),
            reads=rng.randrange(len(items) + 1),
            resets=rng.random() < 0.5,
            number=self._number,
            data=data,
        )

    def _must_wait(self, items: list[SequenceItem]) -> bool:
        return Feature.TRAILING_GARBAGE not in self._features and not all(item.well_formed for item in items)

    def _ending(self) -> Ending:
        share = self._random.random()
        if share < 0.6:
            return Ending.READS
        if share < 0.75:
            return Ending.CLOSE_EARLY
        if Feature.HALF_CLOSE not in self._features:
            return Ending.READS
        return Ending.HALF_CLOSE if share < 0.88 else Ending.HALF_CLOSE_EARLY

    def _pieces(self, sent: int, items: list[SequenceItem]) -> tuple[int, ...]:
        rng = self._random
        kind = rng.random()
        if kind < 0.3 or sent < 2:
            cuts: list[int] = []
        elif kind < 0.9:
            cuts = rng.sample(range(1, sent), min(sent - 1, rng.choice([1, 2, 5, 20])))
        else:  # single bytes over some range
            start = rng.randrange(1, sent)
            cuts = list(range(start, min(sent, start + 200)))
        return (*sorted(cuts), sent)

    def _malformed(self) -> SequenceItem:
        names = _ALWAYS_REFUSED + (_REFUSED_IF_STRICT if Feature.STRICT_HEADS in self._features else ())
        group = getattr(malformed, self._random.choice(names))
        data = self._random.choice(list(group.values()))
        return SequenceItem(data=data, well_formed=False, last=True)

    def _well_formed(self, place: int, *, closing: bool = False) -> SequenceItem:
        rng = self._random
        kind = rng.choices(["quick", "slow", "early"], [75, 5, 20])[0]
        path = f"/{kind}/{self._number}/{place}"
        method = rng.choice(["GET", "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
        http_1_0 = not closing and rng.random() < 0.04
        framing = rng.choice(["none", "length", "chunks", "chunks"]) if not http_1_0 else rng.choice(["none", "length"])
        content = b"" if framing == "none" else self._content()
        lines = ["Host: x", *self._header_fields()]
        expects = False
        if content and rng.random() < 0.1 and (not http_1_0 or Feature.STRICT_HEADS in self._features):
            lines.append("Expect: 100-continue")
            expects = not http_1_0
        keeps = http_1_0 and rng.random() < 0.5
        if closing or rng.random() < 0.04:
            lines.append(f"Connection: {rng.choice(['close', 'Close', 'x, close'])}")
            closing = True
        elif keeps or rng.random() < 0.1:
            lines.append("Connection: keep-alive")
            keeps = http_1_0
        elif Feature.UPGRADES in self._features and rng.random() < 0.08:
            lines += rng.choice(UPGRADES)
        if framing == "length" or (framing == "none" and rng.random() < 0.1):
            lines.append(f"{rng.choice(['Content-Length', 'content-length'])}: {rng.choice(['', '00'])}{len(content)}")
        elif framing == "chunks":
            lines.append(
                f"{rng.choice(['Transfer-Encoding', 'TRANSFER-ENCODING'])}: {rng.choice(['chunked', 'Chunked'])}"
            )
        rng.shuffle(lines)
        version = "HTTP/1.0" if http_1_0 else "HTTP/1.1"
        head = "".join(f"{line}\r\n" for line in (f"{method} {path} {version}", *lines, "")).encode("latin-1")
        return SequenceItem(
            data=head + (self._chunks(content) if framing == "chunks" else content),
            path=path,
            method=method,
            headers=len(lines),
            content=content,
            head_bytes=len(head),
            last=closing or (http_1_0 and not keeps),
            maybe_last=keeps and not closing,
            expects=expects,
        )

    def _header_fields(self) -> list[str]:
        rng = self._random
        names = ["X-A", "accept", "User-Agent", "X-Long", "Cookie"]
        values = ["", "b", "b c\td", "x" * 300, "\xe9", '"q, r"; s=1', "GET / HTTP/1.1"]
        spaces = ["", " ", "   ", "\t"]
        return [
            f"{name}:{rng.choice(spaces)}{rng.choice(values)}{rng.choice(spaces)}"
            for name in rng.sample(names, rng.choice([0, 0, 1, 2, 5]))
        ]

    def _content(self) -> bytes:
        rng = self._random
        sizes = [0, 1, rng.randrange(300), rng.randrange(4000)]
        if Feature.TRAILING_GARBAGE in self._features:  # also large ones after the last request
            sizes += [70_000, 300_000]
        size = rng.choices(sizes, [5, 10, 50, 30, 4, 1][: len(sizes)])[0]
        if rng.random() < 0.4:
            return (REQUEST_LIKE_BODY * (size // len(REQUEST_LIKE_BODY) + 1))[:size]
        return (
            rng.choice([b"0\r\n\r\n", b"\r\n\r\n", rng.randbytes(61)]) * 10_000
            if size > 70_000
            else rng.randbytes(size)
        )

    def _chunks(self, content: bytes) -> bytes:
        rng = self._random
        coded, at = bytearray(), 0
        while at < len(content):
            size = rng.choice([1, rng.randrange(1, 40), rng.randrange(40, 2000)]) if at < 2000 else 65_536
            piece = content[at : at + size]
            at += len(piece)
            number = f"{len(piece):x}" if rng.random() < 0.8 else f"{len(piece):04X}"
            coded += f"{number}{self._extension()}\r\n".encode() + piece + b"\r\n"
        coded += rng.choice([b"0", b"0", b"000"]) + b"\r\n"
        if Feature.TRAILERS in self._features:
            for name in rng.sample(TRAILER_NAMES, rng.choice([0, 0, 1, 3])):
                coded += f"{name}: {rng.choice(['', 'b', 'x' * 100])}\r\n".encode()
        return bytes(coded + b"\r\n")

    def _extension(self) -> str:
        return self._random.choices(["", ";a", ";a=b", ';a="b c"', ";a=b;c=d"], [80, 5, 5, 5, 5])[0]
