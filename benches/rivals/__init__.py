"""The rivals, one module each with the same two names.

`NAME` is its name in tables. `svg(labels)` draws all labels above 0 of a uint8 map (height, width) with their holes and
returns the SVG text. The docstring of the module explains which of the library's functions it uses.
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
    """Rivals that can be imported, and a message for each other one."""
    modules, missing = [], []
    for name in MODULES:
        try:
            modules.append(import_module(f"rivals.{name}"))
        except ImportError as error:
            missing.append(f"{name} is left out: {error}")
    return modules, missing
