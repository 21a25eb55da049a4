"""trace_sequence: the frames of a video or a burst, with landmarks that do not tremble and a crop of one size."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Unpack, cast

from facemask.batch.item import BrokenItem, name_of, read_item_faces
from facemask.batch.one_euro import OneEuroFilter
from facemask.batch.results import Failure, Result
from facemask.batch.trace_many import check_stream, trace_many
from facemask.landmarks import Faces
from facemask.types.options import ItemOptions
from facemask.validation import check_number, is_facemask_error, make_error, short_repr


class LandmarkSmoother:
    """Smooths the landmarks of frames over time, also over frames without."""

    def __init__(self, *, fps: float, min_cutoff: float, beta: float) -> None:
        """Create a smoother, with the arguments of `trace_sequence`.

        Raises:
            FacemaskError: `option_invalid`.

        """
        for name, value, least in (("fps", fps, 0.0), ("min_cutoff", min_cutoff, 0.0), ("beta", beta, -1.0)):
            number = check_number(name, value)
            if not (math.isfinite(number) and number > least and number >= 0.0):
                rule = "a number from 0 on" if least < 0.0 else "a number above 0"
                raise make_error("option_invalid", name, f"must be {rule}, got {number}")
        self._filter = OneEuroFilter(min_cutoff=min_cutoff, beta=beta)
        self._period = 1.0 / fps
        self._gap = 1

    def smooth(self, faces: Faces) -> Faces:
        """Return the smoothed landmarks of the next frame, which are of one face."""
        points = self._filter.filter(faces.points[0], self._gap * self._period)
        self._gap = 1
        return Faces([points], faces.units)

    def skip(self) -> None:
        """Pass a frame without landmarks."""
        self._gap += 1


def trace_sequence(
    frames: Iterable[Mapping[str, Any]],
    *,
    fps: float = 30.0,
    min_cutoff: float = 1.0,
    beta: float = 20.0,
    workers: int | None = None,
    window: int | None = None,
    **options: Unpack[ItemOptions],
) -> Iterator[Result | Failure]:
    """Trace the frames of a sequence, with the landmarks smoothed over time by the one-euro filter.

    Roll and crop follow the landmarks, so they are as steady; so are regions of landmarks alone and zones. Outlines of
    a label map stay those of its frame. All crops have the size of the first, unless `crop_size` names one. Ids of
    regions are those of the labels, so they are kept.

    Args:
        frames: the frames in order, dicts as of `trace_many`; each has landmarks of one face, or `None` where a
            detector found none. A frame without landmarks is a failure, and the filter goes on after the gap.
        fps: frames a second.
        min_cutoff: cutoff frequency of the filter for a face at rest, in hertz; smaller is steadier.
        beta: growth of the cutoff with speed, in hertz for each face size a second; larger lags less.
        workers, window: as of `trace_many`.
        options: options of every frame, as of `trace_many`.

    Returns:
        An iterator of `Result` and `Failure`, in the order of the frames.

    Raises:
        FacemaskError: `option_invalid`, at the call.

    Examples:
        >>> frames = [{"labels": labels, "landmarks": landmarks}] * 3
        >>> [frame.mask.size for frame in facemask.trace_sequence(frames, fps=25.0)]
        [(388, 502), (388, 502), (388, 502)]

    """
    smoother = LandmarkSmoother(fps=fps, min_cutoff=min_cutoff, beta=beta)
    check_stream("frames", frames, "an iterable of dicts")
    smoothed = _smooth(frames, smoother)
    trace_many((), workers=workers, window=window, **options)  # checks the options
    return _trace(smoothed, options.get("crop_size"), workers, window, cast("dict[str, Any]", options))


def _trace(
    frames: Iterator[Any], crop_size: Any, workers: int | None, window: int | None, options: dict[str, Any]
) -> Iterator[Result | Failure]:
    """Trace frames one by one until one tells the size of the crops, then the rest in threads."""
    offset = 0
    while crop_size is None:
        frame = next(frames, None)
        if frame is None:
            return
        (first,) = trace_many([frame], workers=1, **options)
        yield _renumber(first, offset)
        offset += 1
        if isinstance(first, Result):
            crop_size = first.mask.size if first.mask.frame == "crop" else None
            break
    sized = options if crop_size is None else {**options, "crop_size": crop_size}
    results = trace_many(frames, workers=workers, window=window, **sized)
    try:
        for result in results:
            yield _renumber(result, offset)
    finally:
        results.close()  # type: ignore[attr-defined]


def _renumber(result: Result | Failure, offset: int) -> Result | Failure:
    return replace(result, index=result.index + offset)


def _smooth(frames: Iterable[Any], smoother: LandmarkSmoother) -> Iterator[Any]:
    """Yield the frames with smoothed landmarks; a frame without usable landmarks as it is, for its error."""
    for frame in frames:
        try:
            faces = _read_one_face(frame)
        except ValueError as error:
            if not is_facemask_error(error):
                raise
            smoother.skip()
            yield BrokenItem(name_of(frame), error)
            continue
        yield {**frame, "landmarks": smoother.smooth(faces)}


def _read_one_face(frame: Any) -> Faces:
    if not isinstance(frame, Mapping):
        raise make_error("option_invalid", "frames", f"must be dicts with landmarks, got {short_repr(frame)}")
    return check_one_face(read_item_faces(frame.get("landmarks")))


def check_one_face(faces: Faces) -> Faces:
    """Return landmarks that are of one face. Raises `landmarks_invalid`."""
    if faces.is_empty:
        raise make_error("landmarks_invalid", "landmarks", "are missing, and a sequence is smoothed by them")
    if len(faces.points) != 1:
        detail = f"must be of one face, got {len(faces.points)}; choose the face that the sequence follows"
        raise make_error("landmarks_invalid", "landmarks", detail)
    return faces
