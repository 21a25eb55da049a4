"""A submission as the columns of a row, and back."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from facemask.service.cache.settings import CacheMode
from facemask.service.core.native import LandmarkPoints
from facemask.service.jobs.job import Submission

_POINT_BYTES: Final = 16  # two float64


class _Metadata(msgspec.Struct, array_like=True):
    """The small fields of a submission, by position."""

    options: dict[str, Any]
    format: str
    loadtest_mode: bool
    decode_ms: float
    cache_mode: CacheMode
    trace_context: dict[str, str] = {}  # absent, as the following ones, in rows of earlier versions
    content_digest: bytes = b""
    face_sizes: list[int] = []  # the number of points of each of several faces
    export_options: dict[str, Any] = {}
    detection: dict[str, Any] | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Metadata).decode


def to_columns(submission: Submission) -> dict[str, Any]:
    """Return the columns of an input. `landmarks` are float64 pairs of all faces, little endian."""
    landmarks = submission.landmarks
    return {
        "image": submission.image,
        "label_map": submission.label_map,
        "landmarks": None if landmarks is None else landmarks.to_bytes(),
        "about": _encode(_metadata(submission)),
    }


def _metadata(submission: Submission) -> _Metadata:
    counts = [] if submission.landmarks is None else submission.landmarks.counts
    return _Metadata(
        submission.options,
        submission.format,
        submission.loadtest_mode,
        submission.decode_ms,
        submission.cache_mode,
        submission.trace_context,
        submission.content_digest,
        counts if len(counts) > 1 else [],
        submission.export_options,
        submission.detection,
    )


def from_columns(image: bytes, label_map: bytes, landmarks: bytes | None, about: bytes, owner: bytes) -> Submission:
    """Return the submission of a row."""
    metadata = _decode(about)
    faces = None
    if landmarks is not None:
        counts = metadata.face_sizes or [len(landmarks) // _POINT_BYTES]
        faces = LandmarkPoints.from_bytes(bytes(landmarks), counts)
    return Submission(
        image,
        label_map,
        faces,
        metadata.options,
        metadata.format,
        metadata.loadtest_mode,
        metadata.decode_ms,
        owner,
        metadata.cache_mode,
        metadata.content_digest,
        metadata.trace_context,
        export_options=metadata.export_options,
        detection=metadata.detection,
    )
