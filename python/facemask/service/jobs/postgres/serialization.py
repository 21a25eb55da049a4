"""A submission as the columns of a row, and back."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from facemask.service.cache.settings import CacheMode
from facemask.service.jobs.job import Submission


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
    points = np.concatenate(landmarks) if isinstance(landmarks, list) else landmarks
    return {
        "image": submission.image,
        "label_map": submission.label_map,
        "landmarks": None if points is None else np.ascontiguousarray(points, dtype="<f8").tobytes(),
        "about": _encode(_metadata(submission)),
    }


def _metadata(submission: Submission) -> _Metadata:
    return _Metadata(
        submission.options,
        submission.format,
        submission.loadtest_mode,
        submission.decode_ms,
        submission.cache_mode,
        submission.trace_context,
        submission.content_digest,
        [len(points) for points in submission.landmarks] if isinstance(submission.landmarks, list) else [],
        submission.export_options,
        submission.detection,
    )


def from_columns(image: bytes, label_map: bytes, landmarks: bytes | None, about: bytes, owner: bytes) -> Submission:
    """Return the submission of a row."""
    metadata = _decode(about)
    points = None if landmarks is None else np.frombuffer(landmarks, dtype="<f8").reshape(-1, 2)
    sizes = metadata.face_sizes
    faces = points if points is None or not sizes else np.split(points, np.cumsum(sizes)[:-1])
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
