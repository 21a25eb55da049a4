"""How much the answer about a map of the size that networks give weighs."""

from collections.abc import Iterator

import facemask
import sample

from figures.figure import Figure


def sizes(curve: str) -> Iterator[Figure]:
    """Count points and bytes of the reference-like map."""
    labels, landmarks = sample.reference_like()
    mask = facemask.trace_face(labels, landmarks, curve=curve)
    points = sum(len(ring) for rings in mask.mask_contours.values() for ring in rings)
    exact = facemask.trace_face(labels, landmarks, curve="straight", tolerance=0)
    yield Figure("reference-like map: points in mask_contours", points, 1_200)
    yield Figure("reference-like map: SVG", len(mask.svg.encode()), 17_000, "bytes")
    yield Figure("reference-like map: SVG, exact mode", len(exact.svg.encode()), 17_000, "bytes")
