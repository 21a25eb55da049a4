"""Faces to export, and what their files should hold."""

from collections.abc import Mapping
from typing import Any

import facemask
import numpy as np
import pytest
from facemask import FaceMask, FacemaskError
from numpy.typing import NDArray

from support import sample
from support.label_maps import noise, rasterize

FACE = facemask.trace_face(sample.LABELS, sample.LANDMARKS)
# Parts in holes in parts: every shape that a region can have, cut by nothing.
LEVEL = np.array([(16, 16), (32, 16), (24, 26), (18, 34), (30, 34)], float)
NOISE = facemask.trace_face(noise(40, 48, 3, 5), LEVEL, crop="none", tolerance=0, label_scheme="custom")
MASKS = {"face": FACE, "noise": NOISE}


def rings(mask: FaceMask, region: Mapping[str, Any]) -> list[Any]:
    return mask.mask_contours[str(region["id"])]


def label_raster(mask: FaceMask) -> NDArray[np.int64]:
    """Give each pixel of the crop the id of the region its centre lies in."""
    return rasterize({int(key): contour for key, contour in mask.contours.items()}, mask.size[::-1])


def has_holes(mask: FaceMask) -> bool:
    return any(region["holes"] for region in mask.regions)


def refused(code: str, words: str, call: Any, *arguments: Any, **options: Any) -> FacemaskError:
    with pytest.raises(FacemaskError, match=words) as caught:
        call(*arguments, **options)
    assert caught.value.code == code
    return caught.value
