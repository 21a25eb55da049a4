"""One face from encoded files: photo, label map and landmarks go to the compiled module as they are.

`trace_face` decodes the photo for its size; here its header is enough, so a map with a photo takes half the time.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from facemask import _core
from facemask.decoding import LIMITS
from facemask.face_mask import FaceMask
from facemask.landmarks import Faces
from facemask.options.regions import check_regions
from facemask.options.void import check_void
from facemask.parsing.face_parser import read_parser
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

# The check of each option of a trace; the compiled module checks ranges.
_CHECKS: Final[Mapping[str, Any]] = {
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
    "id_prefix": check_text,
    "measure_color": check_bool,
    "crop_image": check_bool,
    "parser": lambda _, value: _load_parser(value),
    "with_landmarks": check_bool,
}
OPTIONS: Final = frozenset(_CHECKS)


def _load_parser(value: Any) -> Any:
    """Return a parser as the compiled module takes it."""
    parser = read_parser(value)
    return None if parser is None else parser.core


def check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a trace, each converted to what the compiled module takes. None is the default.

    Raises:
        FacemaskError: `option_invalid` for a value outside its range.

    """
    values = {name: _CHECKS[name](name, value) for name, value in options.items() if value is not None}
    _core.Options(**values)  # checks the ranges
    return values


def trace_encoded(
    photo: bytes, label_map: bytes | None, faces: Faces, options: Mapping[str, Any]
) -> tuple[FaceMask, bytes]:
    """Trace a face from the contents of its files.

    Args:
        photo: PNG, JPEG or WebP.
        label_map: any file of `decode_label_map`, or None where the landmarks outline the regions.
        faces: landmarks.
        options: options as of `check_options`.

    Returns:
        The face, without its photo, and the upright crop as a JPEG file: empty without the option `crop_image`.
        Warnings of the decoder are among those of the face.

    Raises:
        FacemaskError: as of `trace_face`, and the codes `image_...` and `map_...` of damaged files.

    """
    values = check_options(options)
    values["landmark_units"] = faces.resolve_units(values.get("landmark_units", "auto"))
    core = _core.trace_bytes(photo, label_map, faces.core_argument(), _core.Options(**values), LIMITS)
    return FaceMask(core, with_landmarks=values.get("with_landmarks", False)), core.crop_jpeg


def encode_crop(mask: FaceMask) -> bytes:
    """Return the upright crop of a face that has its photo, as a JPEG file."""
    return _core.encode_image(np.ascontiguousarray(mask.crop_image()), "jpeg")
