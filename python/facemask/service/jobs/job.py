"""Jobs, submissions, outcomes and snapshots."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Any

import anyio

from facemask.service.cache.entry import CacheEntry, svg_of, without_fields
from facemask.service.cache.settings import CacheMode
from facemask.service.core import parser
from facemask.service.core.protocol import InspectedPhoto, Landmarks
from facemask.service.errors import ProblemError
from facemask.service.jobs.admission import Slot


class JobStatus(StrEnum):
    """State of a job, as the API spells it."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Submission:
    """A decoded request body that has passed the cheap checks.

    Attributes:
        image, label_map: bytes of the files, empty where there is none. The image is also empty where `photo` replaces
            it.
        landmarks: in pixels or ratios of the photo, of one face or several; None when the label map has to decide.
        options: keyword arguments of the compiled module's `Options` that the client set.
        format: export format of the response's `file`; `svg` for none.
        loadtest_mode: skip the simulated delay.
        decode_ms: time that decoding and checking the body took.
        owner: owner of the job, of its cached response and of its Idempotency-Key; empty without a key.
        cache_mode: the highest mode in which the cache may answer.
        content_digest: digest of the files' bytes and the landmarks; empty where no cache may answer.
        trace_context: W3C headers of the trace it was submitted in.
        photo: what the job needs of the image, where that is not its bytes.
        export_options: options of the export format that the client set.
        detection: how the faces are to be detected: `face`, `min_size` and `tiles`, those that the client set; None
            where landmarks or a label map say where the face is.

    """

    image: bytes
    label_map: bytes
    landmarks: Landmarks | None = None
    options: dict[str, Any] = field(default_factory=dict)
    format: str = "svg"
    loadtest_mode: bool = False
    decode_ms: float = 0.0
    owner: bytes = b""
    cache_mode: CacheMode = CacheMode.SIMILAR
    content_digest: bytes = b""
    trace_context: dict[str, str] = field(default_factory=dict)
    photo: InspectedPhoto | None = None
    export_options: dict[str, Any] = field(default_factory=dict)
    detection: dict[str, Any] | None = None

    @property
    def core_inputs(self) -> tuple[bytes | InspectedPhoto | None, bytes | None, Landmarks | None]:
        """Photo, label map and landmarks, as the compiled module takes them; None for what there is not."""
        photo = (self.image or None) if self.photo is None else self.photo
        return photo, self.label_map or None, self.landmarks


def shows_photo(options: Mapping[str, Any]) -> bool:
    """Return whether a result depends on the photo's pixels.

    Such a job keeps the photo's file, and shares its result with jobs of that file only.
    """
    flags = ("crop_image", "measure_color", parser.OPTION)
    return options.get("embed_image", "none") != "none" or any(map(options.get, flags))


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """An Idempotency-Key and the digest of the body it came with."""

    text: str
    digest: bytes

    def require_digest(self, digest: bytes) -> None:
        """Raise `idempotency_key_reused` unless `digest` is that of the key's body."""
        if digest != self.digest:
            detail = "this Idempotency-Key was sent before with another body"
            raise ProblemError("idempotency_key_reused", detail, "Idempotency-Key")


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How a job ended, with the response body as finished JSON.

    Attributes:
        status: `COMPLETED` or `FAILED`.
        head: the body's own part, or all of it.
        etag: of the SVG of a completed job.
        format: the export format of a completed job.
        cache_digest: digest under which the response is in the cache.
        new_entry: what has to be inserted into the cache.
        code: error code of a failed job.
        tail: the body's part that may be shared with the cache.
        crop_image: the upright crop as a JPEG file, of a job that asked for it.

    """

    status: JobStatus
    head: bytes
    etag: str = ""
    format: str = "svg"
    cache_digest: bytes | None = None
    new_entry: CacheEntry | None = None
    code: str = ""
    tail: bytes = b""
    crop_image: bytes = b""

    @property
    def body(self) -> bytes:
        """The response body.

        Joined on request, or a thousand results would be stored twice.
        """
        return self.head + self.tail if self.tail else self.head

    def body_without(self, omitted: Collection[str]) -> bytes:
        """Return the response body without large fields of a completed job; that of another job stays as it is."""
        is_whole = not omitted or self.status is not JobStatus.COMPLETED
        return self.body if is_whole else without_fields(self.body, omitted)

    @property
    def svg(self) -> bytes:
        """The SVG of a completed job."""
        return svg_of(self.tail or self.head)

    @property
    def size(self) -> int:
        """Bytes of the response body and of the crop."""
        return len(self.head) + len(self.tail) + len(self.crop_image)

    def __eq__(self, other: object) -> bool:
        """Compare what clients can see."""
        return isinstance(other, Outcome) and self._visible == other._visible

    def __hash__(self) -> int:
        """Hash what clients can see."""
        return hash(self._visible)

    @property
    def _visible(self) -> tuple[object, ...]:
        return self.status, self.body, self.etag, self.format, self.crop_image


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A job at one moment; `outcome` is None until it ends."""

    id: str
    status: JobStatus
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class SubmissionReceipt:
    """The result of a submission.

    `replayed`: an earlier submission with the same key created the job. `finished` is the job where the cache answered
    it before it started.
    """

    id: str
    replayed: bool = False
    finished: Snapshot | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class RunningJob:
    """A job as the runner needs it.

    `is_erased` may become true while it sleeps; `ended` is set then.
    """

    id: str
    submission: Submission | None
    accepted_at: float = field(default_factory=monotonic)
    is_erased: bool = False
    ended: anyio.Event = field(default_factory=anyio.Event)


@dataclass(slots=True, eq=False, kw_only=True)
class MemoryJob(RunningJob):
    """A job of the memory engine.

    `submission` is dropped when the job ends; `ended` is also set when it is erased.
    """

    slot: Slot
    key: IdempotencyKey | None
    owner: bytes = b""
    status: JobStatus = JobStatus.PENDING
    outcome: Outcome | None = None

    def is_visible_to(self, owner: bytes | None) -> bool:
        """Return whether an owner may access it; None is everybody."""
        return owner is None or owner == self.owner

    def snapshot(self) -> Snapshot:
        """Return the job as it is now."""
        return Snapshot(self.id, self.status, self.outcome)
