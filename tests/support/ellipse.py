"""Ellipses at any place and angle: the map of one, and how far points are from the true curve."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ellipse:
    """Semi-axes a and b in pixels, turned clockwise on screen by `angle` degrees, `shift` off the map's middle."""

    a: float
    b: float
    angle: float
    shift: tuple[float, float] = (0.0, 0.0)

    @property
    def side(self) -> int:
        """The side of the square map, pixels."""
        return 2 * math.ceil(max(self.a, self.b)) + 20

    @property
    def labels(self) -> NDArray[np.uint8]:
        """Pixels whose centre lies inside are 1, uint8 (side, side)."""
        y, x = np.mgrid[: self.side, : self.side] + 0.5
        u, v = self._own_frame(np.stack([x, y], axis=-1))
        return ((u / self.a) ** 2 + (v / self.b) ** 2 < 1.0).astype(np.uint8)

    @property
    def area(self) -> float:
        return math.pi * self.a * self.b

    def _own_frame(self, points: Floats) -> tuple[Floats, Floats]:
        """Move points to the frame of the axes."""
        turn = math.radians(self.angle)
        x, y = np.moveaxis(points - np.array(self.shift) - self.side / 2, -1, 0)
        return x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)

    def _foot(self, u: Floats, v: Floats) -> Floats:
        """Give the parameter of the nearest point of the curve, for points near it, by Newton's iterations."""
        a, b = self.a, self.b
        t = np.arctan2(a * v, b * u)
        for _ in range(8):
            sine, cosine = np.sin(t), np.cos(t)
            slope = (a * a - b * b) * sine * cosine - a * u * sine + b * v * cosine
            t -= slope / ((a * a - b * b) * (cosine**2 - sine**2) - a * u * cosine - b * v * sine)
        return t

    def distances(self, points: Floats) -> Floats:
        """How far points (n, 2) are from the curve, pixels; those outside of it are positive."""
        u, v = self._own_frame(points)
        t = self._foot(u, v)
        away = np.hypot(u - self.a * np.cos(t), v - self.b * np.sin(t))
        return np.where((u / self.a) ** 2 + (v / self.b) ** 2 > 1.0, away, -away)

    def directions(self, points: Floats) -> Floats:
        """The curve's direction at its points nearest to points (n, 2), degrees, clockwise on screen from +x."""
        t = self._foot(*self._own_frame(points))
        return np.degrees(np.arctan2(self.b * np.cos(t), -self.a * np.sin(t))) + self.angle


def poses(seed: int = 20) -> list[Ellipse]:
    """Six of semi-axes 200 and 137 pixels, eight of 60 to 400, at random places and angles: the same for a seed."""
    rng = np.random.default_rng(seed)
    axes = [(200.0, 137.0)] * 6 + [(float(a), float(b)) for a, b in rng.uniform(60.0, 400.0, (8, 2))]
    return [
        Ellipse(a, b, float(rng.uniform(0.0, 180.0)), (float(rng.uniform(-0.5, 0.5)), float(rng.uniform(-0.5, 0.5))))
        for a, b in axes
    ]
