"""Label maps of heads made from the sample's map: in other schemes, with parts removed, drawn, moved or turned.

A head is a uint8 map (900, 900) whose ids index `PARTS`, so that parts of all schemes have ids; `in_scheme` gives the
ids of a scheme.
"""

import math
import subprocess
import sys
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from support.paths import MAP_FILE

Head = NDArray[np.uint8]
PARTS = [
    "background", "skin", "brow_r", "brow_l", "eye_r", "eye_l", "nose", "lip_upper", "mouth_inner", "lip_lower",
    "hair", "glasses", "hat", "ear_r", "ear_l", "neck", "cloth", "necklace", "earring",
]  # fmt: skip
# Roll of the sample by its eyes' outlines, and their centers.
ROLL = 2.87
EYES = {"eye_r": (389.2, 305.7), "eye_l": (517.7, 312.1)}
_MIDDLE = (453.4, 308.9)


def part(name: str) -> int:
    """The id of a part in a head."""
    return PARTS.index(name)


@cache
def scheme_names(scheme: str) -> tuple[str, ...]:
    """The names of a label scheme by id, as the command line prints them."""
    command = [sys.executable, "-m", "facemask", "schemes", scheme]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    rows = [line.split() for line in lines]
    return tuple(row[1] for row in rows if len(row) > 1 and row[0].isdigit())


def in_scheme(head: Head, scheme: str) -> Head:
    """The head in the ids of a scheme. Glasses that the scheme lacks are skin, other parts background."""
    names = scheme_names(scheme)
    table = np.zeros(256, np.uint8)
    for index, name in enumerate(PARTS):
        known = name if name in names else "skin" if name == "glasses" else "background"
        table[index] = names.index(known)
    return table[head]


def sample_head() -> Head:
    """The sample with a neck and clothes, which its own scheme lacks."""
    head = np.array(Image.open(MAP_FILE))
    y, x = np.mgrid[: head.shape[0], : head.shape[1]]
    head[(head == 0) & (abs(x - 440) < 110) & (y > 500) & (y < 620)] = part("neck")
    head[(head == 0) & (y >= 600) & (abs(x - 440) < (y - 520) * 2)] = part("cloth")
    return head


def without(head: Head, *names: str, into: str = "skin") -> Head:
    """The head with parts replaced by another."""
    return np.where(np.isin(head, [part(name) for name in names]), part(into), head).astype(np.uint8)


def with_ellipse(
    head: Head, name: str, center: tuple[float, float], axes: tuple[float, float], tilt: float = 0.0
) -> Head:
    """The head with an ellipse, whose first axis is turned by `tilt` degrees against the eye line."""
    y, x = np.mgrid[: head.shape[0], : head.shape[1]] + 0.5
    cos, sin = math.cos(math.radians(ROLL + tilt)), math.sin(math.radians(ROLL + tilt))
    dx, dy = x - center[0], y - center[1]
    inside = ((dx * cos + dy * sin) / axes[0]) ** 2 + ((dy * cos - dx * sin) / axes[1]) ** 2 < 1
    return np.where(inside, part(name), head).astype(np.uint8)


def beside_eyes(dx: float, dy: float) -> tuple[float, float]:
    """The point `dx` to the right of the point between the eyes and `dy` below it, pixels of the upright face."""
    cos, sin = math.cos(math.radians(ROLL)), math.sin(math.radians(ROLL))
    return _MIDDLE[0] + dx * cos - dy * sin, _MIDDLE[1] + dx * sin + dy * cos


GLASSES = {
    "large": ((58, 42), 65),
    "round": ((46, 46), 65),
    "narrow": ((44, 24), 65),
    "visor": ((135, 38), 0),
    "apart": ((48, 36), 68),
    "small": ((30, 30), 66),
    "tall": ((35, 54), 75),
    "wide": ((70, 32), 72),
    "oversize": ((72, 68), 72),
}
WITHOUT_BRIDGE = ("apart", "small", "tall")


def with_glasses(head: Head, kind: str, droop: float = 0.0, tilt: float = 0.0) -> Head:
    """The head with dark glasses, some without a bridge; the outer ends of the lenses are `droop` degrees lower.

    The frame is turned by `tilt` degrees against the eyes.
    """
    axes, offset = GLASSES[kind]
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    for side in (-1, 1):
        center = beside_eyes(side * offset * cos, 3 + side * offset * sin)
        head = with_ellipse(head, "glasses", center, axes, side * droop + tilt)
    return head if kind in WITHOUT_BRIDGE else with_ellipse(head, "glasses", beside_eyes(0, -4), (28, 7), tilt)


# Names of the visible features of a face.
_FEATURES = ["skin", "brow_r", "brow_l", "eye_r", "eye_l", "nose", "lip_upper", "mouth_inner", "lip_lower"]


def with_half_covered(head: Head, side: str, dx: float, angle: float, wave: float = 0.0) -> Head:
    """The head with hair over the face at its side `r` or `l`.

    The edge of the hair is `dx` pixels of the upright face beyond the midline at the nose, turned by `angle` degrees,
    with waves of `wave` pixels.
    """
    sign = 1 if side == "l" else -1
    y, x = np.mgrid[: head.shape[0], : head.shape[1]] + 0.5
    cos, sin = math.cos(math.radians(ROLL + angle)), math.sin(math.radians(ROLL + angle))
    cx, cy = beside_eyes(sign * dx, 60)
    across, along = (x - cx) * cos + (y - cy) * sin, (y - cy) * cos - (x - cx) * sin
    is_covered = sign * (across + wave * np.sin(along / 25)) > 0
    is_face = np.isin(head, [part(name) for name in _FEATURES])
    return np.where(is_covered & is_face, part("hair"), head).astype(np.uint8)


def turned(head: Head, angle: float = 0.0, scale: float = 1.0, *, mirrored: bool = False) -> Head:
    """The head mirrored, scaled and turned clockwise on screen, on a canvas that holds all of it."""
    side = math.ceil(1.45 * head.shape[0] * scale)
    y, x = (np.mgrid[:side, :side] + 0.5 - side / 2) / scale
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = x * cos + y * sin, y * cos - x * sin
    columns = np.floor((-u if mirrored else u) + head.shape[1] / 2).astype(int)
    rows = np.floor(v + head.shape[0] / 2).astype(int)
    inside = (columns >= 0) & (rows >= 0) & (columns < head.shape[1]) & (rows < head.shape[0])
    result = np.zeros((side, side), np.uint8)
    result[inside] = head[rows[inside], columns[inside]]
    return result
