"""Label map export: the regions as a palette PNG in the frame of the result."""

import numpy as np
from numpy.typing import NDArray

from facemask.formats.annotation import rle
from facemask.formats.colors import default_color, read_colors
from facemask.formats.protocol import TracedFace
from facemask.formats.raster.palette_png import encode_palette_png
from facemask.formats.raster.png import MAX_PIXELS
from facemask.validation import make_error


def to_array(face: TracedFace) -> NDArray[np.uint8]:
    """Return the id of the region at each pixel's center, (height, width); 0 is background.

    Raises:
        FacemaskError: `format_impossible` for a picture above `MAX_PIXELS`.

    """
    width, height = face.size
    if width * height > MAX_PIXELS:
        detail = f"a label map has at most {MAX_PIXELS} pixels, this would be {width} x {height}"
        raise make_error("format_impossible", "format", detail)
    columns = np.zeros((width, height), np.uint8)
    for region in face.regions:
        runs = rle.from_rings(face.mask_contours[str(region["id"])], width, height)
        if not rle.area(runs):
            continue
        left, _, count, _ = rle.bounding_box(runs, height)
        ends = np.clip(np.cumsum(runs) - left * height, 0, count * height)
        is_inside = np.repeat(np.arange(len(runs)) % 2 == 1, np.diff(ends, prepend=0))
        block = columns[left : left + count].reshape(-1)
        block[: len(is_inside)][is_inside] = region["id"]
    return np.ascontiguousarray(columns.T)


def encode(face: TracedFace) -> bytes:
    """Return the PNG file of `to_array`. A region's color is that of the drawing; background is black.

    `facemask.decode_label_map` reads the same ids from it.
    """
    labels = to_array(face)
    drawn = read_colors(face)
    colors = ["#000000"] + [drawn.get(region) or default_color(region) for region in range(1, int(labels.max()) + 1)]
    return encode_palette_png(labels, colors)
