"""The curves that the library offers."""

from functools import cache

import facemask
import numpy as np


@cache
def available_curves() -> list[str]:
    """Names of the curves that the library accepts; the bounds of the figures are about the last one."""
    accepted = []
    for curve in ("straight", "smooth"):
        try:
            facemask.find_contours(np.ones((1, 1), np.uint8), curve=curve)
        except facemask.FacemaskError:
            continue
        accepted.append(curve)
    return accepted
