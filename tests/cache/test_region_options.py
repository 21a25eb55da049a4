"""Selected regions and their colors over HTTP: every body format, and never another request's cached result."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import facemask
import pytest
from cache_client import API, CacheClient, cache_client, without_job_fields
from facemask.service.app import create_app
from facemask.service.settings import LimitSettings, Settings
from litestar.testing import TestClient
from PIL import Image
from submissions import ORIGINAL, PHOTO, Submission, encode
from support import sample
from support.sample import encode_png

SELECTIONS: list[Any] = [
    ["lips", "eye_r"],
    ["lips"],
    ["7", "9"],
    [7, 9],
    {"lips": ["lips"]},
    {"mouth": ["lips"]},
    ["cheeks", "nose"],
    {"a": "nose", "b": [10]},
]


@pytest.fixture(scope="module")
def memory() -> Iterator[CacheClient]:
    with cache_client(None) as client:
        yield client


def test_each_selection_has_a_result_of_its_own_which_is_cached(memory: CacheClient) -> None:
    plain = memory.uncached(ORIGINAL)
    for regions in SELECTIONS:
        first, second = (memory.submit(ORIGINAL, regions=regions) for _ in range(2))
        assert (first["cache"], second["cache"]) == ("miss", "exact")
        assert without_job_fields(first) == without_job_fields(second)
        expected = facemask.trace_face(sample.LABELS, sample.LANDMARKS, regions=regions)
        assert base64.b64decode(first["svg"]).decode() == expected.svg
        assert first["regions"] == expected.regions
        assert (first["size"], first["roll_degrees"]) == (plain["size"], plain["roll_degrees"])


@pytest.mark.parametrize("options", [{"regions": {"mouth": ["lips", 8]}}, {"measure_color": True}], ids=str)
def test_json_and_multipart_say_the_same_as_messagepack(memory: CacheClient, options: dict[str, Any]) -> None:
    wanted = memory.uncached(ORIGINAL, **options)
    options, points = options | {"cache": "off"}, ORIGINAL.landmarks.tolist()
    files = {"image": ORIGINAL.image, "segmentation_map": ORIGINAL.label_map}
    text = {name: base64.b64encode(data).decode() for name, data in files.items()}
    as_json = memory.http.post(f"{API}/submit?wait=30", json={**text, "landmarks": points, "options": options})
    fields = {"landmarks": json.dumps(points), "options": json.dumps(options)}
    as_form = memory.http.post(f"{API}/submit?wait=30", files=files, data=fields)
    for response in (as_json, as_form):
        assert without_job_fields(response.json()) == wanted


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"regions": []}, "validation_failed", "options.regions"),
        ({"regions": ["x"] * 257}, "validation_failed", "options.regions"),
        ({"regions": {}}, "validation_failed", "options.regions"),
        ({"regions": [[1]]}, "validation_failed", "options.regions[...]"),
        ({"regions": 5}, "validation_failed", "options.regions"),
        ({"regions": "lips"}, "option_invalid", "options.regions"),
        ({"regions": [""]}, "option_invalid", "options.regions"),
        ({"measure_color": "yes"}, "validation_failed", "options.measure_color"),
    ],
    ids=str,
)
def test_wrong_options_are_refused_at_once(memory: CacheClient, options: dict[str, Any], code: str, field: str) -> None:
    files = {"image": ORIGINAL.image, "segmentation_map": ORIGINAL.label_map}
    response = memory.http.post(f"{API}/submit", files=files, data={"options": json.dumps(options)})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, code), problem
    assert problem["field"].startswith(field.split("[", maxsplit=1)[0])


def test_a_name_that_the_map_decides_about_fails_the_job(memory: CacheClient) -> None:
    files = {"image": ORIGINAL.image, "segmentation_map": ORIGINAL.label_map}
    response = memory.http.post(f"{API}/submit?wait=30", files=files, data={"options": '{"regions": ["lip"]}'})
    job = response.json()
    assert (job["status"], job["error"]["code"], job["error"]["field"]) == (
        "failed",
        "option_invalid",
        "options.regions",
    )


def other_photos() -> list[bytes]:
    """Photos of the same size: other pixels, the same pixels in another file, a copy that is hardly different."""
    pixels = facemask.decode_image(ORIGINAL.image)
    return [
        encode(Image.fromarray(255 - pixels), "PNG"),
        encode(Image.fromarray(pixels), "PNG"),
        encode(PHOTO, "JPEG", quality=94),
    ]


@pytest.mark.parametrize("mode", ["similar", "exact"])
def test_colours_are_never_those_of_another_photo(memory: CacheClient, mode: str) -> None:
    tolerance = {"similar": 0.3, "exact": 0.4}[mode]
    options = {"measure_color": True, "tolerance": tolerance, "cache": mode}
    colors = []
    for image in (ORIGINAL.image, *other_photos()):
        submission = Submission(image, ORIGINAL.label_map, ORIGINAL.landmarks)
        first, second = (memory.submit(submission, **options) for _ in range(2))
        assert (first["cache"], second["cache"]) == ("miss", "exact")
        assert without_job_fields(first) == without_job_fields(second)
        colors.append(first["regions"][0]["color"])
    assert colors[1] != colors[0] != colors[3]
    assert colors[0] == colors[2], "the same pixels in another file have the same colors"
    plain = memory.submit(ORIGINAL, tolerance=tolerance)
    assert plain["cache"] == "miss"
    assert all("color" not in region for region in plain["regions"])


def test_a_similar_photo_gets_no_stored_colours(durable: CacheClient) -> None:
    """In a database, where similar photos share results."""
    photos = [ORIGINAL.image, *other_photos()[2:], encode(PHOTO, "JPEG", quality=93)]
    for image in photos:
        submission = Submission(image, ORIGINAL.label_map, ORIGINAL.landmarks + 1e-7)
        assert durable.cache_status(submission, measure_color=True) == "miss"
        assert durable.cache_status(submission, measure_color=True) == "exact"


def test_selected_labels_are_shared_by_similar_photos_and_zones_are_not(durable: CacheClient) -> None:
    photos = [encode(PHOTO, "JPEG", quality=quality) for quality in (95, 94, 93)]
    landmarks = [sample.LANDMARKS + shift for shift in (0.0, 1e-9, 2e-9)]
    faces = [
        Submission(photo, encode_png(sample.LABELS), points) for photo, points in zip(photos, landmarks, strict=True)
    ]
    assert {durable.cache_status(face, regions=["cheeks"]) for face in faces} == {"miss"}
    assert "similar" not in {durable.cache_status(face, regions=["chin", "nose"]) for face in faces}


def test_a_photo_too_large_to_decode_is_refused_before_it_is_measured() -> None:
    limits = LimitSettings(decode_pixels=800 * 800)
    with TestClient(create_app(Settings(database=None, limits=limits))) as http:
        files = {"image": ORIGINAL.image, "segmentation_map": ORIGINAL.label_map}
        send = lambda options: http.post(f"{API}/submit?wait=30", files=files, data={"options": options}).json()  # noqa: E731
        assert send("{}")["status"] == "completed"
        assert send('{"measure_color": true}')["error"]["code"] == "image_too_large"


def test_the_api_describes_the_options(memory: CacheClient) -> None:
    text = json.dumps(memory.http.get("/docs/openapi.json").json())
    properties = json.JSONDecoder().raw_decode(text, text.index('{"regions": {"description"'))[0]
    assert [kind["type"] for kind in properties["regions"]["anyOf"]] == ["string", "array", "object"]
    assert properties["measure_color"]["type"] == "boolean"
