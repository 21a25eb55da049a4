"""All names here that are not public. A redesign that renames one of them changes this module and no other.

What is public: `facemask.__all__`, the command line, and HTTP.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from facemask._core import Limits, Options, check_input, fingerprint, label_schemes, landmark_schemes, luma_thumbnail
from facemask.service.cache.key import options_key, request_digest
from facemask.service.cache.photo_hash import photo_hash
from numpy.typing import NDArray

__all__ = ["Submission", "cache_digests", "label_schemes", "landmark_schemes"]

_VERSION = "0"  # in place of the package's, which a release changes


@dataclass(frozen=True)
class Submission:
    """The parts of a submission that a digest depends on."""

    image: bytes
    label_map: bytes
    landmarks: NDArray[np.float64] | None
    options: dict[str, Any]
    format: str = "svg"
    owner: bytes = b""
    export_options: dict[str, Any] = field(default_factory=dict)


def cache_digests(submission: Submission) -> Iterator[tuple[str, bytes]]:
    """Yield every digest by which a stored answer is found. A change of one empties the caches of deployed services."""
    limits, files = Limits(), (submission.image, submission.label_map)
    key = options_key(submission.options, submission.format, submission.export_options, submission.owner, _VERSION)
    content, _ = check_input(*files, submission.landmarks, limits, digest=True, inspect=False)
    digests = fingerprint(*files, submission.landmarks, Options(**submission.options), limits, key)
    thumbnail = luma_thumbnail(submission.image, limits)
    yield "options key", key
    yield "content digest", content
    yield "request digest", request_digest(key, content)
    yield "exact digest", digests.exact
    yield "scope digest", digests.scope() or b"none"
    yield "thumbnail", thumbnail
    yield "perceptual hash", str(photo_hash(thumbnail)).encode()
