"""One key for a region: its id as a number, its id as text, its name."""

import json
import pickle
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.contour import Contour
from facemask.contour_dict import ContourDict
from support.synthetic_face import Face

FACE = Face(angle=20, scale=1.0, size=(150, 160))
MASK = facemask.trace_face(FACE.labels, FACE.landmarks, label_names={6: "nose"})
FOUND = facemask.find_contours(FACE.labels)
SQUARE = Contour(np.array([[0, 0], [1, 0], [1, 1]], float), np.array([0, 3], np.uint32))


@pytest.mark.parametrize("key", ["6", 6, np.int64(6), np.uint8(6), "nose"])
def test_a_region_of_a_face_has_all_of_these_keys(key: Any):
    contours = MASK.contours
    assert contours[key] is dict.__getitem__(contours, "6")
    assert key in contours
    assert contours.get(key) is contours["6"]


@pytest.mark.parametrize("key", [6, "6", np.int64(6), np.uint8(6)])
def test_a_region_of_a_map_has_all_of_these_keys(key: Any):
    assert FOUND[key] is dict.__getitem__(FOUND, 6)
    assert key in FOUND
    assert FOUND.get(key) is FOUND[6]


@pytest.mark.parametrize("key", ["06", " 6", "6.0", "+6", "66", 66, -1, "", "Nose", None, (), True, "٦", "6" * 5000])
def test_other_keys_find_nothing(key: Any):
    for contours in (MASK.contours, FOUND):
        if key is True and contours is FOUND:
            continue  # True equals 1 in every dict of numbers
        assert key not in contours
        assert contours.get(key) is None
        assert contours.get(key, 5) == 5
        with pytest.raises(KeyError):
            contours[key]


def test_a_missing_key_lists_what_there_is():
    with pytest.raises(KeyError, match=r"no region 'noes'; there are 1 \(skin\), .*6 \(nose\)"):
        MASK.contours["noes"]
    with pytest.raises(KeyError, match="no region 77; there are 1, 2, 3"):
        FOUND[77]
    with pytest.raises(KeyError, match="there are none"):
        ContourDict({})["nose"]
    many: ContourDict[int] = ContourDict(dict.fromkeys(range(1, 256), SQUARE))
    with pytest.raises(KeyError, match=", 64 and 191 more"):
        many["nose"]


def test_an_id_takes_precedence_over_a_name():
    names = {6: "7", 7: "6"}
    contours = facemask.trace_face(FACE.labels, FACE.landmarks, label_names=names).contours
    assert contours["7"] is dict.__getitem__(contours, "7")
    numbers: ContourDict[int] = ContourDict({6: SQUARE, 7: Contour(SQUARE.points, SQUARE.offsets)}, names)
    assert numbers["7"] is dict.__getitem__(numbers, 7)


def test_a_name_of_two_regions_names_both():
    contours = facemask.trace_face(FACE.labels, FACE.landmarks, label_names={6: "x", 7: "x"}).contours
    with pytest.raises(KeyError, match="'x' stands for several regions: 6 and 7; take the id"):
        contours["x"]
    assert "x" not in contours
    assert contours.get("x") is None
    assert contours["6"] is not contours["7"]


def test_everything_else_is_that_of_a_dict_with_one_key_a_region():
    for contours, kind in ((MASK.contours, str), (FOUND, int)):
        assert isinstance(contours, dict)
        assert {type(key) for key in contours} == {kind}
        assert list(contours) == list(contours.keys()) == [key for key, _ in contours.items()]
        assert len(contours) == len(list(contours.values()))
        plain = dict(contours)
        assert type(plain) is dict
        assert plain == contours
        assert contours == plain
        assert {**contours} == plain
        assert json.dumps(dict.fromkeys(contours, 1)) == json.dumps(dict.fromkeys(plain, 1))
        match contours:
            case {}:
                pass
            case _:
                pytest.fail("no mapping pattern")


def test_pickles_keep_names_and_arrays():
    contours = MASK.contours
    again = pickle.loads(pickle.dumps(contours))  # noqa: S301 - its own
    assert type(again) is ContourDict
    assert list(again) == list(contours)
    assert (again["nose"].points == contours[6].points).all()


def test_names_of_regions_outside_the_crop_find_nothing():
    assert ContourDict({"1": SQUARE}, {"1": "skin", "17": "hair"}).get("hair") is None


def test_zones_are_found_by_name():
    zones = facemask.trace_face(FACE.labels, FACE.landmarks, regions="zones").contours
    assert zones["nose"] is zones[5]
