"""What is kept and what is found."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from facemask.service.cache.settings import CacheSettings

# Nothing that somebody sent comes before it.
_SVG: Final = b'"svg":"'


def svg_of(answer: bytes) -> bytes:
    """The SVG in a completed job's answer, or in its tail. It is asked for more rarely than answers are kept."""
    start = answer.index(_SVG) + len(_SVG)
    return b64decode(memoryview(answer)[start : answer.index(b'"', start)])


@dataclass(frozen=True, slots=True)
class Made:
    """An answer without what belongs to one job: `tail` is its JSON after the opening brace."""

    tail: bytes
    etag: str
    format: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.tail)


@dataclass(frozen=True, slots=True)
class Marks:
    """What another input finds an answer by. `scope` is that of the engine's `Fingerprint`: only inputs with the same
    answer share it. `phash` is the photo's hash, 64 bits; None where the photo was not opened.
    """

    scope: bytes
    phash: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer under its exact digest, with marks where another input may find it. `request` is the digest of the
    very bytes that led to it, where somebody may ask for that.
    """

    digest: bytes
    made: Made
    marks: Marks | None = None
    request: bytes = b""


@dataclass(frozen=True, slots=True)
class Found:
    """A kept answer; `distance` is that of the photos' hashes, None when the input is the same."""

    digest: bytes
    made: Made
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """The digest of a kept answer and the hash of its photo, if that was opened."""

    digest: bytes
    phash: int | None


@dataclass(slots=True)
class Counters:
    """What was asked and what came of it."""

    exact: int = 0
    similar: int = 0
    miss: int = 0


@runtime_checkable
class Cache(Protocol):
    """Where answers are kept. Looking up never fails: what cannot be asked is not there."""

    policy: CacheSettings
    counters: Counters = field(default_factory=Counters)

    def lacks(self, digest: bytes) -> bool:
        """Whether it is sure, without asking anybody, that neither tier has this answer. Any thread may ask."""

    async def exact(self, digest: bytes) -> Found | None:
        """The answer to exactly this input."""

    async def in_scope(self, scope: bytes) -> list[Marked]:
        """Kept answers of a scope, those with a hash first. They are all the same answer, to other photos."""
