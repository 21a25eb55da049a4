"""The cache never lies: what is the same face is found, what only looks like it is not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import facemask
import msgspec
import numpy as np
import pytest
from facemask.service.app import create_app
from facemask.service.cache.policy import CachePolicy, Mode
from facemask.service.database.address import DatabaseSettings
from facemask.service.settings import Settings
from faces import MOVED, ORIGINAL, OTHERS, PHOTO, SAVED_ANEW, Face, painted
from litestar.testing import TestClient
from numpy.typing import NDArray
from PIL import Image
from shapely import LinearRing, MultiLineString

API = "/api/v1/frontal/crop"
OPTIONS: list[dict[str, Any]] = [
    {"crop": "head"},
    {"tolerance": 0.51},
    {"style": "outline"},
    {"colors": {"6": "#112233"}},
    {"colors": {"6": "#112234"}},
    {"label_names": {"6": "beak"}},
    {"min_area": 1.0},
    {"regions": "zones"},
    {"format": "coco"},
    {"landmark_scheme": "mediapipe-478"},
]


class Client:
    """Submits faces and says where the answer came from."""

    def __init__(self, http: TestClient[Any]) -> None:
        self.http = http

    def send(self, face: Face, key: str = "", **options: Any) -> dict[str, Any]:
        points = None if face.landmarks is None else face.landmarks.tolist()
        body = {"image": face.image, "segmentation_map": face.label_map, "landmarks": points, "options": options}
        headers = {"content-type": "application/msgpack"} | ({"x-api-key": key} if key else {})
        answer = self.http.post(f"{API}/submit?wait=30", content=msgspec.msgpack.encode(body), headers=headers)
        job: dict[str, Any] = answer.json()
        assert job["status"] == "completed", job
        return job

    def cache(self, face: Face, key: str = "", **options: Any) -> str:
        return str(self.send(face, key, **options)["cache"])


@contextmanager
def client(database: DatabaseSettings | None, **changes: Any) -> Iterator[Client]:
    app = create_app(Settings(database=database, cache=CachePolicy(**changes)))
    with TestClient(app) as http:
        yield Client(http)


@pytest.fixture
def durable(database: DatabaseSettings) -> Iterator[Client]:
    with client(database) as ready:
        yield ready


@pytest.fixture
def memory() -> Iterator[Client]:
    with client(None) as ready:
        yield ready


def test_the_same_request_is_found_and_says_the_same(durable: Client) -> None:
    first, second = durable.send(ORIGINAL), durable.send(ORIGINAL)
    assert (first["cache"], first["cache_distance"]) == ("miss", None)
    assert (second["cache"], second["cache_distance"]) == ("exact", None)
    for job in (first, second):
        for name in ("id", "cache", "timings_ms"):
            del job[name]
    assert first == second


def test_what_is_the_same_face_is_found(durable: Client) -> None:
    assert durable.cache(ORIGINAL) == "miss"
    # A photo saved anew has the same outlines to the last digit: only its size and orientation count.
    assert {name: durable.cache(face) for name, face in SAVED_ANEW.items()} == dict.fromkeys(SAVED_ANEW, "exact")
    for photo in SAVED_ANEW.values():
        found = {name: durable.send(replace(face, image=photo.image)) for name, face in MOVED.items()}
        assert {name: job["cache"] for name, job in found.items()} == dict.fromkeys(MOVED, "similar")
        assert all(0 <= job["cache_distance"] <= 3 for job in found.values())


def test_what_only_looks_like_it_is_not_found(durable: Client) -> None:
    assert durable.cache(ORIGINAL) == "miss"
    assert {name: durable.cache(face) for name, face in OTHERS.items()} == dict.fromkeys(OTHERS, "miss")


def test_every_option_counts(durable: Client, memory: Client) -> None:
    for ready in (durable, memory):
        assert ready.cache(ORIGINAL) == "miss"
        assert [ready.cache(ORIGINAL, **options) for options in OPTIONS] == ["miss"] * len(OPTIONS)
        assert [ready.cache(ORIGINAL, **options) for options in OPTIONS] == ["exact"] * len(OPTIONS)


def test_an_answer_that_embeds_the_photo_is_only_given_for_the_very_same_photo(durable: Client) -> None:
    assert durable.cache(ORIGINAL, embed_image="crop") == "miss"
    assert durable.cache(painted(), embed_image="crop") == "miss"
    assert durable.cache(SAVED_ANEW["png"], embed_image="crop") == "miss"
    assert durable.cache(ORIGINAL, embed_image="crop") == "exact"


def test_keys_do_not_see_each_others_answers(durable: Client, memory: Client) -> None:
    for ready in (durable, memory):
        assert ready.cache(ORIGINAL, "one") == "miss"
        assert ready.cache(ORIGINAL, "two") == "miss"
        assert ready.cache(ORIGINAL) == "miss"
        assert ready.cache(ORIGINAL, "one") == "exact"
    assert durable.cache(MOVED["map-warped"], "one") == "similar"
    assert durable.cache(MOVED["map-warped"], "three") == "miss"


def test_a_request_may_ask_for_less(durable: Client) -> None:
    assert durable.cache(ORIGINAL, cache="off") == "miss"
    assert durable.cache(ORIGINAL, cache="exact") == "miss"
    assert durable.cache(ORIGINAL) == "exact"
    assert durable.cache(MOVED["map-warped"], cache="exact") == "miss"
    assert durable.cache(ORIGINAL, cache="off") == "miss"
    refused = durable.http.post(
        f"{API}/submit",
        content=msgspec.msgpack.encode({"image": b"", "segmentation_map": b"", "options": {"cache": "on"}}),
        headers={"content-type": "application/msgpack"},
    )
    assert (refused.json()["code"], refused.json()["field"]) == ("option_invalid", "options.cache")


def test_the_setting_bounds_what_requests_get(database: DatabaseSettings) -> None:
    with client(database, mode=Mode.EXACT) as ready:
        assert [ready.cache(face, cache="similar") for face in (ORIGINAL, MOVED["map-warped"])] == ["miss", "miss"]
        assert ready.cache(ORIGINAL) == "exact"
    with client(database, mode=Mode.OFF) as ready:
        assert ready.cache(ORIGINAL) == "miss"


def test_erased_jobs_leave_nothing_in_the_cache(durable: Client, memory: Client) -> None:
    for ready in (durable, memory):
        maker, user = ready.send(ORIGINAL), ready.send(ORIGINAL)
        assert user["cache"] == "exact"
        assert ready.http.delete(f"{API}/{user['id']}").status_code == 204
        assert ready.cache(ORIGINAL) == "miss"
        assert ready.http.delete(f"{API}/{maker['id']}").status_code == 204
        assert ready.cache(ORIGINAL) == "miss"


def test_memory_knows_no_likeness_and_forgets_the_least_used(memory: Client) -> None:
    assert memory.cache(ORIGINAL) == "miss"
    assert memory.cache(SAVED_ANEW["webp"]) == "exact"
    assert memory.cache(MOVED["map-warped"]) == "miss"
    with client(None, max_results=2) as small:
        for crop in ("face", "head", "face", "none"):
            small.send(ORIGINAL, crop=crop)
        assert [small.cache(ORIGINAL, crop=crop) for crop in ("face", "none", "head")] == ["exact", "exact", "miss"]


def test_the_cache_is_bounded_and_what_was_used_last_stays(database: DatabaseSettings) -> None:
    with client(database, max_results=2) as ready:
        for crop in ("face", "head", "none"):
            ready.send(ORIGINAL, crop=crop)
        cache = ready.http.app.state.jobs._cache  # what the timer calls
        assert cache is not None
        ready.http.portal().__enter__().call(cache.sweep)
        assert [ready.cache(ORIGINAL, crop=crop) for crop in ("head", "none", "face")] == ["exact", "exact", "miss"]


def test_results_are_counted(durable: Client) -> None:
    for face in (ORIGINAL, ORIGINAL, MOVED["map-warped"], OTHERS["mouth-erased"]):
        durable.send(face)
    counters = durable.http.app.state.jobs._cache.counters
    assert (counters.exact, counters.similar, counters.miss, counters.false_candidates) == (1, 1, 2, 1)


def test_a_damaged_photo_is_refused_although_its_answer_is_kept(durable: Client) -> None:
    assert durable.cache(ORIGINAL) == "miss"
    broken = replace(ORIGINAL, image=ORIGINAL.image[: len(ORIGINAL.image) // 2])
    with pytest.raises(AssertionError, match="image_corrupt"):
        durable.send(broken)


def test_a_resized_face_has_an_answer_of_its_own() -> None:
    """Why a photo at half the size with its map is a miss. Its coordinates are others; and twice its outlines lie
    further from those of the first than a like face's ever do, for every other pixel of the map is gone.
    """

    def traced(face: Face, scale: float) -> tuple[dict[str, MultiLineString], NDArray[np.float64]]:
        """The outlines in the large photo, and the crop's corner in it."""
        labels = np.asarray(Image.open(io.BytesIO(face.label_map)))
        size = (int(PHOTO.width * scale), int(PHOTO.height * scale))
        mask = facemask.trace_face(labels, face.landmarks, image_size=size)
        turn = np.array(mask.crop_from_image).reshape(2, 3)
        back = np.linalg.inv(turn[:, :2]).T
        rings = {
            label: MultiLineString([LinearRing((ring - turn[:, 2]) @ back / scale) for ring in contour.rings()])
            for label, contour in mask.contours.items()
        }
        return rings, turn[:, 2] / scale

    def farthest(rings: dict[str, MultiLineString]) -> float:
        return max(first[label].segmentize(0.5).hausdorff_distance(other) for label, other in rings.items())

    first, corner = traced(ORIGINAL, 1.0)
    like, _ = traced(MOVED["both"], 1.0)
    halved, half_corner = traced(OTHERS["half-the-size"], 0.5)
    assert np.abs(corner - half_corner).max() > 0.4
    assert first.keys() == like.keys() == halved.keys()
    assert farthest(like) < 1.5
    assert farthest(halved) > 2.0


def test_the_same_bytes_are_not_even_looked_at(memory: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that comes again is answered without its map or its photo being decoded; one byte more and it is."""
    assert memory.cache(ORIGINAL) == "miss"
    looked: list[bytes] = []
    seen: dict[object, bytes] = {}
    engine = memory.http.app.state.jobs._runner._engine
    check, fingerprint = engine.check_input, engine.fingerprint

    def checked(image: bytes, *given: Any, **wanted: Any) -> Any:
        digest, photo = check(image, *given, **wanted)
        seen[photo] = image
        return digest, photo

    monkeypatch.setattr(engine, "check_input", checked)
    monkeypatch.setattr(engine, "fingerprint", lambda *given: looked.append(seen[given[0]]) or fingerprint(*given))
    assert memory.cache(ORIGINAL) == "exact"
    assert memory.cache(ORIGINAL, key="another") == "miss"
    assert memory.cache(SAVED_ANEW["jpeg-95"]) == "exact"
    assert looked == [ORIGINAL.image, SAVED_ANEW["jpeg-95"].image]
