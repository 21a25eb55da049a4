"""Ellipses at any position and angle: their label maps, and exact distances and tangents of the curve."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ellipse:
    """Semi-axes `a`, `b` and `shift` from the middle of the map in pixels, `angle` in degrees clockwise on screen."""

    a: float
    b: float
    angle: float
    shift: tuple[float, float] = (0.0, 0.0)

    @property
    def side(self) -> int:
        """Side of the square map in pixels."""
        return 2 * math.ceil(max(self.a, self.b)) + 20

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The label map, uint8 (side, side): 1 where the center of a pixel lies inside."""
        y, x = np.mgrid[: self.side, : self.side] + 0.5
        u, v = self._to_axes_frame(np.stack([x, y], axis=-1))
        return ((u / self.a) ** 2 + (v / self.b) ** 2 < 1.0).astype(np.uint8)

    @property
    def area(self) -> float:
        return math.pi * self.a * self.b

    def _to_axes_frame(self, points: Floats) -> tuple[Floats, Floats]:
        """Move points to the frame of the semi-axes."""
        turn = math.radians(self.angle)
        x, y = np.moveaxis(points - np.array(self.shift) - self.side / 2, -1, 0)
        return x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)

    def _nearest_parameter(self, u: Floats, v: Floats) -> Floats:
        """Parameter of the nearest point of the curve, by Newton's method, for points near the curve."""
        a, b = self.a, self.b
        t = np.arctan2(a * v, b * u)
        for _ in range(8):
            sine, cosine = np.sin(t), np.cos(t)
            slope = (a * a - b * b) * sine * cosine - a * u * sine + b * v * cosine
            t -= slope / ((a * a - b * b) * (cosine**2 - sine**2) - a * u * cosine - b * v * sine)
        return t

    def signed_distances(self, points: Floats) -> Floats:
        """Distances of points (n, 2) from the curve in pixels, positive outside."""
        u, v = self._to_axes_frame(points)
        t = self._nearest_parameter(u, v)
        distance = np.hypot(u - self.a * np.cos(t), v - self.b * np.sin(t))
        return np.where((u / self.a) ** 2 + (v / self.b) ** 2 > 1.0, distance, -distance)

    def tangent_angles(self, points: Floats) -> Floats:
        """Tangent angles where the curve is nearest to points (n, 2), degrees clockwise on screen from +x."""
        t = self._nearest_parameter(*self._to_axes_frame(points))
        return np.degrees(np.arctan2(self.b * np.cos(t), -self.a * np.sin(t))) + self.angle


def random_ellipses(seed: int = 20) -> list[Ellipse]:
    """Six ellipses with semi-axes of 200 and 137 pixels and eight of 60 to 400, at random positions and angles."""
    rng = np.random.default_rng(seed)
    axes = [(200.0, 137.0)] * 6 + [(float(a), float(b)) for a, b in rng.uniform(60.0, 400.0, (8, 2))]
    return [
        Ellipse(a, b, float(rng.uniform(0.0, 180.0)), (float(rng.uniform(-0.5, 0.5)), float(rng.uniform(-0.5, 0.5))))
        for a, b in axes
    ]
