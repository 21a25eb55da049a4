"""How far outlines of a still face move from frame to frame, without and with the filter of `trace_sequence`."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import facemask
import numpy as np
import shapely
from bounds import BoundedValue
from support import sample
from support.boundary_distance import boundary

NOISE = 1.0  # pixels, the standard deviation in x and in y; the face is 400 pixels wide
_FRAMES = 30
_WARM_UP = 8  # the first frames have little past to lean on
_SIZE = (sample.LABELS.shape[1], sample.LABELS.shape[0])


def flicker(curve: str) -> Iterator[BoundedValue]:
    """Measure the mean distance between outlines of the same region in consecutive frames, and the change of roll."""
    for regions in ("labels", "zones"):
        raw, smoothed = (
            _movement(trace(_frames(), regions=regions, curve=curve, frame="image"))
            for trace in (facemask.trace_many, facemask.trace_sequence)
        )
        yield BoundedValue(f"{regions} of a still face move a frame, smoothed", smoothed, 0.3 * NOISE, "px")
        yield BoundedValue("  as a share of those without the filter", smoothed / raw, 0.3)
    raw, smoothed = (_turn(trace(_frames(), curve=curve)) for trace in (facemask.trace_many, facemask.trace_sequence))
    yield BoundedValue("roll of a still face turns a frame, smoothed", smoothed, 0.12, "deg")
    yield BoundedValue("  as a share of that without the filter", smoothed / raw, 0.3)


def _frames() -> list[dict[str, Any]]:
    random = np.random.default_rng(5)
    noise = random.normal(0.0, NOISE, (_FRAMES, *sample.LANDMARKS.shape))
    return [{"landmarks": sample.LANDMARKS + each, "image_size": _SIZE} for each in noise]


def _movement(results: Iterator[Any]) -> float:
    """Return the mean distance of an outline to that of the frame before, along its length, over regions and frames."""
    outlines = [
        {name: boundary(contour) for name, contour in result.mask.contours.items()} for result in _steady(results)
    ]
    distances = [
        _mean_distance(after[name], before[name])
        for before, after in itertools.pairwise(outlines)
        for name in before.keys() & after.keys()
    ]
    return float(np.mean(distances))


def _mean_distance(a: shapely.MultiLineString, b: shapely.MultiLineString, step: float = 2.0) -> float:
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(a, step)))
    shapely.prepare(b)
    return float(shapely.distance(points, b).mean())


def _turn(results: Iterator[Any]) -> float:
    return float(np.abs(np.diff([result.mask.roll_degrees for result in _steady(results)])).mean())


def _steady(results: Iterator[Any]) -> Sequence[Any]:
    return list(results)[_WARM_UP:]
