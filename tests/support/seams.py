"""Seams between neighboring regions: pixels of drawings by resvg through which the background shows."""

import io
from functools import cache
from xml.etree import ElementTree as ET

import facemask
import numpy as np
import resvg_py
from facemask import FaceMask
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.draw import polygon2mask

from support import sample
from support.label_maps import four_label_crosses, voronoi

SVG = "{http://www.w3.org/2000/svg}"
MAGENTA, GREEN = "#ff00ff", "#00ff00"
# A five-point face, level and tilted: with the tilted one, borders run aslant to the pixels of the drawing.
LEVEL_POINTS = np.array([(80, 80), (160, 80), (120, 130), (90, 170), (150, 170)], float)
TILTED_POINTS = np.array([(80, 80), (160, 100), (115, 130), (80, 170), (140, 185)], float)
PAIR = np.repeat([[1, 2]], 240, axis=0).repeat(120, axis=1).astype(np.uint8)
CASES = {
    "sample": (sample.LABELS, sample.LANDMARKS, "face"),
    "two labels": (PAIR, TILTED_POINTS, "none"),
    "three labels meet": (voronoi(240, 7), LEVEL_POINTS, "none"),
    "slanted": (voronoi(240, 5, 3), TILTED_POINTS, "none"),
    "four labels meet": (four_label_crosses(240, 37), TILTED_POINTS, "none"),
}


@cache
def trace_case(case: str, style: str, **options: str) -> FaceMask:
    """Trace a case in a style."""
    labels, landmarks, crop = CASES[case]
    return facemask.trace_face(labels, landmarks, crop=crop, style=style, landmark_scheme="auto", **options)


def render(svg: str, size: tuple[int, int], scale: int, background: str | None = None) -> NDArray[np.int64]:
    """Render at `scale` times `size` (width, height): int64 (height, width, 4), RGBA."""
    width, height = (side * scale for side in size)
    data = resvg_py.svg_to_bytes(
        svg_string=svg, width=width, height=height, background=background, skip_system_fonts=True
    )
    return np.array(Image.open(io.BytesIO(bytes(data))).convert("RGBA")).astype(int)


@cache
def interior_mask(case: str, scale: int, **options: str) -> NDArray[np.bool_]:
    """Pixels that are at least two pixels away from the outside of all regions together."""
    mask = trace_case(case, "solid", **options)
    width, height = mask.size
    coverage = np.zeros((height * scale, width * scale), int)
    for contour in mask.contours.values():
        for polygon in contour.polygons():
            for index, ring in enumerate(polygon):
                coverage += (-1 if index else 1) * polygon2mask(coverage.shape, ring[:, ::-1] * scale - 0.5)
    return np.asarray(ndimage.binary_erosion(coverage > 0, iterations=2))


def count_seam_pixels(case: str, scale: int, **options: str) -> int:
    """Count interior pixels of the opaque style that change with the background."""
    mask = trace_case(case, "solid", **options)
    on_magenta, on_green = (render(mask.svg, mask.size, scale, color) for color in (MAGENTA, GREEN))
    difference = np.abs(on_magenta - on_green)[..., :3].max(axis=-1)
    return int((difference[interior_mask(case, scale, **options)] > 1).sum())


def fill_opacity(case: str, style: str, scale: int, **options: str) -> NDArray[np.int64]:
    """Opacity, 0 to 255, of the fills alone at each interior pixel; 40 per cent are 102."""
    mask = trace_case(case, style, **options)
    return render(fills_alone(mask.svg), mask.size, scale)[..., 3][interior_mask(case, scale, **options)]


def fills_alone(svg: str, *, underlay: bool = True) -> str:
    """Return the document without borders and numbers, on request also without what is painted over bare fills."""
    root = ET.fromstring(svg)
    for group in list(root.iter(f"{SVG}g")):
        for child in list(group):
            is_underlay = group.get("class") == "regions" and child.get("pointer-events") == "none"
            if child.get("class") in ("borders", "numbers") or (is_underlay and not underlay):
                group.remove(child)
    for child in list(root):
        if child.get("class") in ("borders", "numbers"):
            root.remove(child)
    return ET.tostring(root, encoding="unicode")
