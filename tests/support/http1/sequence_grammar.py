"""Sequences of requests on one connection: framings, pieces, endings, and what is no request, all by chance. A sequence
is told by its seed and number alone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import Enum, Flag, auto

from support.http1 import malformed
from support.http1.messages import LIKE_A_REQUEST

HARMLESS = ["X-API-Key", "X-Forwarded-For", "Content-Type", "Accept", "Idempotency-Key", "X-Note", "Digest"]
OFFERS = [["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMA"]] + [
    ["Connection: Upgrade", f"Upgrade: {name}"] for name in ("websocket", "h2c", "riddle/7")
]
_RECORDED = ("LENGTHS", "BOTH", "CODINGS", "LINES", "CHUNKS", "FIRST_LINES")
_LATER = ("WRAPPED_CODINGS", "VERSIONS", "HOSTS")


class Feature(Flag):
    """What sequences may hold besides the plain."""

    PLAIN = 0
    TRAILERS = auto()
    OFFERS = auto()
    GARBAGE_BEHIND = auto()
    HALF_CLOSE = auto()
    STRICT_HEADS = auto()
    ALL = TRAILERS | OFFERS | GARBAGE_BEHIND | HALF_CLOSE | STRICT_HEADS


class Ending(Enum):
    """How the client ends."""

    LISTENS = "sends everything and listens"
    HALF = "closes its sending half behind the last byte"
    HALF_CUT = "closes its sending half somewhere"
    GONE = "closes everything somewhere"


@dataclass(frozen=True)
class Item:
    """One request, or what is none. `last` says that nothing behind it is answered."""

    data: bytes
    path: str = ""
    method: str = "GET"
    headers: int = 0
    content: bytes = b""
    head_bytes: int = 0
    good: bool = True
    last: bool = False
    maybe_last: bool = False
    expects: bool = False

    @property
    def early(self) -> bool:
        """Whether it may be answered before its body is there."""
        return self.path.startswith("/early/")


@dataclass(frozen=True)
class Sequence:
    """Items, and how their bytes are sent: `pieces` are ends of writes, `patient` waits for answers between items."""

    items: tuple[Item, ...]
    ending: Ending
    sent: int
    pieces: tuple[int, ...]
    patient: bool
    hears: int = 0
    resets: bool = False
    number: int = 0
    data: bytes = field(default=b"", repr=False)


class Generator:
    """Makes sequences."""

    def __init__(self, seed: int, number: int, features: Feature = Feature.ALL) -> None:
        self._random = random.Random(f"{seed}/{number}")
        self._number = number
        self._features = features

    def sequence(self) -> Sequence:
        """The sequence of this number."""
        rng = self._random
        items = [self._good(place) for place in range(rng.choice([1, 1, 2, 3, 3, 5, 8, 12]))]
        if rng.random() < 0.35:
            items.insert(rng.randrange(len(items) + 1), self._bad())
        ending = self._ending()
        if ending is Ending.LISTENS and not any(item.last for item in items):
            items.append(self._good(len(items), closing=True))
        data = b"".join(item.data for item in items)
        cut = ending in (Ending.HALF_CUT, Ending.GONE)
        sent = rng.randrange(len(data) + 1) if cut else len(data)
        return Sequence(
            items=tuple(items),
            ending=ending,
            sent=sent,
            pieces=self._pieces(sent, items),
            patient=rng.random() < 0.4 or self._must_wait(items),
            hears=rng.randrange(len(items) + 1),
            resets=rng.random() < 0.5,
            number=self._number,
            data=data,
        )

    def _must_wait(self, items: list[Item]) -> bool:
        return Feature.GARBAGE_BEHIND not in self._features and not all(item.good for item in items)

    def _ending(self) -> Ending:
        share = self._random.random()
        if share < 0.6:
            return Ending.LISTENS
        if share < 0.75:
            return Ending.GONE
        if Feature.HALF_CLOSE not in self._features:
            return Ending.LISTENS
        return Ending.HALF if share < 0.88 else Ending.HALF_CUT

    def _pieces(self, sent: int, items: list[Item]) -> tuple[int, ...]:
        rng = self._random
        kind = rng.random()
        if kind < 0.3 or sent < 2:
            cuts: list[int] = []
        elif kind < 0.9:
            cuts = rng.sample(range(1, sent), min(sent - 1, rng.choice([1, 2, 5, 20])))
        else:  # each byte of some stretch by itself
            start = rng.randrange(1, sent)
            cuts = list(range(start, min(sent, start + 200)))
        return (*sorted(cuts), sent)

    def _bad(self) -> Item:
        names = _RECORDED + (_LATER if Feature.STRICT_HEADS in self._features else ())
        group = getattr(malformed, self._random.choice(names))
        data = self._random.choice(list(group.values()))
        return Item(data=data, good=False, last=True)

    def _good(self, place: int, *, closing: bool = False) -> Item:
        rng = self._random
        kind = rng.choices(["quick", "slow", "early"], [75, 5, 20])[0]
        path = f"/{kind}/{self._number}/{place}"
        method = rng.choice(["GET", "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
        old = not closing and rng.random() < 0.04
        framing = rng.choice(["none", "length", "chunks", "chunks"]) if not old else rng.choice(["none", "length"])
        content = b"" if framing == "none" else self._content()
        lines = ["Host: x", *self._fields()]
        expects = False
        if content and rng.random() < 0.1 and (not old or Feature.STRICT_HEADS in self._features):
            lines.append("Expect: 100-continue")
            expects = not old
        keeps = old and rng.random() < 0.5
        if closing or rng.random() < 0.04:
            lines.append(f"Connection: {rng.choice(['close', 'Close', 'x, close'])}")
            closing = True
        elif keeps or rng.random() < 0.1:
            lines.append("Connection: keep-alive")
            keeps = old
        elif Feature.OFFERS in self._features and rng.random() < 0.08:
            lines += rng.choice(OFFERS)
        if framing == "length" or (framing == "none" and rng.random() < 0.1):
            lines.append(f"{rng.choice(['Content-Length', 'content-length'])}: {rng.choice(['', '00'])}{len(content)}")
        elif framing == "chunks":
            lines.append(
                f"{rng.choice(['Transfer-Encoding', 'TRANSFER-ENCODING'])}: {rng.choice(['chunked', 'Chunked'])}"
            )
        rng.shuffle(lines)
        version = "HTTP/1.0" if old else "HTTP/1.1"
        head = "".join(f"{line}\r\n" for line in (f"{method} {path} {version}", *lines, "")).encode("latin-1")
        return Item(
            data=head + (self._chunks(content) if framing == "chunks" else content),
            path=path,
            method=method,
            headers=len(lines),
            content=content,
            head_bytes=len(head),
            last=closing or (old and not keeps),
            maybe_last=keeps and not closing,
            expects=expects,
        )

    def _fields(self) -> list[str]:
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
        if Feature.GARBAGE_BEHIND in self._features:  # also large ones behind the last request
            sizes += [70_000, 300_000]
        size = rng.choices(sizes, [5, 10, 50, 30, 4, 1][: len(sizes)])[0]
        if rng.random() < 0.4:
            return (LIKE_A_REQUEST * (size // len(LIKE_A_REQUEST) + 1))[:size]
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
            for name in rng.sample(HARMLESS, rng.choice([0, 0, 1, 3])):
                coded += f"{name}: {rng.choice(['', 'b', 'x' * 100])}\r\n".encode()
        return bytes(coded + b"\r\n")

    def _extension(self) -> str:
        return self._random.choices(["", ";a", ";a=b", ';a="b c"', ";a=b;c=d"], [80, 5, 5, 5, 5])[0]
