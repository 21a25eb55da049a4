"""A face made of ellipses at any position, size and angle, mirrored or not: its label map, photo and landmarks.

The five points are those of `arcface-5`, the labels those of `lapa-11`. Each pixel is computed from the formula at its
center, so a rotated map is as accurate as an upright one: nothing is resampled.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Center x, y, semi-axes and label of each ellipse in a box of 112. Later ones cover earlier ones. The face is not
# symmetric, so that a mirrored one differs from its original.
_ELLIPSES = [
    (56.0, 58.0, 47.0, 60.0, 10),  # hair
    (56.0, 66.0, 36.0, 48.0, 1),  # skin
    (38.3, 42.0, 9.0, 2.5, 2),
    (73.5, 42.0, 8.0, 2.5, 3),
    (38.3, 51.7, 6.5, 3.5, 4),
    (73.5, 51.7, 6.0, 3.5, 5),
    (56.0, 68.0, 6.5, 9.0, 6),
    (56.0, 89.5, 14.5, 4.0, 7),
    (56.0, 95.5, 14.5, 4.5, 9),
    (56.0, 92.4, 11.0, 2.5, 8),
]
_POINTS = np.array([[38.3, 51.7], [73.5, 51.7], [56.0, 71.7], [41.5, 92.4], [70.5, 92.4]])
_LEFT_FOR_RIGHT = np.array([0, 1, 3, 2, 5, 4, 6, 7, 8, 9, 10], np.uint8)
_MIRRORED_POINTS = [1, 0, 2, 4, 3]


@dataclass(frozen=True)
class Face:
    """The pose of a face: `angle` in degrees clockwise on screen, `mirror` one of `none`, `pixels`, `points`."""

    angle: float = 0.0
    scale: float = 3.0
    size: tuple[int, int] = (480, 470)
    mirror: str = "none"

    def _face_from_image(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        turn = math.radians(-self.angle)
        x, y = (x - self.size[0] / 2) / self.scale, (y - self.size[1] / 2) / self.scale
        u, v = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        return (-u if self.mirror != "none" else u) + 56.0, v + 66.0

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The label map, as large as the photo: uint8 (height, width)."""
        return self.labels_at(self.size)

    def labels_at(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        """The label map at another size (width, height)."""
        width, height = size
        y, x = np.mgrid[:height, :width] + 0.5
        u, v = self._face_from_image(x * self.size[0] / width, y * self.size[1] / height)
        labels = np.zeros((height, width), np.uint8)
        for center_u, center_v, axis_u, axis_v, label in _ELLIPSES:
            labels[((u - center_u) / axis_u) ** 2 + ((v - center_v) / axis_v) ** 2 < 1.0] = label
        return _LEFT_FOR_RIGHT[labels] if self.mirror == "points" else labels

    @property
    def landmarks(self) -> NDArray[np.float64]:
        """The five points, float64 (5, 2), in pixels of the photo."""
        points = (_POINTS - [56.0, 66.0]) * self.scale
        if self.mirror != "none":
            points = points * [-1.0, 1.0]
        if self.mirror == "points":
            points = points[_MIRRORED_POINTS]
        turn = math.radians(self.angle)
        matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        return points @ matrix.T + np.array(self.size) / 2

    @property
    def photo(self) -> NDArray[np.uint8]:
        """The photo, uint8 (height, width, 3): a color for each label, on a horizontal ramp."""
        height, width = self.labels.shape
        ramp = np.linspace(40, 90, width).astype(np.uint8)
        return np.stack([self.labels * 22, np.broadcast_to(ramp, (height, width)), 200 - self.labels * 12], axis=-1)


def to_crop_frame(points: NDArray[np.float64], crop_from_image: tuple[float, ...]) -> NDArray[np.float64]:
    """Move points (n, 2) from the image frame to the crop frame."""
    a, b, c, d, e, f = crop_from_image
    return points @ np.array([[a, b], [d, e]]).T + [c, f]
