"""What is kept and what is found."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

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
    """What another input is compared with. `scope` is the same only for equal sizes, options and owner; `phash` is
    the photo's hash, 64 bits; the others are those of the engine's `Fingerprint`.
    """

    scope: bytes
    phash: int
    signature: bytes
    points: bytes
    runs: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer under its exact digest, with marks where it may be found by likeness. `request` is the digest of the
    very bytes that led to it, where somebody may ask for that.
    """

    digest: bytes
    made: Made
    marks: Marks | None = None
    request: bytes = b""


@dataclass(frozen=True, slots=True)
class Found:
    """A kept answer; `distance` is that of the photos' hashes when it was found by likeness."""

    digest: bytes
    made: Made
    distance: int | None = None


@dataclass(slots=True)
class Counters:
    """What was asked and what came of it. `false_candidates` had a like photo and were something else."""

    exact: int = 0
    similar: int = 0
    miss: int = 0
    false_candidates: int = 0


IsLike = Callable[[bytes, bytes, bytes], bool]


@runtime_checkable
class Cache(Protocol):
    """Where answers are kept. Looking up never fails: what cannot be asked is not there."""

    counters: Counters = field(default_factory=Counters)

    def lacks(self, digest: bytes) -> bool:
        """Whether it is sure, without asking anybody, that there is neither this answer nor one to a like input.
        Any thread may ask.
        """

    async def exact(self, digest: bytes) -> Found | None:
        """The answer to exactly this input."""

    async def similar(self, scope: bytes, phash: int, is_like: IsLike) -> Found | None:
        """An answer to an input with a like photo that `is_like` confirms; it may run in a thread."""
