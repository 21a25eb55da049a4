"""`trace_many`: forms of items, failures as values, the window, the order, and the end of threads."""

import copy
import itertools
import json
import os
import pickle
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.batch.threads import map_in_threads, usable_cpus
from PIL import Image
from support import sample
from support.synthetic_face import Face

FACE = Face(angle=20, scale=1.0, size=(150, 160))
MAP = sample.encode_png(FACE.labels)
ALONE = facemask.trace_face(FACE.labels)
WITH_POINTS = facemask.trace_face(FACE.labels, FACE.landmarks)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    Image.fromarray(FACE.photo).save(tmp_path / "photo.png")
    (tmp_path / "map.png").write_bytes(MAP)
    (tmp_path / "points.json").write_text(json.dumps(FACE.landmarks.tolist()))
    return tmp_path


def batch_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("facemask-batch")]


def traced(items: Any, **options: Any) -> list[Any]:
    return list(facemask.trace_many(items, **options))


@pytest.mark.parametrize("workers", [1, 3])
def test_every_form_of_an_item_is_traced_as_by_trace_face(files: Path, workers: int):
    points = FACE.landmarks
    items = [
        FACE.labels,
        MAP,
        files / "map.png",
        str(files / "map.png"),
        {"labels": FACE.labels, "landmarks": points},
        {"labels": MAP, "landmarks": files / "points.json"},
        {"labels": files / "map.png", "landmarks": (files / "points.json").read_bytes(), "image": files / "photo.png"},
        {"labels": FACE.labels, "landmarks": points, "image": FACE.photo},
        {"labels": FACE.labels, "landmarks": points, "image": (files / "photo.png").read_bytes()},
        {"landmarks": files / "points.json", "labels": files / "map.png", "source": "the seventh"},
    ]
    results = traced(items, workers=workers)
    assert [type(result) for result in results] == [facemask.Result] * len(items), results
    assert [result.index for result in results] == list(range(len(items)))
    assert [result.mask.svg for result in results] == [ALONE.svg] * 4 + [WITH_POINTS.svg] * 6
    assert [result.source for result in results][2:4] == [str(files / "map.png")] * 2
    assert results[-1].source == "the seventh"
    assert {result.version for result in results} == {facemask.__version__}
    assert all(result.seconds > 0 for result in results)


def test_options_are_common_and_an_item_has_its_own(files: Path):
    items = [{"labels": MAP}, {"labels": MAP, "tolerance": 2.0, "curve": "straight"}]
    common, own = traced(items, tolerance=1.0)
    assert common.mask.svg == facemask.trace_face(FACE.labels, tolerance=1.0).svg
    assert own.mask.svg == facemask.trace_face(FACE.labels, tolerance=2.0, curve="straight").svg
    assert common.options == own.options == {"tolerance": 1.0}


def test_a_crop_is_the_same_of_a_file_and_of_an_array(files: Path):
    both = [{"labels": MAP, "image": FACE.photo}, {"labels": MAP, "image": files / "photo.png"}]
    array, file = traced(both, crop_image=True)
    assert facemask.decode_image(array.crop_jpeg).shape[1::-1] == array.mask.size
    assert array.crop_jpeg == file.crop_jpeg
    assert array.mask.photo is None
    assert traced([MAP], crop_image=True)[0].field == "crop_image"


@pytest.mark.parametrize(
    ("item", "code", "field"),
    [
        (b"%PDF-1.4 no map", "map_unsupported", "labels"),
        (MAP[: len(MAP) // 2], "map_corrupt", "labels"),
        ("nowhere.png", "map_unsupported", "labels"),
        (np.zeros((20, 20), np.uint8), "no_face", "landmarks"),
        ({"labels": MAP, "landmarks": [[1, 2], [3, float("nan")]]}, "landmarks_invalid", "landmarks[1][1]"),
        ({"labels": MAP, "landmarks": "nowhere.json"}, "landmarks_invalid", "landmarks"),
        ({"labels": MAP, "image": "nowhere.jpg"}, "image_unsupported", "image"),
        ({"labels": MAP, "image": b"GIF89a"}, "image_unsupported", "image"),
        ({"labels": MAP, "tolerance": -1}, "option_invalid", "tolerance"),
        ({"labels": MAP, "tolerence": 1}, "option_invalid", "tolerence"),
        ({"labels": MAP, 5: 1}, "option_invalid", "5"),
        (None, "map_invalid", "labels"),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_is_a_value_with_code_field_and_source(item: Any, code: str, field: str, workers: int):
    first, failure, last = traced([MAP, item, MAP], workers=workers)
    assert (type(failure), failure.index, failure.code, failure.field) == (facemask.Failure, 1, code, field), failure
    assert failure.detail
    assert failure.code in facemask.ERROR_CODES
    assert first.mask.svg == last.mask.svg == ALONE.svg


def test_an_error_of_another_library_is_a_failure_too():
    class Broken:
        def __array__(self, *_: Any, **__: Any) -> Any:
            raise ZeroDivisionError("by a foreign class")

    (failure,) = traced([{"labels": Broken(), "source": "it"}])
    assert (failure.code, failure.source) == ("map_invalid", "it")
    assert "ZeroDivisionError" in failure.detail


def test_a_column_of_paths_is_a_stream(files: Path):
    column = np.array([str(files / "map.png")] * 2, object)
    assert [result.mask.svg for result in traced(column)] == [ALONE.svg] * 2


def test_failures_are_skipped_or_raised_by_choice():
    items = [MAP, {"labels": b"x", "source": "the second"}, MAP]
    assert [result.index for result in traced(items, on_error="skip", workers=2)] == [0, 2]
    stream = facemask.trace_many(items, on_error="raise", workers=2)
    assert next(stream).index == 0
    with pytest.raises(facemask.FacemaskError, match="the second") as caught:
        next(stream)
    assert (caught.value.code, caught.value.field) == ("map_unsupported", "labels")
    assert batch_threads() == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"items": 5}, "items"),
        ({"items": "map.png"}, "items"),
        ({"items": MAP}, "items"),
        ({"items": bytearray(MAP)}, "items"),
        ({"items": {"labels": MAP}}, "items"),
        ({"items": FACE.labels}, "items"),
        ({"items": np.stack([FACE.labels] * 2)}, "items"),
        ({"workers": 0}, "workers"),
        ({"workers": 2.5}, "workers"),
        ({"workers": 3, "window": 2}, "window"),
        ({"on_error": "ignore"}, "on_error"),
        ({"ordered": 1}, "ordered"),
        ({"tolerance": -1}, "tolerance"),
        ({"labels": MAP}, "labels"),
        ({"nonsense": 1}, "nonsense"),
        ({"crop": "Face"}, "crop"),
        ({"min_size": 0}, "min_size"),
        ({"tiles": 3}, "tiles"),
        ({"void": 999}, "void"),
        ({"face": "all"}, "face"),
        ({"face": -1}, "face"),
        ({"face": (1, 2, 3)}, "face"),
        ({"parser": 5}, "parser"),
    ],
)
def test_options_are_checked_at_the_call_before_an_item_is_read(arguments: dict[str, Any], field: str):
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_many(**({"items": iter(())} | arguments))
    assert (caught.value.code, caught.value.field) == ("option_invalid", field)


@pytest.mark.parametrize("ordered", [True, False])
def test_at_most_a_window_of_items_is_read_ahead(ordered: bool):
    read = delivered = 0
    most = 0

    def endless() -> Iterator[bytes]:
        nonlocal read, most
        while True:
            read += 1
            most = max(most, read - delivered)
            yield MAP

    stream = facemask.trace_many(endless(), workers=2, window=5, ordered=ordered)
    for _ in itertools.islice(stream, 40):
        delivered += 1
    stream.close()
    assert 2 <= most <= 5 + 1  # the one that is delivered next


def test_order_is_kept_or_not():
    first_may_end = threading.Event()

    def wait_for_the_first(number: int) -> int:
        if number == 0:
            assert first_may_end.wait(30)
        elif number == 3:
            first_may_end.set()
        return number

    unordered = list(map_in_threads(wait_for_the_first, range(4), workers=2, window=4, ordered=False))
    assert sorted(unordered) == [0, 1, 2, 3]
    assert unordered[-1] == 0 or unordered.index(0) > unordered.index(1)
    first_may_end.clear()
    assert list(map_in_threads(wait_for_the_first, range(4), workers=2, window=4, ordered=True)) == [0, 1, 2, 3]


def test_a_result_does_not_wait_for_the_window_to_fill():
    more = threading.Event()

    def slow_source() -> Iterator[bytes]:
        yield MAP
        yield MAP
        assert more.wait(30), "the first result waits for the third item"
        yield MAP

    def first_results() -> Iterator[int]:
        for result in facemask.trace_many(slow_source(), workers=2, window=64):
            yield result.index

    results = first_results()
    # Whoever reads the second item has had the time to trace the first one, or reads on until it has.
    more_soon = threading.Timer(0.5, more.set)
    more_soon.start()
    assert next(results) == 0
    assert list(results) == [1, 2]
    more_soon.cancel()


def test_an_iterable_that_raises_does_so_after_the_results_before_it():
    def breaks() -> Iterator[bytes]:
        yield MAP
        yield MAP
        raise LookupError("the disk is gone")

    delivered = []
    stream = facemask.trace_many(breaks(), workers=2)
    with pytest.raises(LookupError, match="the disk is gone"):
        delivered.extend(stream)
    assert [result.index for result in delivered] == [0, 1]
    assert batch_threads() == []


@pytest.mark.parametrize("ordered", [True, False])
def test_threads_end_when_the_caller_stops(ordered: bool):
    for result in facemask.trace_many(itertools.repeat(MAP), workers=3, ordered=ordered):
        assert isinstance(result, facemask.Result)
        break
    stream = facemask.trace_many(itertools.repeat(MAP), workers=3, ordered=ordered)
    next(stream)
    assert batch_threads()
    stream.close()
    assert batch_threads() == []
    stream = facemask.trace_many(itertools.repeat(MAP), workers=3, ordered=ordered)
    next(stream)
    del stream
    assert batch_threads() == []


def test_an_interrupt_ends_the_threads():
    def interrupted() -> Iterator[bytes]:
        yield from [MAP] * 4
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(facemask.trace_many(interrupted(), workers=2))
    assert batch_threads() == []


def test_nothing_is_read_before_the_first_result_is_taken():
    def untouched() -> Iterator[bytes]:
        raise AssertionError("was read")
        yield MAP

    facemask.trace_many(untouched(), workers=2)


FIELDS = ("svg", "mask_contours", "regions", "colors", "symmetry", "connectivity", "frame", "size", "crop_from_image",
          "roll_degrees", "roll_from", "labels_from", "roll_confidence", "mirrored", "schemes", "native_resolution",
          "warnings", "landmark_names")  # fmt: skip


def assert_equal_faces(one: facemask.FaceMask, other: facemask.FaceMask) -> None:
    for name in FIELDS:
        assert getattr(one, name) == getattr(other, name), name
    assert np.array_equal(one.landmarks, other.landmarks) if one.landmarks is not None else other.landmarks is None
    assert one.to_dict() == other.to_dict()
    assert one.to_coco() == other.to_coco()
    for key, contour in one.contours.items():
        copied = other.contours[key]
        for name in ("points", "offsets", "curves", "controls"):
            assert np.array_equal(getattr(contour, name), getattr(copied, name))
        assert contour.path_data() == copied.path_data()


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "options", [{}, {"curve": "straight", "tolerance": 0}, {"frame": "image"}, {"regions": "zones"}]
)
def test_a_face_survives_a_pickle(protocol: int, options: dict[str, Any]):
    face = facemask.trace_face(FACE.labels, FACE.landmarks, **options)
    twice = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(face, protocol)), protocol))  # noqa: S301 - its own
    assert_equal_faces(face, twice)


def test_a_face_of_scores_and_without_landmarks_survives_a_pickle():
    scores = np.eye(11, dtype=np.float32)[FACE.labels].transpose(2, 0, 1) * 9
    face = facemask.trace_face(scores)
    assert_equal_faces(face, pickle.loads(pickle.dumps(face)))  # noqa: S301 - its own
    assert face.regions[0]["confidence"] == pickle.loads(pickle.dumps(face)).regions[0]["confidence"]  # noqa: S301 - its own


def test_writing_to_arrays_of_an_unpickled_face_leaves_it_as_it_is():
    face = pickle.loads(pickle.dumps(WITH_POINTS))  # noqa: S301 - its own
    face.contours["1"].points[:] = 0
    face.landmarks[:] = 0
    assert_equal_faces(face, WITH_POINTS)


def test_a_pickle_leaves_the_photo_out_and_copies_keep_it():
    face = facemask.trace_face(FACE.labels, FACE.landmarks, image=FACE.photo.copy())
    unpickled = pickle.loads(pickle.dumps(face))  # noqa: S301 - its own
    assert unpickled.photo is None
    with pytest.raises(facemask.FacemaskError, match="needs it"):
        unpickled.crop_image()
    shallow, deep = copy.copy(face), copy.deepcopy(face)
    assert shallow.photo is face.photo
    assert deep.photo is not face.photo
    assert np.array_equal(deep.photo, face.photo)
    assert_equal_faces(face, deep)
    assert np.array_equal(deep.crop_image(), face.crop_image())
    deep.regions[0]["name"] = "changed"
    assert face.regions[0]["name"] != "changed"
    assert deep._repr_svg_().count("<image") == face._repr_svg_().count("<image") == 1


def test_a_result_is_small():
    (result,) = traced([{"labels": sample.LABELS, "landmarks": sample.LANDMARKS}])
    assert len(pickle.dumps(result)) < 5 * len(result.mask.svg)


def trace_in_process(item: dict[str, Any]) -> Any:
    return next(iter(facemask.trace_many([item], workers=1)))


def test_results_and_failures_cross_a_process_pool():
    items = [{"labels": MAP, "landmarks": FACE.landmarks}, {"labels": b"x", "source": "broken"}]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        result, failure = pool.map(trace_in_process, items)
    assert_equal_faces(result.mask, WITH_POINTS)
    assert (failure.code, failure.field, failure.source) == ("map_unsupported", "labels", "broken")
    assert str(pickle.loads(pickle.dumps(failure.to_error()))) == str(failure.to_error())  # noqa: S301 - its own


@pytest.mark.skipif(sys.platform == "win32", reason="no CPU affinity")
def test_the_default_is_a_thread_for_each_cpu_of_the_process():
    assert usable_cpus() == len(os.sched_getaffinity(0))
