"""What the decoders return of photos and label maps."""

from collections.abc import Iterator
from typing import Final

import facemask
import numpy as np

from output_hashes import maps, png_files
from output_hashes.faces import MAP_FILE, PHOTO_FILE, ROOT
from output_hashes.library import Case, array_bytes, attempt

_FIXTURES: Final = ROOT / "crates" / "facemask-image" / "tests" / "fixtures"


def decoded_files(*, quick: bool) -> Iterator[Case]:
    """Decode photos and label maps of every kind."""
    for path in sorted(_FIXTURES.iterdir()):
        if path.suffix != ".py":
            data = path.read_bytes()
            yield from _decoded(f"decoded/{path.name}", data)
    yield from _decoded("decoded/sample photo", PHOTO_FILE)
    yield from _decoded("decoded/sample map", MAP_FILE)
    for orientation in () if quick else range(10):
        data = png_files.with_orientation(PHOTO_FILE, orientation)
        yield from _decoded(f"decoded/sample photo, orientation {orientation}", data)
    for name, data in made_files().items():
        yield from _decoded(f"decoded/{name}", data)
    colors = [[0, 0, 0], [9, 9, 9], [200, 0, 0], [0, 200, 0]]
    for name, palette in {
        "four colors": colors,
        "twice": [*colors, colors[1]],
        "one": colors[:1],
        "bad": [[1]],
    }.items():
        data = png_files.png(np.array(colors, np.uint8)[maps.noise(9, 7, 4)])
        case = f"decoded/palette {name}"
        yield from attempt(
            case, lambda c=case, d=data, p=palette: iter([(c, array_bytes(facemask.decode_label_map(d, palette=p)))])
        )


def _decoded(case: str, data: bytes) -> Iterator[Case]:
    for name, decode in (("image", facemask.decode_image), ("map", facemask.decode_label_map)):
        whole = f"{case} as {name}"
        yield from attempt(whole, lambda c=whole, d=decode: iter([(c, array_bytes(d(data)))]))


def made_files() -> dict[str, bytes]:
    """Return PNG files by name: every depth and color type, and damaged ones."""
    colors = [(0, 0, 0), (204, 0, 0), (76, 153, 0), (204, 204, 0)]
    wide = maps.raw_integers(13 * 11 * 4, 8).astype(np.uint16).reshape(13, 11, 4)
    files = {}
    for depth in (1, 2, 4, 8):
        labels = maps.noise(13, 11, min(4, 2**depth))
        files[f"grey of {depth} bits"] = png_files.png(labels, depth=depth)
        files[f"palette of {depth} bits"] = png_files.png(
            labels, depth=depth, kind=png_files.PALETTE, extra=png_files.palette(colors)
        )
    for depth in (8, 16):
        samples = wide if depth == 16 else wide.astype(np.uint8)
        files[f"grey noise of {depth} bits"] = png_files.png(samples[..., 0], depth=depth)
        files[f"RGB noise of {depth} bits"] = png_files.png(samples[..., :3], depth=depth)
        files[f"RGBA noise of {depth} bits"] = png_files.png(samples, depth=depth, kind=png_files.RGBA)
        files[f"grey and alpha of {depth} bits"] = png_files.png(
            samples[..., :2], depth=depth, kind=png_files.GREY_ALPHA
        )
    labels = maps.noise(13, 11, 4)
    files["grey of 16 bits, ids"] = png_files.png(labels.astype(np.uint16), depth=16)
    files["grey of 16 bits, id 300"] = png_files.png(300 * labels.astype(np.uint16), depth=16)
    files["RGB of equal channels"] = png_files.png(labels[..., None].repeat(3, axis=-1))
    files["RGB of a known palette"] = png_files.png(np.array(colors, np.uint8)[labels])
    files["black and white"] = png_files.png(255 * maps.noise(9, 8, 2))
    good = files["grey of 8 bits"]
    files["cut"] = good[: len(good) // 2]
    files["without its end"] = good[:-1]
    files["wrong checksum"] = good[:20] + bytes([good[20] ^ 1]) + good[21:]
    files["more behind the end"] = good + b"more"
    files["rows missing"] = png_files.file_of_rows(11, 13, b"\0" * 50)
    files["huge"] = png_files.file_of_rows(60000, 60000, b"\0" * 50)
    files["no pixels"] = png_files.file_of_rows(0, 5, b"")
    files["nothing"] = b""
    files["text"] = b"<html>"
    files["GIF"] = b"GIF89a" + bytes(30)
    files["JPEG cut"] = PHOTO_FILE[:5000]
    files["JPEG without its end"] = PHOTO_FILE[:-2]
    return files
