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
from facemask.options.checks import TRACE_OPTIONS, check_trace_options
from facemask.parsing.face_parser import read_parser

OPTIONS: Final = TRACE_OPTIONS | {"parser"}


def check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a trace, each converted to what the compiled module takes. None is the default.

    Raises:
        FacemaskError: `option_invalid` for a value outside its range; as of `FaceParser`.

    """
    given = {name: value for name, value in options.items() if value is not None}
    parser = read_parser(given.pop("parser", None))
    values = check_trace_options(given)
    if parser is not None:
        values["parser"] = parser.core
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
