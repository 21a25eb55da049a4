"""DetectedFace: one face in a photo."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class DetectedFace:
    """A face in a photo, in pixels of the image frame.

    Attributes:
        points: the landmarks of the scheme `mediapipe-478`, float64 (478, 2).
        box: (left, top, width, height) of the points.
        score: the detector's score, from 0 to 1.
        presence: the mesh's probability that this is a face, from 0.5 to 1.
        agreement: 1 less the root mean square distance, in eye distances, of two meshes from regions of interest of
            other size and tilt; from 0.8 to 1. Profiles, drawings and animals have less.
        roll_degrees: the angle of the line from the right eye to the left one, in (-180, 180], clockwise on screen.

    Examples:
        >>> face = facemask.detect_faces(photo)[0]
        >>> mask = facemask.trace_face(labels, face.points)

    """

    points: NDArray[np.float64] = field(repr=False)
    box: tuple[float, float, float, float]
    score: float
    presence: float
    agreement: float
    roll_degrees: float
