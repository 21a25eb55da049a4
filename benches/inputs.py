"""What the benchmarks run on: label maps of a given size and content, the same in every run."""

from functools import cache
from pathlib import Path

import facemask
import numpy as np
from numpy.typing import NDArray

SAMPLE = Path(__file__).parents[1] / "samples" / "astronaut"


@cache
def sample(side: int = 1024) -> NDArray[np.uint8]:
    """Return the sample's label map, enlarged to `side` x `side` pixels (each pixel repeated)."""
    labels = facemask.decode_label_map((SAMPLE / "segmentation.png").read_bytes())
    rows = np.arange(side) * labels.shape[0] // side
    columns = np.arange(side) * labels.shape[1] // side
    return np.ascontiguousarray(labels[np.ix_(rows, columns)])


@cache
def noise(side: int = 512, labels: int = 11) -> NDArray[np.uint8]:
    """Return independent noise: the worst a map can be."""
    return np.random.default_rng(1).integers(0, labels, (side, side), dtype=np.uint8)
