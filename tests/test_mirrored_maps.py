"""Mirrored maps with the features of one side only: the long axis of the mouth tells them from turned ones."""

import facemask
import numpy as np
import pytest
from support import sample

RIGHT, LEFT = (1, 2, 4, 7, 8, 9), (1, 3, 5, 7, 8, 9)


@pytest.mark.parametrize("mirror", ["none", "pixels"])
@pytest.mark.parametrize("ids", [RIGHT, LEFT, RIGHT[1:], (*RIGHT, 6)], ids=["right", "left", "no skin", "nose"])
def test_one_eye_its_brow_and_the_mouth_give_the_roll_of_a_mirrored_face(ids: tuple[int, ...], mirror: str):
    for angle in range(-180, 180, 45):
        copy = sample.copy(angle, mirror)
        expected = facemask.trace_face(copy.labels)
        labels = np.where(np.isin(copy.labels, ids), copy.labels, 0).astype(np.uint8)
        mask = facemask.trace_face(labels, label_scheme="lapa-11")
        assert (mask.roll_degrees - expected.roll_degrees + 180) % 360 - 180 == pytest.approx(0, abs=3)
        assert mask.mirrored == expected.mirrored
        assert 0.5 < mask.roll_confidence <= 0.8
