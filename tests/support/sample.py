"""The sample `astronaut`, and its turned and mirrored copies made in memory by the sample's own script."""

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

from support.paths import SAMPLE as FOLDER

_spec = importlib.util.spec_from_file_location("make_variants", FOLDER / "make_variants.py")
assert _spec is not None
assert _spec.loader is not None
make_variants = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_variants)

LABELS = facemask.decode_label_map((FOLDER / "segmentation.png").read_bytes())
LANDMARKS = np.array([[point["x"], point["y"]] for point in json.loads((FOLDER / "landmarks.json").read_text())])
TILT = 3.16
# LaPa's ids. The hair is cut by the crop box of a face.
NAMES = ["skin", "brow_r", "brow_l", "eye_r", "eye_l", "nose", "lip_upper", "mouth_inner", "lip_lower", "hair"]


@dataclass(frozen=True)
class Copy:
    """One copy: what a client would send, and the true tilt of the face in it, degrees."""

    photo: Image.Image
    landmarks: NDArray[np.float64]
    labels: NDArray[np.uint8]
    tilt: float

    def save(self, folder: Path) -> list[str]:
        """Write the three files and return their paths in the order of the command line."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / "image.jpg", folder / "segmentation.png", folder / "landmarks.json"]
        self.photo.save(paths[0], quality=60)
        paths[1].write_bytes(png(self.labels))
        paths[2].write_text(json.dumps([{"x": x, "y": y} for x, y in self.landmarks.tolist()]))
        return [str(path) for path in paths]


@cache
def copy(angle: float = 0.0, mirror: str = "none") -> Copy:
    """Turn by `angle` degrees clockwise after mirroring (`none`, `pixels` or `points`)."""
    photo = Image.open(FOLDER / "image.jpg").convert("RGB")
    parts = make_variants.mirror(photo, LANDMARKS, LABELS, mirror)
    tilt = make_variants.tilt(LANDMARKS) * (1 if mirror == "none" else -1)
    if angle:
        parts = make_variants.turn(*parts, angle)
    return Copy(parts[0], parts[1], np.ascontiguousarray(parts[2]), make_variants.wrap(tilt + angle))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode an array as PNG."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def resized(labels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Take the nearest pixel: the same picture on another grid."""
    rows = ((np.arange(height) + 0.5) * labels.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * labels.shape[1] / width).astype(int)
    return np.ascontiguousarray(labels[np.ix_(rows, columns)])


def predicted(labels: NDArray[np.uint8], width: int, height: int, stride: int) -> NDArray[np.uint8]:
    """Enlarge a map as a network does that answers once every `stride` pixels of what it is asked for.

    Each cell of its grid holds the share of every class; between cells the shares are interpolated, and the greatest
    wins.
    """
    cells = (-(-width // stride), -(-height // stride))

    def share(label: int) -> NDArray[np.float32]:
        cell = Image.fromarray((labels == label).astype(np.float32)).resize(cells, Image.Resampling.BOX)
        return np.asarray(cell.resize((width, height), Image.Resampling.BILINEAR))

    return np.argmax([share(label) for label in range(int(labels.max()) + 1)], axis=0).astype(np.uint8)


def reference_like() -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Give map and landmarks of 1024 x 1023 pixels: the sample scaled as networks do, with crumbs in the lip line.

    Its outlines are as uneven as those of the map that the rivals were measured on, or a little more: OpenCV's
    approxPolyDP by 1.0 px leaves 459 points, there 414. Of `enlarged` it leaves 647.
    """
    return _large(predicted(LABELS, *LARGE, stride=8))


def enlarged() -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Give the same by the nearest pixel, which puts a step into every border at each ninth pixel."""
    return _large(resized(LABELS, *LARGE))


LARGE = (1024, 1023)


def _large(labels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Leave crumbs as networks do, of one and two pixels, where lips meet teeth: inner mouth in the upper lip."""
    lip, inner = NAMES.index("lip_upper") + 1, NAMES.index("mouth_inner") + 1
    edge = np.argwhere(((labels[:-1] == lip) & (labels[1:] == inner)).T)
    for place, (column, row) in enumerate(edge[4::12].tolist()):
        labels[row - 1, column : column + 1 + place % 2] = inner
    return labels, LANDMARKS * [size / had for size, had in zip(LARGE, LABELS.shape[::-1], strict=True)]
