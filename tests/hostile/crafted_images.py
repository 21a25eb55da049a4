"""Files that are not what they seem, built from scratch."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

SAMPLE = Path(__file__).parents[2] / "samples" / "astronaut"
PHOTO = (SAMPLE / "image.jpg").read_bytes()
MAP = (SAMPLE / "segmentation.png").read_bytes()


def chunk(kind: bytes, data: bytes, *, crc: int | None = None) -> bytes:
    """Return a PNG chunk, with its own or a given CRC."""
    true = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", true if crc is None else crc)


def png(width: int, height: int, rows: bytes, *, depth: int = 8, kind: int = 0, extra: bytes = b"") -> bytes:
    """Return a PNG of given header and (compressed here) filtered rows."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def grey(labels: np.ndarray) -> bytes:
    """Return a grey PNG of the labels."""
    return encoded(Image.fromarray(labels), "PNG")


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the file Pillow writes."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def labels() -> np.ndarray:
    """Return the sample's label map."""
    return np.asarray(Image.open(io.BytesIO(MAP)))


def photo() -> Image.Image:
    """Return the sample's photo."""
    return Image.open(io.BytesIO(PHOTO)).convert("RGB")


def flat_bomb(side: int) -> bytes:
    """Return a huge grey PNG that compresses to almost nothing."""
    return png(side, side, b"\0" * (side + 1) * side)


def checkerboard(side: int) -> bytes:
    """Return a PNG whose every pixel is a region of its own, a thousandth of its size."""
    board = (np.indices((side, side)).sum(0) % 2).astype(np.uint8)
    return grey(board)


def text_bomb(size: int) -> bytes:
    """Return the sample's map with a zTXt chunk that unpacks to `size` bytes."""
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * size, 9))
    return MAP[:33] + text + MAP[33:]
