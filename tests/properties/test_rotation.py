"""Rotating or mirroring the input rotates or mirrors the result, and changes nothing else."""

import math

import facemask
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.synthetic_face import Face, to_crop_frame

# Dear examples: a part of what the profile says.
FEWER = settings(max_examples=settings().max_examples // 3)

SWAPPED = {"brow_r": "brow_l", "brow_l": "brow_r", "eye_r": "eye_l", "eye_l": "eye_r"}
ANGLES = st.floats(-180, 180, exclude_min=True)
AREAS = {
    r["name"]: r["area"] for r in facemask.trace_face(Face().labels, Face().landmarks, crop="none", tolerance=0).regions
}


def angle_between(a: float, b: float) -> float:
    """Degrees between two directions."""
    return abs((a - b + 180) % 360 - 180)


@FEWER
@given(ANGLES, st.sampled_from(["none", "points", "pixels"]), st.booleans())
@example(180.0, "none", False)
@example(90.0, "pixels", True)
def test_a_face_drawn_at_any_angle_comes_out_upright(angle: float, mirror: str, by_labels: bool):
    face = Face(angle=angle, mirror=mirror)
    mask = facemask.trace_face(face.labels, None if by_labels else face.landmarks, crop="none", tolerance=0)
    # From labels alone the roll is read off pixels: a fraction of a pixel over the 106 px between the eyes.
    assert angle_between(mask.roll_degrees, angle) < (0.5 if by_labels else 1e-6)
    assert mask.mirrored == (mirror == "pixels")
    points = to_crop_frame(face.landmarks, mask.crop_from_image)
    eyes = points[1] - points[0] if mirror != "pixels" else points[0] - points[1]
    assert abs(math.degrees(math.atan2(eyes[1], eyes[0]))) < 0.5
    assert points[3:, 1].min() > points[:2, 1].max(), "the mouth is below the eyes"
    found = {region["name"]: region for region in mask.regions}
    pixels = np.bincount(face.labels.ravel(), minlength=256)
    for name, area in AREAS.items():
        # A detector run on the mirror image calls the other brow the right one.
        region = found[SWAPPED.get(name, name) if mirror == "points" else name]
        # A ring cuts four corners more than it fills, an eighth of a pixel each, and a hole the other way round.
        rings = len(list(mask.contours[str(region["id"])].rings()))
        assert region["area"] == pytest.approx(pixels[region["id"]] + rings / 2 - 1, abs=0.5), name
        # Each map asks the formula at other places: what is 15 px high may gain or lose a row.
        assert region["area"] == pytest.approx(area, rel=0.01, abs=50), name
    assert set(found) == set(AREAS)


@FEWER
@given(
    st.floats(-45, 45),
    st.tuples(st.integers(200, 300), st.integers(200, 300)),
    # At other tolerances the box of the head moves with the vertices that are kept.
    st.sampled_from([("none", 0.0), ("head", 0.0), ("face", 0.0), ("none", 0.5), ("face", 2.0)]),
)
def test_exact_quarter_turns_give_the_same_answer(angle: float, size: tuple[int, int], how: tuple[str, float]):
    crop, tolerance = how
    face = Face(angle=angle, size=size, scale=1.2)
    labels, points, (width, height) = face.labels, face.landmarks, size
    first = facemask.trace_face(labels, points, crop=crop, tolerance=tolerance)
    for _ in range(3):
        # np.rot90 turns anticlockwise on screen: (x, y) goes to (y, width - x), and the sides change places.
        labels, points = np.rot90(labels), np.stack([points[:, 1], width - points[:, 0]], axis=1)
        width, height = height, width
        turned = facemask.trace_face(labels, points, crop=crop, tolerance=tolerance)
        assert turned.size == first.size
        assert to_crop_frame(points, turned.crop_from_image) == pytest.approx(
            to_crop_frame(face.landmarks, first.crop_from_image), abs=1e-6
        )
        for key, contour in first.contours.items():
            # Where walks begin elsewhere other vertices may be kept, each within the tolerance of the traced border.
            allowed = 1e-6 + 2 * tolerance * perimeter(contour)
            assert turned.contours[key].area == pytest.approx(contour.area, abs=allowed)
        if tolerance == 0:
            assert vertices(turned) == vertices(first)


def perimeter(contour: facemask.Contour) -> float:
    return sum(float(np.hypot(*(ring - np.roll(ring, 1, axis=0)).T).sum()) for ring in contour.rings())


def vertices(mask: facemask.FaceMask) -> dict[str, list[tuple[float, float]]]:
    """All vertices, rounded so that the last bits of a turn cannot tell."""
    return {
        key: sorted({(round(x, 3) + 0.0, round(y, 3) + 0.0) for x, y in contour.points.tolist()})
        for key, contour in mask.contours.items()
    }


@FEWER
@given(st.floats(-60, 60))
def test_the_mirror_image_of_a_face_gives_the_mirror_image_of_the_answer(angle: float):
    face = Face(angle=angle)
    flipped = np.ascontiguousarray(face.labels[:, ::-1])
    points = face.landmarks * [-1, 1] + [face.size[0], 0]
    plain = facemask.trace_face(face.labels, face.landmarks, crop="none", tolerance=0)
    mirrored = facemask.trace_face(flipped, points, crop="none", tolerance=0)
    assert (plain.mirrored, mirrored.mirrored) == (False, True)
    assert mirrored.size == plain.size
    assert mirrored.roll_degrees == pytest.approx(-plain.roll_degrees, abs=1e-9)
    width, found = plain.size[0], vertices(mirrored)
    for key, contour in plain.contours.items():
        expected = sorted((round(width - x, 3) + 0.0, round(y, 3) + 0.0) for x, y in contour.points.tolist())
        assert found[key] == sorted(set(expected))


@FEWER
@given(st.floats(-180, 180, exclude_min=True), st.sampled_from(["face", "head", "none"]))
def test_contours_lie_in_the_box_and_the_matrix_is_a_turn_without_scale(angle: float, crop: str):
    face = Face(angle=angle)
    mask = facemask.trace_face(face.labels, face.landmarks, crop=crop)
    a, b, _, d, e, _ = mask.crop_from_image
    assert (a, b) == pytest.approx((e, -d))
    assert a * e - b * d == pytest.approx(1.0)
    width, height = mask.size
    for contour in mask.contours.values():
        assert contour.points.min() >= 0
        assert contour.points[:, 0].max() <= width
        assert contour.points[:, 1].max() <= height
