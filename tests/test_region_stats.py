"""Perimeters and the symmetry of pairs, against shapely."""

import facemask
import numpy as np
import pytest
import shapely
from facemask import Contour, FaceMask
from shapely import affinity
from support import sample

# The column between the eyes.
MIDDLE = int(np.mean([np.flatnonzero((eye == sample.LABELS).any(axis=0)).mean() for eye in (4, 5)]))
PAIRS = [["brow_r", "brow_l"], ["eye_r", "eye_l"]]


def shape(contour: Contour) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(part[0], part[1:]) for part in contour.polygons()])


def by_name(mask: FaceMask) -> dict[str, shapely.Geometry]:
    return {region["name"]: shape(mask.contours[str(region["id"])]) for region in mask.regions}


def face(angle: float = 0.0, mirror: str = "none", **options: object) -> FaceMask:
    copy = sample.copy(angle, mirror)
    return facemask.trace_face(copy.labels, copy.landmarks, image_size=copy.photo.size, **options)


def test_perimeter_is_the_length_of_all_rings() -> None:
    mask = face()
    for region in mask.regions:
        expected = shape(mask.contours[str(region["id"])]).length
        assert region["perimeter"] == pytest.approx(expected, abs=0.01)


def test_pairs_are_compared_over_the_line_between_the_eyes() -> None:
    mask = face()
    assert [found["pair"] for found in mask.symmetry] == PAIRS
    shapes = by_name(mask)
    corners = {"r": (33, 133), "l": (362, 263)}
    a, b, c, _, e, _ = mask.crop_from_image
    eyes = [np.mean([sample.LANDMARKS[i] @ (a, b) + c for i in corners[side]]) for side in "rl"]
    assert (b, e) != (0, 0)
    midline = float(np.mean(eyes))
    for found in mask.symmetry:
        right, left = (shapes[name] for name in found["pair"])
        mirrored = affinity.scale(left, -1, 1, origin=(midline, 0))
        ratio = min(right.area, left.area) / max(right.area, left.area)
        iou = right.intersection(mirrored).area / right.union(mirrored).area
        assert found["area_ratio"] == pytest.approx(ratio, abs=2e-4)
        assert found["iou"] == pytest.approx(iou, abs=2e-3)
        assert 0.0 < found["iou"] < 1.0


@pytest.mark.parametrize(("angle", "mirror"), [(30.0, "none"), (-100.0, "none"), (0.0, "pixels"), (45.0, "points")])
def test_turning_and_mirroring_change_nothing(angle: float, mirror: str) -> None:
    for found, turned in zip(face().symmetry, face(angle, mirror).symmetry, strict=True):
        assert found["pair"] == turned["pair"]
        assert turned["area_ratio"] == pytest.approx(found["area_ratio"], abs=0.03)
        assert turned["iou"] == pytest.approx(found["iou"], abs=0.05)


def test_a_mirror_image_is_symmetric() -> None:
    half = sample.LABELS[:, :MIDDLE]
    swap = np.arange(256, dtype=np.uint8)
    swap[[2, 3, 4, 5]] = [3, 2, 5, 4]
    labels = np.hstack([half, swap[half[:, ::-1]]])
    mask = facemask.trace_face(labels, crop="none", label_scheme="lapa-11", tolerance=0)
    assert [found["pair"] for found in mask.symmetry] == PAIRS
    assert all(found["area_ratio"] > 0.99 and found["iou"] > 0.97 for found in mask.symmetry)


def test_the_crop_box_does_not_cut_what_is_compared() -> None:
    """Names of any pair count; hair is cut by the crop of the face, and the figures stay."""
    labels = sample.LABELS.copy()
    labels[(labels == 10) & (np.arange(labels.shape[1]) >= MIDDLE)] = 11
    names = {10: "hair_r", 11: "hair_l"}
    figures = []
    for crop in ("face", "none"):
        mask = facemask.trace_face(labels, sample.LANDMARKS, crop=crop, label_names=names)
        figures.append(next(found for found in mask.symmetry if found["pair"] == ["hair_r", "hair_l"]))
    assert figures[0] == figures[1]


def test_the_answer_says_how_pixels_belong_together() -> None:
    mask = face()
    assert mask.connectivity == mask.to_dict()["connectivity"] == 4
    assert mask.to_dict()["symmetry"] == mask.symmetry
    labels = np.kron(np.eye(2, dtype=np.uint8), np.ones((9, 9), np.uint8))
    assert len(facemask.find_contours(labels)[1].polygons()) == 2


def test_no_pair_no_figure() -> None:
    labels = np.where(sample.LABELS == 4, 1, sample.LABELS).astype(np.uint8)
    mask = facemask.trace_face(labels, sample.LANDMARKS, label_scheme="lapa-11")
    assert [found["pair"] for found in mask.symmetry] == PAIRS[:1]
