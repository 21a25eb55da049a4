"""Where the background shines through between neighbours: pixels of drawings by resvg, over two backgrounds."""

import io
import re
from functools import cache

import facemask
import numpy as np
import resvg_py
from facemask import FaceMask
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.draw import polygon2mask

from support import sample
from support.label_maps import blobs, crosses

MAGENTA, GREEN = "#ff00ff", "#00ff00"
# A five-point face, level and tilted: the slanted borders are those of another grid than the pixels'.
LEVEL = np.array([(80, 80), (160, 80), (120, 130), (90, 170), (150, 170)], float)
TILTED = np.array([(80, 80), (160, 100), (115, 130), (80, 170), (140, 185)], float)
PAIR = np.repeat([[1, 2]], 240, axis=0).repeat(120, axis=1).astype(np.uint8)
CASES = {
    "sample": (sample.LABELS, sample.LANDMARKS, "face"),
    "two labels": (PAIR, TILTED, "none"),
    "three labels meet": (blobs(240, 7), LEVEL, "none"),
    "slanted": (blobs(240, 5, 3), TILTED, "none"),
    "four labels meet": (crosses(240, 37), TILTED, "none"),
}


@cache
def traced(case: str, style: str, **options: str) -> FaceMask:
    labels, landmarks, crop = CASES[case]
    return facemask.trace_face(labels, landmarks, crop=crop, style=style, landmark_scheme="auto", **options)


def painted(svg: str, size: tuple[int, int], scale: int, background: str | None = None) -> NDArray[np.int64]:
    width, height = (side * scale for side in size)
    data = resvg_py.svg_to_bytes(
        svg_string=svg, width=width, height=height, background=background, skip_system_fonts=True
    )
    return np.array(Image.open(io.BytesIO(bytes(data))).convert("RGBA")).astype(int)


@cache
def deep_inside(case: str, scale: int, **options: str) -> NDArray[np.bool_]:
    """Pixels two or more away from anything outside of all regions."""
    mask = traced(case, "solid", **options)
    width, height = mask.size
    inside = np.zeros((height * scale, width * scale), int)
    for contour in mask.contours.values():
        for polygon in contour.polygons():
            for place, ring in enumerate(polygon):
                inside += (-1 if place else 1) * polygon2mask(inside.shape, ring[:, ::-1] * scale - 0.5)
    return np.asarray(ndimage.binary_erosion(inside > 0, iterations=2))


def shining_through(case: str, scale: int, **options: str) -> int:
    """Count pixels of the opaque style that change with the background where the painting should hide it."""
    mask = traced(case, "solid", **options)
    over = [painted(mask.svg, mask.size, scale, color) for color in (MAGENTA, GREEN)]
    apart = np.abs(over[0] - over[1])[..., :3].max(axis=-1)
    return int((apart[deep_inside(case, scale, **options)] > 1).sum())


def sheet_opacity(case: str, style: str, scale: int, **options: str) -> NDArray[np.int64]:
    """Give the opacity, of 255, of the fills alone at each pixel that is deep inside; 40 per cent are 102."""
    mask = traced(case, style, **options)
    sheet = re.sub(r'<g class="(outlines|numbers)".*?</g>', "", mask.svg)
    return painted(sheet, mask.size, scale)[..., 3][deep_inside(case, scale, **options)]
