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
    starts, stops, ids = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.uint8)]
    for region in face.regions:
        runs = np.cumsum(rle.from_rings(face.mask_contours[str(region["id"])], width, height))
        stops.append(runs[1::2])
        starts.append(runs[: 2 * len(stops[-1]) : 2])
        ids.append(np.full(len(stops[-1]), region["id"], np.uint8))
    order = np.argsort(np.concatenate(starts), kind="stable")
    start, stop = np.concatenate(starts)[order], np.concatenate(stops)[order]
    # Rounding to two decimals may put a pixel into two regions: then it belongs to the one whose run began before.
    stop = np.maximum.accumulate(stop)
    start = np.maximum(start, np.concatenate([[0], stop[:-1]]))
    ends = np.concatenate([np.column_stack([start, stop]).ravel(), [width * height]])
    values = np.concatenate([np.column_stack([np.zeros_like(start), np.concatenate(ids)[order]]).ravel(), [0]])
    columns = np.repeat(values.astype(np.uint8), np.diff(ends, prepend=0)).reshape(width, height)
    return np.ascontiguousarray(columns.T)


def encode(face: TracedFace) -> bytes:
    """Return the PNG file of `to_array`. A region's color is that of the drawing; background is black.

    `facemask.decode_label_map` reads the same ids from it.
    """
    labels = to_array(face)
    drawn = read_colors(face)
    colors = ["#000000"] + [drawn.get(region) or default_color(region) for region in range(1, int(labels.max()) + 1)]
    return encode_palette_png(labels, colors)
