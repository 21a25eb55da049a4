"""Lookups in the cache: for which owner, options and inputs a result is returned, and for how long."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import facemask
import msgspec
import numpy as np
import pytest
from cache_client import API, CacheClient, cache_client, without_job_fields
from facemask.service.cache.settings import CacheMode
from facemask.service.database.settings import DatabaseSettings
from numpy.typing import NDArray
from PIL import Image
from shapely import LinearRing, MultiLineString
from submissions import (
    EQUIVALENT_LANDMARKS,
    ORIGINAL,
    OTHER_LANDMARKS,
    OTHER_MAPS,
    PHOTO,
    REENCODED,
    Submission,
    retouched,
)

OPTIONS: list[dict[str, Any]] = [
    {"crop": "head"},
    {"tolerance": 0.51},
    {"style": "outline"},
    {"style": "cut"},
    {"id_prefix": "left"},
    {"colors": {"6": "#112233"}},
    {"colors": {"6": "#112234"}},
    {"label_names": {"6": "beak"}},
    {"void": "none"},
    {"void": "auto"},
    {"void": 200},
    {"min_area": 1.0},
    {"regions": "zones"},
    {"format": "coco"},
    {"format": "coco", "segmentation": "rle"},
    {"format": "yolo", "inset": 0.5},
    {"landmark_scheme": "mediapipe-478"},
]


def test_the_same_request_is_found_and_says_the_same(durable: CacheClient) -> None:
    first, second = durable.submit(ORIGINAL), durable.submit(ORIGINAL)
    assert (first["cache"], first["cache_distance"]) == ("miss", None)
    assert (second["cache"], second["cache_distance"]) == ("exact", None)
    assert without_job_fields(first) == without_job_fields(second)


def test_a_photo_saved_anew_has_the_answer_of_the_first(durable: CacheClient) -> None:
    """Its outlines are the same to the last digit: only its size and orientation count."""
    assert durable.cache_status(ORIGINAL) == "miss"
    assert {name: durable.cache_status(face) for name, face in REENCODED.items()} == dict.fromkeys(REENCODED, "exact")


def test_every_option_counts(durable: CacheClient, memory: CacheClient) -> None:
    for ready in (durable, memory):
        assert ready.cache_status(ORIGINAL) == "miss"
        assert [ready.cache_status(ORIGINAL, **options) for options in OPTIONS] == ["miss"] * len(OPTIONS)
        assert [ready.cache_status(ORIGINAL, **options) for options in OPTIONS] == ["exact"] * len(OPTIONS)


def test_the_same_ids_with_another_warning_have_an_answer_of_their_own(memory: CacheClient) -> None:
    file = io.BytesIO()
    Image.open(io.BytesIO(ORIGINAL.label_map)).quantize(256).save(file, "PNG")
    quantized = replace(ORIGINAL, label_map=file.getvalue())
    first, second = memory.submit(ORIGINAL), memory.submit(quantized)
    assert (first["cache"], first["warnings"]) == ("miss", [])
    assert (second["cache"], second["mask_contours"]) == ("miss", first["mask_contours"])
    assert [warning["code"] for warning in second["warnings"]] == ["map_palette_reordered"]
    assert without_job_fields(memory.submit(quantized)) == without_job_fields(second)
    assert [memory.cache_status(each) for each in (ORIGINAL, quantized)] == ["exact"] * 2


def test_an_answer_that_embeds_the_photo_is_only_given_for_the_very_same_photo(durable: CacheClient) -> None:
    assert durable.cache_status(ORIGINAL, embed_image="crop") == "miss"
    assert durable.cache_status(retouched(), embed_image="crop") == "miss"
    assert durable.cache_status(REENCODED["png"], embed_image="crop") == "miss"
    assert durable.cache_status(ORIGINAL, embed_image="crop") == "exact"


def test_keys_do_not_see_each_others_answers(durable: CacheClient, memory: CacheClient) -> None:
    for ready in (durable, memory):
        assert ready.cache_status(ORIGINAL, "one") == "miss"
        assert ready.cache_status(ORIGINAL, "two") == "miss"
        assert ready.cache_status(ORIGINAL) == "miss"
        assert ready.cache_status(ORIGINAL, "one") == "exact"
    assert [durable.cache_status(face, "one") for face in EQUIVALENT_LANDMARKS[:3]] == ["miss", "similar", "similar"]
    assert durable.cache_status(EQUIVALENT_LANDMARKS[3], "three") == "miss"


def test_a_request_may_ask_for_less(durable: CacheClient) -> None:
    assert durable.cache_status(ORIGINAL, cache="off") == "miss"
    assert durable.cache_status(ORIGINAL, cache="exact") == "miss"
    assert durable.cache_status(ORIGINAL) == "exact"
    assert [durable.cache_status(face) for face in EQUIVALENT_LANDMARKS[:2]] == ["miss", "miss"]
    assert durable.cache_status(EQUIVALENT_LANDMARKS[2], cache="exact") == "miss"
    assert durable.cache_status(EQUIVALENT_LANDMARKS[3]) == "similar"
    assert durable.cache_status(ORIGINAL, cache="off") == "miss"
    refused = durable.http.post(
        f"{API}/submit",
        content=msgspec.msgpack.encode({"image": b"", "segmentation_map": b"", "options": {"cache": "on"}}),
        headers={"content-type": "application/msgpack"},
    )
    assert (refused.json()["code"], refused.json()["field"]) == ("option_invalid", "options.cache")


def test_the_setting_bounds_what_requests_get(database: DatabaseSettings) -> None:
    with cache_client(database, mode=CacheMode.EXACT) as ready:
        assert [ready.cache_status(face, cache="similar") for face in (ORIGINAL, *EQUIVALENT_LANDMARKS)] == ["miss"] * 5
        assert ready.cache_status(ORIGINAL) == "exact"
    with cache_client(database, mode=CacheMode.OFF) as ready:
        assert ready.cache_status(ORIGINAL) == "miss"


def test_erased_jobs_leave_nothing_in_the_cache(durable: CacheClient, memory: CacheClient) -> None:
    for ready in (durable, memory):
        maker, user = ready.submit(ORIGINAL), ready.submit(ORIGINAL)
        assert user["cache"] == "exact"
        assert ready.http.delete(f"{API}/{user['id']}").status_code == 204
        assert ready.cache_status(ORIGINAL) == "miss"
        assert ready.http.delete(f"{API}/{maker['id']}").status_code == 204
        assert ready.cache_status(ORIGINAL) == "miss"


def test_memory_knows_no_likeness_and_forgets_the_least_used(memory: CacheClient) -> None:
    assert memory.cache_status(ORIGINAL) == "miss"
    assert memory.cache_status(REENCODED["webp"]) == "exact"
    assert [memory.cache_status(face) for face in EQUIVALENT_LANDMARKS] == ["miss"] * 4
    with cache_client(None, max_results=2) as small:
        for crop in ("face", "head", "face", "none"):
            small.submit(ORIGINAL, crop=crop)
        assert [small.cache_status(ORIGINAL, crop=crop) for crop in ("face", "none", "head")] == [
            "exact",
            "exact",
            "miss",
        ]


def test_the_cache_is_bounded_and_what_was_used_last_stays(database: DatabaseSettings) -> None:
    with cache_client(database, max_results=2) as ready:
        for crop in ("face", "head", "none"):
            ready.submit(ORIGINAL, crop=crop)
        cache = ready.http.app.state.jobs._cache  # what the timer calls
        assert cache is not None
        ready.http.portal().__enter__().call(cache.sweep)
        assert [ready.cache_status(ORIGINAL, crop=crop) for crop in ("head", "none", "face")] == [
            "exact",
            "exact",
            "miss",
        ]


def test_results_are_counted(durable: CacheClient) -> None:
    for face in (ORIGINAL, ORIGINAL, *EQUIVALENT_LANDMARKS[:3], OTHER_MAPS["mouth-erased"]):
        durable.submit(face)
    counters = durable.http.app.state.jobs._cache.counters
    assert (counters.exact, counters.similar, counters.miss) == (1, 2, 3)


def test_a_damaged_photo_is_refused_although_its_answer_is_kept(durable: CacheClient) -> None:
    assert durable.cache_status(ORIGINAL) == "miss"
    broken = replace(ORIGINAL, image=ORIGINAL.image[: len(ORIGINAL.image) // 2])
    with pytest.raises(AssertionError, match="image_corrupt"):
        durable.submit(broken)


def test_a_resized_face_has_an_answer_of_its_own() -> None:
    """Why a photo at half the size with its map is a miss. Its coordinates are others; and twice its outlines lie
    pixels from those of the first, for every other pixel of the map is gone.
    """

    def traced(face: Submission, scale: float) -> tuple[dict[str, MultiLineString], NDArray[np.float64]]:
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
    halved, half_corner = traced(OTHER_LANDMARKS["half-the-size"], 0.5)
    assert np.abs(corner - half_corner).max() > 0.4
    assert first.keys() == halved.keys()
    assert farthest(halved) > 2.0


def test_the_same_bytes_are_not_even_looked_at(memory: CacheClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that comes again is answered without its map or its photo being decoded; one byte more and it is."""
    assert memory.cache_status(ORIGINAL) == "miss"
    looked: list[bytes] = []
    seen: dict[object, bytes] = {}
    tracer = memory.http.app.state.jobs._runner._core
    check, fingerprint = tracer.check_input, tracer.fingerprint

    def checked(image: bytes, *given: Any, **wanted: Any) -> Any:
        digest, photo = check(image, *given, **wanted)
        seen[photo] = image
        return digest, photo

    monkeypatch.setattr(tracer, "check_input", checked)
    monkeypatch.setattr(tracer, "fingerprint", lambda *given: looked.append(seen[given[0]]) or fingerprint(*given))
    assert memory.cache_status(ORIGINAL) == "exact"
    assert memory.cache_status(ORIGINAL, key="another") == "miss"
    assert memory.cache_status(REENCODED["jpeg-95"]) == "exact"
    assert looked == [ORIGINAL.image, REENCODED["jpeg-95"].image]
