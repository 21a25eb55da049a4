"""Correctness of the cache: it returns, to the last byte, the result that would have been computed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from cache_client import CacheClient, without_job_fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageOps
from submissions import (
    CHEEK,
    EQUIVALENT_LANDMARKS,
    MAP,
    NOSE,
    ORIGINAL,
    OTHER_LANDMARKS,
    OTHER_MAPS,
    PHOTO,
    REENCODED,
    Submission,
    encode,
    eroded,
    irrelevant_landmarks,
    with_labels,
    with_moved_landmarks,
    with_square,
)

ASKED: dict[str, dict[str, Any]] = {
    "the defaults": {},
    "tolerance 0": {"tolerance": 0.0, "curve": "straight"},
    "tolerance 2": {"tolerance": 2.0},
    "a least area": {"min_area": 6.0},
    "zones": {"regions": "zones", "label_scheme": "lapa-11"},
    "the whole picture": {"crop": "none"},
}
# What is kept, and what is asked for after it: a pixel lies between them, and a part, a hole or a region.
PAIRS: dict[str, tuple[Submission, Submission]] = {
    "a speck of a pixel after one of 2 x 2": (with_square(2, NOSE), with_square(1, NOSE)),
    "a speck of 2 x 2 after one of a pixel": (with_square(1, NOSE), with_square(2, NOSE)),
    "a hole of a pixel after one of 2 x 2": (with_square(2, 0), with_square(1, 0)),
    "no hole after one of a pixel": (with_square(1, 0), ORIGINAL),
    "one part after two": (with_square(1, NOSE), ORIGINAL),
    "two parts after one": (ORIGINAL, with_square(1, NOSE)),
    "another region in its place": (with_square(1, 12), with_square(1, 13)),
    "a region less": (with_square(1, 12), ORIGINAL),
    "a pixel further": (with_square(1, NOSE), with_square(1, NOSE, at=(CHEEK[0], CHEEK[1] + 1))),
}


def nose_area(job: dict[str, Any]) -> float:
    return float(next(region["area"] for region in job["regions"] if region["id"] == NOSE))


def test_a_nose_eroded_by_a_pixel_gets_its_own_outlines(durable: CacheClient) -> None:
    exact = {"tolerance": 0.0, "curve": "straight"}
    first, second = durable.submit(ORIGINAL, **exact), durable.submit(eroded(NOSE), **exact)
    assert [(job["cache"], nose_area(job)) for job in (first, second)] == [("miss", 5104.5), ("miss", 4708.5)]


@pytest.mark.parametrize("asked", ASKED)
def test_another_map_has_an_answer_of_its_own(durable: CacheClient, asked: str) -> None:
    assert durable.cache_status(ORIGINAL, **ASKED[asked]) == "miss"
    for name, face in OTHER_MAPS.items():
        answer = durable.submit(face, **ASKED[asked])
        assert (name, answer["cache"]) == (name, "miss")


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("pair", PAIRS)
def test_parts_holes_and_regions_are_those_of_the_map(durable: CacheClient, pair: str, asked: str) -> None:
    kept, face = PAIRS[pair]
    assert durable.cache_status(kept, **ASKED[asked]) == "miss"
    answer = durable.submit(face, **ASKED[asked])
    assert (answer["cache"], without_job_fields(answer)) == ("miss", durable.uncached(face, **ASKED[asked]))


def test_landmarks_that_turn_or_move_the_crop_have_an_answer_of_their_own(durable: CacheClient) -> None:
    assert durable.cache_status(ORIGINAL) == "miss"
    assert {name: durable.cache_status(face) for name, face in OTHER_LANDMARKS.items()} == dict.fromkeys(
        OTHER_LANDMARKS, "miss"
    )


def test_landmarks_that_change_nothing_are_answered_for_a_like_photo(durable: CacheClient) -> None:
    assert durable.cache_status(ORIGINAL) == "miss"
    # The photo of the first was not opened: there was nothing to compare it with.
    assert durable.cache_status(EQUIVALENT_LANDMARKS[0]) == "miss"
    for photo in REENCODED.values():
        face = replace(EQUIVALENT_LANDMARKS[1], image=photo.image)
        answer = durable.submit(face)
        assert answer["cache"] == "similar"
        assert 0 <= answer["cache_distance"] <= 3
        assert without_job_fields(answer) == durable.uncached(face)
    turned = replace(EQUIVALENT_LANDMARKS[1], image=encode(ImageOps.flip(PHOTO), "PNG"))
    assert durable.cache_status(turned) == "miss"


def test_zones_have_only_their_own_landmarks(durable: CacheClient) -> None:
    """They are drawn through the landmarks, so that none is without effect."""
    assert [durable.cache_status(face, regions="zones") for face in (ORIGINAL, *EQUIVALENT_LANDMARKS)] == ["miss"] * 5


def test_a_photo_is_opened_only_when_it_may_decide(durable: CacheClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tracer, opened = durable.http.app.state.jobs._runner._core, []
    grey = tracer.luma_thumbnail
    monkeypatch.setattr(tracer, "luma_thumbnail", lambda *given: opened.append(given) or grey(*given))
    for face in (ORIGINAL, ORIGINAL, *OTHER_MAPS.values(), *OTHER_LANDMARKS.values(), REENCODED["webp"]):
        durable.submit(face)
    for face in (ORIGINAL, *EQUIVALENT_LANDMARKS):
        durable.submit(face, regions="zones")
    assert opened == []
    assert [durable.cache_status(face) for face in EQUIVALENT_LANDMARKS[:2]] == ["miss", "similar"]
    assert len(opened) == 2


PIXEL = st.tuples(st.integers(0, MAP.shape[0] - 1), st.integers(0, MAP.shape[1] - 1), st.integers(0, 12))
# Pixels of the map that change, how far landmarks move, whether only those do that decide nothing, and the photo.
CHANGES = st.tuples(
    st.sampled_from([0, 0, 1, 2]).flatmap(lambda count: st.lists(PIXEL, min_size=count, max_size=count)),
    st.sampled_from([0.0, 1e-12, 0.001, 0.1, 0.25]),
    st.booleans(),
    st.sampled_from(["png", "jpeg-70"]),
)


def changed_submission(pixels: list[tuple[int, int, int]], step: float, few: bool, photo: str) -> Submission:
    labels = MAP.copy()
    for row, column, label in pixels:
        labels[row, column] = label
    points = with_moved_landmarks(step, only=irrelevant_landmarks() if few else None).landmarks
    return replace(with_labels(labels), image=REENCODED[photo].image, landmarks=points)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, min_size=2, max_size=5), asked=st.sampled_from(sorted(ASKED)))
def test_what_is_served_is_what_would_have_been_made(durable: CacheClient, changes: list[Any], asked: str) -> None:
    owner = uuid4().hex
    for change in changes:
        face = changed_submission(*change)
        assert without_job_fields(durable.submit(face, owner, **ASKED[asked])) == durable.uncached(face, **ASKED[asked])
