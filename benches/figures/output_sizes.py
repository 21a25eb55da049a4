"""Sizes of the output for large maps: one as from a network, and one enlarged by the nearest neighbor."""

from collections.abc import Iterator

import facemask
from bounds import BoundedValue
from support import sample


def sizes(curve: str) -> Iterator[BoundedValue]:
    """Points and bytes of both maps.

    The bounds that matter are those of the reference-like map. Borders of a map enlarged by the nearest neighbor are
    rougher. No pixel center may change sides, so their curves take more points. The bytes count every region and, since
    lines are drawn once, every border as a path of its own: a third more than the regions alone. True areas cost
    another 1.5 %.
    """
    for name, (labels, landmarks), most in (
        ("reference-like map", sample.reference_like(), (1_200, 22_500, 17_500)),
        ("by the nearest pixel", sample.enlarge_nearest(), (1_800, 32_000, 21_500)),
    ):
        mask = facemask.trace_face(labels, landmarks, curve=curve)
        points = sum(len(ring) for rings in mask.mask_contours.values() for ring in rings)
        exact = facemask.trace_face(labels, landmarks, curve="straight", tolerance=0)
        yield BoundedValue(f"{name}: points in mask_contours", points, most[0])
        yield BoundedValue(f"{name}: SVG", len(mask.svg.encode()), most[1], "bytes")
        yield BoundedValue(f"{name}: SVG, exact mode", len(exact.svg.encode()), most[2], "bytes")
    # Bytes while every outline was a stroke of its region, and the growth that borders and references may cost.
    for style, before, growth in (
        ("default", 15_710, 1.45),
        ("numbered", 16_373, 1.45),
        ("outline", 12_449, 1.45),
        ("solid", 15_267, 1.06),
        ("cut", 12_449, 0.6),
    ):
        drawing = facemask.trace_face(sample.LABELS, sample.LANDMARKS, curve=curve, style=style)
        yield BoundedValue(f"sample: SVG, style {style}", len(drawing.svg.encode()), round(before * growth), "bytes")
