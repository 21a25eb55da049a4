"""How much the answer about a large map weighs: one as networks give it, and one enlarged by the nearest pixel."""

from collections.abc import Iterator

import facemask
from support import sample

from figures.figure import Figure


def sizes(curve: str) -> Iterator[Figure]:
    """Count points and bytes of both maps.

    What is asked is asked of the reference-like one. Every pixel centre on its own side leaves a curve little room on a
    border as uneven as that of a map enlarged by the nearest pixel: it takes more points, and more of a drawing.
    """
    for name, (labels, landmarks), most in (
        ("reference-like map", sample.reference_like(), (1_200, 17_000)),
        ("by the nearest pixel", sample.enlarge_nearest(), (1_800, 23_500)),
    ):
        mask = facemask.trace_face(labels, landmarks, curve=curve)
        points = sum(len(ring) for rings in mask.mask_contours.values() for ring in rings)
        exact = facemask.trace_face(labels, landmarks, curve="straight", tolerance=0)
        yield Figure(f"{name}: points in mask_contours", points, most[0])
        yield Figure(f"{name}: SVG", len(mask.svg.encode()), most[1], "bytes")
        yield Figure(f"{name}: SVG, exact mode", len(exact.svg.encode()), 17_000, "bytes")
