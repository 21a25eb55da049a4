"""Photos and label maps from the bytes of their files."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facemask import _core, arguments

LIMITS: Final = _core.Limits()


def decode_label_map(data: bytes, *, palette: Sequence[Sequence[int]] | None = None) -> NDArray[np.uint8]:
    """Read the ids of a label map from its PNG or lossless WebP file: uint8 (height, width).

    Args:
        data: the file.
        palette: colours (red, green, blue) by id, for a map that holds colours instead of ids.

    Raises:
        FacemaskError: `map_unsupported`, `map_corrupt`, `map_too_large`, `map_not_lossless` or `map_invalid`.

    """
    data = arguments.file_bytes("map_unsupported", "labels", data)
    return _core.decode_label_map(data, None if palette is None else arguments.palette(palette), LIMITS)


def decode_image(data: bytes) -> NDArray[np.uint8]:
    """Read a photo from its PNG, JPEG or WebP file: uint8 (height, width, 3), red first, EXIF orientation applied.

    Raises:
        FacemaskError: `image_unsupported`, `image_corrupt` or `image_too_large`.

    """
    return _core.decode_image(arguments.file_bytes("image_unsupported", "image", data), LIMITS)
