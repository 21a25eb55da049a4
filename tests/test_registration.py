"""Landmarks and label maps that do not belong together: what a caller is told, and that right pairs are let pass."""

from collections.abc import Callable
from typing import Any

import facemask
import numpy as np
import pytest
from numpy.typing import NDArray
from support import sample
from support.landmark_schemes import to_scheme
from support.sample import LABELS, LANDMARKS
from support.synthetic_face import Face

Points = NDArray[np.float64]
Labels = NDArray[np.uint8]
SCHEMES = list(facemask._core.landmark_schemes())
SIDE = 900
MISMATCH = "landmarks_do_not_match_map"


def outcome(labels: Labels, points: Points, **options: Any) -> list[tuple[str, str]]:
    """Codes and sentences of the warnings, or of the error."""
    try:
        mask = facemask.trace_face(labels, points, **options)
    except facemask.FacemaskError as error:
        return [(error.code, error.detail)]
    return [(warning["code"], warning["detail"]) for warning in mask.warnings]


def exchange_ids(labels: Labels) -> Labels:
    table = np.arange(256, dtype=np.uint8)
    table[[2, 3, 4, 5]] = [3, 2, 5, 4]
    return table[labels]


POINTS: dict[str, tuple[Callable[[Points], Points], dict[str, Any], str]] = {
    "twice": (lambda p: p * 2, {}, "scaled by about 2,"),
    "four times": (lambda p: p * 4, {}, "scaled by about 4,"),
    "half": (lambda p: p / 2, {}, "scaled by about 0.5,"),
    "a tenth": (lambda p: p / 10, {}, "scaled by about 0.1,"),
    "300 px": (lambda p: p + np.array([300, 300]), {}, "moved by about ("),
    "100 px": (lambda p: p + np.array([100, 0]), {}, "moved by about ("),
    "60 px": (lambda p: p + np.array([0, 60]), {}, "moved by about ("),
    "flipped in x": (lambda p: [SIDE, 0] + p * [-1, 1], {}, "flipped left-right"),
    "flipped in y": (lambda p: [0, SIDE] + p * [1, -1], {}, "flipped upside down"),
    "turned upside down": (lambda p: SIDE - p, {}, "180 degrees: upside down"),
    "(row, column)": (lambda p: p[:, ::-1], {}, "x and y of the landmarks are exchanged"),
    "outside": (lambda p: p + 5000, {}, "moved by about ("),
    "of a box": (lambda p: p - p.min(axis=0), {}, "points relative to a box"),
    "of a resized box": (lambda p: (p - p.min(axis=0)) * 0.5, {}, "points relative to a box"),
    "ratios": (lambda p: p / SIDE, {"landmark_units": "pixel"}, "set landmark_units to normalized"),
    "per cent": (lambda p: p / SIDE * 100, {}, "divide them by 100"),
    "from -1 to 1": (lambda p: p / SIDE * 2 - 1, {}, "from -1 to 1"),
    "turned about the face": (lambda p: 2 * p.mean(axis=0) - p, {}, "turned"),
    "twice in x": (lambda p: p * [2, 1], {}, "scaled by about 2 in x and 1 in y"),
    "half in y": (lambda p: p * [1, 0.5], {}, "scaled by about 1 in x and 0.5"),
    "another face": (lambda p: (p - 450) * [0.8, 0.7] + np.array([200, 650]), {}, "another face"),
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", POINTS)
def test_points_elsewhere_have_an_error_or_a_warning_that_names_the_cause(name: str, scheme: str):
    displace, options, words = POINTS[name]
    points = np.ascontiguousarray(displace(to_scheme(LANDMARKS, scheme)))
    ((code, detail),) = outcome(LABELS, points, landmark_scheme=scheme, **options)
    assert code in (MISMATCH, "crop_empty")
    assert words in detail, detail


MAPS: dict[str, tuple[Callable[[Labels], Labels], str, str]] = {
    "of half size": (lambda m: m[::2, ::2], MISMATCH, "of about 900 x 900 pixels"),
    "flipped": (lambda m: m[:, ::-1], MISMATCH, "flipped left-right"),
    "upside down": (lambda m: m[::-1], MISMATCH, "flipped upside down"),
    "transposed": (lambda m: m.T, MISMATCH, "x and y of the landmarks are exchanged"),
    "with exchanged ids": (exchange_ids, "map_sides_exchanged", "right and left eyes and brows of the label map"),
    "of the face's box": (lambda m: m[150:750, 250:750], MISMATCH, "a label map of that box only"),
}


@pytest.mark.parametrize("name", MAPS)
def test_another_map_has_a_warning_that_names_the_cause(name: str):
    change, code, words = MAPS[name]
    ((found, detail),) = outcome(np.ascontiguousarray(change(LABELS)), LANDMARKS)
    assert found == code
    assert words in detail, detail


@pytest.mark.parametrize("scheme", ["mediapipe-478", "ibug-68", "wflw-98", "lapa-106", "arcface-5"])
@pytest.mark.parametrize(("ids", "name"), [((4, 5), "eyes"), ((2, 3), "brows")])
def test_eyes_or_brows_alone_with_exchanged_ids_are_told(ids: tuple[int, int], name: str, scheme: str):
    table = np.arange(256, dtype=np.uint8)
    table[[*ids]] = ids[::-1]
    points = to_scheme(LANDMARKS, scheme)
    if name == "brows" and scheme == "arcface-5":  # which has no brows to compare
        return
    ((code, detail),) = outcome(table[LABELS], points, landmark_scheme=scheme)
    assert code == "map_sides_exchanged"
    assert f"right and left {name} of the label map are exchanged" in detail
    # Of a mirrored face with the names of its picture, nothing is exchanged.
    mirrored = sample.copy(0, "pixels")
    assert outcome(mirrored.labels, to_scheme(mirrored.landmarks, scheme), landmark_scheme=scheme) == []


@pytest.mark.parametrize("points", [LANDMARKS * 4, LANDMARKS / 10, LANDMARKS + 5000], ids=["x 4", "/ 10", "outside"])
def test_a_crop_beside_the_face_is_an_error_and_no_drawing_of_a_pixel(points: Points):
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(LABELS, points)
    assert (caught.value.code, caught.value.field) == ("crop_empty", "landmarks")
    assert "around the landmarks holds 0.0 % of the labeled face: the landmarks are" in caught.value.detail
    # Other crops do not lie around the landmarks, so they lose nothing.
    assert len(facemask.trace_face(LABELS, points, crop="head").regions) == 10


def test_a_crop_beside_the_regions_of_an_unknown_map_says_what_to_check():
    labels = np.where(LABELS > 0, 77, 0).astype(np.uint8)
    ((code, detail),) = outcome(labels, LANDMARKS / 10)
    assert code == "crop_empty"
    assert "check image_size, landmark_units and the order (x, y)" in detail
    assert outcome(labels, LANDMARKS) == []


def test_a_small_face_of_a_large_map_is_not_empty():
    """A body map: the face is 3 % of what is labeled, and skin and clothes surround it."""
    labels = np.full((5 * SIDE, 5 * SIDE), 10, np.uint8)
    labels[:SIDE, :SIDE] = LABELS
    for options in ({}, {"label_scheme": "custom"}):
        assert outcome(labels, LANDMARKS, **options) == []


@pytest.mark.parametrize("angle", range(-170, 181, 50))
@pytest.mark.parametrize("mirror", ["none", "points", "pixels"])
def test_copies_of_the_sample_are_right_in_every_scheme(angle: float, mirror: str):
    copy = sample.copy(angle, mirror)
    small = sample.resize_nearest(copy.labels, copy.labels.shape[1] // 4, copy.labels.shape[0] // 4)
    for scheme in SCHEMES:
        points = to_scheme(copy.landmarks, scheme)
        for labels in (copy.labels, small):
            found = outcome(labels, points, landmark_scheme=scheme, image_size=copy.photo.size)
            assert found == [], scheme


@pytest.mark.parametrize("seed", range(20))
def test_drawn_faces_with_the_noise_of_a_detector_are_right(seed: int):
    dice = np.random.default_rng(seed)
    face = Face(angle=dice.uniform(-180, 180), scale=dice.uniform(1, 3), mirror=["none", "points", "pixels"][seed % 3])
    labels = face.labels
    if seed % 4 == 1:
        labels[(labels == 2) | (labels == 3)] = 1  # no brows
    noise = 0.05 * 35 * face.scale
    assert outcome(labels, face.landmarks + dice.normal(0, noise, (5, 2)), landmark_scheme="arcface-5") == []


def upright_mesh() -> Points:
    """Points of an upright face over a face that is upside down: their eyes lie on its mouth."""
    turned = SIDE - LANDMARKS
    eyes, mouth = turned[[33, 133, 263, 362]].mean(axis=0), turned[[61, 291]].mean(axis=0)
    return np.ascontiguousarray(eyes + mouth - turned)


def test_upside_down_the_map_gives_roll_and_crop():
    labels = np.ascontiguousarray(LABELS[::-1, ::-1])
    mesh = upright_mesh()
    mask = facemask.trace_face(labels, mesh)
    alone = facemask.trace_face(labels)
    (warning,) = mask.warnings
    assert warning["code"] == MISMATCH
    assert "the label map alone gives roll, crop and zones" in warning["detail"]
    assert (mask.roll_from, mask.roll_degrees) == ("labels", alone.roll_degrees)
    assert mask.svg == alone.svg
    assert mask.symmetry == alone.symmetry
    height = {region["name"]: region["centroid"][1] for region in mask.regions}
    assert height["eye_r"] < height["nose"] < height["lip_lower"]
    zones = facemask.trace_face(labels, mesh, regions="zones")
    assert zones.svg == facemask.trace_face(labels, regions="zones").svg
    assert [each["code"] for each in zones.warnings] == [MISMATCH, "zones_incomplete"]


FITS = ("stretch", "letterbox", "letterbox-top-left", "center-crop")
WIDE = np.pad(LABELS, ((0, 0), (300, SIDE - 300)))
WIDE_POINTS = LANDMARKS + np.array([300, 0])


def fitted(fit: str, side: int = 360) -> Labels:
    """A square map of the wide photo, as the preprocessing chains make it."""
    if fit == "stretch":
        return sample.resize_nearest(WIDE, side, side)
    if fit == "center-crop":
        return sample.resize_nearest(np.ascontiguousarray(WIDE[:, SIDE // 2 : SIDE // 2 + SIDE]), side, side)
    labels = np.zeros((side, side), np.uint8)
    top = side // 4 if fit == "letterbox" else 0
    labels[top : top + side // 2] = sample.resize_nearest(WIDE, side, side // 2)
    return labels


@pytest.mark.parametrize("said", FITS)
@pytest.mark.parametrize("true", FITS)
def test_a_wrong_map_fit_is_told_with_the_right_one(true: str, said: str):
    found = outcome(fitted(true), WIDE_POINTS, image_size=(2 * SIDE, SIDE), map_fit=said)
    if said == true:
        assert found == []
        return
    codes, details = zip(*found, strict=True)
    is_told = any(f"with map_fit: {true} they agree" in detail for detail in details)
    if (true, said) == ("letterbox-top-left", "letterbox"):  # half of the face lies in the padding, and is cut off
        assert "map_labels_in_padding" in codes
        assert not is_told
    else:
        assert is_told, found
        assert set(codes) <= {MISMATCH, "crop_empty", "map_labels_in_padding"}


@pytest.mark.parametrize("side", [16, 24, 32, 48])
def test_a_right_pair_on_a_map_of_few_pixels_is_right(side: int):
    for shift in (0.0, 0.25, 0.5):
        index = ((np.arange(side) + 0.25 + shift) * SIDE / side).astype(int)
        labels = np.ascontiguousarray(LABELS[np.ix_(index, index)])
        for scheme in SCHEMES:
            points = to_scheme(LANDMARKS, scheme)
            assert outcome(labels, points, landmark_scheme=scheme, image_size=(SIDE, SIDE)) == [], scheme


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"map_box": (0, 0, 450, 450)}, "check map_box too"),
        ({"map_box": (0, 0, 450, 400), "map_fit": "letterbox"}, "check map_fit and map_box too"),
        ({"image_from_labels": (0.5, 0, 0, 0, 0.5, 0)}, "check image_from_labels too"),
        ({"label_scheme": "celebamask-hq-19"}, "check label_scheme too"),
    ],
)
def test_options_that_may_be_wrong_are_named(options: dict[str, Any], words: str):
    ((code, detail),) = outcome(LABELS, LANDMARKS, image_size=(SIDE, SIDE), **options)
    assert code in (MISMATCH, "crop_empty")
    assert detail.endswith(words), detail


def test_regions_beside_the_photo_are_no_background():
    beside = np.zeros((SIDE, SIDE), np.uint8)
    beside[:, -100:] = 1
    size: dict[str, Any] = {"image_size": (SIDE, SIDE), "label_scheme": "custom"}
    ((code, detail),) = outcome(beside, LANDMARKS, image_from_labels=(1, 0, 200, 0, 1, 0), **size)
    assert code == "map_empty"
    assert "nothing that the label map shows lies within the photo" in detail
    ((code, detail),) = outcome(beside * 0, LANDMARKS, image_from_labels=(1, 0, 200, 0, 1, 0), **size)
    assert "all of its pixels are background" in detail
