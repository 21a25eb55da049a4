"""Jobs without a label map: the cache answers one by another of the same points only, and never across the map."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import facemask
import msgspec
import pytest
from cache_client import API, CacheClient, without_job_fields
from submissions import EQUIVALENT_LANDMARKS, ORIGINAL, REENCODED, Submission
from support.sample import LANDMARKS, encode_png

ALONE = replace(ORIGINAL, label_map=None)


def painted() -> Submission:
    """The sample with the map that is painted through its landmarks, so that both results have the same outlines."""
    options = {"landmarks": LANDMARKS, "image_size": (900, 900), "crop": "none", "frame": "image", "tolerance": 0}
    return replace(ORIGINAL, label_map=encode_png(facemask.trace_face(**options).to_label_map()))


@pytest.mark.parametrize("first_has_map", [True, False])
def test_no_job_is_answered_across_the_map(durable: CacheClient, memory: CacheClient, *, first_has_map: bool) -> None:
    for client in (durable, memory):
        jobs = [ORIGINAL, painted(), ALONE] if first_has_map else [ALONE, painted(), ORIGINAL]
        first = [client.submit(job) for job in jobs]
        again = [client.submit(job) for job in jobs]
        assert [job["cache"] for job in first] == ["miss"] * 3
        assert [job["cache"] for job in again] == ["exact"] * 3
        for job, repeated, submission in zip(first, again, jobs, strict=True):
            assert without_job_fields(job) == without_job_fields(repeated)
            source = "landmarks" if submission is ALONE else None
            assert (job.get("labels_from"), repeated.get("labels_from")) == (source, source)


def test_the_outlines_depend_on_every_landmark(durable: CacheClient) -> None:
    """With a map the third of these inputs is similar: their landmarks differ where nothing depends on them."""
    assert durable.cache_status(ALONE) == "miss"
    others = [replace(face, label_map=None) for face in EQUIVALENT_LANDMARKS]
    assert [durable.cache_status(face) for face in others] == ["miss"] * len(others)
    assert [durable.cache_status(face) for face in others] == ["exact"] * len(others)
    # Neither by photo and landmarks of a job with a map, of which it has everything but the map.
    assert [durable.cache_status(face) for face in EQUIVALENT_LANDMARKS[:3]] == ["miss", "miss", "similar"]
    assert durable.cache_status(replace(EQUIVALENT_LANDMARKS[3], label_map=None)) == "exact"


def test_a_photo_saved_anew_has_the_answer_of_the_first(memory: CacheClient) -> None:
    assert memory.cache_status(ALONE) == "miss"
    anew = [replace(face, label_map=None) for face in REENCODED.values()]
    assert [memory.cache_status(face) for face in anew] == ["exact"] * len(anew)


def test_the_size_stands_for_the_photo(durable: CacheClient, memory: CacheClient) -> None:
    """The photo is not needed, and a job without it has an answer of its own."""
    sized = replace(ALONE, image=None)
    for client in (durable, memory):
        with_photo = client.submit(ALONE)
        first = client.submit(sized, image_size=[900, 900])
        assert first["cache"] == "miss"
        assert client.cache_status(sized, image_size=[900, 900]) == "exact"
        assert client.cache_status(sized, image_size=[901, 900]) == "miss"
        assert without_job_fields(first) == without_job_fields(with_photo)


def refused(client: CacheClient, **body: Any) -> tuple[str, str]:
    headers = {"content-type": "application/msgpack"}
    response = client.http.post(f"{API}/submit?wait=30", content=msgspec.msgpack.encode(body), headers=headers)
    problem = response.json()
    problem = problem.get("error", problem)
    return problem["code"], problem["field"]


def test_what_is_missing_is_named(memory: CacheClient) -> None:
    points = LANDMARKS.tolist()
    image, label_map = ORIGINAL.image, ORIGINAL.label_map
    size = {"image_size": [900, 900]}
    assert refused(memory) == ("validation_failed", "image")
    assert refused(memory, landmarks=points) == ("validation_failed", "image")
    assert refused(memory, segmentation_map=label_map, landmarks=points) == ("validation_failed", "image")
    for nothing in ({}, {"landmarks": None}, {"landmarks": []}):
        assert refused(memory, image=image, **nothing) == ("validation_failed", "segmentation_map")
    five = [points[i] for i in (468, 473, 1, 61, 291)]
    assert refused(memory, image=image, landmarks=five) == ("map_required", "segmentation_map")
    assert refused(memory, landmarks=points, options=size | {"embed_image": "crop"}) == (
        "option_invalid",
        "options.embed_image",
    )
    assert refused(memory, landmarks=points, options=size | {"landmarks_frame": "raw"}) == (
        "option_invalid",
        "options.landmarks_frame",
    )
    assert refused(memory, image=image, landmarks=points, options={"image_size": [9, 9]}) == (
        "option_invalid",
        "options.image_size",
    )
    for sides in ([0, 9], [9, 1_000_001], [2**63, 1], [9], [9.5, 9]):
        code, field = refused(memory, landmarks=points, options={"image_size": sides})
        assert (code, field.startswith("options.image_size")) in {("option_invalid", True), ("validation_failed", True)}
    assert refused(memory, image=image, landmarks=points, options={"map_fit": "stretch"}) == (
        "option_invalid",
        "options.map_fit",
    )
