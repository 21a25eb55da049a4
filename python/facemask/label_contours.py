"""find_contours: the contours of any label map."""

from __future__ import annotations

import json
from typing import Any

from facemask import _core
from facemask.contour import Contour
from facemask.contour_dict import ContourDict
from facemask.label_maps import read_labels
from facemask.options.choices import Curve, NativeResolution
from facemask.types.inputs import LabelSource
from facemask.validation import check_bool, check_number, check_text


def find_contours(
    labels: LabelSource,
    *,
    tolerance: float = 0.0,
    curve: Curve = "straight",
    min_area: float = 0.0,
    background: bool = False,
    native_resolution: NativeResolution = "off",
) -> ContourDict[int]:
    """Find the contours of all labels above 0 of any label map. No face is needed.

    Args:
        labels: label map, uint8 (height, width), or another form, as of `trace_face`. Ids may exceed 255 where there
            are at most 255 of them.
        tolerance: maximum Hausdorff distance between an outline and the traced border, in pixels. 0 keeps every vertex:
            rasterized by pixel centers, such outlines reproduce the map exactly.
        curve: `straight` for few lines, which keep each region's area up to half a pixel; `smooth` for points on cubic
            Bezier curves along the smoothed border, given by `Contour.curves` and `Contour.controls`. Needs a tolerance
            above 0.
        min_area: parts of fewer pixels are merged into the neighbor with the longest shared border.
        background: whether label 0 also gets a contour. Then the contours tile the picture.
        native_resolution: `auto` traces a map that was enlarged by the nearest pixel at its own resolution, as
            `trace_face` does. `ContourDict.native_resolution` tells.

    Returns:
        Contours by label id. Coordinates are pixels of the map: pixel (c, r) covers `[c, c+1] x [r, r+1]`. `[]`, `in`
        and `get` also accept the id as text, and the name of a mask that has one.

    Raises:
        FacemaskError: a ValueError with the attributes `code`, `field` and `detail`.

    Examples:
        >>> contours = facemask.find_contours(labels, tolerance=0.5)
        >>> sorted(contours)
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        >>> len(contours[6].points) < len(facemask.find_contours(labels)[6].points)
        True

    """
    source = read_labels(labels, compact=True)
    options: dict[str, Any] = {
        "tolerance": check_number("tolerance", tolerance),
        "curve": check_text("curve", curve),
        "min_area": check_number("min_area", min_area),
        "background": check_bool("background", background),
        "native_resolution": check_text("native_resolution", native_resolution),
    }
    outlines, native = _core.find_contours(source.ids, **options)
    keys = source.keys
    contours = {
        label if keys is None else int(keys[label]): Contour.from_core(outline) for label, outline in outlines.items()
    }
    return ContourDict(contours, source.names, None if native is None else json.loads(native))
