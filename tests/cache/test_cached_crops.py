"""Crop images over HTTP: the very picture of the job's own photo, and never that of another one."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import facemask
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
