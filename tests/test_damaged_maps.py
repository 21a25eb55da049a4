"""Void, scaled and interpolated label maps, and masked arrays."""

from io import BytesIO
from typing import Any

import cv2
import facemask
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from support import sample
from support.synthetic_face import Face

LABELS, POINTS = sample.LABELS, sample.LANDMARKS
NAMES = [*sample.NAMES]
HAIR = 10


def trace(labels: Any, landmarks: Any = POINTS, **options: Any) -> facemask.FaceMask:
    return facemask.trace_face(labels, landmarks, image_size=(900, 900), **options)


def codes(mask: facemask.FaceMask) -> list[str]:
    return [warning["code"] for warning in mask.warnings]


def names(mask: facemask.FaceMask) -> list[str]:
    return [region["name"] for region in mask.regions]


def with_void(void: int = 255, dtype: type = np.uint8) -> NDArray[Any]:
    """Return the sample with a frame of void pixels, and a line of them around the nose."""
    labels = LABELS.astype(dtype)
    nose = (LABELS == 6).astype(np.uint8)
    labels[cv2.dilate(nose, np.ones((5, 5), np.uint8)) > nose] = void
    labels[:20] = void
    return labels


CLEARED = np.where(with_void() == 255, 0, LABELS)


@pytest.mark.parametrize("landmarks", [POINTS, None])
@pytest.mark.parametrize("options", [{}, {"label_scheme": "lapa-11"}, {"min_area": 30}, {"regions": "zones"}])
def test_void_pixels_are_background_where_the_other_ids_are_known(landmarks: Any, options: dict[str, Any]):
    if landmarks is None and "regions" in options:
        options = {"regions": "zones", "crop": "head"}
    mask, expected = trace(with_void(), landmarks, **options), trace(CLEARED, landmarks, **options)
    assert mask.svg == expected.svg
    assert mask.schemes == expected.schemes
    assert mask.schemes["labels"] == "lapa-11"
    assert mask.warnings[0]["code"] == "map_void_ignored"
    assert mask.warnings[0]["detail"].startswith(f"{(with_void() == 255).sum()} pixels")
    assert mask.warnings[1:] == expected.warnings


def test_one_void_pixel_keeps_the_names():
    labels = LABELS.copy()
    labels[0, 0] = 255
    mask = trace(labels, None)
    assert names(mask) == NAMES
    assert mask.warnings[0]["detail"].startswith("1 pixel has")


@pytest.mark.parametrize(
    "options", [{"void": "none"}, {"label_scheme": "custom"}, {"label_names": {255: "frame"}}, {"void": 254}]
)
def test_255_is_a_region_where_it_was_said_or_named(options: dict[str, Any]):
    mask = trace(with_void(), crop="none", **options)
    assert [region["id"] for region in mask.regions] == [*range(1, 11), 255]
    assert codes(mask) == []


def test_255_is_a_region_in_a_mask_and_beside_unknown_ids():
    mask = np.where(LABELS > 0, 255, 0).astype(np.uint8)
    for labels in (mask, np.where(LABELS == 6, 200, mask).astype(np.uint8)):
        for scheme in ("auto", "lapa-11"):
            traced = trace(labels, crop="none", label_scheme=scheme)
            # A mask of 255 alone is region 1, as in a file.
            assert [region["id"] for region in traced.regions] == ([1] if labels is mask else [200, 255])
            assert codes(traced) == []


def test_any_id_can_be_void():
    mask = trace(LABELS, void=HAIR)
    assert mask.svg == trace(np.where(LABELS == HAIR, 0, LABELS)).svg
    assert codes(mask) == []
    assert trace(LABELS, void=0).svg == trace(LABELS).svg


@pytest.mark.parametrize("void", [-1, -100])
@pytest.mark.parametrize("dtype", [np.int16, np.int64])
def test_a_negative_number_can_be_void_in_an_array(void: int, dtype: type):
    labels = with_void(void, dtype)
    assert trace(labels, void=void).svg == trace(CLEARED).svg
    assert trace(labels.tolist(), void=np.int8(void)).svg == trace(CLEARED).svg
    with pytest.raises(facemask.FacemaskError, match="must lie from 0 to 255"):
        trace(labels)
    with pytest.raises(facemask.FacemaskError, match="must lie from 0 to 255"):
        trace(labels, void=void - 1)
    assert trace(LABELS, void=void).svg == trace(LABELS).svg, "an array that cannot hold it"


@pytest.mark.parametrize("void", ["", "255", "Auto", "\ud800", 256, 10**30, True, None, 1.0, [255]])
def test_other_values_of_void_are_refused(void: Any):
    with pytest.raises(facemask.FacemaskError) as caught:
        trace(LABELS, void=void)
    assert (caught.value.code, caught.value.field) == ("option_invalid", "void")


@pytest.mark.parametrize("factor", [2, 17, 25])
def test_scaled_ids_are_explained(factor: int):
    mask = trace(LABELS * np.uint8(factor))
    assert codes(mask) == ["map_ids_scaled"]
    assert f"multiples of {factor}" in mask.warnings[0]["detail"]
    assert "lapa-11" in mask.warnings[0]["detail"]
    with pytest.raises(facemask.FacemaskError, match=f"multiples of {factor}") as caught:
        trace(LABELS * np.uint8(factor), None)
    assert caught.value.code == "no_face"
    assert codes(trace(LABELS * np.uint8(factor), label_scheme="custom")) == []


def test_ids_that_form_no_face_once_divided_are_not_suspected():
    shuffled = np.array([0, 10, 1, 7, 2, 9, 3, 8, 4, 6, 5], np.uint8)[LABELS]
    assert codes(trace(shuffled * np.uint8(17))) == []
    assert codes(trace(np.full((9, 9), 34, np.uint8))) == []


def resized(size: int, to: int, how: Image.Resampling, labels: NDArray[np.uint8] = LABELS) -> NDArray[np.uint8]:
    small = Image.fromarray(labels).resize((size, size), Image.Resampling.NEAREST)
    return np.asarray(small.resize((to, to), how))


def jpeg(labels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    file = BytesIO()
    Image.fromarray(labels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


CELEB = np.array([0, 1, 3, 2, 5, 4, 10, 12, 11, 13, 17], np.uint8)[LABELS]
SMALL = resized(512, 512, Image.Resampling.NEAREST)
SOFT = np.where(LABELS > 0, 255, 0).astype(np.uint8)
DAMAGED = {
    **{
        f"{name} from {size} to {to}": resized(size, to, how, labels)
        for labels in (LABELS, CELEB)
        for name, how in [("bilinear", Image.Resampling.BILINEAR), ("cubic", Image.Resampling.BICUBIC), ("Lanczos", 1)]
        for size, to in [(128, 512), (512, 256), (473, 512), (900, 512)]
    },
    **{f"JPEG {quality}": jpeg(SMALL, quality) for quality in (50, 75, 90, 95)},
    **{f"JPEG {quality} of a mask": jpeg(SOFT, quality) for quality in (50, 75, 95)},
    **{f"mask blurred by {sigma}": cv2.GaussianBlur(SOFT, (0, 0), sigma) for sigma in (0.5, 1, 3)},
    "mask scaled down": np.asarray(Image.fromarray(SOFT).resize((300, 300), Image.Resampling.BILINEAR)),
}


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("min_area", [0, 20])
def test_ids_between_labels_are_reported(name: str, min_area: int):
    assert "map_interpolated" in codes(trace(DAMAGED[name], min_area=min_area))


def test_an_interpolated_map_without_a_face_says_why():
    with pytest.raises(facemask.FacemaskError, match="nearest neighbor") as caught:
        trace(DAMAGED["bilinear from 128 to 512"], None)
    assert caught.value.code == "no_face"


def random_maps() -> dict[str, NDArray[np.uint8]]:
    """Return maps of many borders that are no damage: noise, specks, dithering, cells, poles."""
    rng = np.random.default_rng(3)
    maps = {f"noise of {count}": rng.integers(0, count, (120, 120)).astype(np.uint8) for count in (2, 5, 19, 256)}
    for share in (0.01, 0.1):
        is_speck = rng.random(LABELS.shape) < share
        for count in (11, 19):
            specks = rng.integers(0, count, LABELS.shape, np.uint8)
            maps[f"{share:.0%} specks of {count}"] = np.where(is_speck, specks, CELEB)
    y, x = np.mgrid[:256, :256]
    maps["dithering"] = np.asarray(Image.fromarray(((x + y) / 2).astype(np.uint8)).convert("1")).astype(np.uint8)
    for count in (20, 200):
        seeds = rng.random((count, 2)) * 256
        seeds = seeds[np.lexsort((seeds[:, 0], seeds[:, 1] // 32))]  # numbered by rows, as superpixels are
        distance = (y[..., None] - seeds[:, 1]) ** 2 + (x[..., None] - seeds[:, 0]) ** 2
        maps[f"{count} superpixels"] = distance.argmin(-1).astype(np.uint8)
    street = np.select([y < 90, y < 150], [23, 11], 7).astype(np.uint8)
    for left in rng.integers(0, 250, 90):
        street[rng.integers(20, 100) : rng.integers(150, 250), left : left + rng.integers(1, 4)] = rng.choice(
            [5, 17, 19, 20]
        )
    maps["poles"] = street
    return maps


SOUND = random_maps() | {
    f"{name} at {size}": resized(size, size, Image.Resampling.NEAREST, labels)
    for name, labels in (("sample", LABELS), ("sample by other ids", CELEB))
    for size in (32, 64, 128, 300, 900)
}


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("min_area", [0, 3])
def test_sound_maps_are_not_suspected(name: str, min_area: int):
    assert codes(trace(SOUND[name], POINTS, min_area=min_area)) == []


@pytest.mark.parametrize("angle", [0, 45, 180])
def test_small_faces_are_not_suspected(angle: float):
    face = Face(angle=angle, scale=0.5, size=(75, 80))
    assert codes(facemask.trace_face(face.labels, face.landmarks, min_area=1)) == []


def test_masked_pixels_are_background():
    masked = np.ma.masked_equal(LABELS, HAIR)
    expected = np.where(LABELS == HAIR, 0, LABELS)
    assert trace(masked).svg == trace(expected).svg
    assert trace(np.ma.masked_equal(LABELS.astype(np.int64), HAIR)).svg == trace(expected).svg
    hole = facemask.find_contours(masked)
    assert {key: contour.area for key, contour in hole.items()} == {
        key: contour.area for key, contour in facemask.find_contours(expected).items()
    }


@pytest.mark.parametrize("faces", [False, True])
def test_a_masked_landmark_is_named(faces: bool):
    points = np.ma.masked_array(POINTS)
    assert trace(LABELS, points).svg == trace(LABELS).svg
    points[7, 1] = np.ma.masked
    points[9] = np.ma.masked
    with pytest.raises(facemask.FacemaskError) as caught:
        trace(LABELS, points[np.newaxis] if faces else points)
    assert (caught.value.code, caught.value.field) == ("landmarks_invalid", "landmarks[7]")
    assert "masked" in caught.value.detail


def test_a_masked_depth_does_not_matter():
    points = np.ma.masked_array(np.column_stack([POINTS, POINTS[:, 0]]))
    points[:, 2] = np.ma.masked
    assert trace(LABELS, points).svg == trace(LABELS).svg
