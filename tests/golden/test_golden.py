"""Drawings compared with golden images, one question each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
from support import golden_image, label_maps
from support.golden_image import render
from support.synthetic_face import Face

FOLDER = Path(__file__).parent
# Another processor may round a colour differently along an anti-aliased edge, or where it decodes the photo's JPEG.
LARGEST_DIFFERENCE = 2

FACE = Face(scale=1.0, size=(150, 160))


def face(angle: float = 0.0, **options: Any) -> str:
    turned = Face(angle=angle, scale=1.0, size=(150, 160))
    if options.get("embed_image") == "crop":
        options["image"] = turned.photo
    return facemask.trace_face(turned.labels, turned.landmarks, **options).svg


def plain_map(labels: np.ndarray, scale: int = 10, **options: Any) -> str:
    """A map without a face to see, enlarged; the landmarks only hold it upright."""
    height, width = labels.shape
    size = (width * scale, height * scale)
    points = Face(scale=size[0] / 150, size=size).landmarks
    settings = {"crop": "none", "style": "solid", "label_scheme": "custom"} | options
    return facemask.trace_face(labels, points, image_size=size, **settings).svg


HOLE = np.zeros((12, 12), np.uint8)
HOLE[1:11, 1:11] = 1
HOLE[3:9, 3:9] = 0
HOLE[5:7, 5:7] = 2

BOX = np.zeros((16, 15), np.uint8)
BOX[:, 2:4] = 1
BOX[6:9, :] = 2

PICTURES: dict[str, Callable[[], str]] = {
    # Translucent fills, white dashes, each part in its place?
    "style-default": face,
    # Lines only, in the regions' colours?
    "style-outline": lambda: face(style="outline"),
    # Opaque, no gap and no line between neighbours?
    "style-solid": lambda: face(style="solid"),
    # Is the turned face upright, with the grey corners of no picture and the photo in register?
    "embedded-crop-turned-30": lambda: face(30, embed_image="crop", style="outline"),
    # A face turned by 30 degrees: the same as style-default but for the staircase?
    "turned-30": lambda: face(30),
    # Given colours, by id and by name: red nose, black hair, the rest from the palette?
    "colours": lambda: face(style="solid", colors={6: "#f00", "hair": "black"}),
    # Is the hole open, and the island in it there?
    "hole": lambda: plain_map(HOLE, colors={1: "navy", 2: "orange"}),
    # Single pixels are diamonds, those that touch by a corner stay apart?
    "specks": lambda: plain_map(label_maps.specks(14), tolerance=0),
    # Cells of four labels: do they meet in one point without a gap?
    "crosses": lambda: plain_map(
        label_maps.four_label_crosses(8, 2), colors={1: "red", 2: "lime", 3: "blue", 4: "yellow"}
    ),
    # Cut straight along the box of the face, on all four sides?
    "clipped": lambda: plain_map(BOX, crop="face", style="default"),
    # A coarse outline: does it still tile?
    "tolerance-6": lambda: face(style="solid", tolerance=6),
}


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, tmp_path: Path):
    golden_image.assert_matches(PICTURES[name](), FOLDER / f"{name}.png", tmp_path, LARGEST_DIFFERENCE)


def test_every_picture_belongs_to_a_question():
    golden_image.assert_complete(FOLDER, PICTURES)


# Figures need a font, and which one there is differs from machine to machine: the text of the document is compared.


def test_numbered_has_each_number_at_its_label_point():
    mask = facemask.trace_face(FACE.labels, FACE.landmarks, style="numbered")
    for region in mask.regions:
        x, y = (format(value, "g").lstrip("0") or "0" for value in region["label_point"])
        assert f'<text x="{x}" y="{y}" dy=".35em">{region["id"]}</text>' in mask.svg
    without_numbers = mask.svg[: mask.svg.index('<g class="numbers"')] + "</svg>"
    assert (render(without_numbers) == render(face())).all()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('<script>alert("x")</script>', "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"),
        ("a & b's", "a &amp; b&apos;s"),
        ("]]>\0\x1f\ufffe", "]]&gt;\ufffd\ufffd\ufffd"),
        ("Brühe 鼻 👃", "Brühe 鼻 👃"),
    ],
)
def test_names_from_outside_are_escaped_and_change_no_pixel(name: str, written: str):
    svg = face(label_names={6: name})
    assert f'data-name="{written}"' in svg
    assert f"<title>{written}</title>" in svg
    assert (render(svg) == render(face())).all()
