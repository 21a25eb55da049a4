"""What a form of landmarks is read as: the points of each face, and their units."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from facemask.landmarks.coordinates import refuse

Points: TypeAlias = NDArray[np.float64]
Units: TypeAlias = Literal["auto", "pixel", "normalized"]

# Ratios lie within the photo or a little outside of it. Beyond this they are pixels in a form that usually has ratios.
_MAX_RATIO = 2.0
# Rows of the 68 points of ibug-68 in lists of more points, by the number of points.
# * 70, OpenPose's face: pupils follow (docs/02_output.md of CMU-Perceptual-Computing-Lab/openpose).
# * 133, COCO-WholeBody: body and feet before, hands behind (jin-s13/COCO-WholeBody).
# * 136, Halpe: 26 points of the body before, hands behind (Fang-Haoshu/Halpe-FullBody).
FACE_ROWS: Final = {70: slice(0, 68), 133: slice(23, 91), 136: slice(26, 94)}


def select_face(points: NDArray[Any]) -> NDArray[Any]:
    """Return the rows of the face, where the number of points (n, k) is that of a known list with more."""
    rows = FACE_ROWS.get(len(points))
    return points if rows is None else points[rows]


@dataclass(frozen=True, slots=True)
class Faces:
    """The landmarks of the faces in one photo.

    Attributes:
        points: one array for each face, float64 (n, 2); (0, 2) for a face without points.
        units: `pixel` or `normalized` where the form tells the units, else `auto`.

    """

    points: list[Points] = field(default_factory=list)
    units: Units = "auto"

    @property
    def is_empty(self) -> bool:
        """Whether no face has points."""
        return not any(len(points) for points in self.points)

    def core_argument(self) -> Points | list[Points] | None:
        """Return the landmarks as the compiled module takes them: None without points, an array for one face."""
        if self.is_empty:
            return None
        return self.points[0] if len(self.points) == 1 else self.points

    def resolve_units(self, option: str) -> str:
        """Return the value of the option `landmark_units`: `auto` becomes what the form tells."""
        return self.units if option == "auto" else option

    def in_units(self, units: Units) -> "Faces":
        """Return these faces in the units of their form.

        A form of ratios with larger numbers holds pixels, for example after a conversion in place.
        """
        if units == "normalized" and not all(np.all(np.abs(points) <= _MAX_RATIO) for points in self.points):
            units = "auto"
        return Faces(self.points, units)

    def select_faces(self) -> "Faces":
        """Return the points of the faces alone, where a list holds those of the whole body."""
        return Faces([select_face(points) for points in self.points], self.units)


# As many as the compiled module compares.
_MAX_FACES = 1000

# Reads a value inside a form; the text is its path in error messages.
Reader: TypeAlias = Callable[[Any, str], Faces]

NO_POINTS: Points = np.empty((0, 2))


def to_points(pairs: NDArray[Any]) -> Points:
    """Return pairs (n, 2) of any number type as points."""
    return np.ascontiguousarray(pairs, dtype=np.float64)


def join_faces(faces: Iterable[Faces]) -> Faces:
    """Return faces that were read one by one, each with one array or none."""
    all_faces = list(faces)
    units = {face.units for face in all_faces if not face.is_empty}
    points = [face.points[0] if face.points else NO_POINTS for face in all_faces]
    return Faces(points, units.pop() if len(units) == 1 else "auto")


def check_face_count(count: int, path: str) -> None:
    """Check a number of faces before they are read. Raises `landmarks_invalid`."""
    if count > _MAX_FACES:
        raise refuse(path, f"must hold at most {_MAX_FACES} faces, got {count}")


def join_points(points: list[Points]) -> Faces:
    """Return the faces of a file that does not tell its units. Raises `landmarks_invalid` above 1,000 faces."""
    check_face_count(len(points), "landmarks")
    return Faces(points).select_faces()
