"""Label maps from files and folders."""

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facemask.decoding import FacemaskWarning, decode_label_map, decode_with_notices
from facemask.label_maps.masks import paint_masks
from facemask.validation import is_facemask_error, make_error, prefix_error, short_repr

# The parts of CelebAMask-HQ, in the order in which its own g_mask.py paints them: the first has id 1.
# Source: face_parsing/Data_preprocessing/g_mask.py of switchablenorms/CelebAMask-HQ.
PARTS: Final = (
    "skin", "nose", "eye_g", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear", "mouth", "u_lip", "l_lip",
    "hair", "hat", "ear_r", "neck_l", "neck", "cloth",
)  # fmt: skip
_SUFFIX = ".png"
_HALF: Final = 127
_MAX_NAMED = 5  # prefixes that an error names


class PartFile(Protocol):
    """The file of a part, such as `pathlib.Path`."""

    @property
    def name(self) -> str: ...

    def read_bytes(self) -> bytes: ...


def read_label_map(
    source: str | os.PathLike[str] | BinaryIO, *, palette: Sequence[Sequence[int]] | None = None
) -> NDArray[np.uint8]:
    """Read a label map from a file in any format of `decode_label_map`, or from a folder of CelebAMask-HQ.

    A folder holds one PNG a part, such as `00000_skin.png`; absent parts have no file. Where it holds those of several
    pictures, the path ends with the number of one: `CelebAMask-HQ-mask-anno/0/00000`.

    Args:
        source: path, or a file object in binary mode.
        palette: colors (red, green, blue), 0 to 255, by label id.

    Returns:
        Label ids, uint8 (height, width).

    Raises:
        FacemaskError: as of `decode_label_map`, and `map_unsupported` for a file that cannot be read, and for a folder
            without parts, or with several pictures' parts.

    Examples:
        >>> facemask.read_label_map("segmentation.png").shape
        (900, 900)

    """
    if not isinstance(source, str | os.PathLike):
        return decode_label_map(read_stream(source), palette=palette)
    try:
        parts = find_parts(source)
    except (OSError, ValueError) as error:
        if is_facemask_error(error):
            raise
        raise unreadable(source, error) from None
    return decode_label_map(read_file(source), palette=palette) if parts is None else paint_parts(parts)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Read a file.

    Raises:
        FacemaskError: `map_unsupported`, field `labels`, for a file that cannot be read.

    """
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:  # a path with NUL is a ValueError
        raise unreadable(path, error) from None


def unreadable(path: str | os.PathLike[str], error: Exception) -> Exception:
    """Return the error of a file that cannot be read."""
    reason = getattr(error, "strerror", None) or error
    return make_error("map_unsupported", "labels", f"{short_repr(str(path))} cannot be read: {reason}")


def read_stream(source: Any) -> bytes:
    """Read a file object in binary mode."""
    read = getattr(source, "read", None)
    data = read() if callable(read) else None
    if not isinstance(data, bytes | bytearray):
        detail = f"must be a path or a file object in binary mode, got {short_repr(source)}"
        raise make_error("map_unsupported", "labels", detail)
    return bytes(data)


def find_parts(path: str | os.PathLike[str], photo: str | os.PathLike[str] | None = None) -> dict[str, Path] | None:
    """Find the files of the parts of one picture of CelebAMask-HQ.

    Args:
        path: folder, or a folder and the prefix of the names, such as `00000`.
        photo: the photo's file, whose name may be the number of the picture.

    Returns:
        Files by part, or None if the path is neither.

    Raises:
        FacemaskError: `map_unsupported` where no parts fit, or those of several pictures.

    """
    path = Path(path)
    if path.is_dir():
        found = _group_parts(path)
        prefix = _choose_prefix(path, list(found), None if photo is None else Path(photo).stem)
        _warn_of_unknown_parts(path, prefix)
        return found[prefix]
    if path.exists() or not path.parent.is_dir():
        return None
    parts = _group_parts(path.parent).get(path.name)
    if parts is not None:
        _warn_of_unknown_parts(path.parent, path.name)
    return parts


def _group_parts(folder: Path) -> dict[str, dict[str, Path]]:
    """Return the files of parts in a folder, by prefix and part."""
    found: dict[str, dict[str, Path]] = {}
    for name in sorted(path.name for path in folder.iterdir()):
        lowered = name.lower()
        part = next((part for part in PARTS if lowered.endswith(f"_{part}{_SUFFIX}")), None)
        if part is not None:
            found.setdefault(name[: -len(f"_{part}{_SUFFIX}")], {})[part] = folder / name
    return found


def _warn_of_unknown_parts(folder: Path, prefix: str) -> None:
    """Warn of pictures that are named as a part of the picture is, with a part that CelebAMask-HQ does not have."""
    known = {f"{prefix}_{part}{_SUFFIX}".lower() for part in PARTS}
    pattern = f"{prefix}_".lower()
    unknown = [
        path.name
        for path in sorted(folder.iterdir())
        if (lowered := path.name.lower()).startswith(pattern) and lowered.endswith(_SUFFIX) and lowered not in known
    ]
    if unknown:
        more = f" and {len(unknown) - _MAX_NAMED} more" if len(unknown) > _MAX_NAMED else ""
        detail = (
            f"{', '.join(unknown[:_MAX_NAMED])}{more} of {folder} is left out, because it is no part of CelebAMask-HQ; "
            f"parts are {', '.join(PARTS)}"
        )
        warnings.warn(FacemaskWarning("map_parts_unknown", detail), stacklevel=4)


def _find_lossy_part(folder: Path) -> str | None:
    endings = tuple(f"_{part}{suffix}" for part in PARTS for suffix in (".jpg", ".jpeg"))
    return next((path.name for path in sorted(folder.iterdir()) if path.name.lower().endswith(endings)), None)


def _choose_prefix(folder: Path, prefixes: list[str], stem: str | None) -> str:
    if not prefixes:
        detail = f"{folder} is a folder without parts of CelebAMask-HQ such as 00000_skin.png"
        if (lossy := _find_lossy_part(folder)) is not None:
            detail += f"; {lossy} is a JPEG, and parts have to be PNG"
        raise make_error("map_unsupported", "labels", detail)
    fitting = [prefix for prefix in prefixes if stem is not None and _is_same_number(prefix, stem)]
    if len(fitting) == 1:
        return fitting[0]
    is_number = stem is not None and stem.isascii() and stem.isdecimal()
    if len(prefixes) == 1 and not is_number:
        return prefixes[0]
    named = ", ".join((fitting or prefixes)[:_MAX_NAMED])
    more = len(fitting or prefixes) - _MAX_NAMED
    named = f"{named} and {more} more" if more > 0 else named
    example = folder / (fitting or prefixes)[0]
    raise make_error("map_unsupported", "labels", f"{folder} holds the parts of {named}; name one, as in {example}")


def _is_same_number(prefix: str, stem: str) -> bool:
    if prefix == stem:
        return True
    both = (prefix, stem)
    return all(text.isascii() and text.isdecimal() and len(text) < 20 for text in both) and int(prefix) == int(stem)


def paint_parts(parts: Mapping[str, PartFile]) -> NDArray[np.uint8]:
    """Paint the parts of one picture in the order of `PARTS`; a later part covers an earlier one.

    Raises:
        FacemaskError: as of `decode_label_map`, and `map_invalid` for parts of several sizes.

    """
    numbers = {number: parts[part] for number, part in enumerate(PARTS, 1) if part in parts}
    masks = [(file.name, _read_part(file)) for file in numbers.values()]
    return paint_masks(masks, list(numbers), None).astype(np.uint8, copy=False)


def _read_part(file: PartFile) -> NDArray[np.bool_]:
    """Read the mask of a part: pixels above one half, as of masks in a list. Errors name the file."""
    try:
        # Without its warnings: a palette of black and white is no map of ids.
        values = decode_with_notices(file.read_bytes())[0]
    except ValueError as error:
        if not is_facemask_error(error):
            raise
        raise prefix_error(error, file.name) from None
    # A file of 0 and 255 has the ids 0 and 1.
    mask: NDArray[np.bool_] = values > (0 if values.max(initial=0) <= 1 else _HALF)
    if not mask.any() and values.any():
        mask = values > 0  # ids in place of levels
    if mask.all():
        detail = f"{file.name} covers the whole picture, and no part of a face does; is its mask in the alpha channel?"
        raise make_error("map_invalid", "labels", detail)
    return mask
