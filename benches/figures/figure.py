"""One figure beside its bound, and which curves there are to measure."""

from dataclasses import dataclass
from functools import cache

import facemask
import numpy as np


@dataclass(frozen=True)
class Figure:
    """What was found, and the most that it may be."""

    name: str
    found: float
    most: float
    unit: str = ""

    @property
    def held(self) -> bool:
        """Not a number is not held."""
        return self.found <= self.most


@cache
def curves() -> list[str]:
    """Name the curves that the library offers, by asking it; the last is the one that its figures are about."""
    found = []
    for curve in ("straight", "smooth"):
        try:
            facemask.find_contours(np.ones((1, 1), np.uint8), curve=curve)
        except facemask.FacemaskError:
            continue
        found.append(curve)
    return found
