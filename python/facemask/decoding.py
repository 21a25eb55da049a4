"""Decoding of photos and label maps from the bytes of their files."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from facemask import _core
from facemask.validation import check_file_bytes, check_palette, check_photo_array, make_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from facemask.types.inputs import Photo

LIMITS: Final = _core.Limits()
_NUMPY: Final = b"\x93NUMPY"


class FacemaskWarning(UserWarning):
    """A suspicious property of a file that does not prevent its decoding.

    `code` is a stable slug, `detail` the reason.

    Examples:
        >>> warning = facemask.FacemaskWarning("map_hidden_pixels", "transparent pixels may have lost their ids")
        >>> warning.code
        'map_hidden_pixels'

    """

    def __init__(self, code: str, detail: str) -> None:
        """Create the warning of that code."""
        super().__init__(code, detail)  # both, so that a copy or a pickle has both
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        """Return the reason."""
        return self.detail


def decode_label_map(data: bytes, *, palette: Sequence[Sequence[int]] | None = None) -> NDArray[np.uint8]:
    """Decode a label map from a file: PNG, lossless WebP, TIFF, GIF, BMP, NPY, NPZ, COCO JSON or labelme JSON.

    Gray levels, palette indices and elements of an array are label ids. Colors are converted to ids by `palette`, or by
    the palette of CelebAMask-HQ or Pascal VOC. So are the indices of a palette file, where `palette` is given or a tool
    has reordered the file's own. The EXIF orientation is not applied. docs/inputs.md lists every form.

    Args:
        data: content of the file.
        palette: colors (red, green, blue), 0 to 255, by label id.

    Returns:
        Label ids, uint8 (height, width).

    Raises:
        FacemaskError: `map_unsupported`, `map_corrupt`, `map_too_large`, `map_not_lossless`, `map_invalid` or
            `map_too_complex` (field `labels`), `option_invalid` (field `palette`).

    Warns:
        FacemaskWarning: with the code `map_palette_reordered` or `map_hidden_pixels`.

    Examples:
        >>> labels = facemask.decode_label_map(Path("segmentation.png").read_bytes())
        >>> labels.shape, labels.dtype
        ((900, 900), dtype('uint8'))

    """
    labels, notices = decode_with_notices(data, palette=palette)
    for code, detail in notices:
        warnings.warn(FacemaskWarning(code, detail), stacklevel=2)
    return labels


def decode_with_notices(
    data: bytes, *, palette: Sequence[Sequence[int]] | None = None
) -> tuple[NDArray[np.uint8], list[tuple[str, str]]]:
    """Decode a label map as `decode_label_map`, and return its warnings as (code, detail).

    `warnings.catch_warnings` changes the whole process, so threads cannot silence one call by it.
    """
    data = check_file_bytes("map_unsupported", "labels", data)
    return _core.decode_label_map(data, None if palette is None else check_palette(palette), LIMITS)


def decode_annotations(data: bytes, *, size: tuple[int, int] | None = None) -> tuple[NDArray[np.uint8], dict[int, str]]:
    """Decode a label map from a COCO or labelme document.

    Args:
        data: JSON.
        size: (width, height) in pixels for polygons whose document states none.

    Returns:
        Label ids, uint8 (height, width), and the names of those that have one.

    Raises:
        FacemaskError: as of `decode_label_map`, and `map_too_complex` for masks that cover too many pixels.

    """
    return _core.decode_annotations(data, size, LIMITS)


def is_label_map(data: bytes, photo: bytes) -> bool:
    """Return whether a file is a label map, or is taken for one because the photo is damaged.

    Its header tells, but for arrays of NumPy, whose elements tell points from ids.

    Args:
        data: content of the file.
        photo: content of the photo's file, whose size a document without one takes.

    """
    try:
        _core.check_input(photo, data, None, LIMITS, digest=False, inspect=False)
        if data.startswith(_NUMPY):
            _core.decode_label_map(data, None, LIMITS)
    except _core.FacemaskError as error:
        return error.field != "labels"
    return True


def decode_image(data: bytes) -> NDArray[np.uint8]:
    """Decode a photo from a PNG, JPEG or WebP file, and apply its EXIF orientation.

    Args:
        data: content of the file.

    Returns:
        Pixels of the image frame, uint8 (height, width, 3), red first.

    Raises:
        FacemaskError: `image_unsupported`, `image_corrupt` or `image_too_large` (field `image`).

    Examples:
        >>> facemask.decode_image(Path("image.jpg").read_bytes()).shape
        (900, 900, 3)

    """
    return _core.decode_image(check_file_bytes("image_unsupported", "image", data), LIMITS)


def read_photo(photo: Photo, name: str = "image") -> NDArray[np.uint8]:
    """Return the pixels of a photo, uint8 (height, width, 3), red first, from such an array or the bytes of a file.

    Raises:
        FacemaskError: as of `decode_image`, with the argument's `name` as field.

    """
    try:
        if isinstance(photo, bytes | bytearray | memoryview):
            return decode_image(bytes(photo))
        return check_photo_array(photo)
    except _core.FacemaskError as error:
        raise make_error(error.code, name, error.detail) from None
