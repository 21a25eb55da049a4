"""The option `void`: pixels without a label, which data sets exclude from evaluation."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from facemask.validation import check_text, is_numpy, make_error, short_repr


def check_void(value: object) -> str | int:
    """Return the option for the compiled module. It knows ids only, so a negative number becomes `none`.

    Raises:
        FacemaskError: `option_invalid`, field `void`.

    """
    if isinstance(value, str):
        return check_text("void", value)
    # bool is a subclass of int, but True is no number to a caller.
    is_number = (isinstance(value, int) or is_numpy(value, "integer")) and not isinstance(value, bool)
    if not is_number or value > 255:  # type: ignore[operator]
        detail = f"must be auto or none or a number up to 255, got {short_repr(value)}"
        raise make_error("option_invalid", "void", detail)
    return "none" if value < 0 else int(value)  # type: ignore[operator, call-overload]


def parse_void(text: str) -> str | int:
    """Return the option from its text on a command line: a number, or a word for the compiled module to check."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else text


def clear_negative_void(labels: Any, void: str | int) -> Any:
    """Return a label map with 0 in place of a negative `void`, which no id can be. Other maps stay as they are."""
    if isinstance(void, str) or void >= 0:
        return labels
    import numpy as np  # noqa: PLC0415

    with suppress(Exception):  # no array, or too large a one: reported with the other faults
        array = np.asarray(labels.filled(0) if isinstance(labels, np.ma.MaskedArray) else labels)
        if array.dtype.kind == "i":
            return np.where(array == void, 0, array)
    return labels
