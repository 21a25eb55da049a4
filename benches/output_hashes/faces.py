"""The sample, its turned, mirrored and scaled copies, and the same face in every label and landmark scheme."""

import importlib.util
import json
import math
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import facemask
import numpy as np
from numpy.typing import NDArray

from output_hashes import internals
from output_hashes.maps import Map, generated, raw_integers

ROOT: Final = Path(__file__).parents[2]
SAMPLE: Final = ROOT / "samples" / "astronaut"
PHOTO_FILE: Final = (SAMPLE / "image.jpg").read_bytes()
MAP_FILE: Final = (SAMPLE / "segmentation.png").read_bytes()
POINTS: Final = [[point["x"], point["y"]] for point in json.loads((SAMPLE / "landmarks.json").read_bytes())]
# The sample's regions are those of this scheme.
SAMPLE_SCHEME: Final = "lapa-11"

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Face:
    """What `trace_face` takes: a label map, landmarks in pixels of the photo, the photo's width and height."""

    labels: Map
    landmarks: Any
    size: tuple[int, int]
    label_scheme: str = "auto"

    @property
    def options(self) -> dict[str, Any]:
        """The options that belong to this face."""
        return {"label_scheme": self.label_scheme}


@cache
def sample() -> Face:
    """Return the sample as it is."""
    labels = facemask.decode_label_map(MAP_FILE)
    return Face(labels, np.array(POINTS), (labels.shape[1], labels.shape[0]))


@cache
def _variants() -> Any:
    """Load the sample's own script, which has the table of mirrored points."""
    spec = importlib.util.spec_from_file_location("make_variants", SAMPLE / "make_variants.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def turned_pixels(pixels: NDArray[np.uint8], degrees: float, fill: int = 0) -> NDArray[np.uint8]:
    """Turn clockwise about the center by the nearest pixel, on a canvas that holds all of it."""
    height, width = pixels.shape[:2]
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    new_width, new_height = _turned_size(width, height, degrees)
    y, x = np.mgrid[:new_height, :new_width] + 0.5
    x, y = x - new_width / 2, y - new_height / 2
    column = np.floor(cos * x + sin * y + width / 2).astype(int)
    row = np.floor(cos * y - sin * x + height / 2).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    turned = np.full((new_height, new_width, *pixels.shape[2:]), fill, np.uint8)
    turned[inside] = pixels[row[inside], column[inside]]
    return turned


def _turned_size(width: int, height: int, degrees: float) -> tuple[int, int]:
    cos, sin = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    return round(width * cos + height * sin), round(width * sin + height * cos)


def turned(face: Face, degrees: float) -> Face:
    """Turn map and landmarks."""
    width, height = face.size
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    size = _turned_size(width, height, degrees)
    x, y = (face.landmarks - [width / 2, height / 2]).T
    landmarks = np.stack([cos * x - sin * y + size[0] / 2, sin * x + cos * y + size[1] / 2], axis=1)
    return Face(turned_pixels(face.labels, degrees), landmarks, size)


def mirrored(face: Face, *, swap_names: bool) -> Face:
    """Mirror left to right; `swap_names` numbers points and labels anew, as a detector does on the mirrored photo."""
    labels = np.ascontiguousarray(face.labels[:, ::-1])
    landmarks = face.landmarks * [-1.0, 1.0] + [face.size[0], 0.0]
    if swap_names:
        landmarks = landmarks[_variants().permutation(len(landmarks))]
        swapped = np.arange(256, dtype=np.uint8)
        for label, other in _variants().LABEL_SWAP.items():
            swapped[label] = other
        labels = swapped[labels]
    return Face(labels, landmarks, face.size)


def resampled(labels: Map, width: int, height: int) -> Map:
    """Take the nearest pixel: the same picture on another grid."""
    rows = (2 * np.arange(height) + 1) * labels.shape[0] // (2 * height)
    columns = (2 * np.arange(width) + 1) * labels.shape[1] // (2 * width)
    return np.ascontiguousarray(labels[np.ix_(rows, columns)])


def in_label_scheme(face: Face, scheme: str) -> Face:
    """Number the sample's regions as a scheme does; regions that the sample lacks become small rectangles."""
    own, other = internals.label_schemes()[SAMPLE_SCHEME], internals.label_schemes()[scheme]
    table = np.zeros(256, np.uint8)
    for label, name in enumerate(own):
        table[label] = other.index(name) if name in other else other.index("skin")
    labels = table[face.labels]
    for place, name in enumerate(name for name in other if name not in own):
        row, column = face.labels.shape[0] * 2 // 5, 20 + 60 * place
        labels[row : row + 50, column : column + 40] = other.index(name)
    return replace(face, labels=labels, label_scheme=scheme)


def in_landmark_scheme(points: Points, scheme: str) -> Points:
    """Place the points of a scheme on the parts of the sample's face, evenly along each part."""
    mesh = internals.landmark_schemes()["mediapipe-478"][1]
    counts, parts = internals.landmark_schemes()[scheme]
    sources = mesh | {
        "brow_r": mesh["brow_r_upper"] + mesh["brow_r_lower"][::-1],
        "brow_l": mesh["brow_l_upper"] + mesh["brow_l_lower"][::-1],
        "jaw_r_to_l": [127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356],
        "nose_outline": [64, 98, 97, 2, 326, 327, 294],
        "ear_r": [234],
        "ear_l": [454],
        "mouth_centre": [13],
    }
    placed = np.zeros((counts[0], 2))
    for name, indices in parts.items():
        source = points[sources[name]]
        at = np.linspace(0.0, len(source) - 1.0, len(indices)) if len(indices) > 1 else np.array([len(source) // 2])
        known = np.arange(len(source))
        placed[indices, 0] = np.interp(at, known, source[:, 0])
        placed[indices, 1] = np.interp(at, known, source[:, 1])
    return placed


def faces(*, quick: bool) -> dict[str, Face]:
    """Return all faces by name; three of them for a quick run."""
    base = sample()
    found = {"sample": base, "turned 30": turned(base, 30.0), "ibug-14": in_label_scheme(base, "ibug-14")}
    if quick:
        return found
    for degrees in (-30.0, 90.0, 180.0, 270.0, -135.0, 3.5):
        found[f"turned {degrees:g}"] = turned(base, degrees)
    for swap_names in (False, True):
        name = "points" if swap_names else "pixels"
        found[f"mirrored {name}"] = mirrored(base, swap_names=swap_names)
        found[f"mirrored {name}, turned 30"] = turned(found[f"mirrored {name}"], 30.0)
    for width, height in ((300, 300), (127, 126), (37, 37), (1024, 1023), (1800, 1800)):
        found[f"map {width} x {height}"] = replace(base, labels=resampled(base.labels, width, height))
    for scheme in internals.label_schemes():
        found[f"labels {scheme}"] = in_label_scheme(base, scheme)
        found[f"labels {scheme}, no landmarks"] = replace(in_label_scheme(base, scheme), landmarks=None)
    for scheme in sorted(internals.landmark_schemes().keys() - {"mediapipe-478"}):
        points = in_landmark_scheme(base.landmarks, scheme)
        found[f"landmarks {scheme}"] = replace(base, landmarks=points)
        found[f"landmarks {scheme}, turned 30"] = turned(replace(base, landmarks=points), 30.0)
    found["labels found by themselves"] = replace(base, labels=in_label_scheme(base, "celebamask-hq-19").labels)
    found["landmarks mediapipe-468"] = replace(base, landmarks=base.landmarks[:468])
    found["no landmarks"] = replace(base, landmarks=None)
    found["no landmarks, turned 30"] = replace(found["turned 30"], landmarks=None)
    found["landmarks of another photo"] = replace(base, landmarks=found["turned 30"].landmarks)
    found["two faces apart"] = Face(np.hstack([base.labels, base.labels]), base.landmarks, (1800, 900))
    found["salted"] = replace(base, labels=_salted(base.labels))
    found["empty map"] = replace(base, labels=np.zeros_like(base.labels))
    return found


def _salted(labels: Map) -> Map:
    """Change one pixel in two hundred to a label of the scheme."""
    values = raw_integers(labels.size, 6)
    salted = np.where(values % 200 == 0, values // 200 % 11, labels.ravel())
    return salted.astype(np.uint8).reshape(labels.shape)


def faces_of_generated_maps(*, quick: bool) -> dict[str, Face]:
    """Return each generated map as a face: the five points of `arcface-5` across it."""
    points = np.array([[38.3, 51.7], [73.5, 51.7], [56.0, 71.7], [41.5, 92.4], [70.5, 92.4]]) / 112.0
    found = {}
    for name, labels in generated(quick=quick).items():
        size = (labels.shape[1], labels.shape[0])
        found[name] = Face(labels, points * max(8, *size), size, "custom")
    return found
