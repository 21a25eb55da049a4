"""`crop_margin`, `crop_size` and the templates of FFHQ and ArcFace: for photo, outlines and formats alike."""

from pathlib import Path
from typing import Any

import cv2
import facemask
import numpy as np
import pytest
from facemask import cli
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.transform import SimilarityTransform
from support import sample
from support.label_maps import label_maps, rasterize
from support.sample import encode_png
from support.synthetic_face import Face, to_crop_frame

# As in `face_align.py` of insightface.
ARCFACE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
FACE = Face(angle=25)
PHOTO = np.ascontiguousarray(cv2.GaussianBlur(FACE.photo, (0, 0), 2.0))


def linear(mask: facemask.FaceMask) -> NDArray[np.float64]:
    a, b, _, d, e, _ = mask.crop_from_image
    return np.array([[a, b], [d, e]])


def scale_of(mask: facemask.FaceMask) -> float:
    """The scale of the crop; it must be a similarity without reflection."""
    matrix = linear(mask)
    scale = float(np.sqrt(np.linalg.det(matrix)))
    np.testing.assert_allclose(matrix @ matrix.T, scale**2 * np.eye(2), atol=1e-9 * scale**2)
    return scale


def assert_scaled(mask: facemask.FaceMask, plain: facemask.FaceMask) -> None:
    """Compare a scaled result with the same outlines in the photo's own frame, whose crop cuts nothing."""
    scale = scale_of(mask)
    for region, original in zip(mask.regions, plain.regions, strict=True):
        assert region["name"] == original["name"]
        assert region["area"] == pytest.approx(original["area"] * scale**2, rel=1e-4, abs=0.02)
        assert region["perimeter"] == pytest.approx(original["perimeter"] * scale, rel=1e-4, abs=0.02)
        moved = to_crop_frame(plain.contours[str(region["id"])].points, mask.crop_from_image)
        np.testing.assert_allclose(mask.contours[str(region["id"])].points, moved, rtol=0, atol=1e-9)


# margins


def test_a_margin_replaces_that_of_the_crop() -> None:
    trace = lambda **options: facemask.trace_face(FACE.labels, FACE.landmarks, **options)  # noqa: E731
    assert trace(crop_margin=(0.2, 0.4, 0.2, 0.15)).to_dict() == trace().to_dict()
    assert trace(crop="head", crop_margin=0.05).to_dict() == trace(crop="head").to_dict()
    tight, wide = trace(crop_margin=0), trace(crop_margin=[0.1, 0, 0.3, 0])
    assert wide.size[0] == pytest.approx(1.4 * tight.size[0], abs=2)
    assert abs(wide.size[1] - tight.size[1]) <= 1
    shift = np.subtract(wide.crop_from_image, tight.crop_from_image)[[2, 5]]
    assert shift == pytest.approx([0.1 * tight.size[0], 0], abs=1.5)


@pytest.mark.parametrize("crop", ["none", "ffhq", "arcface"])
def test_other_crops_have_no_margin(crop: str) -> None:
    with pytest.raises(facemask.FacemaskError, match="face and head") as caught:
        facemask.trace_face(FACE.labels, FACE.landmarks, crop=crop, crop_margin=0.1)
    assert (caught.value.code, caught.value.field) == ("option_invalid", "crop_margin")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("crop_margin", -0.1), ("crop_margin", 10.5), ("crop_margin", float("nan")), ("crop_margin", [0.1, 0.2]),
        ("crop_margin", "wide"), ("crop_margin", True), ("crop_margin", [0.1, 0.1, 0.1, "x"]),
        ("crop_margin", [0.1, [0.2], 0.1, 0.1]), ("crop_margin", np.ones((2, 2))),
        ("crop_size", 0), ("crop_size", -5), ("crop_size", 16_385), ("crop_size", (256, 0)), ("crop_size", (1, 2, 3)),
        ("crop_size", 2**70), ("crop_size", 25.5), ("crop_size", "256"), ("crop_size", True), ("crop_size", []),
    ],
)  # fmt: skip
def test_wrong_values_are_named(field: str, value: Any) -> None:
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(FACE.labels, FACE.landmarks, **{field: value})
    assert (caught.value.code, caught.value.field) == ("option_invalid", field)


# size


@pytest.mark.parametrize("size", [(200, 200), (64, 640), (1500, 300), 448])
@pytest.mark.parametrize("crop", ["face", "head", "none"])
def test_a_size_scales_and_stretches_nothing(crop: str, size: Any) -> None:
    small = Face(angle=25, scale=1.4)
    mask = facemask.trace_face(small.labels, small.landmarks, crop=crop, crop_size=size)
    width, height = (size, size) if isinstance(size, int) else size
    assert mask.size == (width, height)
    box = facemask.trace_face(small.labels, small.landmarks, crop=crop)
    # The whole box is in the crop, up to its rounding to whole pixels, and touches two of its sides.
    assert scale_of(mask) == pytest.approx(min(width / box.size[0], height / box.size[1]), rel=0.02)
    middle = np.linalg.inv(linear(mask)) @ (np.array([width, height]) / 2 - np.array(mask.crop_from_image)[[2, 5]])
    of_box = np.linalg.inv(linear(box)) @ (np.array(box.size) / 2 - np.array(box.crop_from_image)[[2, 5]])
    assert middle == pytest.approx(of_box, abs=1.5)
    whole = facemask.trace_face(small.labels, small.landmarks, crop="none", frame="image")
    if crop != "face":
        assert_scaled(mask, whole)
    assert mask.symmetry == whole.symmetry
    assert mask.roll_degrees == whole.roll_degrees


@pytest.mark.parametrize("size", [60, 1200])
def test_tolerance_and_min_area_are_in_pixels_of_the_photo(size: int) -> None:
    options: dict[str, Any] = {"tolerance": 2.0, "min_area": 60.0, "curve": "straight", "crop": "none"}
    labels = FACE.labels.copy()
    labels[5:12, 5:13] = 3
    labels[5:12, 30:41] = 3
    mask = facemask.trace_face(labels, FACE.landmarks, crop_size=size, **options)
    plain = facemask.trace_face(labels, FACE.landmarks, frame="image", **options)
    assert [region["parts"] for region in mask.regions if region["id"] == 3] == [2]
    assert_scaled(mask, plain)


def test_a_scaled_crop_may_reach_beyond_the_photo() -> None:
    shifted = np.roll(FACE.labels, -150, axis=1)
    shifted[:, -150:] = 0
    points = FACE.landmarks - [150, 0]
    mask = facemask.trace_face(shifted, points, crop_size=300, image=PHOTO)
    crop = mask.crop_image()
    assert crop.shape == (300, 300, 3)
    assert (crop[:, 0] == 255).all()
    # The eyes are where they are in any photo: the box is not cut at the photo's edge.
    there = facemask.trace_face(FACE.labels, FACE.landmarks, crop_size=300)
    np.testing.assert_allclose(
        to_crop_frame(points, mask.crop_from_image), to_crop_frame(FACE.landmarks, there.crop_from_image), atol=1e-6
    )


@pytest.mark.parametrize("size", [60, 130, 900])
def test_photo_and_outlines_have_one_scale(size: int) -> None:
    """The sample's label map as a photo: its crop shows the regions that the outlines have."""
    colors = np.random.default_rng(0).permutation(256).astype(np.uint8)
    labels = FACE.labels
    photo = np.repeat(colors[labels][..., None], 3, axis=2)
    mask = facemask.trace_face(labels, FACE.landmarks, crop_size=size, tolerance=0, image=photo)
    painted = rasterize({int(key): contour for key, contour in mask.contours.items()}, (size, size))
    assert not (painted == -2).any()
    expected = colors[np.maximum(painted, 0)]
    crop = mask.crop_image()[..., 0]
    # Pixels that are made of one region alone: a pixel of the photo, and one of the crop, lies around each.
    window = 2 * int(np.ceil(scale_of(mask)) + 1) + 1
    inner = (ndimage.minimum_filter(painted, window) == ndimage.maximum_filter(painted, window)) & (painted > 0)
    assert np.count_nonzero(inner) > 40
    np.testing.assert_array_equal(crop[inner], expected[inner])


def test_a_crop_that_shrinks_much_does_not_alias() -> None:
    stripes = np.zeros((470, 480, 3), np.uint8)
    stripes[::2] = 254
    mask = facemask.trace_face(FACE.labels, FACE.landmarks, crop_size=30, crop="head", image=stripes)
    crop = mask.crop_image()[2:-2, 2:-2].astype(int)
    assert (np.abs(crop[crop < 255] - 127) < 12).mean() > 0.95


def test_line_widths_and_exact_drawings_follow_the_size() -> None:
    plain = facemask.trace_face(FACE.labels, FACE.landmarks, crop_size=800, style="outline")
    assert 'stroke-width="2"' in plain.svg
    exact = facemask.trace_face(FACE.labels, FACE.landmarks, crop_size=400, tolerance=0)
    assert '<g transform="matrix(' in exact.svg
    large = facemask.trace_face(FACE.labels, FACE.landmarks, crop_size=4000, tolerance=0)
    assert '<g transform="matrix(' not in large.svg, "hundredths of a map pixel would be seen"


def test_formats_are_in_the_scaled_crop() -> None:
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, crop_size=(256, 320))
    dataset = mask.to_coco()
    assert [(image["width"], image["height"]) for image in dataset["images"]] == [(256, 320)]
    document = mask.to_geojson()
    assert document["facemask"]["size"] == [256, 320]
    assert document["facemask"]["crop_from_image"] == list(mask.crop_from_image)


def test_a_crop_beside_the_face_is_still_an_error() -> None:
    for options in ({}, {"crop_size": 20}, {"crop_size": 2000}, {"crop_size": 20, "frame": "image"}):
        with pytest.raises(facemask.FacemaskError) as caught:
            facemask.trace_face(FACE.labels, FACE.landmarks + np.array([2000, 0]), **options)
        assert caught.value.code == "crop_empty"


@pytest.mark.parametrize("regions", ["labels", "zones"])
def test_both_frames_cut_alike(regions: str) -> None:
    for options in ({"crop_size": 90}, {"crop": "ffhq"}, {"crop": "arcface", "crop_size": (300, 200)}):
        crop = facemask.trace_face(sample.LABELS, sample.LANDMARKS, regions=regions, **options)
        image = facemask.trace_face(sample.LABELS, sample.LANDMARKS, regions=regions, frame="image", **options)
        assert image.crop_from_image == crop.crop_from_image
        assert image.symmetry == crop.symmetry
        scale = scale_of(crop)
        for ours, theirs in zip(image.regions, crop.regions, strict=True):
            assert ours["area"] * scale**2 == pytest.approx(theirs["area"], rel=1e-3, abs=0.1)
            moved = to_crop_frame(image.contours[str(ours["id"])].points, image.crop_from_image)
            np.testing.assert_allclose(moved, crop.contours[str(ours["id"])].points, rtol=0, atol=1e-6)


@settings(max_examples=80)
@given(label_maps(most_labels=5), st.floats(-180, 180), st.floats(0, 0.5), st.sampled_from([None, 9, (40, 23)]))
def test_both_frames_cut_any_map_alike(labels: NDArray[np.uint8], angle: float, margin: float, size: Any) -> None:
    """Small faces on noise: the box cuts through parts, holes and junctions."""
    turn = np.deg2rad(angle)
    face = np.array([(-3, -2), (3, -2), (0, 1), (-2, 3), (2, 3)]) * 0.6
    points = face @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + 7
    options: dict[str, Any] = {"label_scheme": "custom", "landmark_units": "pixel", "crop_margin": margin}
    options |= {"landmark_scheme": "arcface-5", "crop_size": size, "tolerance": 0}
    try:
        crop = facemask.trace_face(labels, points, **options)
    except facemask.FacemaskError as error:
        if error.code != "crop_empty":
            raise
        reject()
    image = facemask.trace_face(labels, points, frame="image", **options)
    scale = scale_of(crop)
    width, height = crop.size
    kept = {p.tobytes() for contour in facemask.find_contours(labels).values() for p in contour.points}
    assert list(crop.contours) == list(image.contours)
    for key, contour in image.contours.items():
        assert contour.area * scale**2 == pytest.approx(crop.contours[key].area, abs=1e-6)
        places = to_crop_frame(contour.points, image.crop_from_image)
        np.testing.assert_allclose(places, crop.contours[key].points, rtol=0, atol=1e-7)
        for point, (x, y) in zip(contour.points, places, strict=True):
            assert point.tobytes() in kept or min(abs(x), abs(y), abs(x - width), abs(y - height)) < 1e-7


# templates


@pytest.mark.parametrize("mirror", ["none", "pixels", "points"])
@pytest.mark.parametrize("angle", range(-165, 195, 30))
def test_arcface_is_the_crop_of_insightface(angle: int, mirror: str) -> None:
    # Fewer than two pixels of the photo in one of the crop: OpenCV does not average.
    face = Face(angle=angle, mirror=mirror, scale=1.6)
    photo = np.ascontiguousarray(cv2.GaussianBlur(face.photo, (0, 0), 2.0))
    points = face.landmarks + np.random.default_rng(angle % 360).normal(0, 1, (5, 2))
    mask = facemask.trace_face(face.labels, points, crop="arcface", image=photo)
    assert mask.size == (112, 112)
    # The viewer's left eye comes first there, whatever the names of the sides are.
    ordered = points[[1, 0, 2, 4, 3]] if mask.mirrored else points
    transform = SimilarityTransform()
    assert transform.estimate(ordered, ARCFACE)
    aligned = cv2.warpAffine(photo, transform.params[:2], (112, 112), borderValue=(255, 255, 255))
    difference = np.abs(mask.crop_image().astype(int) - aligned)
    assert np.percentile(difference, 98) <= 6
    assert mask.roll_degrees == pytest.approx(facemask.trace_face(face.labels, points).roll_degrees)


def ffhq_quad(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners of the square, counted from pixel centers, by complex numbers: the same formula another way."""
    left, right, corner_0, corner_1 = (complex(*point) for point in points)
    middle, mouth = (left + right) / 2, (corner_0 + corner_1) / 2
    down = mouth - middle
    direction = (right - left) + down * -1j
    half = direction / abs(direction) * max(2.0 * abs(right - left), 1.8 * abs(down))
    center = middle + 0.1 * down
    corners = [
        center - half - half * 1j,
        center - half + half * 1j,
        center + half + half * 1j,
        center + half - half * 1j,
    ]
    return np.array([[corner.real, corner.imag] for corner in corners])


@pytest.mark.parametrize("mirror", ["none", "pixels"])
@pytest.mark.parametrize("angle", [-140, -30, 0, 20, 75, 180])
def test_ffhq_is_the_square_of_its_script(angle: int, mirror: str) -> None:
    face = Face(angle=angle, mirror=mirror, scale=2.0)
    points = face.landmarks + np.random.default_rng(angle % 360).normal(0, 2, (5, 2))
    photo = np.ascontiguousarray(cv2.GaussianBlur(face.photo, (0, 0), 2.0))
    mask = facemask.trace_face(face.labels, points, crop="ffhq", crop_size=256, image=photo)
    ordered = points[[1, 0, 2, 4, 3]] if mask.mirrored else points
    quad = ffhq_quad(ordered[[0, 1, 3, 4]])
    # As the script calls Pillow: top left, bottom left, bottom right, top right.
    aligned = Image.fromarray(photo).transform(
        (256, 256), Image.Transform.QUAD, tuple((quad + 0.5).ravel()), Image.Resampling.BILINEAR, fillcolor=(255,) * 3
    )
    difference = np.abs(mask.crop_image().astype(int) - np.asarray(aligned))
    assert np.percentile(difference, 97) <= 6


def test_templates_have_their_sizes_and_take_others() -> None:
    trace = lambda **options: facemask.trace_face(sample.LABELS, sample.LANDMARKS, **options)  # noqa: E731
    assert trace(crop="ffhq").size == (1024, 1024)
    large, small = trace(crop="arcface", crop_size=224), trace(crop="arcface")
    np.testing.assert_allclose(np.array(large.crop_from_image), 2 * np.array(small.crop_from_image), rtol=1e-12)
    wide = trace(crop="arcface", crop_size=(224, 112))
    np.testing.assert_allclose(np.subtract(wide.crop_from_image, small.crop_from_image), [0, 0, 56, 0, 0, 0], atol=1e-9)


@pytest.mark.parametrize("crop", ["ffhq", "arcface"])
def test_the_label_map_aligns_without_landmarks(crop: str) -> None:
    by_points = facemask.trace_face(FACE.labels, FACE.landmarks, crop=crop, crop_size=200)
    by_map = facemask.trace_face(FACE.labels, crop=crop, crop_size=200)
    eyes = to_crop_frame(FACE.landmarks[:2], by_map.crop_from_image)
    assert eyes == pytest.approx(to_crop_frame(FACE.landmarks[:2], by_points.crop_from_image), abs=5)


@pytest.mark.parametrize("crop", ["ffhq", "arcface"])
def test_without_a_mouth_there_is_no_template(crop: str) -> None:
    eyes = np.where(np.isin(FACE.labels, (7, 8, 9)), 1, FACE.labels).astype(np.uint8)
    with pytest.raises(facemask.FacemaskError, match="both eyes and the mouth") as caught:
        facemask.trace_face(eyes, crop=crop)
    assert (caught.value.code, caught.value.field) == ("no_face", "landmarks")


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (["--crop-size", "256"], {"crop_size": 256}),
        (["--crop-size", "256x320"], {"crop_size": (256, 320)}),
        (["--crop-margin", "0.3"], {"crop_margin": 0.3}),
        (["--crop-margin", "0,0.1,0.2,0.3"], {"crop_margin": (0, 0.1, 0.2, 0.3)}),
        (["--crop", "arcface"], {"crop": "arcface"}),
        (["--crop", "ffhq"], {"crop": "ffhq"}),
    ],
)
def test_the_command_line(arguments: list[str], options: dict[str, Any], tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "photo.png").write_bytes(encode_png(FACE.labels))
    (tmp_path / "map.png").write_bytes(encode_png(FACE.labels))
    np.savetxt(tmp_path / "points.csv", FACE.landmarks, delimiter=",")
    files = [str(tmp_path / name) for name in ("photo.png", "map.png", "points.csv")]
    assert cli.main(["trace", *files, *arguments]) == 0
    assert capsys.readouterr().out.rstrip("\n") == facemask.trace_face(FACE.labels, FACE.landmarks, **options).svg


@pytest.mark.parametrize(("flag", "text"), [("--crop-size", "256*3"), ("--crop-size", "1x2x3"), ("--crop-margin", "a")])
def test_wrong_words_on_the_command_line(flag: str, text: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["trace", "a", "b", flag, text])
    assert ended.value.code == 2
    assert f"got {text!r}" in capsys.readouterr().err
