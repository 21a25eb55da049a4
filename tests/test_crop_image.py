"""The upright crop as a picture: `FaceMask.crop_image`, `facemask trace --crop-image`, and the photo in notebooks."""

import base64
import io
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
from facemask import _core, cli
from facemask.formats.svg_ids import prefix_ids
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from support.paths import SAMPLE_FILES
from support.sample import encode_png
from support.synthetic_face import Face

FACE = Face(angle=25)


def embedded(svg: str) -> NDArray[np.uint8]:
    [picture] = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}image")
    data = next(value for name, value in picture.attrib.items() if name.endswith("href")).partition("base64,")[2]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def interpolated(photo: NDArray[np.uint8], mask: facemask.FaceMask, size: tuple[int, int]) -> NDArray[np.float64]:
    """The crop by SciPy, where it lies well inside of the photo; NaN elsewhere."""
    width, height = size
    y, x = np.mgrid[:height, :width] + 0.5
    a, b, c, d, e, f = mask.crop_from_image
    inverse = np.linalg.inv([[a, b, c], [d, e, f], [0, 0, 1]])
    u, v = (row[0] * x + row[1] * y + row[2] - 0.5 for row in inverse[:2])
    channels = [ndimage.map_coordinates(photo[..., i].astype(float), [v, u], order=1, cval=np.nan) for i in range(3)]
    return np.stack(channels, axis=-1)


@pytest.mark.parametrize("frame", ["crop", "image"])
@pytest.mark.parametrize("angle", range(-165, 195, 30))
def test_it_is_the_photo_through_crop_from_image(angle: int, frame: str) -> None:
    face = Face(angle=angle, mirror="pixels")
    upright = facemask.trace_face(face.labels, face.landmarks, image=face.photo)
    mask = facemask.trace_face(face.labels, face.landmarks, image=face.photo, frame=frame)
    crop = mask.crop_image()
    assert (crop.dtype, crop.shape) == (np.uint8, (upright.size[1], upright.size[0], 3))
    expected = interpolated(face.photo, mask, upright.size)
    inside = ~np.isnan(expected)
    assert inside.mean() > 0.5
    assert np.abs(crop[inside] - expected[inside]).max() <= 2.5


def test_it_is_white_beyond_the_photo() -> None:
    crop = facemask.trace_face(FACE.labels, FACE.landmarks, image=FACE.photo, crop="none").crop_image()
    assert (crop[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()


def test_it_is_what_the_drawing_embeds() -> None:
    mask = facemask.trace_face(FACE.labels, FACE.landmarks, image=FACE.photo, embed_image="crop")
    file = _core.encode_image(mask.crop_image(), "jpeg")
    assert base64.b64encode(file).decode() in mask.svg


def test_without_a_photo_the_error_says_what_to_do() -> None:
    mask = facemask.trace_face(FACE.labels, FACE.landmarks)
    with pytest.raises(facemask.FacemaskError, match=r"trace_face\(\.\.\., image=photo\)") as caught:
        mask.crop_image()
    assert (caught.value.code, caught.value.field) == ("option_invalid", "image")


def test_a_huge_crop_is_refused() -> None:
    photo = np.zeros((2, 60_000, 3), np.uint8)
    labels = np.ones((2, 60_000), np.uint8)
    points = np.array([(100, 100), (160, 160), (100, 160), (70, 150), (110, 190)], float)
    mask = facemask.trace_face(labels, points, image=photo, crop="none", label_scheme="custom", landmark_units="pixel")
    with pytest.raises(facemask.FacemaskError, match="do without crop_image") as caught:
        mask.crop_image()
    assert caught.value.code == "image_too_large"
    assert mask._repr_svg_() == prefix_ids(mask.svg), "a notebook shows the drawing alone"


@pytest.mark.parametrize("options", [{}, {"frame": "image"}, {"style": "outline", "regions": "labels"}])
def test_a_notebook_shows_the_photo_beneath(options: dict[str, Any]) -> None:
    labels, photo = FACE.labels.copy(), FACE.photo
    mask = facemask.trace_face(labels, FACE.landmarks, image=photo, **options)
    assert "<image" not in mask.svg
    labels[:] = 0
    shown = mask._repr_svg_()
    drawing = facemask.trace_face(FACE.labels, FACE.landmarks, image=photo, embed_image="crop", **options).svg
    assert shown == prefix_ids(drawing)
    assert embedded(shown).shape == (mask.size[1], mask.size[0], 3)
    plain = facemask.trace_face(FACE.labels, FACE.landmarks, **options)
    assert plain.svg == mask.svg
    assert plain._repr_svg_() == prefix_ids(mask.svg)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "photo.png").write_bytes(_core.encode_image(FACE.photo, "png"))
    (tmp_path / "map.png").write_bytes(encode_png(FACE.labels))
    np.savetxt(tmp_path / "points.csv", FACE.landmarks, delimiter=",")
    return [str(tmp_path / name) for name in ("photo.png", "map.png", "points.csv")]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".JPEG"])
def test_the_command_line_writes_it(suffix: str, files: list[str], tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / f"face{suffix}"
    assert cli.main(["trace", *files, "--crop-image", str(out)]) == 0
    assert capsys.readouterr().out == "", "no drawing is asked for"
    expected = facemask.trace_face(FACE.labels, FACE.landmarks, image=FACE.photo).crop_image()
    with Image.open(out) as picture:
        assert picture.format == ("PNG" if suffix == ".png" else "JPEG")
        found = np.asarray(picture.convert("RGB"), float)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < (1e-9 if suffix == ".png" else 4)


def test_another_suffix_is_wrong_usage(files: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["trace", *files, "--crop-image", "face.webp"])
    assert ended.value.code == 2
    assert "must end with .jpg, .jpeg, .png, got 'face.webp'" in capsys.readouterr().err


def test_a_photo_with_an_exif_orientation_is_upright(tmp_path: Path) -> None:
    with Image.open(SAMPLE_FILES[0]) as photo:
        exif = Image.Exif()
        exif[0x0112] = 6
        photo.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
        photo.save(tmp_path / "plain.png")
    crops = []
    for name in ("turned", "plain"):
        out = tmp_path / f"{name}-crop.png"
        assert (
            cli.main(["trace", str(tmp_path / f"{name}.png"), *map(str, SAMPLE_FILES[1:]), "--crop-image", str(out)])
            == 0
        )
        crops.append(out.read_bytes())
    assert crops[0] == crops[1]
