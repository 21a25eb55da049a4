"""The check of each option of a trace, by its name: the same for one face, a stream and a data set."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from facemask.options.regions import check_regions
from facemask.options.void import check_void
from facemask.validation import (
    check_bool,
    check_crop_size,
    check_image_size,
    check_index,
    check_margin,
    check_number,
    check_numbers,
    check_palette,
    check_region_texts,
    check_text,
)

# Each takes name and value, and returns what the compiled module takes, which checks the ranges.
_CHECKS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "regions": lambda _, value: check_regions(value),
    "landmark_scheme": check_text,
    "landmark_units": check_text,
    "landmarks_frame": check_text,
    "image_size": lambda _, value: check_image_size(value),
    "face": check_index,
    "label_scheme": check_text,
    "label_names": check_region_texts,
    "label_palette": lambda _, value: check_palette(value),
    "void": lambda _, value: check_void(value),
    "map_fit": check_text,
    "map_box": lambda name, value: check_numbers(name, value, 4),
    "image_from_labels": lambda name, value: check_numbers(name, value, 6),
    "native_resolution": check_text,
    "crop": check_text,
    "crop_margin": check_margin,
    "crop_size": check_crop_size,
    "frame": check_text,
    "tolerance": check_number,
    "curve": check_text,
    "min_area": check_number,
    "style": check_text,
    "colors": check_region_texts,
    "embed_image": check_text,
    "id_prefix": lambda name, value: "" if value is None else check_text(name, value),
    "measure_color": check_bool,
    "crop_image": check_bool,
    "with_landmarks": check_bool,
}
# The options of a trace but `parser`, which is a network to load.
TRACE_OPTIONS: Final = frozenset(_CHECKS)


def check_trace_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options of `TRACE_OPTIONS`, each converted to what the compiled module takes.

    Raises:
        FacemaskError: `option_invalid` for a value of a wrong type or shape.

    """
    return {name: _CHECKS[name](name, value) for name, value in options.items()}
