"""Options of formats, checked alike in Python, on the command line and over HTTP."""

import math
from collections.abc import Sequence
from typing import Any, get_args

from facemask.options.choices import CocoSegmentation, Keypoints, Segmentation
from facemask.validation import check_bool, check_number, make_error, short_repr

MAX_CLASSES = 1000
# Half a pixel is what readers that fill the pixels under an outline add. More would only shrink regions.
MAX_INSET = 0.5
# The kinds of segmentation of each format that has several; `auto` is the one after it.
COCO_KINDS: tuple[str, ...] = get_args(CocoSegmentation)
CVAT_KINDS: tuple[str, ...] = get_args(Segmentation)
BRUSHES = CVAT_KINDS
KEYPOINTS: tuple[str, ...] = get_args(Keypoints)


def check_segmentation(value: Any, allowed: Sequence[str]) -> str:
    """Check the kind of segmentation, and return it. `auto` is the kind after it in `allowed`.

    Raises:
        FacemaskError: `option_invalid` for another value.

    """
    if not isinstance(value, str) or value not in allowed:
        detail = f"must be {' or '.join(allowed)}, got {short_repr(value)}"
        raise make_error("option_invalid", "segmentation", detail)
    return allowed[1] if value == "auto" else value


def check_classes(value: Any) -> list[str] | None:
    """Check class names: up to 1000 different texts; None stands for none.

    Raises:
        FacemaskError: `option_invalid` for anything else.

    """
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence):
        got = "one text" if isinstance(value, str) else short_repr(value)
        raise make_error("option_invalid", "classes", f"must be a list of names, got {got}")
    names = list(value)
    if not 0 < len(names) <= MAX_CLASSES:
        raise make_error("option_invalid", "classes", f"must have 1 to {MAX_CLASSES} names, got {len(names)}")
    for index, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            raise make_error("option_invalid", f"classes[{index}]", f"must be a name, got {short_repr(name)}")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise make_error("option_invalid", "classes", f"must have different names, got {short_repr(twice)} twice")
    return names


def check_inset(value: Any) -> float:
    """Check the distance by which outlines move inwards: 0 to 0.5 pixels.

    Raises:
        FacemaskError: `option_invalid` for another value.

    """
    inset = check_number("inset", value)
    if not (math.isfinite(inset) and 0.0 <= inset <= MAX_INSET):
        raise make_error("option_invalid", "inset", f"must be a number from 0 to {MAX_INSET}, got {inset}")
    return inset


def check_y_up(value: Any) -> bool:
    """Check whether y grows upwards."""
    return check_bool("y_up", value)


def check_keypoints(value: Any) -> str:
    """Check the option `keypoints`, and return its name. True stands for `auto`, False for `none`.

    Raises:
        FacemaskError: `option_invalid` for another value.

    """
    kind = {True: "auto", False: "none"}[value] if isinstance(value, bool) else value
    if not isinstance(kind, str) or kind not in KEYPOINTS:
        raise make_error("option_invalid", "keypoints", f"must be {' or '.join(KEYPOINTS)}, got {short_repr(value)}")
    return kind
