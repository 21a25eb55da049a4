"""`measure_color`: against NumPy and scikit-image on pixels that are chosen without facemask's scanlines."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
import shapely
from facemask import FaceMask, FacemaskError
from facemask.cli import main
from PIL import Image
from skimage.color import rgb2lab
from support import label_maps, sample
from support.paths import PHOTO_FILE
from support.sample import encode_png
from support.synthetic_face import Face

# scikit-image rounds the matrix of sRGB to six digits and D65 to five, which moves L*a*b* by up to 0.02.
LAB_TOLERANCE = 0.03
PHOTO = facemask.decode_image(PHOTO_FILE.read_bytes())


def to_light(srgb: np.ndarray) -> np.ndarray:
    """Linear light of sRGB from 0 to 1 (IEC 61966-2-1)."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def from_light(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def pixels_inside(mask: FaceMask, key: str, size: tuple[int, int]) -> tuple[np.ndarray, int]:
    """Which pixels of the photo have their center inside an outline, and how many have it on the outline itself."""
    width, height = size
    y, x = np.mgrid[:height, :width] + 0.5
    a, b, c, d, e, f = mask.crop_from_image
    x, y = a * x + b * y + c, d * x + e * y + f
    region = shapely.MultiPolygon([shapely.Polygon(outer, holes) for outer, *holes in mask.contours[key].polygons()])
    boundary = region.boundary
    shapely.prepare(region)
    shapely.prepare(boundary)
    left, top, right, bottom = region.bounds
    near = (x >= left - 1) & (x <= right + 1) & (y >= top - 1) & (y <= bottom + 1)
    inside, centers = np.zeros(x.shape, bool), shapely.points(x[near], y[near])
    inside[near] = shapely.intersects(region, centers)
    return inside, int(shapely.dwithin(boundary, centers, 1e-7).sum())


def check_colors(mask: FaceMask, photo: np.ndarray) -> None:
    """Compare every region's color with that of the pixels inside its outline."""
    height, width = photo.shape[:2]
    lab = rgb2lab(photo)
    for region in mask.regions:
        color = region["color"]
        inside, on_border = pixels_inside(mask, str(region["id"]), (width, height))
        count = int(inside.sum())
        if count == 0:
            assert color is None
            continue
        # A center on a border is on one of its two sides.
        assert abs(color["pixels"] - count) <= on_border
        samples, values = photo[inside].astype(float), lab[inside]
        light = 255 * from_light(to_light(samples / 255).mean(axis=0))
        drift = 300 * on_border / count
        assert color["lab_mean"] == pytest.approx(values.mean(axis=0), abs=LAB_TOLERANCE + drift)
        assert color["lab_std"] == pytest.approx(values.std(axis=0), abs=LAB_TOLERANCE + drift)
        assert color["srgb_mean"] == pytest.approx(samples.mean(axis=0), abs=0.006 + drift)
        assert color["srgb_std"] == pytest.approx(samples.std(axis=0), abs=0.006 + drift)
        assert color["light_mean"] == pytest.approx(light, abs=0.006 + drift)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"crop": "none", "tolerance": 0},
        {"curve": "straight", "tolerance": 4},
        {"regions": "zones"},
        {"regions": ["face", "hair"]},
        {"crop": "head", "embed_image": "crop"},
    ],
    ids=str,
)
def test_colours_of_the_sample(options: dict[str, Any]):
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, image=PHOTO, measure_color=True, **options)
    check_colors(mask, PHOTO)
    assert all(region["color"]["pixels"] > 0 for region in mask.regions)


@pytest.mark.parametrize("angle", [0.0, 37.0, 90.0, 180.0, -120.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_colours_of_noise_at_any_roll(angle: float, seed: int):
    """Maps of another size than the photo, many parts and holes, and regions that the crop box cuts."""
    photo = np.random.default_rng(seed).integers(0, 256, (150, 163, 3), np.uint8)
    labels = label_maps.noise(24, 26, 5, seed) if seed == 1 else label_maps.voronoi(50, 7, seed)
    face = Face(angle=angle, scale=0.9, size=(163, 150))
    options: dict[str, Any] = {"label_scheme": "custom", "image": photo, "map_fit": "stretch"}
    for crop in ("face", "none"):
        mask = facemask.trace_face(labels, face.landmarks, crop=crop, measure_color=True, **options)
        check_colors(mask, photo)
        total = sum(region["color"]["pixels"] for region in mask.regions if region["color"])
        assert total <= photo.shape[0] * photo.shape[1]


def test_every_pixel_belongs_to_one_region():
    labels = 1 + label_maps.four_label_crosses(60, 5)
    photo = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    points = Face(size=(60, 60), scale=0.4).landmarks
    options: dict[str, Any] = {"label_scheme": "custom", "crop": "none", "tolerance": 0, "image": photo}
    mask = facemask.trace_face(labels, points, measure_color=True, **options)
    for region in mask.regions:
        own = photo[labels == region["id"]].astype(float)
        assert region["color"]["pixels"] == len(own)
        assert region["color"]["srgb_mean"] == pytest.approx(own.mean(axis=0), abs=0.006)
    # Four photo pixels a map pixel: borders run through none of their centers twice.
    large = photo.repeat(2, axis=0).repeat(2, axis=1)
    mask = facemask.trace_face(labels, points * 2, measure_color=True, **options | {"image": large})
    assert sum(region["color"]["pixels"] for region in mask.regions) == 120 * 120


def test_a_region_between_pixel_centers_has_no_colour():
    """A map much finer than the photo, and one pixel of it."""
    face = Face(size=(400, 400))
    labels = face.labels
    labels[51, 51] = 77
    points = face.landmarks / 8
    photo = np.zeros((50, 50, 3), np.uint8)
    mask = facemask.trace_face(labels, points, image=photo, measure_color=True, crop="none", tolerance=0)
    (region,) = [region for region in mask.regions if region["id"] == 77]
    assert region["color"] is None
    assert mask.regions[0]["color"]["lab_mean"] == [0.0, 0.0, 0.0]


def test_only_on_request():
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, image=PHOTO)
    assert all("color" not in region for region in mask.regions)
    asked = facemask.trace_face(sample.LABELS, sample.LANDMARKS, image=PHOTO, measure_color=True)
    assert asked.svg == mask.svg
    assert [{k: v for k, v in region.items() if k != "color"} for region in asked.regions] == mask.regions
    assert asked.to_geojson()["features"][0]["properties"]["color"] == asked.regions[0]["color"]


def test_it_needs_a_photo():
    with pytest.raises(FacemaskError) as info:
        facemask.trace_face(sample.LABELS, sample.LANDMARKS, measure_color=True)
    assert (info.value.code, info.value.field) == ("option_invalid", "image")
    with pytest.raises(FacemaskError, match="True or False"):
        facemask.trace_face(sample.LABELS, sample.LANDMARKS, image=PHOTO, measure_color=1)


def test_grays_have_no_chroma():
    face = Face()
    for gray in (0, 1, 10, 118, 254, 255):
        photo = np.full((*face.labels.shape, 3), gray, np.uint8)
        mask = facemask.trace_face(face.labels, face.landmarks, image=photo, measure_color=True)
        for region in mask.regions:
            color = region["color"]
            assert (color["lab_mean"][1:], color["lab_std"]) == ([0.0, 0.0], [0.0, 0.0, 0.0])
            assert color["srgb_mean"] == color["light_mean"] == [gray] * 3
    assert mask.regions[0]["color"]["lab_mean"][0] == 100.0


@pytest.mark.parametrize("orientation", [1, 3, 6, 8, 2, 5])
def test_files_are_turned_and_laid_over_white(orientation: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """The command line: EXIF orientation, and a photo that is transparent in one half."""
    face = Face(angle=15, scale=1.1, size=(163, 190))
    rng = np.random.default_rng(orientation)
    seen = np.dstack([rng.integers(0, 256, (*face.labels.shape, 3)), np.full(face.labels.shape, 255)]).astype(np.uint8)
    seen[:, :80, 3] = 0
    turn = {1: None, 2: 0, 3: 3, 5: 5, 6: 2, 8: 4}[orientation]  # the transposition that undoes it
    stored = Image.fromarray(seen)
    stored = stored if turn is None else stored.transpose(Image.Transpose(turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = BytesIO()
    stored.save(file, "PNG", exif=exif)
    (tmp_path / "photo.png").write_bytes(file.getvalue())
    (tmp_path / "map.png").write_bytes(encode_png(face.labels))
    (tmp_path / "points.json").write_text(json.dumps(face.landmarks.tolist()))
    files = [str(tmp_path / name) for name in ("photo.png", "map.png", "points.json")]
    assert main(["trace", *files, "--measure-color", "--contours", str(tmp_path / "out.json")]) == 0
    assert not capsys.readouterr().err
    seen[:, :80, :3] = 255
    expected = facemask.trace_face(face.labels, face.landmarks, image=seen[..., :3], measure_color=True)
    assert json.loads((tmp_path / "out.json").read_text())["regions"] == expected.regions
    check_colors(expected, seen[..., :3])
