"""Drawings in the programs that people open them with. docs/svg_readers.md has these figures."""

import io
import re
import subprocess
from functools import cache
from pathlib import Path

import facemask
import numpy as np
import pymupdf
import pytest
import svgelements
from facemask import FaceMask
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from support import sample
from support.paths import PHOTO_FILE
from svg_readers import READERS, Pixels, read_with_inkscape

STYLES = ["default", "outline", "solid", "numbered", "cut"]
# Drawings without letters: fonts differ between readers.
LETTERLESS = ["default", "outline", "solid", "cut"]
# What a reader cannot do, as docs/svg_readers.md says: `opacity` of groups, `photo`, `clip` paths, `dashes`.
LACKS = {
    "qt": {"clip"},
    "pymupdf": {"opacity", "clip", "dashes"},
    "fpdf2": {"opacity", "clip"},
    "svglib": {"opacity", "clip"},
    "picosvg": {"photo"},
}


@cache
def trace(style: str, has_photo: bool) -> FaceMask:
    image = {"image": PHOTO_FILE.read_bytes(), "embed_image": "crop"} if has_photo else {}
    return facemask.trace_face(sample.LABELS, sample.LANDMARKS, style=style, **image)


@cache
def read(reader: str, style: str, has_photo: bool, kind: str) -> Pixels:
    """The pixels of a drawing, `svg` or `svg-plain`, in a reader."""
    mask = trace(style, has_photo)
    svg = mask.svg if kind == "svg" else mask.to_svg_plain()
    return READERS[reader](svg, mask.size)


@cache
def inside(distance: int) -> NDArray[np.bool_]:
    """The pixels that are `distance` away from the outside of all regions."""
    mask = trace("solid", False)
    union = Image.new("L", mask.size)
    for contour in mask.contours.values():
        for rings in contour.polygons():
            part = Image.new("L", mask.size)
            for index, ring in enumerate(rings):
                ImageDraw.Draw(part).polygon([tuple(point) for point in ring], fill=0 if index else 255)
            union.paste(part, mask=part)
    framed = ImageOps.expand(union, distance)  # the filter takes what is beyond the picture for a copy of its edge
    eroded = framed.filter(ImageFilter.MinFilter(2 * distance + 1))
    return np.asarray(ImageOps.crop(eroded, distance)) > 0


def borders(distance: int) -> NDArray[np.bool_]:
    """The pixels that are at most `distance` away from a line."""
    lines = read("resvg", "cut", False, "svg").min(axis=-1) < 250
    return np.asarray(Image.fromarray(lines).convert("L").filter(ImageFilter.MaxFilter(2 * distance + 1))) > 0


def difference(reader: str, style: str, has_photo: bool, kind: str = "svg") -> Pixels:
    """The difference to resvg's picture of the drawing, 0 to 255 a pixel."""
    found, expected = read(reader, style, has_photo, kind), read("resvg", style, has_photo, "svg")
    assert found.shape == expected.shape
    return np.abs(found - expected).max(axis=-1)


@pytest.mark.parametrize("kind", ["svg", "svg-plain"])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("reader", READERS)
def test_it_opens_every_drawing_and_shows_the_photo(reader: str, style: str, kind: str) -> None:
    for has_photo in (False, True):
        assert (read(reader, style, has_photo, kind) != 255).any()
    beside = ~(inside(1) | borders(3))
    shown = difference(reader, style, has_photo=True, kind=kind)[beside]
    if "photo" in LACKS.get(reader, ()):
        assert np.median(shown) > 30
    else:
        assert (shown > 32).mean() < 0.002


@pytest.mark.parametrize("kind", ["svg", "svg-plain"])
@pytest.mark.parametrize("style", ["default", "outline", "numbered", "cut"])
@pytest.mark.parametrize("reader", READERS)
def test_it_shows_a_line_on_every_border(reader: str, style: str, kind: str) -> None:
    """On each border the picture differs from its surroundings, as it does in resvg."""
    found = read(reader, style, False, kind).sum(axis=-1)
    for line in re.findall(r'<path data-regions="[\d ]+" d="M([-\d.]+) ?([-\d.]+)', trace("cut", False).svg):
        x, y = (int(float(number)) for number in line)
        window = found[max(0, y - 6) : y + 7, max(0, x - 6) : x + 7]
        assert window.max() - window.min() > 60


@pytest.mark.parametrize("has_photo", [False, True])
@pytest.mark.parametrize("style", LETTERLESS)
@pytest.mark.parametrize("reader", [name for name in READERS if name not in LACKS])
def test_browsers_and_editors_draw_what_resvg_draws(reader: str, style: str, has_photo: bool) -> None:
    differs = difference(reader, style, has_photo)
    assert (differs[~borders(2)] > 24).sum() == 0
    assert (differs > 64).mean() < 0.01


@pytest.mark.parametrize("reader", READERS)
def test_fills_are_translucent_in_one_of_the_kinds(reader: str) -> None:
    """40 per cent in the drawing where a reader knows opacity of groups, and in `svg-plain` everywhere."""
    flat = ~borders(3) & inside(3)
    in_drawing = difference(reader, "default", has_photo=False)[flat]
    in_plain = difference(reader, "default", has_photo=False, kind="svg-plain")[flat]
    assert in_plain.max() <= 4
    assert (np.median(in_drawing) > 20) == ("opacity" in LACKS.get(reader, ()))
    assert ("opacity" in LACKS.get(reader, ())) or in_drawing.max() <= 4


@pytest.mark.parametrize("style", ["default", "solid", "numbered"])
def test_inkscape_shows_no_seam(style: str) -> None:
    """Nothing of the paper is seen through opaque fills, and through translucent ones 60 per cent, never more."""
    mask = trace(style, False)
    pages = [read_with_inkscape(mask.svg, mask.size, paper) for paper in ("#ff00ff", "#00ff00")]
    seen = np.abs(pages[0] - pages[1]).max(axis=-1)[inside(2)]
    assert seen.size > 100_000
    assert (seen > (1 if style == "solid" else 154)).sum() == 0


def test_svgelements_finds_every_path() -> None:
    for style in STYLES:
        mask = trace(style, False)
        for svg in (mask.svg, mask.to_svg_plain()):
            paths = list(svgelements.SVG.parse(io.StringIO(svg)).elements(lambda e: isinstance(e, svgelements.Path)))
            boxes = {path.values.get("data-region"): path.bbox() for path in paths}
            for region in mask.regions if style != "cut" else ():
                assert boxes[str(region["id"])] == pytest.approx(region["bbox"], abs=0.5)


@pytest.mark.parametrize("program", ["inkscape", "rsvg-convert"])
def test_the_size_is_that_of_the_crop_in_css_pixels(program: str, tmp_path: Path) -> None:
    """A CSS pixel is 1/96 inch, and a PDF's unit 1/72."""
    mask = trace("cut", False)
    source, target = tmp_path / "drawing.svg", tmp_path / "drawing.pdf"
    source.write_text(mask.svg)
    commands = {
        "inkscape": ["inkscape", source, "--export-type=pdf", f"--export-filename={target}"],
        "rsvg-convert": ["rsvg-convert", "--format=pdf", f"--output={target}", source],
    }
    subprocess.run(commands[program], check=True, capture_output=True)
    page = pymupdf.open(target)[0].rect
    assert (page.width / 72 * 96, page.height / 72 * 96) == pytest.approx(mask.size, abs=0.01)
