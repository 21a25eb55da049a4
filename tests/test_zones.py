"""Zones: their position, the labels that they cover, and equality on all copies of a face."""

import facemask
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from support import landmark_schemes, sample
from support.sample_zones import (
    ALLOWED_LABELS,
    CONVERTERS,
    EARS,
    SKIN,
    VARIANTS,
    rasterize,
    regions_by_name,
    to_image_frame,
    to_multipolygon,
    trace_zones,
    zone_name_in_copy,
)

# The other schemes are read as `ibug-68` is.
TWO = ["mediapipe-478", "ibug-68"]


@pytest.mark.parametrize("scheme", CONVERTERS)
def test_the_sample_has_every_zone_but_ears(scheme: str):
    mask = trace_zones(scheme=scheme)
    assert {region["name"] for region in mask.regions} == set(ALLOWED_LABELS)
    assert [region["id"] for region in mask.regions] == [1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13]
    # Forehead under a fringe is little, but what there is lies above the brows.
    assert regions_by_name(mask)["forehead"]["area"] > 3000
    assert regions_by_name(mask)["forehead"]["bbox"][1] < regions_by_name(mask)["brow_r"]["bbox"][1]
    assert [warning["code"] for warning in mask.warnings] == ["zones_incomplete"]
    for ear in EARS:
        assert f"{ear} (lapa-11 has no label for it)" in mask.warnings[0]["detail"]


@pytest.mark.parametrize("scheme", TWO)
@pytest.mark.parametrize(("angle", "mirror"), VARIANTS)
@pytest.mark.parametrize("tolerance", [0.0, 0.5])
def test_areas_are_the_same_on_every_copy(angle: float, mirror: str, scheme: str, tolerance: float):
    expected = regions_by_name(trace_zones(scheme=scheme, tolerance=tolerance))
    found = regions_by_name(trace_zones(angle, mirror, scheme, tolerance=tolerance))
    assert found.keys() == expected.keys()
    for name, region in expected.items():
        # A brow of this map is 330 pixels in a line six thick: simplifying it may cost six of them. Areas are whole
        # pixels: one more or less is an eighth of a per cent of the smallest other zone.
        slack = 8.0 if tolerance and "brow" in name else 0.0
        assert found[zone_name_in_copy(name, mirror)]["area"] == pytest.approx(region["area"], rel=0.0163, abs=slack), (
            name
        )


@pytest.mark.parametrize("scheme", TWO)
@pytest.mark.parametrize(("angle", "mirror"), VARIANTS)
@pytest.mark.parametrize("crop", ["none", "head"])
def test_zones_tile_without_overlap(angle: float, mirror: str, scheme: str, crop: str):
    mask = trace_zones(angle, mirror, scheme, crop=crop)
    shapes = [to_multipolygon(mask, contour) for contour in mask.contours.values()]
    assert all(area.is_valid for area in shapes)
    # Turned coordinates are rounded, so the check is made where the sample's own pixels are.
    assert shapely.coverage_is_valid([shapely.set_precision(area, 2**-20) for area in shapes])
    covered = sum(area.area for area in shapes)
    assert shapely.union_all(shapes).area == pytest.approx(covered, abs=1e-3)


@pytest.mark.parametrize("scheme", TWO)
@pytest.mark.parametrize(("angle", "mirror"), VARIANTS)
def test_no_zone_leaves_the_labels_it_may_use(angle: float, mirror: str, scheme: str):
    labels = sample.copy(angle, mirror).labels
    for tolerance in (0.0, 0.5):
        mask = trace_zones(angle, mirror, scheme, tolerance=tolerance)
        seen = np.zeros(labels.shape, int)
        for region in mask.regions:
            inside = rasterize(to_multipolygon(mask, mask.contours[str(region["id"])]), labels.shape)
            assert set(np.unique(labels[inside]).tolist()) <= ALLOWED_LABELS[region["name"]], region["name"]
            seen += inside
        assert seen.max() == 1


@pytest.mark.parametrize("scheme", TWO)
@pytest.mark.parametrize(("angle", "mirror"), VARIANTS)
def test_sides_are_the_subjects(angle: float, mirror: str, scheme: str):
    mask = trace_zones(angle, mirror, scheme)
    found = regions_by_name(mask)
    eye = {"r": sample.copy(angle, mirror).landmarks[133], "l": sample.copy(angle, mirror).landmarks[362]}
    for name in ("under_eye", "cheek", "brow"):
        for side, other in (("r", "l"), ("l", "r")):
            centre = to_image_frame(mask, np.array(found[f"{name}_{side}"]["centroid"]))
            distance = {which: np.linalg.norm(centre - point) for which, point in eye.items()}
            assert distance[side] < distance[other]
    # Upright, the subject's right is on the viewer's left, but for a picture that was flipped.
    assert (found["cheek_r"]["centroid"][0] < found["cheek_l"]["centroid"][0]) == (mirror != "pixels")
    assert mask.mirrored == (mirror == "pixels")


def test_zones_lie_where_they_belong():
    mask = trace_zones()
    at = {name: region["centroid"] for name, region in regions_by_name(mask).items()}
    down = ["forehead", "brow_r", "under_eye_r", "nose", "upper_lip_area", "lips", "chin"]
    heights = [at[name][1] for name in down]
    assert heights == sorted(heights)
    across = ["cheek_r", "under_eye_r", "nose", "under_eye_l", "cheek_l"]
    assert [at[name][0] for name in across] == sorted(at[name][0] for name in across)
    area = {name: region["area"] for name, region in regions_by_name(mask).items()}
    assert area["cheek_r"] == pytest.approx(area["cheek_l"], rel=0.25)
    assert area["under_eye_r"] == pytest.approx(area["under_eye_l"], rel=0.25)


@pytest.mark.parametrize("scheme", TWO)
@pytest.mark.parametrize(("angle", "mirror"), VARIANTS)
def test_zones_of_skin_have_no_crumbs(angle: float, mirror: str, scheme: str):
    for name, region in regions_by_name(trace_zones(angle, mirror, scheme)).items():
        if name in SKIN:
            assert region["parts"] == 1, region


@pytest.mark.parametrize("scheme", landmark_schemes.CONVERTERS)
def test_schemes_agree_about_the_zones(scheme: str):
    mesh, other = trace_zones(), trace_zones(scheme=scheme)
    for name, region in regions_by_name(mesh).items():
        key = str(region["id"])
        a, b = to_multipolygon(mesh, mesh.contours[key]), to_multipolygon(other, other.contours[key])
        assert a.intersection(b).area > 0.75 * a.union(b).area, name


@pytest.mark.parametrize("landmarks", [None, sample.LANDMARKS[[468, 473, 1, 61, 291]]])
def test_few_or_no_landmarks_leave_what_labels_make(landmarks: NDArray[np.float64] | None):
    mask = facemask.trace_face(sample.LABELS, landmarks, regions="zones")
    assert [region["name"] for region in mask.regions] == ["nose", "lips", "brow_r", "brow_l"]
    assert mask.warnings[0]["code"] == "zones_incomplete"
    assert all(f"{name} (" in mask.warnings[0]["detail"] for name in SKIN | EARS)


def with_ears(scheme: str) -> NDArray[np.uint8]:
    """Return the sample in another label scheme, its ear lobes labelled."""
    names = facemask._core.label_schemes()
    labels = sample.LABELS.copy()
    table = np.zeros(256, np.uint8)
    for label, name in enumerate(names["lapa-11"]):
        table[label] = names[scheme].index(name)
    found = table[labels]
    columns = np.arange(labels.shape[1])[None, :]
    rows = np.arange(labels.shape[0])[:, None]
    lobes = (labels == 1) & (rows > 380) & (rows < 420)
    found[lobes & (columns < 318)] = names[scheme].index("ear_r")
    found[lobes & (columns > 580)] = names[scheme].index("ear_l")
    return found


@pytest.mark.parametrize("scheme", ["ibug-14", "celebamask-hq-19", "bisenet-19", "farl-celebm-19"])
def test_ears_come_from_the_map(scheme: str):
    labels = with_ears(scheme)
    mask = facemask.trace_face(labels, sample.LANDMARKS, regions="zones", label_scheme=scheme)
    found = regions_by_name(mask)
    assert len(found) == 13
    assert not mask.warnings
    assert found["ear_r"]["centroid"][0] < found["cheek_r"]["centroid"][0]
    assert found["ear_l"]["centroid"][0] > found["cheek_l"]["centroid"][0]


def test_a_map_without_organs_takes_them_from_the_landmarks():
    labels = np.where(sample.LABELS == 10, 1, np.where(sample.LABELS > 0, 3, 0)).astype(np.uint8)
    mask = facemask.trace_face(labels, sample.LANDMARKS, regions="zones", label_scheme="mediapipe-multiclass-6")
    found, expected = regions_by_name(mask), regions_by_name(trace_zones())
    assert found.keys() == expected.keys()
    assert found["nose"]["area"] == pytest.approx(expected["nose"]["area"], rel=0.35)
    assert found["lips"]["area"] == pytest.approx(expected["lips"]["area"], rel=0.35)


def test_a_smaller_map_has_the_same_zones():
    labels = sample.resize_nearest(sample.LABELS, 450, 450)
    mask = facemask.trace_face(labels, sample.LANDMARKS, image_size=(900, 900), regions="zones", crop="none")
    expected = regions_by_name(trace_zones())
    for name, region in regions_by_name(mask).items():
        assert region["area"] == pytest.approx(expected[name]["area"], rel=0.08, abs=60), name


@pytest.mark.parametrize(
    "options", [{"label_scheme": "custom"}, {"label_scheme": "custom", "label_names": {1: "skin"}}]
)
def test_an_unknown_map_has_no_zones(options: dict):
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(sample.LABELS, sample.LANDMARKS, regions="zones", **options)
    assert (caught.value.code, caught.value.field) == ("option_invalid", "regions")
    assert "label_scheme" in caught.value.detail


def test_names_and_colours_are_those_of_zones():
    mask = facemask.trace_face(
        sample.LABELS,
        sample.LANDMARKS,
        regions="zones",
        label_names={4: "menton"},
        colors={"menton": "red", 5: "blue", "cheek_l": "lime"},
    )
    assert regions_by_name(mask)["menton"]["id"] == 4
    for region, color in ((4, "#ff0000"), (5, "#0000ff"), (9, "#00ff00")):
        assert f'data-region="{region}"' in mask.svg
        assert color in mask.svg.split(f'id="region-{region}"')[1].split(">")[0]


@pytest.mark.parametrize("crop", ["face", "head", "none"])
def test_the_crop_is_that_of_the_labels(crop: str):
    of_labels = facemask.trace_face(sample.LABELS, sample.LANDMARKS, crop=crop)
    of_zones = facemask.trace_face(sample.LABELS, sample.LANDMARKS, crop=crop, regions="zones")
    assert (of_zones.size, of_zones.crop_from_image) == (of_labels.size, of_labels.crop_from_image)
    assert of_zones.roll_degrees == of_labels.roll_degrees
