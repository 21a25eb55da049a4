"""The cache never lies: what it serves is, to the last byte, what would have been made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from clients import Client, shared
from faces import (
    CHEEK,
    MAP,
    NOSE,
    ORIGINAL,
    OTHER_MAPS,
    OTHER_PLACES,
    PHOTO,
    SAME_PLACE,
    SAVED_ANEW,
    Face,
    eroded,
    moved,
    saved,
    spotted,
    undecided,
    with_map,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageOps

ASKED: dict[str, dict[str, Any]] = {
    "the defaults": {},
    "tolerance 0": {"tolerance": 0.0, "curve": "straight"},
    "tolerance 2": {"tolerance": 2.0},
    "a least area": {"min_area": 6.0},
    "zones": {"regions": "zones", "label_scheme": "lapa-11"},
    "the whole picture": {"crop": "none"},
}
# What is kept, and what is asked for after it: a pixel lies between them, and a part, a hole or a region.
PAIRS: dict[str, tuple[Face, Face]] = {
    "a speck of a pixel after one of 2 x 2": (spotted(2, NOSE), spotted(1, NOSE)),
    "a speck of 2 x 2 after one of a pixel": (spotted(1, NOSE), spotted(2, NOSE)),
    "a hole of a pixel after one of 2 x 2": (spotted(2, 0), spotted(1, 0)),
    "no hole after one of a pixel": (spotted(1, 0), ORIGINAL),
    "one part after two": (spotted(1, NOSE), ORIGINAL),
    "two parts after one": (ORIGINAL, spotted(1, NOSE)),
    "another region in its place": (spotted(1, 12), spotted(1, 13)),
    "a region less": (spotted(1, 12), ORIGINAL),
    "a pixel further": (spotted(1, NOSE), spotted(1, NOSE, at=(CHEEK[0], CHEEK[1] + 1))),
}


def nose(job: dict[str, Any]) -> float:
    return float(next(region["area"] for region in job["regions"] if region["id"] == NOSE))


def test_a_nose_eroded_by_a_pixel_gets_its_own_outlines(durable: Client) -> None:
    exact = {"tolerance": 0.0, "curve": "straight"}
    first, second = durable.send(ORIGINAL, **exact), durable.send(eroded(NOSE), **exact)
    assert [(job["cache"], nose(job)) for job in (first, second)] == [("miss", 5104.5), ("miss", 4708.5)]


@pytest.mark.parametrize("asked", ASKED)
def test_another_map_has_an_answer_of_its_own(durable: Client, asked: str) -> None:
    assert durable.cache(ORIGINAL, **ASKED[asked]) == "miss"
    for name, face in OTHER_MAPS.items():
        answer = durable.send(face, **ASKED[asked])
        assert (name, answer["cache"]) == (name, "miss")


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("pair", PAIRS)
def test_parts_holes_and_regions_are_those_of_the_map(durable: Client, pair: str, asked: str) -> None:
    kept, face = PAIRS[pair]
    assert durable.cache(kept, **ASKED[asked]) == "miss"
    answer = durable.send(face, **ASKED[asked])
    assert (answer["cache"], shared(answer)) == ("miss", durable.made(face, **ASKED[asked]))


def test_landmarks_that_turn_or_move_the_crop_have_an_answer_of_their_own(durable: Client) -> None:
    assert durable.cache(ORIGINAL) == "miss"
    assert {name: durable.cache(face) for name, face in OTHER_PLACES.items()} == dict.fromkeys(OTHER_PLACES, "miss")


def test_landmarks_that_change_nothing_are_answered_for_a_like_photo(durable: Client) -> None:
    assert durable.cache(ORIGINAL) == "miss"
    # The photo of the first was not opened: there was nothing to compare it with.
    assert durable.cache(SAME_PLACE[0]) == "miss"
    for photo in SAVED_ANEW.values():
        face = replace(SAME_PLACE[1], image=photo.image)
        answer = durable.send(face)
        assert answer["cache"] == "similar"
        assert 0 <= answer["cache_distance"] <= 3
        assert shared(answer) == durable.made(face)
    turned = replace(SAME_PLACE[1], image=saved(ImageOps.flip(PHOTO), "PNG"))
    assert durable.cache(turned) == "miss"


def test_zones_have_only_their_own_landmarks(durable: Client) -> None:
    """They are drawn through the landmarks, so that none is without effect."""
    assert [durable.cache(face, regions="zones") for face in (ORIGINAL, *SAME_PLACE)] == ["miss"] * 5


def test_a_photo_is_opened_only_when_it_may_decide(durable: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, opened = durable.http.app.state.jobs._runner._core, []
    grey = engine.grey_raster
    monkeypatch.setattr(engine, "grey_raster", lambda *given: opened.append(given) or grey(*given))
    for face in (ORIGINAL, ORIGINAL, *OTHER_MAPS.values(), *OTHER_PLACES.values(), SAVED_ANEW["webp"]):
        durable.send(face)
    for face in (ORIGINAL, *SAME_PLACE):
        durable.send(face, regions="zones")
    assert opened == []
    assert [durable.cache(face) for face in SAME_PLACE[:2]] == ["miss", "similar"]
    assert len(opened) == 2


PIXEL = st.tuples(st.integers(0, MAP.shape[0] - 1), st.integers(0, MAP.shape[1] - 1), st.integers(0, 12))
# Pixels of the map that change, how far landmarks move, whether only those do that decide nothing, and the photo.
CHANGES = st.tuples(
    st.sampled_from([0, 0, 1, 2]).flatmap(lambda count: st.lists(PIXEL, min_size=count, max_size=count)),
    st.sampled_from([0.0, 1e-12, 0.001, 0.1, 0.25]),
    st.booleans(),
    st.sampled_from(["png", "jpeg-70"]),
)


def changed(pixels: list[tuple[int, int, int]], step: float, few: bool, photo: str) -> Face:
    labels = MAP.copy()
    for row, column, label in pixels:
        labels[row, column] = label
    points = moved(step, only=undecided() if few else None).landmarks
    return replace(with_map(labels), image=SAVED_ANEW[photo].image, landmarks=points)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, min_size=2, max_size=5), asked=st.sampled_from(sorted(ASKED)))
def test_what_is_served_is_what_would_have_been_made(durable: Client, changes: list[Any], asked: str) -> None:
    owner = uuid4().hex
    for change in changes:
        face = changed(*change)
        assert shared(durable.send(face, owner, **ASKED[asked])) == durable.made(face, **ASKED[asked])
