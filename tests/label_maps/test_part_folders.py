"""Folders of parts whose files are not exactly black and white: one rule for masks, and errors that name the file."""

import io
from pathlib import Path

import facemask
import numpy as np
import pytest
from facemask.commands.inputs import parse_palette
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from support.synthetic_face import Face

LABELS = Face(angle=10, scale=2.0, size=(300, 320)).labels
PARTS = {1: "skin", 2: "nose", 4: "l_eye", 5: "r_eye"}
EXACT = np.zeros_like(LABELS)
for number, source in zip(PARTS, (LABELS > 0, LABELS == 6, LABELS == 4, LABELS == 5), strict=True):
    EXACT[source] = number


def write(folder: Path, change: object) -> Path:
    for number, part in PARTS.items():
        mask = Image.fromarray(((LABELS > 0) if number == 1 else (number == EXACT)).astype(np.uint8) * 255)
        change(mask).save(folder / f"00000_{part}.png")  # type: ignore[operator]
    return folder


def jpeg(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return Image.open(file)


def areas(ids: NDArray[np.uint8]) -> list[int]:
    return [int((ids == number).sum()) for number in (0, *PARTS)]


CHANGES = {
    "black and white": lambda image: image,
    "of 1 bit": lambda image: image.convert("1"),
    "0 and 1": lambda image: image.point(lambda value: value // 255),
    "smoothed": lambda image: image.filter(ImageFilter.GaussianBlur(1.5)),
    "JPEG before": jpeg,
    "gray of 200": lambda image: image.point(lambda value: value * 200 // 255),
    "ids": lambda image: image.point(lambda value: value // 64),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_part_is_where_its_file_is_above_one_half(name: str, tmp_path: Path):
    found = areas(facemask.read_label_map(write(tmp_path, CHANGES[name])))
    assert found == pytest.approx(areas(EXACT), rel=0.12)


def test_capitals_in_names_do_no_harm(tmp_path: Path):
    for path in write(tmp_path, CHANGES["black and white"]).iterdir():
        path.rename(path.with_name(path.name.upper()))
    assert (facemask.read_label_map(tmp_path) == EXACT).all()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "00000_nose.png: the label map is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "00000_nose.png: "),
        (None, "00000_nose.png covers the whole picture, .*alpha channel"),
    ],
)
def test_a_part_at_fault_is_named(data: bytes | None, words: str, tmp_path: Path):
    path = write(tmp_path, CHANGES["black and white"]) / "00000_nose.png"
    if data is None:
        mask = Image.fromarray((LABELS == 6).astype(np.uint8) * 255)
        white = Image.new("L", mask.size, 255)
        Image.merge("LA", (white, mask)).save(path)
    else:
        path.write_bytes(data)
    with pytest.raises(facemask.FacemaskError, match=words) as caught:
        facemask.read_label_map(tmp_path)
    assert caught.value.field == "labels"


@pytest.mark.parametrize("text", ["[[0.9, 0, 0]]", "[[true, 0, 0]]", '[["0", 0, 0]]'])
def test_channels_of_a_palette_are_whole_numbers(text: str):
    with pytest.raises(facemask.FacemaskError, match=r"whole numbers from 0 to 255, got .*by 255") as caught:
        parse_palette(text)
    assert caught.value.code == "option_invalid"
