"""Jobs of a photo alone: its faces are detected, traced one by one, and joined into one response."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec

from facemask.service.cache.entry import SharedResponse
from facemask.service.core.face_detection import DETECTED_OPTIONS
from facemask.service.core.parser import ServiceParser, core_options
from facemask.service.core.protocol import CoreModule, TraceResult
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import Submission
from facemask.service.schemas import DetectedBody

if TYPE_CHECKING:
    from facemask.detection.detected_face import DetectedFace
    from facemask.photo_trace import PhotoFaces

_encode = msgspec.json.Encoder().encode
_DECIMALS: Final = 4
_FURTHER_FACES: Final = b',"further_faces":['


def detect_faces(core: CoreModule, limits: Any, submission: Submission) -> PhotoFaces:
    """Detect the faces of a submission's photo. Raises the compiled module's errors."""
    has_labels = bool(submission.label_map)
    return core.detect_faces_in(submission.image, limits, has_labels=has_labels, options=submission.detection or {})


def trace_faces(
    core: CoreModule, limits: Any, submission: Submission, found: PhotoFaces, parser: ServiceParser | None
) -> Iterator[tuple[DetectedFace | None, TraceResult]]:
    """Trace the chosen faces one after another, each beside what was detected of it.

    The face is None where the label map chose it. Raises the compiled module's errors.
    """
    photo, label_map, _ = submission.core_inputs
    given = {**core_options(submission.options, parser), **DETECTED_OPTIONS}
    for index in found.chosen:
        options = core.Options(**given, face=index)
        result = core.trace_bytes(photo, label_map, found.landmarks, options, limits, with_response=True)
        is_unknown = index is None and label_map is not None
        yield (None if is_unknown else found.faces[index or 0]), result


class FacesResponse:
    """The response of several faces: that of the first one, in which `further_faces` has the same of each other one.

    Attributes:
        crop_image: the upright crop of the first face, as a JPEG file; empty where the job did not ask for it.

    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._responses: list[SharedResponse] = []
        self._size = 0
        self.crop_image = b""

    def add(self, face: DetectedFace | None, response: SharedResponse) -> None:
        """Add a face.

        Raises `result_too_large` once all together have too many bytes, before more of them are traced.
        """
        detected = b"null" if face is None else _encode(_detected_body(face))
        tail = response.tail[:-1] + b',"detected":' + detected + b"}"
        self._size += len(tail) + 2
        if self._size > self._max_bytes:
            detail = f"{len(self._responses) + 1} faces have {self._size} bytes, an answer may have {self._max_bytes}"
            raise ProblemError("result_too_large", f"{detail}; choose a face, or set min_size")
        self._responses.append(SharedResponse(tail, response.etag, response.format))

    @property
    def shared(self) -> SharedResponse:
        """All faces as one response."""
        first, *others = self._responses
        if not others:
            return first
        further = b",".join(b"{" + other.tail for other in others)
        return SharedResponse(first.tail[:-1] + _FURTHER_FACES + further + b"]}", first.etag, first.format)


def _detected_body(face: DetectedFace) -> DetectedBody:
    left, top, width, height = (round(number, 2) for number in face.box)
    shares = (round(share, _DECIMALS) for share in (face.score, face.presence, face.agreement))
    return DetectedBody([left, top, width, height], *shares)
