"""Keys of faces: relative paths that are safe as names of files."""

import re
from typing import Final

# Control characters, and what Windows refuses in names.
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
_MAX_NAME_BYTES: Final = 200  # of 255 on common file systems: a suffix, a number and `.part` follow
_MAX_NAMES: Final = 16


def safe_key(text: str) -> str:
    """Return a key that stays below the folder of the outputs, whatever an archive or a table says.

    Names `.` and `..`, drives and leading slashes are left out, unsafe characters become `_`.
    """
    names = [_safe_name(name) for name in text.replace("\\", "/").split("/") if name not in ("", ".", "..")]
    return "/".join(names[-_MAX_NAMES:]) or "face"


def _safe_name(name: str) -> str:
    clean = _UNSAFE.sub("_", name).strip(" ").rstrip(".") or "_"
    encoded = clean.encode("utf-8", "replace")
    return clean if len(encoded) <= _MAX_NAME_BYTES else encoded[:_MAX_NAME_BYTES].decode("utf-8", "ignore")


def stem_of(path: str) -> str:
    """Return a relative path without the suffix of its last name."""
    folder, slash, name = path.rpartition("/")
    stem, dot, _ = name.rpartition(".")
    return f"{folder}{slash}{stem if dot and stem else name}"


def suffix_of(path: str) -> str:
    """Return the suffix of a path in lower case, such as `.png`."""
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""
