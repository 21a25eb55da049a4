"""The rivals: one file each, all with the same two names.

`NAME` is what the table calls it. `svg(labels)` draws all labels above 0 of a uint8 map (height, width), holes kept,
and returns the document's text; the module says in which of its ways, and why that one is its best. A rival that is not
installed is left out by `installed`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

Draw = Callable[..., str]

MODULES = (
    "opencv",
    "scikit_image",
    "contour_py",
    "rasterio_shapes",
    "surface_nets",
    "fast_label_contours",
    "contour_rs",
    "v_tracer",
)


def installed() -> tuple[list[ModuleType], list[str]]:
    """The rivals that can be imported, and for each other one a sentence why not."""
    found, missing = [], []
    for name in MODULES:
        try:
            found.append(import_module(f"rivals.{name}"))
        except ImportError as error:
            missing.append(f"{name} is left out: {error}")
    return found, missing
