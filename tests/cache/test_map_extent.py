"""The extent of a label map over HTTP: every body format, and never another extent's cached result."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import facemask
import msgspec
import numpy as np
import pytest
from cache_client import API, CacheClient, cache_client, without_job_fields
from PIL import Image
from submissions import Submission
from support.map_fits import preprocess
from support.sample import encode_png
from support.synthetic_face import Face

FACE = Face(angle=10, scale=1.2, size=(223, 190))
EXTENTS: list[dict[str, Any]] = [
    {"map_fit": "stretch"},
    {"map_fit": "letterbox"},
    {"map_fit": "letterbox-top-left"},
    {"map_fit": "center-crop"},
    {"map_box": [30, 12, 150, 170]},
    {"map_box": [30, 12, 150, 170.5]},
    {"map_box": [30, 12, 150, 170], "map_fit": "letterbox"},
    {"image_from_labels": [1.1, 0.2, 10, -0.2, 1.1, 21]},
    {"image_from_labels": [1.1, 0.2, 10, -0.2, 1.1, 21.5]},
]


def encode_photo(pixels: Any, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", exif=exif)
    return stream.getvalue()


LABELS = preprocess(FACE.labels, "letterbox", 128, 126)
SENT = Submission(encode_photo(FACE.photo), encode_png(LABELS), FACE.landmarks)


@pytest.fixture(scope="module")
def memory() -> Iterator[CacheClient]:
    with cache_client(None) as client:
        yield client


def test_each_extent_has_a_result_of_its_own_which_is_cached(memory: CacheClient) -> None:
    drawings = set()
    for extent in EXTENTS:
        first, second = memory.submit(SENT, **extent), memory.submit(SENT, **extent)
        assert (first["cache"], second["cache"]) == ("miss", "exact")
        assert without_job_fields(first) == without_job_fields(second)
        expected = facemask.trace_face(LABELS, FACE.landmarks, image_size=FACE.size, **extent)
        assert base64.b64decode(first["svg"]).decode() == expected.svg
        drawings.add(first["svg"])
    assert len(drawings) == len(EXTENTS)


@pytest.mark.parametrize("extent", EXTENTS[4:8], ids=str)
def test_json_and_multipart_say_the_same_as_messagepack(memory: CacheClient, extent: dict[str, Any]) -> None:
    wanted = memory.uncached(SENT, **extent)
    options, points = extent | {"cache": "off"}, FACE.landmarks.tolist()
    files = {"image": SENT.image, "segmentation_map": SENT.label_map}
    text = {name: base64.b64encode(data).decode() for name, data in files.items()}
    as_json = memory.http.post(f"{API}/submit?wait=30", json={**text, "landmarks": points, "options": options})
    fields = {"landmarks": json.dumps(points), "options": json.dumps(options)}
    as_form = memory.http.post(f"{API}/submit?wait=30", files=files, data=fields)
    for response in (as_json, as_form):
        assert without_job_fields(response.json()) == wanted


def test_padding_turns_with_the_stored_photo_and_so_does_its_cached_result(memory: CacheClient) -> None:
    """Two photos that look alike: one is stored upright, one upside down, each with an odd row of padding below.

    Photo, label map and landmarks are equal once they are turned. The extent of the map is not.
    """
    width, height = FACE.size
    turned = Submission(
        encode_photo(np.ascontiguousarray(FACE.photo[::-1, ::-1]), 3),
        encode_png(np.ascontiguousarray(LABELS[::-1, ::-1])),
        [width, height] - FACE.landmarks,
    )
    raw = {"landmarks_frame": "raw", "tolerance": 0, "crop": "none"}
    upright = memory.submit(SENT, map_fit="letterbox", **raw)
    answer = memory.submit(turned, map_fit="letterbox", **raw)
    assert (upright["cache"], answer["cache"]) == ("miss", "miss")
    assert upright["mask_contours"] != answer["mask_contours"]
    # Where the whole is stretched, no orientation changes anything.
    assert memory.cache_status(SENT, map_box=[0, 0, width, height], **raw) == "miss"
    assert memory.submit(turned, map_box=[0, 0, width, height], **raw)["mask_contours"]


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"map_fit": "fill"}, "option_invalid", "options.map_fit"),
        ({"map_fit": 1}, "validation_failed", "options.map_fit"),
        ({"map_box": [1, 2, 3]}, "validation_failed", "options.map_box"),
        ({"map_box": [1, 2, -3, 4]}, "option_invalid", "options.map_box"),
        ({"map_box": [1, 2, float("inf"), 4]}, "option_invalid", "options.map_box"),
        ({"image_from_labels": [0] * 6}, "option_invalid", "options.image_from_labels"),
        (
            {"image_from_labels": [1, 0, 0, 0, 1, 0], "map_fit": "stretch"},
            "option_invalid",
            "options.image_from_labels",
        ),
    ],
)
def test_bad_extents_are_refused_before_a_job_exists(
    memory: CacheClient, options: dict[str, Any], code: str, field: str
) -> None:
    body = {"image": SENT.image, "segmentation_map": SENT.label_map, "options": options}
    headers = {"content-type": "application/msgpack"}
    response = memory.http.post(f"{API}/submit?wait=30", content=msgspec.msgpack.encode(body), headers=headers)
    assert (response.status_code, response.json()["code"], response.json()["field"]) == (422, code, field)


def test_an_extent_that_only_the_files_refute_fails_the_job_and_names_the_option(memory: CacheClient) -> None:
    for extra in ({}, {"landmarks_frame": "raw"}):
        body = {
            "image": SENT.image,
            "segmentation_map": SENT.label_map,
            "options": {"map_box": [900, 0, 10, 10], **extra},
        }
        headers = {"content-type": "application/msgpack"}
        job = memory.http.post(f"{API}/submit?wait=30", content=msgspec.msgpack.encode(body), headers=headers).json()
        assert (job["status"], job["error"]["code"], job["error"]["field"]) == (
            "failed",
            "option_invalid",
            "options.map_box",
        )


def test_the_description_lists_the_options(memory: CacheClient) -> None:
    document = memory.http.get("/docs/openapi.json").json()
    schemas = document["components"]["schemas"]
    options = schemas["Options"]["properties"]
    assert "center-crop" in options["map_fit"]["enum"]
    for name, length in (("map_box", 4), ("image_from_labels", 6)):
        array, null = options[name]["anyOf"]
        assert (array["minItems"], array["maxItems"]) == (length, length)
        assert null == {"type": "null"}
    assert "`map_box`" in schemas["SubmitMultipart"]["properties"]["options"]["description"]
