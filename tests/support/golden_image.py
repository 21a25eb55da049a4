"""Comparison of drawings by resvg with golden images, pixel by pixel.

`FACEMASK_RENEW=1` overwrites the golden images and fails the run, so that none is replaced without a look at it.
"""

import os
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import resvg_py
from numpy.typing import NDArray
from PIL import Image


def render(svg: str) -> NDArray[np.uint8]:
    """Render on gray, where both white and black show: uint8 (height, width, 3)."""
    data = resvg_py.svg_to_bytes(svg_string=svg, background="#888", skip_system_fonts=True)
    return np.asarray(Image.open(BytesIO(bytes(data))).convert("RGB"))


def assert_matches(svg: str, golden: Path, folder: Path, largest_difference: int) -> None:
    """Fail if a channel differs by more than `largest_difference` from the golden image.

    The rendered image is written into `folder`.
    """
    rendered = render(svg)
    if os.environ.get("FACEMASK_RENEW"):
        Image.fromarray(rendered).save(golden, optimize=True)
        pytest.fail(f"{golden} was written anew: look at it, then run again without FACEMASK_RENEW")
    expected = np.asarray(Image.open(golden).convert("RGB"))
    Image.fromarray(rendered).save(folder / golden.name)
    assert rendered.shape == expected.shape
    difference = np.abs(rendered.astype(int) - expected).max()
    assert difference <= largest_difference, f"look at {folder / golden.name} beside {golden}"


def assert_complete(folder: Path, names: Iterable[str]) -> None:
    """Fail if a golden image has no test, or a test no golden image."""
    assert {path.stem for path in folder.glob("*.png")} == set(names)
