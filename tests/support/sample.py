"""The sample `astronaut`, and its turned and mirrored copies, which its own script makes in memory."""

import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import facemask
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from support.paths import LANDMARKS_FILE, MAP_FILE, PHOTO_FILE, SAMPLE

_spec = importlib.util.spec_from_file_location("make_variants", SAMPLE / "make_variants.py")
assert _spec is not None
assert _spec.loader is not None
make_variants = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_variants)

LABELS = facemask.decode_label_map(MAP_FILE.read_bytes())
LANDMARKS = np.array([[point["x"], point["y"]] for point in json.loads(LANDMARKS_FILE.read_text())])
TILT = 3.16
# Names of the labels 1 to 10, as in `lapa-11`. The crop box of a face cuts the hair.
NAMES = ["skin", "brow_r", "brow_l", "eye_r", "eye_l", "nose", "lip_upper", "mouth_inner", "lip_lower", "hair"]


@dataclass(frozen=True)
class Copy:
    """One copy: the input that a client would send, and the true tilt of its face in degrees."""

    photo: Image.Image
    landmarks: NDArray[np.float64]
    labels: NDArray[np.uint8]
    tilt: float

    def save(self, folder: Path) -> list[str]:
        """Write the three files. Returns their paths in the order of the command line."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / "image.jpg", folder / "segmentation.png", folder / "landmarks.json"]
        self.photo.save(paths[0], quality=60)
        paths[1].write_bytes(encode_png(self.labels))
        paths[2].write_text(json.dumps([{"x": x, "y": y} for x, y in self.landmarks.tolist()]))
        return [str(path) for path in paths]


@cache
def copy(angle: float = 0.0, mirror: str = "none") -> Copy:
    """Mirror the sample (`none`, `pixels` or `points`), then rotate it by `angle` degrees clockwise."""
    photo = Image.open(PHOTO_FILE).convert("RGB")
    parts = make_variants.mirror(photo, LANDMARKS, LABELS, mirror)
    tilt = make_variants.tilt(LANDMARKS) * (1 if mirror == "none" else -1)
    if angle:
        parts = make_variants.turn(*parts, angle)
    return Copy(parts[0], parts[1], np.ascontiguousarray(parts[2]), make_variants.wrap(tilt + angle))


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode an array as PNG."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def resize_nearest(labels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Resize a label map by the nearest neighbor."""
    rows = ((np.arange(height) + 0.5) * labels.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * labels.shape[1] / width).astype(int)
    return np.ascontiguousarray(labels[np.ix_(rows, columns)])


def upsample_like_network(labels: NDArray[np.uint8], width: int, height: int, stride: int) -> NDArray[np.uint8]:
    """Enlarge a label map as a segmentation network does whose output has one cell every `stride` pixels.

    A cell holds the share of each class. The shares are interpolated bilinearly, and each pixel gets the label with the
    largest one.
    """
    cells = (-(-width // stride), -(-height // stride))

    def share(label: int) -> NDArray[np.float32]:
        cell = Image.fromarray((labels == label).astype(np.float32)).resize(cells, Image.Resampling.BOX)
        return np.asarray(cell.resize((width, height), Image.Resampling.BILINEAR))

    return np.argmax([share(label) for label in range(int(labels.max()) + 1)], axis=0).astype(np.uint8)


def reference_like() -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Label map (1023, 1024) and landmarks: the sample enlarged as by a network, with specks in the lip line.

    Its outlines are as rough as those of the map that the rivals were measured on, or a little more: OpenCV's
    approxPolyDP with 1.0 px leaves 459 points, there 414. Of `enlarge_nearest` it leaves 647.
    """
    return _with_specks(upsample_like_network(LABELS, *LARGE, stride=8))


def enlarge_nearest() -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The same by the nearest neighbor, which puts a step into every border at each ninth pixel."""
    return _with_specks(resize_nearest(LABELS, *LARGE))


LARGE = (1024, 1023)


def _with_specks(labels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Add specks as networks do, of one and two pixels, where lips meet teeth: inner mouth in the upper lip."""
    lip, inner = NAMES.index("lip_upper") + 1, NAMES.index("mouth_inner") + 1
    edge = np.argwhere(((labels[:-1] == lip) & (labels[1:] == inner)).T)
    for index, (column, row) in enumerate(edge[4::12].tolist()):
        labels[row - 1, column : column + 1 + index % 2] = inner
    return labels, LANDMARKS * [new / old for new, old in zip(LARGE, LABELS.shape[::-1], strict=True)]
