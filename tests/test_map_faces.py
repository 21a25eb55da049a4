"""Faces found in the label map alone: stray parts, several faces, and faces that show only some of their features."""

import math
from collections.abc import Callable

import facemask
import numpy as np
import pytest
from scipy import ndimage
from support import sample
from support.head_maps import (
    EYES,
    GLASSES,
    PARTS,
    ROLL,
    Head,
    beside_eyes,
    in_scheme,
    part,
    sample_head,
    turned,
    with_ellipse,
    with_glasses,
    with_half_covered,
    without,
)
from support.label_maps import noise
from support.synthetic_face import Face

WHOLE = sample_head()
CELEBAMASK, BISENET, FARL = "celebamask-hq-19", "bisenet-19", "farl-celebm-19"
EYE_LABELS = ("eye_r", "eye_l")
BROWS = ("brow_r", "brow_l")
LIPS = ("lip_upper", "mouth_inner", "lip_lower")
# Angle, scale and mirroring.
FORMS = [
    (0, 1.0, False), (30, 1.0, False), (90, 0.6, False), (180, 1.0, False), (-135, 0.4, False),
    (-30, 0.8, True), (90, 1.0, True), (180, 0.5, True), (12, 0.3, False), (-75, 0.9, True),
]  # fmt: skip


def angle_between(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)


def crop_corners(mask: facemask.FaceMask) -> np.ndarray:
    """The corners of the crop box in the image frame, float64 (2, 2): top left and bottom right."""
    a, b, c, d, e, f = mask.crop_from_image
    return (np.array([[0, 0], mask.size]) - [c, f]) @ np.linalg.inv([[a, b], [d, e]]).T


# Stray parts


def stray_maps(labels: Head, names: dict[str, int], eye_area: float) -> list[tuple[str, Head]]:
    """Copies of a map with a rectangle of up to 5 % of an eye anywhere in the picture, in every label."""
    rng = np.random.default_rng(5)
    maps = []
    for name, label in names.items():
        for fraction in (0.0, 0.01, 0.03, 0.05):
            side = max(1, math.isqrt(int(fraction * eye_area)))
            for _ in range(6):
                y, x = rng.integers(1, np.array(labels.shape) - side - 1)
                if (labels[y - 1 : y + side + 1, x - 1 : x + side + 1] == label).any():
                    continue
                stray = labels.copy()
                stray[y : y + side, x : x + side] = label
                maps.append((f"{name}, {side} pixels wide at {x}, {y}", stray))
    return maps


STRAY_CASES: dict[str, Callable[[], tuple[Head, str, float]]] = {
    "the sample": lambda: (sample.LABELS, "lapa-11", 800),
    "a drawn face": lambda: (Face(angle=20, scale=2.0, size=(320, 314)).labels, "lapa-11", 285),
    "closed lips": lambda: (
        in_scheme(turned(without(WHOLE, "mouth_inner", into="lip_lower"), 40, 0.7), CELEBAMASK), CELEBAMASK, 390,
    ),
    "dark glasses": lambda: (
        in_scheme(turned(with_glasses(without(WHOLE, *EYE_LABELS, *BROWS), "large"), -20, 0.7), CELEBAMASK),
        CELEBAMASK, 390,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STRAY_CASES)
def test_stray_parts_change_neither_roll_nor_crop(case: str):
    labels, scheme, eye_area = STRAY_CASES[case]()
    clean = facemask.trace_face(labels, curve="straight")
    assert clean.schemes["labels"] == scheme
    features = {name: index for index, name in enumerate(PARTS[1:12])}
    names = {str(name): label for name, label in label_ids(scheme).items() if name in features}
    maps = stray_maps(labels, names, eye_area)
    assert len(maps) > 150
    for what, stray in maps:
        mask = facemask.trace_face(stray, curve="straight")
        assert angle_between(mask.roll_degrees, clean.roll_degrees) < 0.5, what
        assert abs(np.subtract(mask.size, clean.size)).max() < 2, what
        assert mask.schemes["labels"] == scheme, what
        assert mask.warnings == [], what


def label_ids(scheme: str) -> dict[str, int]:
    """The ids of a scheme's labels that a head has."""
    ids = in_scheme(np.arange(len(PARTS), dtype=np.uint8), scheme)
    return {name: int(ids[index]) for index, name in enumerate(PARTS) if ids[index]}


def test_a_large_stray_part_is_no_eye():
    head = WHOLE.copy()
    head[820:850, 40:90] = part("eye_l")
    mask, clean = (facemask.trace_face(in_scheme(h, CELEBAMASK)) for h in (head, WHOLE))
    assert mask.roll_degrees == clean.roll_degrees
    assert mask.size == clean.size


# Maps that show only some features


def dark_glasses(kind: str) -> Head:
    return with_glasses(without(WHOLE, *EYE_LABELS, *BROWS), kind)


def one_eye(side: str) -> Head:
    other = "l" if side == "r" else "r"
    return without(WHOLE, f"eye_{other}", f"brow_{other}")


def closed_eye(head: Head, name: str, height: float = 2.0) -> Head:
    return with_ellipse(without(head, name), name, EYES[name], (20, height))


def with_stray(head: Head, *names: str) -> Head:
    head = head.copy()
    for index, name in enumerate(names):
        head[30 + 50 * index : 34 + 50 * index, 850:856] = part(name)
    return head


MISSES: dict[str, Callable[[], Head]] = {
    **{f"dark glasses, {kind}": (lambda kind=kind: dark_glasses(kind)) for kind in GLASSES},
    **{
        f"dark glasses, oversize, drooping by {droop}": (
            lambda droop=droop: with_glasses(without(WHOLE, *EYE_LABELS, *BROWS), "oversize", droop)
        )
        for droop in (-20, 20, 30)
    },
    **{
        f"dark glasses, {kind}, turned by {tilt}": (
            lambda kind=kind, tilt=tilt: with_glasses(without(WHOLE, *EYE_LABELS, *BROWS), kind, tilt=tilt)
        )
        for kind, tilt in (("small", 3), ("round", -3), ("oversize", 3))
    },
    "dark glasses and hair over half": lambda: with_half_covered(dark_glasses("large"), "l", 20, 0),
    "dark glasses and one brow": lambda: with_glasses(without(WHOLE, *EYE_LABELS, "brow_l"), "large"),
    "dark glasses, inner mouth only": lambda: without(dark_glasses("large"), "lip_upper", "lip_lower"),
    "dark glasses and specks of eyes": lambda: with_stray(dark_glasses("large"), *EYE_LABELS),
    "the right eye": lambda: one_eye("r"),
    "the left eye": lambda: one_eye("l"),
    "one eye without brow": lambda: without(one_eye("r"), "brow_r"),
    "one closed eye": lambda: closed_eye(one_eye("r"), "eye_r"),
    "one eye and a speck of the other": lambda: with_stray(one_eye("r"), "eye_l"),
    "one eye, a large stray part": lambda: np.where(
        np.pad(np.ones((20, 20), bool), ((700, 180), (700, 180))), part("eye_l"), one_eye("r")
    ).astype(np.uint8),
    "one eye, no hair": lambda: without(one_eye("r"), "hair", into="background"),
    "no nose": lambda: without(WHOLE, "nose"),
    "a wink": lambda: closed_eye(WHOLE, "eye_l"),
    "a wink, no nose, lower lip only": lambda: without(
        closed_eye(WHOLE, "eye_l"), "nose", "lip_upper", "mouth_inner"
    ),
    "a patch of hair": lambda: with_ellipse(
        without(WHOLE, "hair", "neck", "cloth", into="background"), "hair", (330, 200), (14, 9)
    ),
    "a patch of hair, no nose, closed eye": lambda: closed_eye(without(with_ellipse(
        without(WHOLE, "hair", "neck", "cloth", into="background"), "hair", (330, 200), (14, 9)), "nose"), "eye_r"
    ),
    "a hat over the brows": lambda: np.where(
        (np.arange(900)[:, None] < 285) & (WHOLE > 0), part("hat"), WHOLE
    ).astype(np.uint8),
    "a scarf over the hair": lambda: without(WHOLE, "hair", "neck", into="cloth"),
    "a hat at the chin": lambda: with_ellipse(WHOLE, "hat", beside_eyes(0, 210), (20, 12)),
}  # fmt: skip


@pytest.mark.parametrize("scheme", [CELEBAMASK, BISENET, FARL])
@pytest.mark.parametrize("miss", MISSES)
def test_a_head_with_few_features_has_a_scheme_and_a_roll(miss: str, scheme: str):
    head = MISSES[miss]()
    for angle, scale, mirrored in FORMS if scheme == CELEBAMASK else FORMS[:2]:
        mask = facemask.trace_face(in_scheme(turned(head, angle, scale, mirrored=mirrored), scheme), curve="straight")
        truth = angle + (-ROLL if mirrored else ROLL)
        assert mask.schemes["labels"] == scheme, (angle, scale, mirrored)
        assert angle_between(mask.roll_degrees, truth) < 3, (angle, scale, mirrored)
        assert mask.roll_from == "labels"
        assert 0 < mask.roll_confidence <= 0.9
        assert mask.warnings == []


# Where the edge of the hair lies, in pixels beyond the midline, its angle and its waves.
HAIR_EDGES = [(0, 0, 0), (15, 0, 0), (30, 0, 0), (10, 0, 12), (15, -15, 0), (15, 15, 0), (15, 30, 0), (15, -30, 0)]


@pytest.mark.parametrize("edge", HAIR_EDGES)
@pytest.mark.parametrize("side", ["r", "l"])
def test_hair_over_half_of_the_face(side: str, edge: tuple[float, float, float]):
    """Nose and mouth show one half, whose centers lie beside the midline."""
    head = with_half_covered(WHOLE, side, *edge)
    for index, (angle, scale, mirrored) in enumerate(FORMS):
        scheme = (CELEBAMASK, BISENET, FARL)[index % 3]
        mask = facemask.trace_face(in_scheme(turned(head, angle, scale, mirrored=mirrored), scheme))
        assert mask.schemes["labels"] == scheme
        error = angle_between(mask.roll_degrees, angle + (-ROLL if mirrored else ROLL))
        assert error < 3, (angle, scale, mirrored)
        assert error < 30 * (1 - mask.roll_confidence)
        assert mask.warnings == []


def test_half_a_brow_gives_no_line_of_brows():
    """The brow that hair cuts is higher or lower in the middle than the whole one."""
    head = with_half_covered(without(WHOLE, "eye_l"), "l", 15, 15)
    mask = facemask.trace_face(in_scheme(head, CELEBAMASK))
    assert angle_between(mask.roll_degrees, ROLL) < 2
    assert mask.roll_confidence < 0.8


def test_lenses_without_a_bridge_belong_to_their_own_faces():
    head = dark_glasses("small")
    labels = in_scheme(two_heads(head, (300, 900), first=head), CELEBAMASK)
    mask = facemask.trace_face(labels)
    assert [warning["code"] for warning in mask.warnings] == ["map_has_several_faces"]
    assert angle_between(mask.roll_degrees, ROLL) < 1


def test_two_faces_of_one_size_are_not_mixed_up():
    """The largest parts of the labels are then of either face, as chance has it."""
    alone = facemask.trace_face(sample.LABELS)
    both = facemask.trace_face(np.concatenate([sample.LABELS, sample.LABELS], axis=1))
    assert both.schemes["labels"] == alone.schemes["labels"]
    assert [warning["code"] for warning in both.warnings] == ["map_has_several_faces"]
    assert angle_between(both.roll_degrees, alone.roll_degrees) < 0.01


def test_one_eye_knows_its_side_and_glasses_do_not():
    for mirrored in (False, True):
        eye = facemask.trace_face(in_scheme(turned(one_eye("r"), mirrored=mirrored), CELEBAMASK))
        assert eye.mirrored == mirrored
        glasses = facemask.trace_face(in_scheme(turned(dark_glasses("large"), mirrored=mirrored), CELEBAMASK))
        assert not glasses.mirrored


def test_the_confidence_says_where_the_roll_comes_from():
    labels = in_scheme(WHOLE, CELEBAMASK)
    assert facemask.trace_face(labels, sample.LANDMARKS).roll_confidence == 1.0
    eyes, brows, one = (
        facemask.trace_face(in_scheme(head, CELEBAMASK)).roll_confidence
        for head in (WHOLE, without(WHOLE, *EYE_LABELS), without(one_eye("r"), "brow_r"))
    )
    assert 1.0 > eyes > brows > one > 0.3


def test_landmarks_name_what_the_map_alone_does_not():
    """A profile of an eye and a mouth: two features are too few without the points."""
    head = without(WHOLE, "eye_l", *BROWS, "nose", "hair", "neck", "cloth")
    labels = in_scheme(head, CELEBAMASK)
    assert facemask.trace_face(labels, sample.LANDMARKS).schemes["labels"] == CELEBAMASK
    with pytest.raises(facemask.FacemaskError, match="too little of a face"):
        facemask.trace_face(labels)
    shifted = facemask.trace_face(labels, np.add(sample.LANDMARKS, [0, 250]))
    assert shifted.schemes["labels"] is None


# Several faces


def two_heads(second: Head, offset: tuple[int, int], first: Head = WHOLE) -> Head:
    canvas = np.zeros((1500, 2100), np.uint8)
    canvas[200:1100, 50:950] = first
    y, x = offset
    window = canvas[y : y + second.shape[0], x : x + second.shape[1]]
    second = second[: window.shape[0], : window.shape[1]]
    window[(window == 0) & (second > 0)] = second[(window == 0) & (second > 0)]
    return canvas


@pytest.mark.parametrize("scheme", ["lapa-11", CELEBAMASK])
@pytest.mark.parametrize(
    ("scale", "angle", "mirrored", "offset"),
    [
        (0.9, 0, False, (100, 850)),
        (0.5, -20, True, (300, 850)),
        (0.7, 90, False, (200, 900)),
        (0.3, 0, False, (300, 900)),
    ],
)
def test_the_larger_of_two_faces_is_taken_and_told_of(
    scale: float, angle: float, mirrored: bool, offset: tuple[int, int], scheme: str
):
    alone = facemask.trace_face(in_scheme(two_heads(np.zeros((1, 1), np.uint8), (0, 0)), scheme))
    labels = in_scheme(two_heads(turned(WHOLE, angle, scale, mirrored=mirrored), offset), scheme)
    mask = facemask.trace_face(labels)
    assert [warning["code"] for warning in mask.warnings] == ["map_has_several_faces"]
    assert mask.schemes["labels"] == scheme
    assert mask.roll_degrees == pytest.approx(alone.roll_degrees, abs=1e-6)
    assert abs(np.subtract(mask.size, alone.size)).max() <= 1
    assert crop_corners(mask) == pytest.approx(crop_corners(alone), abs=2)
    everything = facemask.trace_face(labels, crop="none")
    parts = {region["name"]: region["parts"] for region in everything.regions}
    assert parts["eye_l"] == parts["nose"] == 2, "the contours are those of both faces"


def test_landmarks_choose_the_face():
    second = turned(WHOLE, 90, 0.6)
    labels = in_scheme(two_heads(second, (300, 900)), CELEBAMASK)
    assert angle_between(facemask.trace_face(labels).roll_degrees, ROLL) < 0.1
    # The five points of the second face, which the landmarks are compared with the map by.
    points = (sample.LANDMARKS - 450) * 0.6
    points = points @ np.array([[0, 1], [-1, 0]]) + np.array(second.shape) / 2 + [900, 300]
    mask = facemask.trace_face(labels, points)
    assert [warning["code"] for warning in mask.warnings] == ["map_has_several_faces"]
    assert angle_between(mask.roll_degrees, 90 + sample.TILT) < 0.1


# Maps of one face


@pytest.mark.parametrize("angle", [0, 30, 90, 180])
@pytest.mark.parametrize("mirrored", [False, True])
def test_features_in_two_parts_are_one_face(angle: float, mirrored: bool):
    rows = np.arange(240, 420)
    strand = WHOLE.copy()
    for offset in range(-3, 3):
        strand[rows, (395 + offset + (rows - 300) * 0.2).astype(int)] = part("hair")
    brow = WHOLE.copy()
    brow[255:300, 375:383] = part("skin")
    visor = with_glasses(WHOLE, "visor")
    cut = np.where((visor == part("glasses")) & (part("skin") == WHOLE), visor, WHOLE)
    middle = WHOLE.copy()
    middle[:, 440:452][middle[:, 440:452] > 0] = part("hair")
    for head in (WHOLE, strand, brow, cut, middle):
        mask = facemask.trace_face(in_scheme(turned(head, angle, mirrored=mirrored), CELEBAMASK))
        assert mask.warnings == []
        assert mask.mirrored == mirrored
        assert angle_between(mask.roll_degrees, angle + (-ROLL if mirrored else ROLL)) < 0.5


@pytest.mark.parametrize("angle", [0, 30, -135])
def test_the_sample_shows_one_face(angle: float):
    copy = sample.copy(angle)
    assert facemask.trace_face(copy.labels).warnings == []
    assert facemask.trace_face(copy.labels, copy.landmarks).warnings == []


# Maps of no face


def scene(classes: int, seed: int) -> Head:
    """Rounded regions of random classes, as of a street or a 21-class data set."""
    rng = np.random.default_rng(seed)
    layers = [ndimage.gaussian_filter(rng.normal(size=(160, 160)), rng.uniform(3, 14)) for _ in range(min(classes, 8))]
    layers = [layer / layer.std() + 0.3 * rng.normal() for layer in layers]
    return rng.permutation(classes)[np.argmax(layers, axis=0)].astype(np.uint8)


def objects(classes: int, seed: int) -> Head:
    """Ellipses of random classes on background."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((180, 180), np.uint8)
    y, x = np.mgrid[:180, :180]
    for _ in range(14):
        (cx, cy), (a, b), turn = rng.uniform(0, 180, 2), rng.uniform(3, 60, 2) * rng.uniform(0.2, 1), rng.uniform(0, 3)
        u, v = (x - cx) * np.cos(turn) + (y - cy) * np.sin(turn), (y - cy) * np.cos(turn) - (x - cx) * np.sin(turn)
        labels[(u / a) ** 2 + (v / b) ** 2 < 1] = rng.integers(1, classes)
    return labels


def detected_scheme(labels: Head) -> str | None:
    """The scheme that a map without landmarks has; `None` for `no_face`."""
    try:
        mask = facemask.trace_face(labels, curve="straight", tolerance=1, crop="none")
    except facemask.FacemaskError as error:
        if error.code != "no_face":
            raise
        return None
    return str(mask.schemes["labels"])


@pytest.mark.parametrize("classes", [2, 4, 7, 11, 14, 19, 21])
def test_other_pictures_are_no_faces(classes: int):
    maps = [make(classes, seed) for make in (scene, objects) for seed in range(60)]
    maps += [noise(64, 64, classes, seed) for seed in range(3)]
    assert [detected_scheme(labels) for labels in maps] == [None] * len(maps)


@pytest.mark.parametrize("scheme", ["lapa-11", CELEBAMASK, BISENET, FARL])
def test_exchanged_ids_are_no_face(scheme: str):
    labels = in_scheme(turned(WHOLE, 0, 0.25), scheme)
    used = np.unique(labels)[1:]
    for seed in range(100):
        table = np.arange(256, dtype=np.uint8)
        table[used] = np.random.default_rng(seed).permutation(used)
        assert detected_scheme(table[labels]) != scheme, seed


def test_masks_of_one_label_are_no_faces():
    for labels in (WHOLE > 0, part("skin") == WHOLE, np.isin(WHOLE, [part("eye_r"), part("eye_l")])):
        assert detected_scheme(labels.astype(np.uint8)) is None


@pytest.mark.parametrize("scheme", ["lapa-11", "celebamask-hq-19", "bisenet-19", "farl-celebm-19"])
@pytest.mark.parametrize("angle", [0, 70, 180])
@pytest.mark.parametrize("mirrored", [False, True])
def test_brows_tell_up_above_a_surgical_mask(scheme: str, angle: float, mirrored: bool):
    covered = without(sample_head(), "nose", "lip_upper", "mouth_inner", "lip_lower")
    labels = in_scheme(turned(covered, angle, 0.5, mirrored=mirrored), scheme)
    mask = facemask.trace_face(labels, label_scheme=scheme)
    expected = facemask.trace_face(
        in_scheme(turned(sample_head(), angle, 0.5, mirrored=mirrored), scheme), label_scheme=scheme
    )
    assert abs((mask.roll_degrees - expected.roll_degrees + 180) % 360 - 180) < 0.5
    assert mask.mirrored == expected.mirrored == mirrored


@pytest.mark.parametrize("landmarks", [None, sample.LANDMARKS])
@pytest.mark.parametrize("min_area", [400.0, 1000.0, 5000.0])
def test_merged_parts_still_tell_names_roll_and_crop(landmarks: np.ndarray | None, min_area: float):
    """`min_area` merges brows, eyes and lips of the sample into the skin."""
    whole = facemask.trace_face(sample.LABELS, landmarks)
    merged = facemask.trace_face(sample.LABELS, landmarks, min_area=min_area)
    assert merged.schemes == whole.schemes
    assert (merged.roll_degrees, merged.crop_from_image) == (whole.roll_degrees, whole.crop_from_image)
    names = {region["name"] for region in merged.regions}
    assert names < {region["name"] for region in whole.regions}
    assert {"skin", "hair", "nose"} <= names
    assert merged.warnings == []


def test_a_selected_region_that_was_merged_is_told():
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, regions=["eye_r", "hair"], min_area=1000)
    assert [region["name"] for region in mask.regions] == ["hair"]
    (warning,) = mask.warnings
    assert warning["code"] == "regions_missing"
    assert "eye_r (the label map shows none, or min_area merged it)" in warning["detail"]
