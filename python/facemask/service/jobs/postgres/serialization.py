"""A submission as the columns of a row, and back."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from facemask.service.cache.settings import CacheMode
from facemask.service.jobs.job import Submission


class _About(msgspec.Struct, array_like=True):
    """What is small of a submission."""

    options: dict[str, Any]
    format: str
    loadtest_mode: bool
    decode_ms: float
    cache: CacheMode
    trace: dict[str, str] = {}  # absent, as what follows, in rows of earlier versions
    content: bytes = b""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_About).decode


def packed(submission: Submission) -> dict[str, Any]:
    """The columns of an input: `landmarks` are float64 pairs, little endian, as they lie in memory."""
    points = submission.landmarks
    return {
        "image": submission.image,
        "label_map": submission.label_map,
        "landmarks": None if points is None else np.ascontiguousarray(points, dtype="<f8").tobytes(),
        "about": _encode(_about(submission)),
    }


def _about(submission: Submission) -> _About:
    sent = submission
    return _About(sent.options, sent.format, sent.loadtest_mode, sent.decode_ms, sent.cache, sent.trace, sent.content)


def unpacked(image: bytes, label_map: bytes, landmarks: bytes | None, about: bytes, owner: bytes) -> Submission:
    """The submission of a row."""
    small = _decode(about)
    points = None if landmarks is None else np.frombuffer(landmarks, dtype="<f8").reshape(-1, 2)
    return Submission(
        image,
        label_map,
        points,
        small.options,
        small.format,
        small.loadtest_mode,
        small.decode_ms,
        owner,
        small.cache,
        small.content,
        small.trace,
    )
