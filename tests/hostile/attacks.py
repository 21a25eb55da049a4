"""Hostile submissions with the results that they must get; docs/hostile.md lists them under the same numbers."""

import base64
import io
import json
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import crafted_images as crafted
import numpy as np
import tifffile
from facemask.validation import short_repr
from PIL import Image
from support.paths import LANDMARKS_FILE

SUBMIT = "/api/v1/frontal/crop/submit"
COMPLETED = "completed"


@dataclass(frozen=True)
class Attack:
    """A submission and its permitted results: error codes or `completed`."""

    name: str
    make: Callable[[], dict[str, Any]]
    codes: tuple[str, ...]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@cache
def landmarks() -> tuple[dict[str, float], ...]:
    return tuple(json.loads(LANDMARKS_FILE.read_text()))


def body(**changes: Any) -> dict[str, Any]:
    """Body of a valid submission with some fields changed; bytes are encoded in base64."""
    valid = {"image": crafted.PHOTO, "segmentation_map": crafted.MAP, "landmarks": landmarks(), "loadtest_mode": True}
    fields = {**valid, **changes}
    return {name: b64(v) if isinstance(v, bytes) else v for name, v in fields.items()}


def shuffled() -> list[dict[str, float]]:
    points = list(landmarks())
    random.Random(4).shuffle(points)
    return points


def enlarged() -> list[dict[str, float]]:
    return [{"x": 4 * point["x"], "y": 4 * point["y"]} for point in landmarks()]


def with_bytes_removed(data: bytes, at: int, count: int = 1) -> bytes:
    return data[:at] + data[at + count :]


def with_byte_inverted(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def compressed_array(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, array)
    return file.getvalue()


def deflated_tiff(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, compression="zlib", rowsperstrip=64)
    return file.getvalue()


def many_polygons(count: int, points: int) -> bytes:
    polygon = {"category_id": 1, "segmentation": [[5.5] * points]}
    return json.dumps([polygon] * count).encode()


def with_size(width: int, height: int) -> bytes:
    """A PNG whose header announces a size, with a valid CRC and almost no data."""
    return crafted.make_png(width, height, b"\0" * 100)


def noise(side: int) -> bytes:
    """A label map of independent noise."""
    return crafted.gray_png(np.random.default_rng(0).integers(0, 11, (side, side), dtype=np.uint8))


def rotated(degrees: float) -> list[list[float]]:
    """The sample's landmarks, rotated."""
    points = np.array([[point["x"], point["y"]] for point in landmarks()])
    turn = np.radians(degrees)
    matrix = [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    return (points @ matrix).tolist()


def numbered() -> Iterator[Attack]:  # noqa: PLR0915 - it is a list
    image, labels = crafted.sample_photo(), crafted.sample_labels()
    jpeg = lambda **o: crafted.encode(o.pop("source", image), "JPEG", **o)  # noqa: E731
    yield Attack(
        "header of 60000 x 60000 over nothing, map",
        lambda: body(segmentation_map=with_size(60000, 60000)),
        ("map_too_large",),
    )
    yield Attack(
        "header of 60000 x 60000 over nothing, photo", lambda: body(image=with_size(60000, 60000)), ("image_too_large",)
    )
    yield Attack(
        "header of 2^31 - 1 squared", lambda: body(image=with_size(2**31 - 1, 2**31 - 1)), ("image_too_large",)
    )
    yield Attack("width 0", lambda: body(segmentation_map=with_size(0, 5)), ("map_corrupt",))
    yield Attack(
        "a flat map of 49 megapixels in 48 KB",
        lambda: body(segmentation_map=crafted.flat_bomb(7000), landmarks=None),
        ("no_face",),
    )
    yield Attack(
        "an NPZ of 49 million int64 zeros in 400 KB",
        lambda: body(segmentation_map=compressed_array(np.zeros((7000, 7000), np.int64)), landmarks=None),
        ("no_face",),
    )
    yield Attack(
        "a TIFF of 49 megapixels of 32 bits in 200 KB",
        lambda: body(segmentation_map=deflated_tiff(np.zeros((7000, 7000), np.uint32)), landmarks=None),
        ("no_face",),
    )
    yield Attack(
        "a JSON map of ten million coordinates",
        lambda: body(segmentation_map=b'[{"segmentation": [[' + b"0," * 10_000_000 + b"0]]}]"),
        ("map_unsupported",),
    )
    yield Attack(
        "a JSON map of three million coordinates in 30 annotations, without a size",
        lambda: body(segmentation_map=many_polygons(30, 100_000)),
        (COMPLETED,),
    )
    yield Attack(
        "a checkerboard of 16 megapixels",
        lambda: body(segmentation_map=crafted.checkerboard(4000)),
        ("map_too_complex",),
    )
    yield Attack(
        "noise of 256 labels, a megapixel",
        lambda: body(
            segmentation_map=crafted.gray_png(np.random.default_rng(0).integers(0, 256, (1000, 1000), dtype=np.uint8))
        ),
        ("map_too_complex",),
    )
    for name, options in (
        ("", {}),
        (", tolerance 5", {"tolerance": 5}),
        (", min_area 1000", {"min_area": 1000}),
        (", numbered", {"style": "numbered"}),
    ):
        yield Attack(
            f"noise just under the limit{name}",
            lambda options=options: body(segmentation_map=noise(500), options=options),
            (COMPLETED,),
        )
    yield Attack(
        "a long thin photo, turned by 45 degrees, embedded whole",
        lambda: body(
            image=crafted.encode(Image.new("L", (40000, 20)), "PNG"),
            segmentation_map=crafted.gray_png(np.zeros((20, 40000), np.uint8)),
            landmarks=rotated(45),
            options={"crop": "none", "embed_image": "crop"},
        ),
        ("image_too_large",),
    )
    yield Attack(
        "a progressive JPEG of 24 megapixels, embedded whole",
        lambda: body(
            image=crafted.encode(Image.new("RGB", (4899, 4898), "teal"), "JPEG", progressive=True, subsampling=0),
            segmentation_map=crafted.gray_png(np.zeros((600, 600), np.uint8)),
            options={"crop": "none", "embed_image": "crop"},
        ),
        (COMPLETED, "image_too_large"),
    )
    yield Attack(
        "a photo of 30 megapixels, embedded",
        lambda: body(image=crafted.encode(Image.new("L", (6000, 5000)), "PNG"), options={"embed_image": "crop"}),
        ("image_too_large",),
    )
    yield Attack(
        "a text chunk of 200 MB in 200 KB", lambda: body(segmentation_map=crafted.text_bomb(200_000_000)), (COMPLETED,)
    )
    for share in (0.001, 0.1, 0.5, 0.9, 0.999):
        cut = lambda data, share=share: data[: max(1, int(len(data) * share))]  # noqa: E731
        yield Attack(
            f"photo cut at {share:.1%}",
            lambda cut=cut: body(image=cut(crafted.PHOTO)),
            ("image_corrupt", "image_unsupported"),
        )
        yield Attack(
            f"map cut at {share:.1%}",
            lambda cut=cut: body(segmentation_map=cut(crafted.MAP)),
            ("map_corrupt", "map_unsupported"),
        )
    yield Attack("photo without its last byte", lambda: body(image=crafted.PHOTO[:-1]), ("image_corrupt",))
    yield Attack("map without its last byte", lambda: body(segmentation_map=crafted.MAP[:-1]), ("map_corrupt",))
    yield Attack(
        "map without a byte in the middle",
        lambda: body(segmentation_map=with_bytes_removed(crafted.MAP, 2000)),
        ("map_corrupt",),
    )
    yield Attack(
        "map with a flipped byte: its CRC is wrong",
        lambda: body(segmentation_map=with_byte_inverted(crafted.MAP, 2000)),
        ("map_corrupt",),
    )
    yield Attack(
        "empty files",
        lambda: body(image="", segmentation_map=""),
        ("image_unsupported", "map_unsupported", "base64_invalid"),
    )
    yield Attack(
        "16-bit map with ids below 256",
        lambda: body(segmentation_map=crafted.encode(Image.fromarray(labels.astype(np.uint16)), "PNG")),
        (COMPLETED,),
    )
    yield Attack(
        "16-bit map with an id of 300",
        lambda: body(
            segmentation_map=crafted.encode(
                Image.fromarray(np.where(labels == 6, 300, labels.astype(np.uint16))), "PNG"
            )
        ),
        ("map_invalid",),
    )
    yield Attack(
        "palette map with misleading colours",
        lambda: body(segmentation_map=crafted.encode(palette_image(labels), "PNG")),
        (COMPLETED,),
    )
    yield Attack(
        "palette map sorted by an optimizer",
        lambda: body(segmentation_map=crafted.encode(Image.fromarray(labels).quantize(256), "PNG")),
        (COMPLETED,),
    )
    yield Attack(
        "WebP map whose pixels are all transparent",
        lambda: body(
            segmentation_map=crafted.encode(
                Image.fromarray(np.dstack([labels] * 3 + [labels * 0]), "RGBA"), "WEBP", lossless=True
            )
        ),
        ("map_invalid",),
    )
    yield Attack(
        "a map with void pixels",
        lambda: body(segmentation_map=crafted.gray_png(with_void(labels)), landmarks=None),
        (COMPLETED,),
    )
    yield Attack(
        "a softened mask without landmarks",
        lambda: body(
            segmentation_map=crafted.encode(
                Image.fromarray((labels > 0).astype(np.uint8) * 255).resize((450, 450)), "PNG"
            ),
            landmarks=None,
        ),
        ("no_face",),
    )
    for void in (-1, 256, 10**300, "Auto", ""):
        yield Attack(f"void {short_repr(void)}", lambda void=void: body(options={"void": void}), ("option_invalid",))
    for void in (True, None, 1.5, [255]):
        yield Attack(f"void {void}", lambda void=void: body(options={"void": void}), ("validation_failed",))
    yield Attack(
        "lossless WebP map",
        lambda: body(segmentation_map=crafted.encode(Image.fromarray(labels).convert("RGB"), "WEBP", lossless=True)),
        (COMPLETED,),
    )
    yield Attack(
        "lossy WebP map",
        lambda: body(segmentation_map=crafted.encode(Image.fromarray(labels).convert("RGB"), "WEBP", quality=80)),
        ("map_not_lossless",),
    )
    yield Attack(
        "JPEG map",
        lambda: body(segmentation_map=crafted.encode(Image.fromarray(labels), "JPEG")),
        ("map_not_lossless",),
    )
    yield Attack("GIF photo", lambda: body(image=crafted.encode(image, "GIF")), ("image_unsupported",))
    yield Attack(
        "colours that no palette knows", lambda: body(segmentation_map=crafted.encode(image, "PNG")), ("map_invalid",)
    )
    yield Attack(
        "CMYK JPEG, embedded",
        lambda: body(image=jpeg(source=image.convert("CMYK")), options={"embed_image": "crop"}),
        (COMPLETED,),
    )
    yield Attack(
        "progressive JPEG, embedded",
        lambda: body(image=jpeg(progressive=True), options={"embed_image": "crop"}),
        (COMPLETED,),
    )
    yield Attack(
        "progressive JPEG cut in half, embedded",
        lambda: body(image=jpeg(progressive=True)[:30000], options={"embed_image": "crop"}),
        ("image_corrupt",),
    )
    yield Attack(
        "interlaced PNG photo header over noise",
        lambda: body(image=crafted.make_png(900, 900, bytes(range(256)) * 40)),
        (COMPLETED, "image_corrupt"),
    )
    yield Attack(
        "a map of another shape",
        lambda: body(segmentation_map=crafted.gray_png(labels[:, :600])),
        ("map_aspect_mismatch",),
    )
    extents: dict[str, Any] = {
        "a map box of huge numbers": {"map_box": [-1e308, 0, 1e308, 1e308]},
        "a map box beside the photo": {"map_box": [9000, 9000, 10, 10]},
        "an affine without an inverse": {"image_from_labels": [1, 1, 0, 1, 1, 0]},
        "an affine of tiny numbers": {"image_from_labels": [1e-300, 0, 0, 0, 1e-300, 0]},
    }
    for name, options in extents.items():
        yield Attack(name, lambda options=options: body(options=options), ("option_invalid",))
    yield Attack(
        "an affine that makes a pixel a million pixels long",
        lambda: body(options={"image_from_labels": [1e6, 0, -1e6, 0, 1e6, -1e6]}),
        (COMPLETED,),
    )
    yield Attack(
        "a map of one pixel", lambda: body(segmentation_map=crafted.gray_png(np.ones((1, 1), np.uint8))), (COMPLETED,)
    )
    yield Attack(
        "an empty map without landmarks",
        lambda: body(segmentation_map=crafted.gray_png(np.zeros((900, 900), np.uint8)), landmarks=None),
        ("no_face",),
    )
    yield Attack("landmarks with NaN as text", lambda: body(landmarks=[{"x": "NaN", "y": 1}]), ("landmarks_invalid",))
    yield Attack("landmarks at 1e308", lambda: body(landmarks=[{"x": 1e308, "y": 1}] * 478), ("landmarks_invalid",))
    yield Attack("landmarks as text", lambda: body(landmarks="478 points"), ("landmarks_invalid", "validation_failed"))
    yield Attack(
        "landmarks all in one place", lambda: body(landmarks=[{"x": 5, "y": 5}] * 478), ("landmarks_implausible",)
    )
    yield Attack(
        "100,000 landmarks",
        lambda: body(landmarks=[{"x": i % 900, "y": i // 900} for i in range(100_000)]),
        ("validation_failed", "landmarks_implausible"),
    )
    yield Attack("landmarks shuffled", lambda: body(landmarks=shuffled()), ("landmarks_implausible",))
    yield Attack("landmarks of a photo four times as large", lambda: body(landmarks=enlarged()), ("crop_empty",))
    yield Attack("landmarks as 1e400", lambda: body(landmarks=[[float("1e300"), 10**300]] * 68), ("landmarks_invalid",))
    yield Attack("base64 with a star in it", lambda: body(image="****"), ("base64_invalid",))
    yield Attack(
        "base64 with half a character",
        lambda: body(image=b64(crafted.PHOTO)[:-3] + "A"),
        ("base64_invalid", "image_corrupt"),
    )
    yield Attack("base64 with NUL", lambda: body(image="AAAA\0AAA"), ("base64_invalid",))
    yield Attack("base64 outside ASCII", lambda: body(image="ÄÄÄÄ"), ("base64_invalid",))
    yield Attack(
        "base64 as a data URI in the URL alphabet with line breaks",
        lambda: body(segmentation_map=url_base64(crafted.MAP)),
        (COMPLETED,),
    )
    yield Attack("tolerance of a mile", lambda: body(options={"tolerance": 1e300}), ("option_invalid",))
    yield Attack("tolerance 500 over the sample", lambda: body(options={"tolerance": 500}), (COMPLETED,))
    yield Attack(
        "a thousand colours that are none",
        lambda: body(options={"colors": {str(i): "url(#x)" for i in range(1000)}}),
        ("validation_failed",),
    )
    yield Attack(
        "a name that breaks out of the SVG",
        lambda: body(options={"label_names": {"6": '"/><script>alert(1)</script>\u0000'}}),
        (COMPLETED,),
    )
    yield Attack(
        "a name of a megabyte", lambda: body(options={"label_names": {"6": "x" * 1_000_000}}), ("option_invalid",)
    )
    yield Attack(
        "an option that does not exist", lambda: body(options={"url": "http://127.0.0.1/"}), ("validation_failed",)
    )
    yield Attack("an image that is an address", lambda: body(image="http://127.0.0.1/x.png"), ("base64_invalid",))
    yield Attack(
        "an EXIF block of nonsense",
        lambda: body(image=with_exif(crafted.PHOTO, b"Exif\0\0II*\0\xff\xff\xff\xff")),
        (COMPLETED,),
    )


def with_void(labels: np.ndarray) -> np.ndarray:
    """Return a label map with a stripe of id 255."""
    labels = labels.copy()
    labels[:9] = 255
    return labels


def palette_image(labels: np.ndarray) -> Image.Image:
    """A palette image whose gray values differ from its indices."""
    image = Image.fromarray(labels, "P")
    image.putpalette([channel for i in range(256) for channel in (255 - i, 7, i * 3 % 256)])
    return image


def url_base64(data: bytes) -> str:
    text = base64.urlsafe_b64encode(data).decode().rstrip("=")
    return "data:image/png;base64," + "\r\n".join(text[i : i + 76] for i in range(0, len(text), 76))


def with_exif(jpeg: bytes, exif: bytes) -> bytes:
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


ATTACKS = list(numbered())
