"""Drawings by resvg, compared pixel by pixel with the PNG that is kept of them.

`FACEMASK_RENEW=1` writes the pictures anew and fails the run, so that nothing is renewed unseen. Look at each.
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


def rendered(svg: str) -> NDArray[np.uint8]:
    """Draw on grey, so that white and black are seen."""
    data = resvg_py.svg_to_bytes(svg_string=svg, background="#888", skip_system_fonts=True)
    return np.asarray(Image.open(BytesIO(bytes(data))).convert("RGB"))


def check(svg: str, kept: Path, seen: Path, most: int) -> None:
    """Fail when a pixel differs by more than `most` from the picture kept; what was drawn is written into `seen`."""
    found = rendered(svg)
    if os.environ.get("FACEMASK_RENEW"):
        Image.fromarray(found).save(kept, optimize=True)
        pytest.fail(f"{kept} was written anew: look at it, then run again without FACEMASK_RENEW")
    expected = np.asarray(Image.open(kept).convert("RGB"))
    Image.fromarray(found).save(seen / kept.name)
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= most, f"look at {seen / kept.name} beside {kept}"


def check_names(folder: Path, names: Iterable[str]) -> None:
    """Fail when a picture is kept that nobody asks for, or asked for and not kept."""
    assert {path.stem for path in folder.glob("*.png")} == set(names)
