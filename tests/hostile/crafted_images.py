"""Crafted image files, built chunk by chunk."""

import io
import struct
import zlib

import numpy as np
from PIL import Image
from support.paths import MAP_FILE, PHOTO_FILE

PHOTO, MAP = PHOTO_FILE.read_bytes(), MAP_FILE.read_bytes()


def chunk(kind: bytes, data: bytes, *, crc: int | None = None) -> bytes:
    """A PNG chunk with its true CRC or a given one."""
    true = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", true if crc is None else crc)


def make_png(width: int, height: int, rows: bytes, *, depth: int = 8, kind: int = 0, extra: bytes = b"") -> bytes:
    """A PNG with the given header; `rows` are its filtered rows, which are compressed here."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def gray_png(labels: np.ndarray) -> bytes:
    """A gray PNG of the labels."""
    return encode(Image.fromarray(labels), "PNG")


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    """Encode an image with Pillow."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def sample_labels() -> np.ndarray:
    """The sample's label map."""
    return np.asarray(Image.open(io.BytesIO(MAP)))


def sample_photo() -> Image.Image:
    """The sample's photo."""
    return Image.open(io.BytesIO(PHOTO)).convert("RGB")


def flat_bomb(side: int) -> bytes:
    """A huge gray PNG that compresses to almost nothing: a decompression bomb."""
    return make_png(side, side, b"\0" * (side + 1) * side)


def checkerboard(side: int) -> bytes:
    """A PNG in which every pixel is a region of its own, and which is a thousandth of its size."""
    board = (np.indices((side, side)).sum(0) % 2).astype(np.uint8)
    return gray_png(board)


def text_bomb(size: int) -> bytes:
    """The sample's map with a zTXt chunk that decompresses to `size` bytes."""
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * size, 9))
    return MAP[:33] + text + MAP[33:]
