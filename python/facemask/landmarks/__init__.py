"""Landmarks in the forms that detectors, data sets and annotation tools hand out, as arrays of points.

The forms are recognized by their structure, so none of these libraries is imported. docs/inputs.md lists them.
"""

from facemask.landmarks.coordinates import find_axes
from facemask.landmarks.dispatch import landmark_array, read_landmarks
from facemask.landmarks.faces import Faces, join_points

__all__ = ["Faces", "find_axes", "join_points", "landmark_array", "read_landmarks"]
