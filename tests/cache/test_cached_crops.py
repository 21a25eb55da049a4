"""Crop images over HTTP: the very picture of the job's own photo, and never that of another one."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import facemask
import msgspec
import numpy as np
import pytest
from cache_client import API, CacheClient
from PIL import Image
from submissions import ORIGINAL, PHOTO, encode
from support import sample

# The same outlines, another face: all that distinguishes both jobs is the photo.
OTHER = replace(ORIGINAL, image=encode(Image.fromarray(255 - np.asarray(PHOTO)), "PNG"))


def crop(client: CacheClient, job: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    found = client.http.get(f"{API}/result/{job['id']}.jpg")
    assert (found.status_code, found.headers["content-type"]) == (200, "image/jpeg")
    return np.asarray(Image.open(io.BytesIO(found.content)), float)


@pytest.fixture(params=["memory", "durable"])
def client(request: pytest.FixtureRequest) -> CacheClient:
    ready: CacheClient = request.getfixturevalue(request.param)
    return ready


def test_no_other_photo_gives_its_crop_image(client: CacheClient) -> None:
    plain = client.submit(ORIGINAL)
    assert client.submit(OTHER)["cache"] == "exact", "the outlines do not depend on the photo"
    jobs = [client.submit(each, crop_image=True) for each in (ORIGINAL, OTHER, ORIGINAL)]
    assert [job["cache"] for job in jobs] == ["miss"] * 3
    assert client.submit(ORIGINAL)["cache"] == "exact", "such jobs leave the cache alone"
    assert all(job["svg"] == plain["svg"] for job in jobs)
    for job, photo in zip(jobs, (np.asarray(PHOTO), 255 - np.asarray(PHOTO), np.asarray(PHOTO)), strict=True):
        expected = facemask.trace_face(sample.LABELS, sample.LANDMARKS, image=photo).crop_image()
        assert crop(client, job).shape == expected.shape == (job["size"][1], job["size"][0], 3)
        assert np.abs(crop(client, job) - expected).mean() < 4
    assert client.http.get(f"{API}/result/{plain['id']}.jpg").status_code == 406
    assert client.http.delete(f"{API}/{jobs[0]['id']}").status_code == 204
    assert client.http.get(f"{API}/result/{jobs[0]['id']}.jpg").status_code == 404


def test_a_photo_that_cannot_be_decoded_fails_the_job(client: CacheClient) -> None:
    wide = encode(Image.new("RGB", (6000, 5000)), "PNG")
    body = {"image": wide, "segmentation_map": ORIGINAL.label_map, "options": '{"crop_image": true}'}
    files = {name: value for name, value in body.items() if name != "options"}
    job = client.http.post(
        f"{API}/submit?wait=30", files=files, data={"options": '{"crop_image": true, "map_fit": "stretch"}'}
    ).json()
    assert (job["status"], job["error"]["code"]) == ("failed", "image_too_large")


@pytest.mark.parametrize("frame", ["crop", "image"])
def test_it_is_the_upright_crop_in_either_frame(client: CacheClient, frame: str) -> None:
    job = client.submit(ORIGINAL, crop_image=True, frame=frame, embed_image="crop")
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, image=np.asarray(PHOTO), frame=frame)
    assert (job["frame"], tuple(job["size"])) == (frame, mask.size)
    assert crop(client, job).shape == mask.crop_image().shape


def test_each_crop_has_a_result_of_its_own_which_is_cached(memory: CacheClient) -> None:
    crops: list[dict[str, Any]] = [
        {},
        {"frame": "image"},
        {"crop_margin": 0.3},
        {"crop_margin": [0.3, 0.3, 0.3, 0.4]},
        {"crop_size": 256},
        {"crop_size": [256, 257]},
        {"crop": "ffhq"},
        {"crop": "arcface"},
        {"crop": "arcface", "crop_size": 224},
        {"crop": "arcface", "frame": "image"},
    ]
    drawings = set()
    for options in crops:
        first, second = memory.submit(ORIGINAL, **options), memory.submit(ORIGINAL, **options)
        assert (first["cache"], second["cache"]) == ("miss", "exact")
        expected = facemask.trace_face(sample.LABELS, sample.LANDMARKS, **options)
        assert (first["crop_from_image"], first["size"]) == (list(expected.crop_from_image), list(expected.size))
        assert first["mask_contours"] == second["mask_contours"] == expected.mask_contours
        drawings.add(first["svg"])
    assert len(drawings) == len(crops)


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"crop_margin": "wide"}, "validation_failed", "options.crop_margin"),
        ({"crop_margin": [0.1, 0.2]}, "validation_failed", "options.crop_margin"),
        ({"crop_margin": 11}, "option_invalid", "options.crop_margin"),
        ({"crop_margin": 0.1, "crop": "none"}, "option_invalid", "options.crop_margin"),
        ({"crop_size": 0.5}, "validation_failed", "options.crop_size"),
        ({"crop_size": [1, 2, 3]}, "validation_failed", "options.crop_size"),
        ({"crop_size": 20_000}, "option_invalid", "options.crop_size"),
        ({"crop_size": 2**63 - 1}, "option_invalid", "options.crop_size"),
        ({"crop_size": [-5, 5]}, "option_invalid", "options.crop_size"),
        ({"frame": "photo"}, "option_invalid", "options.frame"),
        ({"frame": 1}, "validation_failed", "options.frame"),
    ],
)
def test_wrong_options_are_named(memory: CacheClient, options: dict[str, Any], code: str, field: str) -> None:
    body = {"image": ORIGINAL.image, "segmentation_map": ORIGINAL.label_map, "options": options}
    headers = {"content-type": "application/msgpack"}
    found = memory.http.post(f"{API}/submit", content=msgspec.msgpack.encode(body), headers=headers)
    assert (found.status_code, found.json()["code"], found.json()["field"]) == (422, code, field)
