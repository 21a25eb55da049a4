"""The values of a traced face without the compiled object behind it: what a pickle of `FaceMask` holds."""

from dataclasses import dataclass, fields
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from facemask import _core
from facemask.options.choices import Frame
from facemask.types.results import TraceWarning

_ContourArrays = tuple[NDArray[np.float64], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class TraceSnapshot:
    """The attributes of the compiled module's `FaceMask` that `facemask.FaceMask` reads, by the same names.

    The JSON of the contours is missing: it repeats their points, so `mask_contours_json` writes it anew.
    """

    svg: str
    contour_arrays: dict[str, _ContourArrays]
    colors: dict[str, str]
    regions_json: bytes
    symmetry_json: bytes
    schemes_json: bytes
    native_resolution_json: bytes
    landmark_array: NDArray[np.float64] | None
    warnings: list[TraceWarning]
    connectivity: int
    frame: Frame
    size: tuple[int, int]
    crop_from_image: tuple[float, float, float, float, float, float]
    roll_degrees: float
    roll_from: Literal["landmarks", "labels"]
    roll_confidence: float
    labels_from: Literal["map", "parser", "landmarks"]
    mirrored: bool

    @classmethod
    def from_core(cls, core: "_core.FaceMask | TraceSnapshot") -> Self:
        """Read every value of a compiled result."""
        renamed: dict[str, Any] = {"contour_arrays": core.contours, "landmark_array": core.landmarks}
        names = (field.name for field in fields(cls) if field.name not in renamed)
        return cls(**renamed, **{name: getattr(core, name) for name in names})

    @property
    def contours(self) -> dict[str, _ContourArrays]:
        """Arrays of each contour by region id as text; copies, because a caller may write to them."""
        return {
            key: (points.copy(), offsets.copy(), curves.copy(), controls.copy())
            for key, (points, offsets, curves, controls) in self.contour_arrays.items()
        }

    @property
    def landmarks(self) -> NDArray[np.float64] | None:
        """Landmarks, float64 (n, 2), or None; a copy."""
        return None if self.landmark_array is None else self.landmark_array.copy()

    @property
    def mask_contours_json(self) -> bytes:
        """JSON of the contours, with two decimals."""
        return _core.contours_json([(int(key), arrays) for key, arrays in self.contour_arrays.items()])
