"""Arrays and lists that ask for more work than a map may, and objects that fail in their own ways."""

from decimal import Decimal
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.label_maps import masks, read_labels
from facemask.landmarks import read_landmarks


def view(*shape: int, value: Any = 0, kind: Any = np.uint8) -> Any:
    """An array of one number in memory."""
    return np.broadcast_to(np.asarray(value, kind), shape)


LARGE: dict[str, Any] = {
    "a large map": view(40_000, 40_000),
    "a view of 10^12 pixels": view(10**6, 10**6),
    "a view with axes of one": view(1, 10**6, 10**6, 1),
    "a view of floats": view(10**5, 10**5, kind=np.float32),
    "a view of objects": view(10**5, 10**5, kind=object),
    "a masked view": np.ma.MaskedArray(view(10**5, 10**5), mask=False, shrink=True, copy=False),
    "class scores": view(200, 10**5, 10**5, kind=np.float32),
    "class scores of a small map": view(256, 4000, 4000, kind=np.float32),
    "one list": [view(10**6, 10**6)],
    "a dict": {"a": view(10**6, 10**6)},
    "a dict of a map": {"labels": view(10**6, 10**6, value=7)},
    "segments": {"segmentation": view(10**6, 10**6), "segments_info": []},
}


@pytest.mark.parametrize("name", LARGE)
def test_an_array_that_is_too_large_is_refused_before_it_is_read(name: str):
    for trace in (facemask.find_contours, lambda value: facemask.trace_face(value, void=-1)):
        with pytest.raises(facemask.FacemaskError, match=r"has \d+ numbers; a label map has at most \d+") as caught:
            trace(LARGE[name])
        assert (caught.value.code, caught.value.field) == ("map_too_large", "labels")


def test_many_masks_are_bounded_together():
    many = [view(3000, 3000, value=1)] * 130
    for value in (many, {str(i): mask for i, mask in enumerate(many)}, [{"mask": mask} for mask in many]):
        with pytest.raises(facemask.FacemaskError, match="pixels together; paint them into one map") as caught:
            read_labels(value, compact=True)
        assert caught.value.code == "map_too_complex"


def polygon(left: int, top: int, side: int) -> list[list[int]]:
    return [[left, top, left + side, top, left + side, top + side, left, top + side]]


def test_many_polygons_are_painted_at_once(monkeypatch: pytest.MonkeyPatch):
    calls = []
    paint = masks.paint_document
    monkeypatch.setattr(masks, "paint_document", lambda *arguments: calls.append(1) or paint(*arguments))
    random = np.random.default_rng(2)
    corners = random.integers(0, 40, (1000, 2)).tolist()
    records = [{"segmentation": polygon(x, y, 5), "category_id": i * 3} for i, (x, y) in enumerate(corners)]
    expected = np.zeros((50, 50), np.int64)
    for i, (x, y) in enumerate(corners):
        expected[y : y + 5, x : x + 5] = i * 3 + 1
    painted, _ = masks.paint_records(records, (50, 50))
    assert (painted == expected).all()
    assert len(calls) == 4, "255 ids at once"
    calls.clear()
    few = [{**record, "category_id": i % 7} for i, record in enumerate(records)]
    painted, _ = masks.paint_records(few, (50, 50))
    assert len(calls) == 1
    assert set(np.unique(painted)) <= set(range(8))


def test_polygons_and_arrays_cover_each_other_in_their_order():
    half = np.zeros((9, 9), bool)
    half[:, 4:] = True
    source = read_labels({"a": polygon(0, 0, 9), "b": half, "c": polygon(3, 3, 3), "d": polygon(5, 5, 3)})
    assert (source.ids[0, 0], source.ids[0, 8], source.ids[3, 3], source.ids[4, 4], source.ids[6, 6]) == (1, 2, 3, 3, 4)
    erased = read_labels([{"segmentation": polygon(0, 0, 9), "id": 1}, {"segmentation": polygon(2, 2, 3)}], size=(9, 9))
    assert set(np.unique(erased.ids)) == {1, 2}


class Failing:
    """An object whose named attribute raises."""

    def __init__(self, name: str, error: BaseException) -> None:
        self._name, self._error = name, error

    def __getattr__(self, name: str) -> Any:
        if name == self._name:
            raise self._error
        raise AttributeError(name)


class BadArray:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("secret 812.34567")


class BadLength:
    def __getitem__(self, index: int) -> Any:
        raise IndexError

    def __iter__(self) -> Any:
        return iter([[1, 2]])

    def __len__(self) -> int:
        raise KeyError("secret")


class BadItems(dict):  # type: ignore[type-arg]
    def __getitem__(self, key: Any) -> Any:
        raise EOFError("secret")

    def get(self, key: Any, default: Any = None) -> Any:
        raise EOFError("secret")


class BadShape:
    @property
    def shape(self) -> Any:
        raise ValueError("secret")

    def __iter__(self) -> Any:
        raise ArithmeticError("secret")


BAD: dict[str, Any] = {
    "__array__": BadArray(),
    "a list of them": [BadArray(), BadArray()],
    "__len__": BadLength(),
    "items": BadItems(labels=[[1]], x=1),
    "a property": BadShape(),
    "a list of properties": [BadShape()],
    "read": Failing("read", ArithmeticError("secret")),
    "logits": Failing("logits", LookupError("secret")),
    "face_landmarks": Failing("face_landmarks", LookupError("secret")),
    "signaling NaN": [[[Decimal("sNaN")] * 9] * 9, [[Decimal(1)] * 9] * 9],
    "a dict of signaling NaN": {"a": [[Decimal("sNaN")] * 9] * 9},
    "records of signaling NaN": [{"segmentation": [[Decimal("sNaN")] * 9]}],
    "an array of signaling NaN": np.full((4, 4), Decimal("sNaN")),
    "points of signaling NaN": [[Decimal("sNaN"), 1]] * 5,
}


@pytest.mark.parametrize("name", BAD)
def test_an_object_that_fails_is_an_error_of_this_library(name: str):
    for read, field, code in (
        (facemask.find_contours, "labels", "map_"),
        (lambda value: facemask.trace_face(value, void=-1), "labels", "map_"),
        (read_landmarks, "landmarks", "landmarks_invalid"),
    ):
        with pytest.raises(facemask.FacemaskError) as caught:
            read(BAD[name])
        assert caught.value.field.startswith(field)
        assert caught.value.code.startswith(code)
        assert "812" not in caught.value.detail
