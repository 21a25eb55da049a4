"""The pixels of regions by name, as a reader found them, compared with others."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def unite_masks(pairs: Iterable[tuple[str, Any]]) -> dict[str, Mask]:
    """The pixels of each name, of one or several masks."""
    found: dict[str, Mask] = {}
    for name, mask in pairs:
        pixels = np.asarray(mask).astype(bool)
        found[name] = found[name] | pixels if name in found else pixels
    return found


def count_differing(found: Mapping[str, Mask], expected: Mapping[str, Mask]) -> int:
    """The number of pixels that differ, over all regions."""
    assert found.keys() == expected.keys()
    return sum(int((found[name] ^ expected[name]).sum()) for name in expected)


def measure_overlaps(found: Mapping[str, Mask], expected: Mapping[str, Mask]) -> dict[str, float]:
    """Intersection over union of each region."""
    assert found.keys() == expected.keys()
    return {name: float((found[name] & mask).sum() / (found[name] | mask).sum()) for name, mask in expected.items()}
