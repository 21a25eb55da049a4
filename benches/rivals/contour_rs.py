"""contourrs (Rust): all labels in one pass along the pixels' edges, as GeoJSON. It needs Python 3.12."""

import contourrs
import numpy as np
from numpy.typing import NDArray

NAME = "contourrs"


def svg(labels: NDArray[np.uint8]) -> str:
    """Draw all labels."""
    paths: dict[int, list[str]] = {}
    for geometry, value in contourrs.shapes(labels, mask=labels > 0):
        parts = paths.setdefault(int(value), [])
        parts += [f"M{' '.join([f'{x:g},{y:g}' for x, y in ring[:-1]])}z" for ring in geometry["coordinates"]]
    text = "".join(
        f'<path data-region="{label}" fill-rule="evenodd" d="{"".join(parts)}"/>' for label, parts in paths.items()
    )
    height, width = labels.shape
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{text}</svg>'
