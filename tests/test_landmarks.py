"""Accepted shapes of landmarks, and the position and text of every error in them."""

import re

# ruff: noqa: E501 - a table with a fault on each line
from collections import namedtuple
from typing import Any

import facemask
import numpy as np
import pytest
from facemask import _core
from facemask.landmarks import landmark_array
from support import sample
from support.paths import MAP_FILE, PHOTO_FILE
from support.synthetic_face import Face

POINTS = [[10.5, 20.0], [30, 21], [20, 31], [12, 40], [29, 41]]
EXPECTED = np.array(POINTS, float)
Point = namedtuple("Point", "x y")  # noqa: PYI024 - as callers write it


class Record(dict):
    """A mapping that is no plain dict."""


dicts = [{"x": x, "y": y} for x, y in POINTS]
SHAPES: dict[str, Any] = {
    "objects": dicts,
    "objects with depth": [{"x": x, "y": y, "z": 0.1} for x, y in POINTS],
    "objects with more": [{"x": x, "y": y, "visibility": None, "name": "p"} for x, y in POINTS],
    "objects of another class": [Record(point) for point in dicts],
    "pairs": POINTS,
    "triples": [[x, y, -1.5] for x, y in POINTS],
    "tuples": [tuple(point) for point in POINTS],
    "a tuple of tuples": tuple(tuple(point) for point in POINTS),
    "named tuples": [Point(x, y) for x, y in POINTS],
    "flat": [number for point in POINTS for number in point],
    "NumPy's numbers": [[np.float32(x), np.int64(y)] for x, y in POINTS],
    "one face of objects": [dicts],
    "two faces of objects": [dicts, [{"x": 0, "y": 0}]],
    "one face of pairs": [POINTS],
    "two faces of pairs": [POINTS, POINTS[::-1]],
    "float array": EXPECTED,
    "float32 array": EXPECTED.astype(np.float32),
    "array with depth": np.column_stack([EXPECTED, np.zeros(5)]),
    "array of one face": EXPECTED[None],
    "array of two faces": np.stack([EXPECTED, EXPECTED[::-1]]),
    "columns in memory": np.asfortranarray(EXPECTED),
    "part of an array": np.column_stack([EXPECTED, EXPECTED])[:, 1:3][:, ::-1],
    "backwards in memory": EXPECTED[::-1].copy()[::-1],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str):
    array = landmark_array(SHAPES[shape])
    assert array is not None
    assert array.dtype == np.float64
    assert array.flags.c_contiguous
    assert (array == EXPECTED).all()


def test_integers_and_big_endian_numbers_are_numbers():
    assert (landmark_array(EXPECTED.astype(int)) == EXPECTED.astype(int)).all()
    assert (landmark_array(EXPECTED.astype(">f4")) == EXPECTED).all()


@pytest.mark.parametrize("nothing", [None, [], (), np.zeros((0, 2)), np.zeros((0, 478, 2)), [[]], np.zeros((1, 0, 2))])
def test_no_landmarks_are_none(nothing: Any):
    assert landmark_array(nothing) is None


def test_the_caller_s_array_is_not_written_to():
    points = EXPECTED.copy()
    points.flags.writeable = False
    assert facemask.trace_face(Face().labels, Face().landmarks)
    assert (landmark_array(points) == EXPECTED).all()


FAULTS: dict[str, tuple[Any, str, str]] = {
    "text": ("1,2", "landmarks", 'must be a list of points {"x", "y"} or [x, y], got str'),
    "bytes": (b"1,2", "landmarks", "got bytes"),
    "a number": (5, "landmarks", "got int"),
    "one object": ({"x": 1, "y": 2}, "landmarks", "got dict"),
    "an object without y": ([*dicts, {"x": 1}], "landmarks[5].y", "is missing"),
    "an object without y in a face": ([[*dicts, {"x": 1}]], "landmarks[0][5].y", "is missing"),
    "x as words": ([{"x": "one", "y": 2}], "landmarks[0].x", "must be a number such as 512.3, got other text"),
    "a decimal comma": ([["1,5", 2]], "landmarks[0][0]", "must be a number such as 512.3, got other text"),
    "NaN as text": ([["nan", 2]], "landmarks[0][0]", "must be a number such as 512.3, got other text"),
    "a long number as text": ([["1" * 41, 2]], "landmarks[0][0]", "must be a number such as 512.3, got other text"),
    "null": ([{"x": None, "y": 2}], "landmarks[0].x", "must be a number, got NoneType"),
    "truth": ([[True, 2]], "landmarks[0][0]", "must be a number, got bool"),
    "a complex number": ([[1j, 2]], "landmarks[0][0]", "must be a number, got complex"),
    "NaN": ([[1, 2], [3, float("nan")]], "landmarks[1][1]", "must be a finite number of at most a million, got nan"),
    "infinity": ([{"x": float("-inf"), "y": 1}], "landmarks[0].x", "got -inf"),
    "1e308": ([[1e308, 1]], "landmarks[0][0]", "got a larger one"),
    "just over a million": ([[1, -1000000.1]], "landmarks[0][1]", "got a larger one"),
    "a huge integer": ([[1, 10**400]], "landmarks[0][1]", "must be a finite number of at most a million, got a larger one"),
    "a pair of one": ([[1, 2], [3]], "landmarks[1]", "must be [x, y] or [x, y, z], got a list of 1"),
    "a pair of four": ([[1, 2, 3, 4]], "landmarks[0]", "must be [x, y] or [x, y, z], got a list of 4"),
    "a pair among objects": ([*dicts, [1, 2]], "landmarks[5]", 'must be {"x", "y"} as the first point is, got a list of 2'),
    "an object among pairs": ([*POINTS, {"x": 1, "y": 2}], "landmarks[5]", "must be [x, y] or [x, y, z], got dict"),
    "text among pairs": ([*POINTS, "12"], "landmarks[5]", "got str"),
    "a list for a number": ([[1, []]], "landmarks[0][1]", "must be a number, got a list of 0"),
    "lists for numbers": ([[[[1], [2]]]], "landmarks[0][0][0]", "must be [x, y] or [x, y, z], got a list of 1"),
    "an odd flat list": ([1, 2, 3], "landmarks", "a flat list holds x and y in turn, got 3 numbers"),
    "an array of one column": (np.zeros((5, 1)), "landmarks", "of shape (n, 2), got an array of float64 with shape (5, 1)"),
    "an odd flat array": (np.zeros(11), "landmarks", "a flat list holds x and y in turn, got 11 numbers"),
    "an array of words": (np.array([["1", "b"]]), "landmarks[0][1]", "must be a number such as 512.3"),
    "an array of truth": (np.ones((5, 2), bool), "landmarks", "got an array of bool"),
    "an array of objects": (np.array([[None, 1]]), "landmarks[0][0]", "must be a number, got NoneType"),
    "an array of complex numbers": (np.ones((5, 2), complex), "landmarks", "got an array of complex128"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_faults_name_their_place(name: str):
    value, field, words = FAULTS[name]
    with pytest.raises(facemask.FacemaskError) as caught:
        landmark_array(value)
    error = caught.value
    assert (error.code, error.field) == ("landmarks_invalid", field)
    assert words in error.detail
    assert len(error.detail) < 200


def test_faults_do_not_say_where_a_face_lies():
    for value in (
        [[0.4123567, "0.7654321 px"]],
        [{"x": 8123567.25, "y": 1}],
        [[8123567.25, 1, 2, 3]],
        [[1, 2], {"x": 0.4123567}],
    ):
        with pytest.raises(facemask.FacemaskError) as caught:
            landmark_array(value)
        assert not re.search(r"123567|7654321", str(caught.value))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.1e6])
def test_numbers_in_arrays_are_checked_too(bad: float):
    for count in (3, 5, 478):
        points = np.zeros((count, 2))
        points[2, 1] = bad
        with pytest.raises(facemask.FacemaskError) as caught:
            facemask.trace_face(Face().labels, points)
        assert (caught.value.code, caught.value.field) == ("landmarks_invalid", "landmarks[2]")


def test_points_outside_the_picture_are_normal():
    face = Face(size=(480, 470))
    cut = face.labels[60:, :200]
    mask = facemask.trace_face(cut, face.landmarks - [0, 60])
    assert mask.roll_degrees == pytest.approx(0.0, abs=1e-9)


def test_the_first_face_counts():
    face = Face(angle=10)
    two = np.stack([face.landmarks, face.landmarks[::-1]])
    assert facemask.trace_face(face.labels, two).roll_degrees == pytest.approx(10)


def test_468_points_are_a_mesh_without_irises():
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS[:468])
    assert mask.schemes["landmarks"] == "mediapipe-478"
    assert mask.roll_degrees == pytest.approx(sample.TILT, abs=0.01)


def test_the_compiled_check_of_submitted_input():
    files = [file.read_bytes() for file in (PHOTO_FILE, MAP_FILE)]

    def check(points: np.ndarray | None, *, digest: bool = True) -> bytes:
        found, photo = _core.check_input(*files, points, _core.Limits(), digest=digest, inspect=False)
        assert photo is None
        return found

    assert check(EXPECTED, digest=False) == b""
    digests = {check(points) for points in (None, EXPECTED, EXPECTED + 1e-9, EXPECTED)}
    assert sorted(map(len, digests)) == [32, 32, 32]
    with pytest.raises(facemask.FacemaskError) as caught:
        check(np.array([[0.0, 1e308]]))
    assert caught.value.field == "landmarks[0]"
