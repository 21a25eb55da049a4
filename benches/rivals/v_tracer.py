"""vtracer (Rust): splines around the colours of a picture, cut out of each other; it writes the SVG itself."""

import numpy as np
import vtracer
from numpy.typing import NDArray

NAME = "vtracer"
# Far apart, so that no two labels are taken for shades of one colour.
_COLOURS = [(37 * i % 256, 91 * i % 256, 151 * i % 256, 255) for i in range(256)]


def svg(labels: NDArray[np.uint8]) -> str:
    """Draw all labels. It knows no labels, only colours, and takes a list of tuples."""
    height, width = labels.shape
    pixels = [_COLOURS[label] for label in labels.ravel().tolist()]
    return str(
        vtracer.convert_pixels_to_svg(
            pixels, (width, height), hierarchical="cutout", filter_speckle=0, color_precision=8, layer_difference=0
        )
    )
