"""The regions as a label map, and as the palette PNG of it."""

import io
import re

import facemask
import numpy as np
import pytest
from facemask import FaceMask
from facemask.formats.colors import PALETTE
from facemask.formats.raster import png
from facemask.formats.raster.palette_png import encode_palette_png
from hypothesis import given
from numpy.typing import NDArray
from PIL import Image
from support import sample
from support.export_faces import FACE, LEVEL, MASKS, label_raster, refused
from support.label_maps import checkerboard, label_maps, voronoi
from support.paths import ROOT


def trace_level(labels: NDArray[np.uint8], **options: object) -> FaceMask:
    """Trace a map with the points of a level face, so that nothing is turned."""
    size = {"image_size": (labels.shape[1], labels.shape[0])}
    return facemask.trace_face(labels, LEVEL, crop="none", tolerance=0, label_scheme="custom", **size, **options)


@pytest.mark.parametrize("name", MASKS)
def test_a_pixel_belongs_to_the_region_that_its_centre_lies_in(name: str) -> None:
    mask = MASKS[name]
    labels = mask.to_label_map()
    assert (labels.dtype, labels.shape) == (np.uint8, mask.size[::-1])
    # Rounding to two decimals may pass a centre now and then.
    assert (labels != np.maximum(label_raster(mask), 0)).sum() <= 1e-4 * labels.size


@given(label_maps())
def test_the_map_of_an_unturned_face_comes_back(labels: NDArray[np.uint8]) -> None:
    mask = trace_level(labels, void="none")
    assert mask.roll_degrees == 0
    assert (mask.to_label_map() == labels).all()
    assert (facemask.decode_label_map(mask.to_label_map_png()) == labels).all()


def test_all_256_labels_come_back() -> None:
    labels = (np.arange(64 * 64) % 256).astype(np.uint8).reshape(64, 64)
    mask = trace_level(labels, void="none")
    assert (facemask.decode_label_map(mask.to_label_map_png()) == labels).all()


@pytest.mark.parametrize("labels", [checkerboard(48, 40), voronoi(60, 30)], ids=["checkerboard", "voronoi"])
def test_pillow_reads_indices_and_colors(labels: NDArray[np.uint8]) -> None:
    picture = Image.open(io.BytesIO(trace_level(labels).to_label_map_png()))
    assert picture.mode == "P"
    assert (np.asarray(picture) == labels).all()
    colors = np.reshape(picture.getpalette(), (-1, 3))
    assert colors[0].tolist() == [0, 0, 0]
    for region in range(1, int(labels.max()) + 1):
        assert "#" + bytes(colors[region].tolist()).hex() == PALETTE[(region - 1) % 16]


@pytest.mark.parametrize("style", ["default", "outline", "solid", "numbered", "cut"])
def test_colors_are_those_of_the_drawing(style: str) -> None:
    colors = {"nose": "teal", "1": "#123"}
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, style=style, colors=colors)
    palette = np.reshape(Image.open(io.BytesIO(mask.to_label_map_png())).getpalette(), (-1, 3))
    assert palette[6].tolist() == [0, 0x80, 0x80]
    assert palette[1].tolist() == [0x11, 0x22, 0x33]
    assert "#" + bytes(palette[10].tolist()).hex() == PALETTE[9]


def test_the_list_of_colors_is_that_of_the_drawing() -> None:
    source = (ROOT / "crates/facemask-core/src/svg/style.rs").read_text(encoding="utf-8")
    found = re.search(r"PALETTE: \[&str; 16\] = \[(.*?)\]", source, re.DOTALL)
    assert found is not None
    assert tuple(re.findall(r"#\w+", found[1])) == PALETTE


def test_a_map_without_regions_is_background() -> None:
    mask = trace_level(np.zeros((40, 48), np.uint8))
    assert not mask.regions
    assert not facemask.decode_label_map(mask.to_label_map_png()).any()


def test_too_many_pixels_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facemask.formats.raster.label_map.MAX_PIXELS", 1000)
    refused("format_impossible", "at most 1000 pixels", FACE.to_label_map)
    refused("format_impossible", "at most 1000 pixels", FACE.to_label_map_png)
    assert png.MAX_PIXELS == 24_000_000


def test_a_png_of_one_pixel() -> None:
    data = encode_palette_png(np.array([[1]], np.uint8), ["#000000", "#ff0080"])
    assert Image.open(io.BytesIO(data)).convert("RGB").getpixel((0, 0)) == (255, 0, 128)
