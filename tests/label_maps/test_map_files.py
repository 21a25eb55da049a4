"""Files of label maps, written by the libraries that people write them with."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import facemask
import imageio.v3 as imageio
import numpy as np
import pytest
from PIL import Image
from support.label_map_files import labelme_masks, npy, opencv, pillow, saved, tiff
from support.label_map_forms import LABELS, coco_document, palette_image, run_lengths
from support.synthetic_face import Face

FACE = Face(angle=20, scale=1.0, size=(150, 160))
BINARY = (LABELS == 1).astype(np.uint8)


GRAY = Image.fromarray(LABELS)

FILES: dict[str, Callable[[], bytes]] = {
    **{
        f"npy of {dtype}": lambda dtype=dtype: npy(LABELS.astype(dtype))
        for dtype in ("u1", "i1", "<u2", ">u2", "<i2", ">i4", "<u4", "<i8", ">u8", "<f2", ">f4", "<f8")
    },
    "npy version 2": lambda: npy(LABELS, (2, 0)),
    "npy version 3": lambda: npy(LABELS, (3, 0)),
    "npy in Fortran order": lambda: npy(np.asfortranarray(LABELS.astype(np.int16))),
    "npy of (1, H, W)": lambda: npy(LABELS[None]),
    "npy of (H, W, 1)": lambda: npy(LABELS[..., None]),
    "npz": lambda: saved(np.savez, LABELS),
    "npz, deflated": lambda: saved(np.savez_compressed, LABELS.astype(np.int64)),
    "npz with other arrays": lambda: saved(np.savez_compressed, boxes=np.zeros(4), labels=LABELS, scores=np.ones(3)),
    "npz of a single array of any name": lambda: saved(np.savez, face=LABELS),
    "TIFF, gray": lambda: pillow(GRAY, "TIFF"),
    "TIFF, palette": lambda: pillow(palette_image(), "TIFF"),
    "TIFF, gray 16": lambda: pillow(Image.fromarray(LABELS.astype(np.uint16)), "TIFF"),
    **{
        f"TIFF, {name}": lambda name=name: pillow(GRAY, "TIFF", compression=name)
        for name in ("packbits", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate")
    },
    "TIFF, palette and LZW": lambda: pillow(palette_image(), "TIFF", compression="tiff_lzw"),
    "TIFF of tifffile, tiles": lambda: tiff(LABELS, tile=(32, 48)),
    "TIFF of tifffile, tiles and a predictor": lambda: tiff(LABELS, tile=(32, 32), compression="zlib", predictor=True),
    "TIFF of tifffile, big-endian strips": lambda: tiff(LABELS.astype(np.uint16), byteorder=">", rowsperstrip=7),
    "TIFF of tifffile, int32": lambda: tiff(LABELS.astype(np.int32)),
    "TIFF of tifffile, float32": lambda: tiff(LABELS.astype(np.float32)),
    "TIFF of tifffile, BigTIFF": lambda: tiff(LABELS, bigtiff=True),
    "TIFF of tifffile, BigTIFF palette": lambda: tiff(
        LABELS, bigtiff=True, photometric="palette", colormap=np.zeros((3, 256), np.uint16)
    ),
    "TIFF of OpenCV": lambda: opencv(LABELS, ".tiff"),
    "TIFF of OpenCV, 16 bit": lambda: opencv(LABELS.astype(np.uint16), ".tiff"),
    "TIFF, RGB of equal channels": lambda: pillow(GRAY.convert("RGB"), "TIFF"),
    "GIF": lambda: pillow(GRAY, "GIF"),
    "GIF, interlaced": lambda: pillow(GRAY, "GIF", interlace=1),
    "GIF of imageio": lambda: imageio.imwrite("<bytes>", LABELS, extension=".gif"),
    "BMP, gray": lambda: pillow(GRAY, "BMP"),
    "BMP, RGB": lambda: pillow(GRAY.convert("RGB"), "BMP"),
    "BMP, RGBA": lambda: pillow(GRAY.convert("RGBA"), "BMP"),
    "BMP of OpenCV": lambda: opencv(LABELS, ".bmp"),
    "PNG of imageio": lambda: imageio.imwrite("<bytes>", LABELS, extension=".png"),
    "COCO JSON": lambda: json.dumps(coco_document()).encode(),
    "COCO JSON with a byte order mark": lambda: b"\xef\xbb\xbf \n" + json.dumps(coco_document(0), indent=1).encode(),
    "COCO JSON list": lambda: json.dumps(coco_document()["annotations"]).encode(),
    "labelme JSON with masks": labelme_masks,
}

ONE: dict[str, Callable[[], bytes]] = {
    "npy of bool": lambda: npy(BINARY == 1),
    "npy of 0 and 255": lambda: npy(BINARY * 255),
    "npy of 0.0 and 1.0": lambda: npy(BINARY.astype(np.float32)),
    "TIFF of 1 bit": lambda: pillow(Image.fromarray(BINARY * 255).convert("1"), "TIFF"),
    "TIFF of 1 bit in tiles": lambda: tiff(BINARY == 1),
    "TIFF of 0 and 255": lambda: pillow(Image.fromarray(BINARY * 255), "TIFF"),
    "GIF of 0 and 255": lambda: pillow(Image.fromarray(BINARY * 255), "GIF"),
    "BMP of 1 bit": lambda: pillow(Image.fromarray(BINARY * 255).convert("1"), "BMP"),
    "COCO annotation": lambda: json.dumps(
        {"segmentation": {"size": [160, 150], "counts": run_lengths(BINARY == 1)["counts"].decode()}}
    ).encode(),
}


@pytest.mark.parametrize("form", FILES)
def test_every_file_gives_the_ids(form: str):
    assert (facemask.decode_label_map(FILES[form]()) == LABELS).all()


@pytest.mark.parametrize("form", ONE)
def test_a_file_of_one_mask_gives_region_1(form: str):
    assert (facemask.decode_label_map(ONE[form]()) == BINARY).all()


def test_bytes_paths_and_file_objects_are_labels_too(tmp_path: Path):
    expected = facemask.trace_face(LABELS, FACE.landmarks).svg
    path = tmp_path / "map.tiff"
    path.write_bytes(FILES["TIFF, palette"]())
    for labels in (path.read_bytes(), bytearray(path.read_bytes()), memoryview(path.read_bytes()), path, str(path)):
        assert facemask.trace_face(labels, FACE.landmarks).svg == expected
    for source in (path, str(path)):
        assert (facemask.read_label_map(source) == LABELS).all()
    with path.open("rb") as file:
        assert (facemask.read_label_map(file) == LABELS).all()
    with path.open("rb") as file:
        assert facemask.trace_face(file, FACE.landmarks).svg == expected
    with np.load(io.BytesIO(FILES["npz with other arrays"]())) as arrays:
        assert facemask.trace_face(arrays, FACE.landmarks).svg == expected
    colors = tmp_path / "colors.png"
    colors.write_bytes(pillow(Image.fromarray(np.stack([LABELS, LABELS * 0, LABELS * 0], axis=2)), "PNG"))
    palette = [(i, 0, 0) for i in range(11)]
    assert (facemask.read_label_map(colors, palette=palette) == LABELS).all()


def test_paths_that_cannot_be_read(tmp_path: Path):
    for read in (facemask.read_label_map, facemask.trace_face, facemask.find_contours):
        with pytest.raises(facemask.FacemaskError, match=r"none.png' cannot be read: No such file") as caught:
            read(tmp_path / "none.png")
        assert (caught.value.code, caught.value.field) == ("map_unsupported", "labels")
        with pytest.raises(facemask.FacemaskError, match=r"must be a path of a file|cannot be read"):
            read("a\0b")
    with pytest.raises(facemask.FacemaskError, match="file object in binary mode"):
        facemask.read_label_map(io.StringIO("text"))  # type: ignore[arg-type]


def test_names_of_a_document_reach_the_result():
    data = FILES["COCO JSON"]()
    assert facemask.trace_face(data, FACE.landmarks).contours["part 6"] is not None
    assert facemask.find_contours(data)["part 6"] is not None


# CelebAMask-HQ


PARTS = {1: "skin", 2: "nose", 4: "l_eye", 5: "r_eye", 13: "hair"}


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A folder as CelebAMask-HQ-mask-anno/0: parts of pictures 0 and 12, RGB, at half the size of the photo."""
    folder = tmp_path / "mask-anno"
    folder.mkdir()
    for number in (0, 12):
        for i, part in PARTS.items():
            mask = np.zeros((80, 75), bool)
            mask[10 + i : 40 + number + i, 5 + i : 60 - i] = True
            Image.fromarray(mask.astype(np.uint8) * 255).convert("RGB").save(folder / f"{number:05d}_{part}.png")
    (folder / "Thumbs.db").write_bytes(b"x")
    return folder


def expected_parts(number: int) -> Any:
    ids = np.zeros((80, 75), np.uint8)
    for i in PARTS:  # the order of g_mask.py is that of the ids
        ids[10 + i : 40 + number + i, 5 + i : 60 - i] = i
    return ids


def test_parts_are_painted_in_the_order_of_the_data_set(parts: Path):
    for number in (0, 12):
        assert (facemask.read_label_map(parts / f"{number:05d}") == expected_parts(number)).all()
    with pytest.raises(facemask.FacemaskError, match=r"holds the parts of 00000, 00012; name one, as in .*00000$"):
        facemask.read_label_map(parts)
    with pytest.raises(facemask.FacemaskError, match="cannot be read: No such file"):
        facemask.read_label_map(parts / "00007")
    for file in parts.glob("00012*"):
        file.unlink()
    assert (facemask.read_label_map(parts) == expected_parts(0)).all()
    assert list(facemask.find_contours(parts)) == list(PARTS)
    Image.new("L", (9, 9)).save(parts / "00000_cloth.png")
    with pytest.raises(facemask.FacemaskError, match=r"00000_cloth.png is a mask of shape"):
        facemask.read_label_map(parts)
    empty = parts / "empty"
    empty.mkdir()
    with pytest.raises(facemask.FacemaskError, match="a folder without parts of CelebAMask-HQ"):
        facemask.read_label_map(empty)


def run(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "facemask", "trace", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60)


def test_the_command_line_finds_the_parts_of_a_photo(parts: Path, tmp_path: Path):
    photo = tmp_path / "12.png"
    Image.fromarray(FACE.photo).save(photo)
    points = tmp_path / "points.json"
    points.write_text(json.dumps(FACE.landmarks.tolist()))
    expected = facemask.trace_face(expected_parts(12), FACE.landmarks, image_size=(150, 160)).svg
    for target in (parts, parts / "00012"):
        done = run(photo, target, points)
        assert done.stdout.decode().strip() == expected, done.stderr
    done = run(photo.rename(tmp_path / "face.png"), parts, points)
    assert done.returncode == 1
    assert b"holds the parts of 00000, 00012; name one" in done.stderr


def test_the_command_line_reads_a_map_from_standard_input_and_a_palette(tmp_path: Path):
    photo, points = tmp_path / "photo.png", tmp_path / "points.json"
    Image.fromarray(FACE.photo).save(photo)
    points.write_text(json.dumps(FACE.landmarks.tolist()))
    expected = facemask.trace_face(LABELS, FACE.landmarks).svg
    done = run(photo, "-", points, stdin=FILES["npz, deflated"]())
    assert done.stdout.decode().strip() == expected, done.stderr
    assert b"only one argument can be -" in run("-", "-", points).stderr
    colors = [(i * 20, 255 - i, 7) for i in range(11)]
    painted = pillow(Image.fromarray(np.array(colors, np.uint8)[LABELS]), "PNG")
    text = ",".join(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colors)
    for name, content in (("list.txt", text.replace(",", "\n")), ("list.json", json.dumps(colors))):
        (tmp_path / name).write_text(content)
    for palette in (text, tmp_path / "list.txt", tmp_path / "list.json"):
        done = run(photo, "-", points, "--palette", palette, stdin=painted)
        assert done.stdout.decode().strip() == expected, done.stderr
    for palette, words in (
        ("#12345", b"#rrggbb, got '#12345'"),
        ("[1", b"JSON that is malformed"),
        ("[1]", b"other JSON"),
    ):
        done = run(photo, "-", points, "--palette", palette, stdin=painted)
        assert done.returncode == 1
        assert words in done.stderr
