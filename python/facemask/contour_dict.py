"""Contours by region: a dict that finds a region by its id as a number, by its id as text, and by its name."""

import operator
from collections.abc import Mapping
from typing import Any, TypeVar, overload

import numpy as np

from facemask.contour import Contour
from facemask.types.results import MapEnlargement

_KeyT = TypeVar("_KeyT", bound=str | int)
_Default = TypeVar("_Default")
_MAX_LISTED = 64  # regions that the message of a KeyError lists


class ContourDict(dict[_KeyT, Contour]):
    """A dict of contours whose look-ups accept an id (`6`, `"6"`) or a name (`"nose"`).

    `[]`, `in` and `get` accept all of these. Everything else is that of a dict with one key per region: iteration,
    `keys()`, `len()`, equality, `dict(...)`, and the methods that change it. An id takes precedence over a name. A name
    that two regions share finds neither.

    Examples:
        >>> contours = mask.contours
        >>> contours["nose"].area == contours[6].area == contours["6"].area, "ear" in contours
        (True, False)

    """

    __slots__ = ("_names", "native_resolution")

    def __init__(
        self,
        contours: Mapping[_KeyT, Contour],
        names: Mapping[_KeyT, str] | None = None,
        native_resolution: MapEnlargement | None = None,
    ) -> None:
        """Create a dict of `contours` whose regions have these `names`, by the same keys.

        `native_resolution` is as of `FaceMask.native_resolution`.
        """
        super().__init__(contours)
        self._names: dict[_KeyT, str] = dict(names or {})
        self.native_resolution = native_resolution

    def __getitem__(self, key: str | int | np.integer, /) -> Contour:
        """Return the contour of a region. Raises KeyError with the regions that there are."""
        return super().__getitem__(key)  # type: ignore[index]

    def __missing__(self, key: object) -> Contour:
        found = self._find(key)
        if len(found) == 1:
            return super().__getitem__(found[0])
        if found:
            ids = " and ".join(map(str, found))
            raise KeyError(f"the name {key!r} stands for several regions: {ids}; take the id")
        raise KeyError(f"no region {key!r}; {self._list_regions()}")

    def __contains__(self, key: object) -> bool:
        """Whether one region has this id or this name."""
        return super().__contains__(key) or len(self._find(key)) == 1

    @overload
    def get(self, key: str | int | np.integer, default: None = None, /) -> Contour | None: ...
    @overload
    def get(self, key: str | int | np.integer, default: Contour | _Default, /) -> Contour | _Default: ...
    def get(self, key: Any, default: Any = None, /) -> Any:
        """Return the contour of a region, or `default` where `[]` raises KeyError."""
        try:
            return self[key]
        except KeyError:
            return default

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the contours with the names of their regions."""
        return type(self), (dict(self), self._names, self.native_resolution)

    def _find(self, key: object) -> list[_KeyT]:
        """Return the keys of the regions with an id, else of those with a name. `key` is no key of the dict."""
        own = next(iter(self), None)
        if isinstance(own, str) and isinstance(key, int | np.integer) and not isinstance(key, bool):
            text: Any = str(operator.index(key))
            return [text] if super().__contains__(text) else []
        if not isinstance(key, str):
            return []
        if isinstance(own, int) and key.isascii() and key.isdecimal() and len(key) <= 20 and str(int(key)) == key:
            number: Any = int(key)
            if super().__contains__(number):
                return [number]
        return [region for region in self if self._names.get(region) == key]

    def _list_regions(self) -> str:
        if not self:
            return "there are none"
        names = [(str(key), self._names.get(key, str(key))) for key in self]
        texts = [key if name == key else f"{key} ({name})" for key, name in names]
        more = len(texts) - _MAX_LISTED
        return f"there are {', '.join(texts[:_MAX_LISTED])}{f' and {more} more' if more > 0 else ''}"
