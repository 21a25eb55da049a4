"""What `trace_many` yields: a traced face or a failure, both of which can be pickled."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facemask._core import FacemaskError, __version__
from facemask.face_mask import FaceMask
from facemask.validation import make_error


@dataclass(frozen=True, slots=True)
class Result:
    """A traced face.

    Attributes:
        index: position of the item, from 0.
        source: name of the item: its path, or its own `source`; else None.
        mask: the face. It holds no photo, so a pickle has tens of kilobytes.
        crop_jpeg: the upright crop as a JPEG file; empty without `crop_image=True`.
        seconds: time of the trace, with reading and decoding.
        options: the options that were given, without those of the item alone.
        version: version of facemask, which a cache of results has to compare.

    Examples:
        >>> (result,) = facemask.trace_many([{"labels": labels, "landmarks": landmarks, "source": "anna"}])
        >>> result.source, result.mask.size
        ('anna', (388, 502))

    """

    index: int
    source: str | None
    mask: FaceMask
    crop_jpeg: bytes = b""
    seconds: float = 0.0
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    version: str = __version__


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that could not be traced: the error as a value.

    Attributes:
        index: position of the item, from 0.
        source: name of the item, as of `Result`.
        code: code of the error, one of `facemask.ERROR_CODES`.
        field: name of the faulty value; empty when no single value is at fault.
        detail: a sentence for a person.
        seconds: time until the error.
        options, version: as of `Result`.

    Examples:
        >>> (failure,) = facemask.trace_many([b"no map"])
        >>> failure.code, failure.field
        ('map_unsupported', 'labels')

    """

    index: int
    source: str | None
    code: str
    field: str
    detail: str
    seconds: float = 0.0
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    version: str = __version__

    def to_error(self) -> FacemaskError:
        """Return the exception that `trace_face` raises for this item, with the item's name before its detail."""
        detail = self.detail if self.source is None else f"{self.source}: {self.detail}"
        return make_error(self.code, self.field, detail)
