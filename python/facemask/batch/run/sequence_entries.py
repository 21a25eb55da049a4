"""The frames of a sequence as faces of a run: landmarks smoothed over time, crops of one size.

Each frame depends on those before it, so they pass in order. What comes out is an ordinary face with points of its own:
journal, outputs and shards know nothing of the sequence, and a changed frame changes the hashes of those behind it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from facemask.batch.item import describe_error, detect_face, read_item_faces, trace_item
from facemask.batch.layouts.entry import Entry
from facemask.batch.sequence import LandmarkSmoother, check_one_face
from facemask.batch.threads import WINDOW_PER_WORKER, map_in_threads
from facemask.decoding import decode_image
from facemask.landmarks import Faces


@dataclass(frozen=True, slots=True)
class Smoothing:
    """The options of `trace_sequence` for the filter: frames a second, and its two parameters."""

    fps: float = 30.0
    min_cutoff: float = 1.0
    beta: float = 20.0

    def smoother(self) -> LandmarkSmoother:
        """Return a filter at rest. Raises `option_invalid`."""
        return LandmarkSmoother(fps=self.fps, min_cutoff=self.min_cutoff, beta=self.beta)


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame with its landmarks and the options that describe them, or with its error."""

    entry: Entry
    faces: Faces | None = None
    options: Mapping[str, Any] | None = None
    error: tuple[str, str, str] | None = None


def steady_entries(
    entries: Iterable[Entry], smoothing: Smoothing, options: Mapping[str, Any], workers: int
) -> Iterator[Entry]:
    """Yield the faces with smoothed landmarks, and with the size of the first crop where the options name none.

    Args:
        entries: the frames in order. Faces of photos alone are detected, in threads.
        smoothing: the filter.
        options: options of every trace.
        workers: number of threads.

    """
    smoother = smoothing.smoother()
    wants_size = "crop_size" not in options and options.get("frame", "crop") == "crop"
    size: tuple[int, int] | None = None
    window = WINDOW_PER_WORKER * workers
    frames = map_in_threads(partial(_read_frame, options), entries, workers=workers, window=window, ordered=True)
    with closing(frames):  # type: ignore[type-var]
        for frame in frames:
            if frame.faces is None:
                smoother.skip()
                yield replace(frame.entry, problem=frame.error)
                continue
            smoothed = smoother.smooth(frame.faces)
            own = {**frame.entry.options, **(frame.options or {})}
            if size is not None:
                own["crop_size"] = size
            entry = replace(frame.entry, landmarks=None, points=smoothed.points[0].tolist(), options=own)
            if wants_size and size is None:
                size = _trace_size(entry, options)
            yield entry


def _read_frame(options: Mapping[str, Any], entry: Entry) -> _Frame:
    """Read or detect the landmarks of a frame. Runs in a thread."""
    try:
        item = entry.load().to_item(entry.source, entry.options)
        faces = read_item_faces(item.get("landmarks"))
        own: dict[str, Any] = {"landmark_units": faces.resolve_units(options.get("landmark_units", "auto"))}
        chosen = options.get("face")
        if faces.is_empty and "labels" not in item:
            faces, found = detect_face(decode_image(item["image"]), options)
            own = {name: value for name, value in found.items() if options.get(name) != value}
            own["landmarks_frame"] = "oriented"  # the photo was turned by its EXIF orientation
            chosen = found["face"] or 0  # they are in the order of their sizes
        if chosen is not None and 0 <= chosen < len(faces.points):
            faces = Faces([faces.points[chosen]], faces.units)
        check_one_face(faces)
    except Exception as error:  # noqa: BLE001 - one frame must not end the others
        return _Frame(entry, error=describe_error(error))
    return _Frame(entry, faces, own | {"face": None})


def _trace_size(entry: Entry, options: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the size of a frame's crop; None where it cannot be traced, which its own turn explains."""
    try:
        mask, _ = trace_item(entry.load().to_item(entry.source, entry.options), options)
    except Exception:  # noqa: BLE001
        return None
    return mask.size
