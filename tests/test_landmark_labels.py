"""Faces without a label map: regions and zones through the landmarks, beside the sample's true map."""

import io
import json
from functools import cache

import facemask
import numpy as np
import pytest
from facemask import _core
from PIL import Image
from support import landmark_schemes, sample
from support.landmark_schemes import to_scheme
from support.paths import PHOTO_FILE
from support.sample_zones import VARIANTS, zone_name_in_copy

SIZE = (900, 900)
WHOLE = {"crop": "none", "frame": "image"}
SCHEMES = ["mediapipe-478", *landmark_schemes.CONVERTERS]
# How far an area may be from that of the true map, as a share of it.
BOUNDS = {"nose": 0.15} | dict.fromkeys(
    ["under_eye_r", "under_eye_l", "cheek_r", "cheek_l", "chin", "upper_lip_area", "lips"], 0.10
)
GUESSED_ZONES = {"forehead", "brow_r", "brow_l"}
# The least shared area of a label with the true map, divided by that of both together.
LEAST_IOU = {
    "skin": 0.75, "nose": 0.8, "eye_r": 0.85, "eye_l": 0.85, "lip_upper": 0.9, "mouth_inner": 0.8, "lip_lower": 0.7,
    "brow_r": 0.28, "brow_l": 0.33,
}  # fmt: skip


@cache
def areas(scheme: str, angle: float = 0.0, mirror: str = "none", *, with_map: bool = False) -> dict[str, float]:
    """Areas of the zones of a copy of the sample by name, from landmarks alone or with its map."""
    copy = sample.copy(angle, mirror)
    mask = facemask.trace_face(
        copy.labels if with_map else None,
        to_scheme(copy.landmarks, scheme),
        image_size=copy.photo.size,
        landmark_scheme=scheme,
        regions="zones",
        **WHOLE,
    )
    return {region["name"]: region["area"] for region in mask.regions}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("angle", "mirror"), VARIANTS)
def test_zones_have_the_areas_of_the_true_map(scheme: str, angle: float, mirror: str):
    found, true = areas(scheme, angle, mirror), areas(scheme, with_map=True)
    assert found.keys() == true.keys()
    for name, bound in BOUNDS.items():
        assert found[zone_name_in_copy(name, mirror)] == pytest.approx(true[name], rel=bound), name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_labels_lie_on_those_of_the_true_map(scheme: str):
    mask = facemask.trace_face(
        landmarks=to_scheme(sample.LANDMARKS, scheme), image_size=SIZE, landmark_scheme=scheme, tolerance=0, **WHOLE
    )
    painted = mask.to_label_map()
    assert set(np.unique(painted)) == set(range(10))
    for name, least in LEAST_IOU.items():
        label = sample.NAMES.index(name) + 1
        ours, true = painted == label, label == sample.LABELS
        assert (ours & true).sum() / (ours | true).sum() > least, name


def test_a_mesh_without_irises_gives_the_same():
    results = [facemask.trace_face(landmarks=sample.LANDMARKS[:n], image_size=SIZE).to_dict() for n in (478, 468)]
    for result in results:
        del result["schemes"], result["warnings"]
    assert results[0] == results[1]


def test_the_answer_says_what_is_a_guess_and_what_is_not_there():
    mask = facemask.trace_face(landmarks=sample.LANDMARKS, image_size=SIZE)
    assert (mask.labels_from, mask.to_dict()["labels_from"]) == ("landmarks", "landmarks")
    assert {region["name"] for region in mask.regions if region.get("guessed")} == {"skin", "brow_r", "brow_l"}
    [warning] = mask.warnings
    assert warning["code"] == "labels_from_landmarks"
    assert "hair, ears, neck" in warning["detail"]
    assert mask.schemes["labels"] == "lapa-11"
    zones = facemask.trace_face(landmarks=sample.LANDMARKS, image_size=SIZE, regions="zones")
    assert {region["name"] for region in zones.regions if region.get("guessed")} == GUESSED_ZONES
    assert [warning["code"] for warning in zones.warnings] == ["labels_from_landmarks", "zones_incomplete"]
    merged = facemask.trace_face(landmarks=sample.LANDMARKS, image_size=SIZE, regions=["face", "hair"])
    assert [(region["name"], region.get("guessed")) for region in merged.regions] == [("face", True)]
    assert "hair (the label map shows none)" in {w["code"]: w["detail"] for w in merged.warnings}["regions_missing"]


def test_with_a_map_nothing_of_this_is_said():
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS)
    assert mask.labels_from == "map"
    assert "labels_from" not in mask.to_dict()
    assert not any("guessed" in region for region in mask.regions)
    assert mask.warnings == []


def test_crop_roll_and_formats_are_as_with_a_map():
    alone = facemask.trace_face(landmarks=sample.LANDMARKS, image_size=SIZE)
    beside = facemask.trace_face(sample.LABELS, sample.LANDMARKS)
    for name in ("size", "crop_from_image", "roll_degrees", "roll_from", "mirrored"):
        assert getattr(alone, name) == getattr(beside, name), name
    np.testing.assert_array_equal(alone.landmarks, beside.landmarks)
    assert json.loads(json.dumps(alone.to_dict())) == alone.to_dict()
    assert len(alone.to_coco()["annotations"]) == 9
    assert alone.to_geojson()["type"] == "FeatureCollection"


def test_the_photo_gives_the_size_and_shows_through():
    mask = facemask.trace_face(landmarks=sample.LANDMARKS, image=PHOTO_FILE.read_bytes(), embed_image="crop")
    assert mask.svg.count("<image ") == 1
    assert mask.crop_image().shape == (*mask.size[::-1], 3)
    plain = facemask.trace_face(landmarks=sample.LANDMARKS, image_size=SIZE)
    assert mask.mask_contours == plain.mask_contours
    notebook = facemask.trace_face(landmarks=sample.LANDMARKS, image=PHOTO_FILE.read_bytes())
    assert "<image " in notebook._repr_svg_()
    coloured = facemask.trace_face(landmarks=sample.LANDMARKS, image=PHOTO_FILE.read_bytes(), measure_color=True)
    assert all(region["color"]["pixels"] > 0 for region in coloured.regions)


def test_ratios_are_read_with_the_size_of_the_photo():
    expected = facemask.trace_face(landmarks=sample.LANDMARKS, image_size=SIZE)
    ratios = {"faceLandmarks": [[{"x": x / 900, "y": y / 900, "z": 0.0} for x, y in sample.LANDMARKS]]}
    found = facemask.trace_face(landmarks=ratios, image_size=SIZE)
    for region, other in zip(found.regions, expected.regions, strict=True):
        assert region["area"] == pytest.approx(other["area"], rel=0.01), region["name"]


def test_landmarks_of_the_stored_photo_are_turned_as_its_exif_says():
    upright = Image.open(PHOTO_FILE).crop((0, 0, 900, 800))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by a quarter clockwise
    stored = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(stored, "JPEG", exif=exif)
    raw = np.column_stack([sample.LANDMARKS[:, 1], 900 - sample.LANDMARKS[:, 0]])
    options = _core.Options(landmarks_frame="raw")
    found = facemask.FaceMask(
        _core.trace_bytes(stored.getvalue(), None, np.ascontiguousarray(raw), options, _core.Limits())
    )
    expected = facemask.trace_face(landmarks=sample.LANDMARKS, image_size=(900, 800))
    assert found.size == expected.size
    assert found.roll_degrees == pytest.approx(expected.roll_degrees)
    for region, other in zip(found.regions, expected.regions, strict=True):
        assert region["area"] == pytest.approx(other["area"], rel=0.005), region["name"]
        assert region["centroid"] == pytest.approx(other["centroid"], abs=0.1)


POINTS = sample.LANDMARKS
BAD: dict[str, tuple[dict, str, str, str]] = {
    "nothing": ({"landmarks": None}, "map_required", "labels", "without landmarks"),
    "an empty list": ({"landmarks": []}, "map_required", "labels", "without landmarks"),
    "five points": (
        {"landmarks": to_scheme(POINTS, "arcface-5"), "landmark_scheme": "arcface-5"},
        "map_required", "labels", "landmarks of arcface-5, whose points outline no face",
    ),
    "three points": ({"landmarks": POINTS[:3]}, "landmarks_implausible", "landmarks", "no known scheme has 3 points"),
    "one place": ({"landmarks": POINTS * 0 + 5}, "landmarks_implausible", "landmarks", "do not form a face"),
    "no numbers": ({"landmarks": POINTS * np.nan}, "landmarks_invalid", "landmarks[0]", "finite"),
    "beside the photo": (
        {"landmarks": POINTS + 3000}, "crop_empty", "landmarks", "0.0 % of the face lies inside the photo",
    ),
    "ratios as pixels": (
        {"landmarks": POINTS / 900, "landmark_units": "pixel"}, "crop_empty", "landmarks", "check image_size",
    ),
    "no size": ({"image_size": None}, "map_invalid", "labels", "landmarks alone need image_size"),
    "a fit": ({"map_fit": "stretch"}, "option_invalid", "map_fit", "describes a label map"),
    "a box": ({"map_box": (0, 0, 9, 9)}, "option_invalid", "map_box", "describes a label map"),
    "an affine": ({"image_from_labels": (1, 0, 0, 0, 1, 0)}, "option_invalid", "image_from_labels", "label map"),
    "a void id": ({"void": 255}, "option_invalid", "void", "describes a label map"),
    "custom names": ({"label_scheme": "custom"}, "option_invalid", "label_scheme", "paint"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_named(case: str):
    changes, code, field, words = BAD[case]
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(**{"landmarks": POINTS, "image_size": SIZE} | changes)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert words in caught.value.detail
