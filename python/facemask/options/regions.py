"""The option `regions`: `labels`, `zones`, a list of names, or lists of them by name."""

import operator
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from facemask.validation import check_text, is_numpy, make_error, short_repr

# What the compiled module takes.
CoreRegions: TypeAlias = str | list[str | int] | dict[str, list[str | int]]

_RULE = "must be labels or zones, a list of names and ids, or lists of them by name"


def check_regions(value: object) -> CoreRegions:
    """Return the option for the compiled module, which checks the names.

    Raises:
        FacemaskError: `option_invalid`, field `regions` or the path of a value in it.

    """
    if isinstance(value, str):
        return check_text("regions", value)
    if isinstance(value, Mapping):
        groups = {}
        for name, members in value.items():
            text = check_text("regions", name)
            field = f"regions.{text}"
            groups[text] = [_check_name(field, members)] if _is_name(members) else _check_names(field, members)
        return groups
    return _check_names("regions", value)


def parse_regions(texts: Sequence[str]) -> CoreRegions:
    """Return the option from its texts on a command line.

    They hold names with commas between them, or `NAME=A+B` for a region of the caller's own.

    Raises:
        FacemaskError: `option_invalid`, field `regions`.

    """
    if list(texts) in (["labels"], ["zones"]):
        return texts[0]
    entries = [entry.strip() for text in texts for entry in text.split(",")]
    if not any("=" in entry for entry in entries):
        return list(entries)
    groups: dict[str, list[str | int]] = {}
    for entry in entries:
        name, equals, members = entry.partition("=")
        if name in groups:
            raise make_error("option_invalid", "regions", f"the region {name!r} is given twice")
        groups[name] = [member.strip() for member in members.split("+")] if equals else [name]
    return groups


def _check_names(field: str, value: object) -> list[str | int]:
    if is_numpy(value, "ndarray"):
        value = value.tolist()  # type: ignore[attr-defined]
    if not isinstance(value, list | tuple | set | frozenset):
        raise make_error("option_invalid", field, f"{_RULE}, got {short_repr(value)}")
    # The order of a set is none, and that of the result is by id.
    entries = sorted(value, key=str) if isinstance(value, set | frozenset) else value
    return [_check_name(f"{field}[{index}]", entry) for index, entry in enumerate(entries)]


def _is_name(value: object) -> bool:
    return (isinstance(value, str | int) or is_numpy(value, "integer")) and not isinstance(value, bool)


def _check_name(field: str, value: Any) -> str | int:
    if not _is_name(value):
        raise make_error("option_invalid", field, f"must be a name or an id, got {short_repr(value)}")
    return check_text(field, value) if isinstance(value, str) else operator.index(value)
