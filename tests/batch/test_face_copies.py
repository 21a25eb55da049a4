"""Copies, pickles and faces of a stream keep what the caller asked for."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import facemask
import numpy as np
import pytest
from support import sample

COPIES: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda mask: pickle.loads(pickle.dumps(mask)),  # noqa: S301 - our own bytes
    facemask.FaceMask.without_photo,
]


@pytest.mark.parametrize("make_copy", COPIES)
@pytest.mark.parametrize("with_landmarks", [False, True])
def test_a_copy_has_landmarks_if_the_face_has(make_copy: Callable[[Any], Any], *, with_landmarks: bool) -> None:
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, with_landmarks=with_landmarks)
    assert ("landmarks" in mask.to_dict()) is with_landmarks
    assert make_copy(mask).to_dict() == mask.to_dict()


def test_a_stream_takes_with_landmarks() -> None:
    item = {"labels": sample.LABELS, "landmarks": sample.LANDMARKS}
    first, second = facemask.trace_many([item, item | {"with_landmarks": False}], with_landmarks=True)
    assert isinstance(first, facemask.Result)
    assert isinstance(second, facemask.Result)
    assert "landmarks" in first.mask.to_dict()
    assert "landmarks" not in second.mask.to_dict()


@pytest.mark.parametrize("tolerance", [50.0, 1e4, 1e6])
def test_a_huge_tolerance_takes_no_more_memory(tolerance: float) -> None:
    labels = np.zeros((40, 40), np.uint8)
    labels[10:30, 10:30] = 1
    contours = facemask.find_contours(labels, tolerance=tolerance, background=True)
    assert sum(contour.area for contour in contours.values()) == pytest.approx(1600)
