"""The job and the things that travel with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Any

import anyio

from facemask.service.cache.entry import Entry, svg_of
from facemask.service.cache.settings import CacheMode
from facemask.service.core.protocol import InspectedPhoto, Landmarks
from facemask.service.errors import ProblemError
from facemask.service.jobs.admission import Slot


class Status(StrEnum):
    """Where a job stands; the text is the wire's."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent, decoded and cheaply checked.

    Attributes:
        image, label_map: the files' bytes. The image is empty where `photo` stands for it.
        landmarks: float64 (n, 2), or None when the label map has to decide.
        options: keyword arguments of the engine's Options that the caller set.
        format: the format that the answer has besides the SVG.
        loadtest_mode: skip the simulated delay.
        decode_ms: how long it took to decode and check the request body.
        owner: whose it is: who sees the job, and shares its answer and its Idempotency-Key; empty without a key.
        cache: the most that it may be answered from.
        content: digest of the files' bytes and the landmarks; empty where no cache may answer.
        trace: W3C headers that lead to the trace it was submitted in.
        photo: all that the job needs of the image, where that is not its bytes.

    """

    image: bytes
    label_map: bytes
    landmarks: Landmarks | None = None
    options: dict[str, Any] = field(default_factory=dict)
    format: str = "svg"
    loadtest_mode: bool = False
    decode_ms: float = 0.0
    owner: bytes = b""
    cache: CacheMode = CacheMode.SIMILAR
    content: bytes = b""
    trace: dict[str, str] = field(default_factory=dict)
    photo: InspectedPhoto | None = None

    @property
    def files(self) -> tuple[bytes | InspectedPhoto, bytes, Landmarks | None]:
        """What the engine is given."""
        return self.image if self.photo is None else self.photo, self.label_map, self.landmarks


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key and the digest of the body it came with."""

    text: str
    digest: bytes

    def require(self, digest: bytes) -> None:
        """Raises `idempotency_key_reused` unless the body with `digest` is the one this key came with."""
        if digest != self.digest:
            detail = "this Idempotency-Key was sent before with another body"
            raise ProblemError("idempotency_key_reused", detail, "Idempotency-Key")


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How a job ended: its answer as finished JSON, built once, in two parts, of which `tail` may be shared with the
    cache; a completed one also has the ETag of its SVG, and the format that was asked for. `cached` is the digest under
    which the answer is kept for others, `entry` what is to be kept there because it is new; `code` is that of a failed
    job.
    """

    status: Status
    head: bytes
    etag: str = ""
    format: str = "svg"
    cached: bytes | None = None
    entry: Entry | None = None
    code: str = ""
    tail: bytes = b""

    @property
    def answer(self) -> bytes:
        """The JSON. Made when it is asked for: a thousand results would be kept twice."""
        return self.head + self.tail if self.tail else self.head

    @property
    def svg(self) -> bytes:
        """The document of a completed job."""
        return svg_of(self.tail or self.head)

    @property
    def size(self) -> int:
        """Bytes kept for this outcome."""
        return len(self.head) + len(self.tail)

    def __eq__(self, other: object) -> bool:
        """Whether both say the same."""
        return isinstance(other, Outcome) and self._said == other._said

    def __hash__(self) -> int:
        """As for every value."""
        return hash(self._said)

    @property
    def _said(self) -> tuple[object, ...]:
        return self.status, self.answer, self.etag, self.format


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A job as seen from outside at one moment; `outcome` is None until it ends."""

    id: str
    status: Status
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a submission gets: the job's id, and whether an earlier submission with the same key made it. `ended` is
    the job where it had its answer before it began.
    """

    id: str
    replayed: bool = False
    ended: Snapshot | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Work:
    """What the runner needs of a job. `erased` may turn true while it sleeps; `ended` fires then."""

    id: str
    submission: Submission | None
    accepted: float = field(default_factory=monotonic)
    erased: bool = False
    ended: anyio.Event = field(default_factory=anyio.Event)


@dataclass(slots=True, eq=False, kw_only=True)
class Job(Work):
    """A job of the memory engine. `submission` is dropped when the job ends; `ended` also fires when it is
    erased.
    """

    slot: Slot
    key: Key | None
    owner: bytes = b""
    status: Status = Status.PENDING
    outcome: Outcome | None = None

    def is_seen_by(self, owner: bytes | None) -> bool:
        """Whether a caller may know of it; None is everybody."""
        return owner is None or owner == self.owner

    def snapshot(self) -> Snapshot:
        """The job as it is now."""
        return Snapshot(self.id, self.status, self.outcome)
