"""Files of label maps, written by the libraries that people write them with."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import facemask
import imageio.v3 as imageio
import numpy as np
import pytest
import tifffile
from PIL import Image
from support import sample
from support.label_map_forms import LABELS, MASKS, coco_document, palette_image, run_lengths
from support.synthetic_face import Face

FACE = Face(angle=20, scale=1.0, size=(150, 160))
BINARY = (LABELS == 1).astype(np.uint8)


def saved(save: Callable[..., Any], *arguments: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    save(file, *arguments, **options)
    return file.getvalue()


def npy(array: Any, version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), version=version)
    return file.getvalue()


def pillow(image: Image.Image, kind: str, **options: Any) -> bytes:
    return saved(lambda file: image.save(file, kind, **options))


def opencv(array: Any, suffix: str, *parameters: int) -> bytes:
    done, data = cv2.imencode(suffix, array, list(parameters))
    assert done
    return data.tobytes()


def tiff(array: Any, **options: Any) -> bytes:
    return saved(lambda file: tifffile.imwrite(file, array, **options))


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
    "labelme JSON with masks": lambda: labelme_masks(),
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


def labelme_masks() -> bytes:
    """labelme's shapes of AI masks: a PNG of the mask within its box."""
    import base64  # noqa: PLC0415

    shapes = []
    for i, mask in MASKS.items():
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        top, bottom, left, right = rows[0], rows[-1], columns[0], columns[-1]
        part = Image.fromarray(mask[top : bottom + 1, left : right + 1])
        shapes.append(
            {
                "label": str(i),
                "shape_type": "mask",
                "points": [[float(left), float(top)], [float(right), float(bottom)]],
                "mask": base64.b64encode(pillow(part, "PNG")).decode(),
            }
        )
    height, width = LABELS.shape
    return json.dumps({"shapes": shapes, "imageHeight": height, "imageWidth": width}).encode()


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
    with pytest.raises(FileNotFoundError):
        facemask.read_label_map(tmp_path / "none.png")
    with pytest.raises(facemask.FacemaskError, match="none.png cannot be read: No such file") as caught:
        facemask.trace_face(tmp_path / "none.png", FACE.landmarks)
    assert caught.value.code == "map_unsupported"
    with pytest.raises(facemask.FacemaskError, match="must be a path of a file"):
        facemask.trace_face("a\0b", FACE.landmarks)
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
    with pytest.raises(facemask.FacemaskError, match="holds the parts of 00000, 00012; name one, as in .*00000$"):
        facemask.read_label_map(parts)
    with pytest.raises(FileNotFoundError):
        facemask.read_label_map(parts / "00007")
    for file in parts.glob("00012*"):
        file.unlink()
    assert (facemask.read_label_map(parts) == expected_parts(0)).all()
    assert list(facemask.find_contours(parts)) == list(PARTS)
    Image.new("L", (9, 9)).save(parts / "00000_cloth.png")
    with pytest.raises(facemask.FacemaskError, match="00000_cloth.png has the shape"):
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


# Hostile files


SMALL = np.arange(12, dtype=np.uint8).reshape(3, 4)
CUT: dict[str, Callable[[], bytes]] = {
    "npy": lambda: npy(SMALL),
    "npz": lambda: saved(np.savez, SMALL),
    "npz, deflated": lambda: saved(np.savez_compressed, SMALL),
    "TIFF": lambda: pillow(Image.fromarray(SMALL), "TIFF"),
    "TIFF, LZW": lambda: pillow(Image.fromarray(SMALL), "TIFF", compression="tiff_lzw"),
    "GIF": lambda: pillow(Image.fromarray(SMALL), "GIF"),
    "BMP": lambda: pillow(Image.fromarray(SMALL), "BMP"),
    "JSON": lambda: json.dumps({"segmentation": {"size": [3, 4], "counts": [1, 11]}}).encode(),
}


@pytest.mark.parametrize("form", CUT)
def test_a_file_cut_anywhere_is_refused_or_whole(form: str):
    data = CUT[form]()
    whole = facemask.decode_label_map(data)
    for end in range(len(data)):
        try:
            cut = facemask.decode_label_map(data[:end])
        except facemask.FacemaskError as error:
            assert error.code in ("map_corrupt", "map_unsupported", "map_invalid"), f"{end}: {error}"
        else:
            assert (cut == whole).all(), f"{end} of {len(data)}"


@pytest.mark.parametrize("form", CUT)
def test_a_changed_file_never_ends_the_process(form: str):
    data = bytearray(CUT[form]())
    for at in range(len(data)):
        for value in (0, 1, 0x7F, 0x80, 0xFF):
            changed = bytes(data[:at]) + bytes([value]) + bytes(data[at + 1 :])
            try:
                facemask.decode_label_map(changed)
            except facemask.FacemaskError as error:
                assert error.code != "internal_error", f"{at}, {value}: {error}"


def bomb() -> bytes:
    """An array of 60 MB of zeros in 60 KB, more than its header says."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labels.npy", npy(SMALL) + bytes(60_000_000))
    return file.getvalue()


def many_files() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(300):
            archive.writestr(f"{i}.npy", b"")
    return file.getvalue()


def tiff_cycle() -> bytes:
    """A TIFF whose directory follows itself."""
    data = bytearray(pillow(Image.fromarray(SMALL), "TIFF"))
    at = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[at : at + 2], "little")
    data[at + 2 + 12 * count :][:4] = at.to_bytes(4, "little")
    data[at + 2 + 12 * count : at + 6 + 12 * count] = at.to_bytes(4, "little")
    return bytes(data)


def header_only(shape: str) -> bytes:
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\0" + len(text).to_bytes(2, "little") + text


def gif_of(width: int, height: int) -> bytes:
    data = bytearray(CUT["GIF"]())
    data[6:10] = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return bytes(data)


RING = [0, 0, 9, 0, 9, 9]
HOSTILE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "npy of 10^18 pixels": (lambda: header_only("(1000000000, 1000000000)"), "map_too_large", "at most 65535 on a side"),
    "npy of 10^30 pixels": (lambda: header_only(f"({10**15}, {10**15})"), "map_too_large", "on a side"),
    "npy without its pixels": (lambda: header_only("(7000, 7000)"), "map_corrupt", "ends before its last element"),
    "npy with more than its pixels": (lambda: npy(SMALL) + b"\0", "map_corrupt", "more than the 4 x 3"),
    "npy of class scores": (lambda: npy(np.zeros((19, 9, 9), np.float32)), "map_invalid", "(19, 9, 9), expected (height, width)"),
    "npy of objects": (lambda: saved(np.save, np.array([["a", None]]), allow_pickle=True), "map_invalid", "Python objects"),
    "npy of records": (lambda: npy(np.zeros((2, 2), [("a", "u1")])), "map_invalid", "records"),
    "npy of complex numbers": (lambda: npy(np.zeros((2, 2), complex)), "map_invalid", "'<c16'|\"<c16\""),
    "npy with -1": (lambda: npy(np.full((2, 3), -1)), "map_invalid", "the value -1, .*set negative ids to 0"),
    "npy with 0.5": (lambda: npy(np.full((2, 3), 0.5)), "map_invalid", "threshold probabilities"),
    "npy with 300": (lambda: npy(np.array([[0, 300]])), "map_invalid", r"pixel \(1, 0\) has the value 300"),
    "npy in Fortran order with 300": (
        lambda: npy(np.asfortranarray([[0, 1, 2], [3, 4, 300]])), "map_invalid", r"pixel \(2, 1\) has the value 300",
    ),
    "npy header of 4 GB": (lambda: b"\x93NUMPY\x02\0\xff\xff\xff\xff", "map_corrupt", "4294967295 bytes"),
    "npy version 9": (lambda: b"\x93NUMPY\x09\0\xff\xff", "map_unsupported", "version 9"),
    "a zip bomb": (bomb, "map_corrupt", "more than the 4 x 3"),
    "a zip of many files": (many_files, "map_unsupported", "archive of 300 files"),
    "a zip of no arrays": (lambda: saved(make_zip, {"a.txt": b"x"}), "map_unsupported", "without NumPy arrays"),
    "an npz of unknown names": (lambda: saved(np.savez, a=SMALL, b=SMALL), "map_invalid", "holds the arrays a, b; name the one"),
    "an npz with a wrong checksum": (lambda: wrong_checksum(), "map_corrupt", "checksum"),
    "a TIFF that follows itself": (tiff_cycle, "", ""),
    "a TIFF with JPEG inside": (lambda: pillow(GRAY, "TIFF", compression="jpeg"), "map_not_lossless", "lossy compression"),
    "a TIFF in CMYK": (lambda: pillow(GRAY.convert("CMYK"), "TIFF"), "map_unsupported", "CMYK"),
    "a TIFF of 300": (lambda: pillow(Image.fromarray(np.array([[0, 300]], np.uint16)), "TIFF"), "map_invalid", "value 300"),
    "a TIFF of 60 megapixels": (lambda: tiff_of(8000, 7500), "map_too_large", "60000000 pixels"),
    "a GIF of 65535 x 65535": (lambda: gif_of(65535, 65535), "map_too_large", "pixels"),
    "a GIF frame in a larger canvas": (lambda: gif_of(40, 30), "map_unsupported", "a part of its canvas"),
    "a BMP of run lengths": (lambda: rle_bmp(), "map_unsupported", "compression 1"),
    "JSON 100k deep": (lambda: b"[" * 100_000, "map_corrupt|map_unsupported", "JSON"),
    "JSON of landmarks": (lambda: b"[[1, 2], [3, 4]]", "map_unsupported", "neither COCO nor labelme"),
    "JSON of something else": (lambda: b'{"points": []}', "map_unsupported", "without annotations"),
    "JSON that is cut": (lambda: b'{"shapes": [', "map_corrupt", "cut or malformed"),
    "JSON of a million annotations": (lambda: b"[" + b"{}," * 999_999 + b"{}]", "map_unsupported", "neither"),
    "a polygon of endless rows": (
        lambda: document([0, -1e300, 9, 1e300, 9, 9] * 60_000, 9, 60_000), "map_too_complex", "more rows than the limit",
    ),
    "masks without end": (
        lambda: json.dumps({
            "images": [{"id": 1, "width": 7000, "height": 7000}],
            "annotations": [{"category_id": 1, "segmentation": [[0, 0, 7000, 0, 7000, 7000, 0, 7000]]}] * 99_999,
        }).encode(), "map_too_complex", "more pixels than the limit",
    ),
    "a document of 10^10 pixels": (lambda: document(RING, 10**5, 10**5), "map_too_large", "on a side"),
    "run lengths of 4 GB": (
        lambda: b'{"segmentation": {"size": [65535, 65535], "counts": [4294836225]}}', "map_too_large", "pixels",
    ),
    "run lengths that overflow": (
        lambda: b'{"segmentation": {"size": [4, 4], "counts": "oooooooooooooooooooooooo1"}}', "map_corrupt", "not those of COCO",
    ),
    "a labelme mask that is no PNG": (
        lambda: json.dumps({"shapes": [{"label": "a", "points": [[0, 0]], "shape_type": "mask", "mask": "AAAA"}],
                            "imageWidth": 9, "imageHeight": 9}).encode(), "map_corrupt|map_unsupported", "label map",
    ),
}  # fmt: skip


def document(ring: list[float], width: int, height: int) -> bytes:
    annotations = [{"category_id": 1, "segmentation": [ring]}]
    return json.dumps({"images": [{"id": 1, "width": width, "height": height}], "annotations": annotations}).encode()


def make_zip(file: io.BytesIO, content: dict[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def wrong_checksum() -> bytes:
    data = bytearray(saved(np.savez, SMALL))
    at = data.rindex(b"PK\x01\x02") + 16
    data[at] ^= 1
    return bytes(data)


def tiff_of(width: int, height: int) -> bytes:
    return tiff(np.zeros((height, width), np.uint8), compression="zlib", rowsperstrip=height)


def rle_bmp() -> bytes:
    data = bytearray(CUT["BMP"]())
    data[30] = 1
    return bytes(data)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str):
    make, code, words = HOSTILE[name]
    data = make()
    if not code:
        assert (facemask.decode_label_map(data) == SMALL).all()
        return
    with pytest.raises(facemask.FacemaskError, match=words) as caught:
        facemask.decode_label_map(data)
    assert caught.value.code in code.split("|")
    assert caught.value.field == "labels"
    assert len(caught.value.detail) < 400


KINDS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "text": (b"0 0 0", "a text"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    "zip": (saved(make_zip, {"a.txt": b"x"}), "zip archive"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC picture"),
    "AVIF": (b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF picture"),
    "JPEG XL": (b"\xff\x0a\xfa\x1f\x01", "a JPEG XL picture"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
    "HTML": (b"<!doctype html><title>404</title>", "an HTML page"),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0", "gzip data"),
    "MATLAB": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "a MATLAB file"),
    "HDF5": (b"\x89HDF\r\n\x1a\n\0\0\0\0", "an HDF5 file"),
    "pickle": (b"\x80\x04\x95\x10\0\0\0\0", "a Python pickle"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:", "a Git LFS pointer"),
    "unknown": (b"\x01\x02\x03\xfe\xff\xf0\x9f", "of no known file format"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_refused_says_its_kind_in_words(kind: str):
    data, words = KINDS[kind]
    for decode, field in ((facemask.decode_image, "image"), (facemask.decode_label_map, "labels")):
        with pytest.raises(facemask.FacemaskError, match=words) as caught:
            decode(data)
        assert (caught.value.code, caught.value.field) == (
            f"{'map' if field == 'labels' else field}_unsupported",
            field,
        )
        assert r"\x" not in caught.value.detail
        if field == "labels":
            assert "JPEG or" not in caught.value.detail
            assert "as JPEG" not in caught.value.detail


def test_a_jpeg_map_is_refused_as_lossy():
    with pytest.raises(facemask.FacemaskError, match="is a JPEG, which invents labels") as caught:
        facemask.decode_label_map(pillow(GRAY, "JPEG"))
    assert caught.value.code == "map_not_lossless"


def test_maps_of_the_sample_are_as_before():
    assert (facemask.decode_label_map(sample.encode_png(LABELS)) == LABELS).all()
