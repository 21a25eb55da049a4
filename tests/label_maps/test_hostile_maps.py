"""Files that are no label maps, or damaged, or demand much: each is refused with a sentence."""

import io
import json
import struct
import zipfile
from collections.abc import Callable

import facemask
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from support import sample
from support.label_map_files import npy, pillow, saved, tiff
from support.label_map_forms import LABELS

GRAY = Image.fromarray(LABELS)

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


def decode(data: bytes) -> tuple[str | None, NDArray[np.uint8] | None]:
    """The code of the error, else the map."""
    try:
        return None, facemask.decode_label_map(data)
    except facemask.FacemaskError as error:
        return error.code, None


@pytest.mark.parametrize("form", CUT)
def test_a_file_cut_anywhere_is_refused_or_whole(form: str):
    data = CUT[form]()
    whole = facemask.decode_label_map(data)
    for end in range(len(data)):
        code, cut = decode(data[:end])
        assert code in ("map_corrupt", "map_unsupported", "map_invalid", None), end
        assert cut is None or (cut == whole).all(), f"{end} of {len(data)}"


@pytest.mark.parametrize("form", CUT)
def test_a_changed_file_never_ends_the_process(form: str):
    data = bytearray(CUT[form]())
    for at in range(len(data)):
        for value in (0, 1, 0x7F, 0x80, 0xFF):
            changed = bytes(data[:at]) + bytes([value]) + bytes(data[at + 1 :])
            assert decode(changed)[0] != "internal_error", f"{at}, {value}"


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
    data[at + 2 + 12 * count : at + 6 + 12 * count] = at.to_bytes(4, "little")
    return bytes(data)


def header_only(shape: str) -> bytes:
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\0" + len(text).to_bytes(2, "little") + text


def gif_of(width: int, height: int) -> bytes:
    data = bytearray(CUT["GIF"]())
    data[6:10] = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return bytes(data)


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


RING = [0, 0, 9, 0, 9, 9]
HOSTILE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "npy of 10^18 pixels": (
        lambda: header_only("(1000000000, 1000000000)"),
        "map_too_large",
        "at most 65535 on a side",
    ),
    "npy of 10^30 pixels": (lambda: header_only(f"({10**15}, {10**15})"), "map_too_large", "on a side"),
    "npy without its pixels": (lambda: header_only("(7000, 7000)"), "map_corrupt", "ends before its last element"),
    "npy with more than its pixels": (lambda: npy(SMALL) + b"\0", "map_corrupt", "more than the 4 x 3"),
    "npy of class scores": (
        lambda: npy(np.zeros((19, 9, 9), np.float32)),
        "map_invalid",
        r"\(19, 9, 9\), expected \(height, width\); .*argmax",
    ),
    "npy of objects": (
        lambda: saved(np.save, np.array([["a", None]]), allow_pickle=True),
        "map_invalid",
        "Python objects",
    ),
    "npy of records": (lambda: npy(np.zeros((2, 2), [("a", "u1")])), "map_invalid", "records"),
    "npy of complex numbers": (lambda: npy(np.zeros((2, 2), complex)), "map_invalid", "'<c16'|\"<c16\""),
    "npy with -1": (lambda: npy(np.full((2, 3), -1)), "map_invalid", "the value -1, .*set negative ids to 0"),
    "npy with 0.5": (lambda: npy(np.full((2, 3), 0.5)), "map_invalid", "threshold probabilities"),
    "npy with 300": (lambda: npy(np.array([[0, 300]])), "map_invalid", r"pixel \(1, 0\) has the value 300"),
    "npy in Fortran order with 300": (
        lambda: npy(np.asfortranarray([[0, 1, 2], [3, 4, 300]])),
        "map_invalid",
        r"pixel \(2, 1\) has the value 300",
    ),
    "npy header of 4 GB": (lambda: b"\x93NUMPY\x02\0\xff\xff\xff\xff", "map_corrupt", "4294967295 bytes"),
    "npy version 9": (lambda: b"\x93NUMPY\x09\0\xff\xff", "map_unsupported", "version 9"),
    "a zip bomb": (bomb, "map_corrupt", "more than the 4 x 3"),
    "a zip of many files": (many_files, "map_unsupported", "archive of 300 files"),
    "a zip of no arrays": (lambda: saved(make_zip, {"a.txt": b"x"}), "map_unsupported", "without NumPy arrays"),
    "an npz of unknown names": (
        lambda: saved(np.savez, a=SMALL, b=SMALL),
        "map_invalid",
        "holds the arrays a, b; name the one",
    ),
    "an npz with a wrong checksum": (wrong_checksum, "map_corrupt", "checksum"),
    "a TIFF that follows itself": (tiff_cycle, "map_corrupt", "cycle"),
    "a TIFF with JPEG inside": (
        lambda: pillow(GRAY, "TIFF", compression="jpeg"),
        "map_not_lossless",
        "lossy compression",
    ),
    "a TIFF in CMYK": (lambda: pillow(GRAY.convert("CMYK"), "TIFF"), "map_unsupported", "CMYK"),
    "a TIFF of 300": (
        lambda: pillow(Image.fromarray(np.array([[0, 300]], np.uint16)), "TIFF"),
        "map_invalid",
        "value 300",
    ),
    "a TIFF of 60 megapixels": (lambda: tiff_of(8000, 7500), "map_too_large", "60000000 pixels"),
    "a GIF of 65535 x 65535": (lambda: gif_of(65535, 65535), "map_too_large", "pixels"),
    "a GIF frame in a larger canvas": (lambda: gif_of(40, 30), "map_unsupported", "a part of its canvas"),
    "a BMP of run lengths": (rle_bmp, "map_unsupported", "compression 1"),
    "JSON 100k deep": (lambda: b"[" * 100_000, "map_corrupt|map_unsupported", "JSON"),
    "JSON of landmarks": (lambda: b"[[1, 2], [3, 4]]", "map_unsupported", "neither COCO nor labelme"),
    "JSON of something else": (lambda: b'{"points": []}', "map_unsupported", "without annotations"),
    "JSON that is cut": (lambda: b'{"shapes": [', "map_corrupt", "cut or malformed"),
    "JSON of a million annotations": (lambda: b"[" + b"{}," * 999_999 + b"{}]", "map_unsupported", "neither"),
    "a polygon of endless rows": (
        lambda: document([0, -1e300, 9, 1e300, 9, 9] * 60_000, 9, 60_000),
        "map_too_complex",
        "more rows than the limit",
    ),
    "masks without end": (
        lambda: json.dumps(
            {
                "images": [{"id": 1, "width": 7000, "height": 7000}],
                "annotations": [{"category_id": 1, "segmentation": [[0, 0, 7000, 0, 7000, 7000, 0, 7000]]}] * 99_999,
            }
        ).encode(),
        "map_too_complex",
        "more pixels than the limit",
    ),
    "a document of 10^10 pixels": (lambda: document(RING, 10**5, 10**5), "map_too_large", "on a side"),
    "run lengths of 4 GB": (
        lambda: b'{"segmentation": {"size": [65535, 65535], "counts": [4294836225]}}',
        "map_too_large",
        "pixels",
    ),
    "run lengths that overflow": (
        lambda: b'{"segmentation": {"size": [4, 4], "counts": "oooooooooooooooooooooooo1"}}',
        "map_corrupt",
        "not those of COCO",
    ),
    "a labelme mask that is no PNG": (
        lambda: json.dumps(
            {
                "shapes": [{"label": "a", "points": [[0, 0]], "shape_type": "mask", "mask": "AAAA"}],
                "imageWidth": 9,
                "imageHeight": 9,
            }
        ).encode(),
        "map_corrupt",
        "the PNG ends",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str):
    make, code, words = HOSTILE[name]
    data = make()
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


@pytest.mark.parametrize("big_endian", [False, True])
def test_a_huge_text_in_a_tiff_prints_nothing(big_endian: bool, capfd: pytest.CaptureFixture[str]):
    """One of the decoder's own tags claims to be a text of 2 GB."""
    order = ">" if big_endian else "<"
    entries = [(256, 3, 1, 4), (257, 3, 1, 3), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    entries += [(278, 3, 1, 3), (279, 4, 1, 12), (284, 2, 2**31 - 1, 1)]

    def entry(tag: int, kind: int, count: int, value: int) -> bytes:
        return struct.pack(f"{order}HHI", tag, kind, count) + struct.pack(order + ("HH" if kind == 3 else "I"), *(
            (value, 0) if kind == 3 else (value,)
        ))  # fmt: skip

    def file(some: list[tuple[int, int, int, int]]) -> bytes:
        head = (b"MM\0*" if big_endian else b"II*\0") + struct.pack(f"{order}I", 20)
        directory = b"".join(entry(*each) for each in some)
        return head + SMALL.tobytes() + struct.pack(f"{order}H", len(some)) + directory + bytes(4)

    assert (facemask.decode_label_map(file(entries[:-1])) == SMALL).all()
    # A text that the decoder has no use for, such as the name of a program.
    assert (facemask.decode_label_map(file([*entries[:-1], (305, 2, 2**31 - 1, 1)])) == SMALL).all()
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.decode_label_map(file(entries))
    assert caught.value.code in ("map_corrupt", "map_too_large")
    assert capfd.readouterr() == ("", "")
