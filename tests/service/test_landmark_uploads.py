"""Landmark files in a multipart form: each form gives the result that its points give as JSON."""

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from facemask.service.app import create_app
from facemask.service.cache.settings import CacheSettings
from facemask.service.settings import Settings
from litestar.testing import TestClient
from PIL import Image
from support import landmark_files, sample
from support.service.problems import assert_problem
from support.synthetic_face import Face

API = "/api/v1/frontal/crop"
FACE = Face(angle=20, scale=1.0, size=(150, 160))
POINTS = np.round(FACE.landmarks * 8) / 8


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    with TestClient(create_app(Settings(database=None, cache=CacheSettings()))) as http:
        yield http


def parts(landmarks: str | bytes, name: str = "landmarks.bin") -> dict[str, tuple[str, bytes, str]]:
    photo = io.BytesIO()
    Image.fromarray(FACE.photo).save(photo, format="PNG")
    content = landmarks.encode() if isinstance(landmarks, str) else landmarks
    return {
        "image": ("a", photo.getvalue(), "text/plain"),
        "segmentation_map": ("b", sample.encode_png(FACE.labels), "text/plain"),
        "landmarks": (name, content, "application/octet-stream"),
    }


def submit(client: TestClient[Any], landmarks: str | bytes) -> dict[str, Any]:
    response = client.post(f"{API}/submit?wait=30", files=parts(landmarks))
    job: dict[str, Any] = response.json()
    assert job["status"] == "completed", job
    return job


def result_of(job: dict[str, Any]) -> dict[str, Any]:
    """A result without the fields of the single job."""
    return {name: job[name] for name in ("svg", "mask_contours", "regions", "roll_degrees", "roll_from", "schemes")}


def test_every_form_is_read_from_an_upload(client: TestClient[Any]):
    expected = result_of(submit(client, json.dumps(POINTS.tolist())))
    assert expected["roll_from"] == "landmarks"
    for form, write in landmark_files.FORMS.items():
        assert result_of(submit(client, write(POINTS))) == expected, form


def test_the_cache_knows_points_and_not_files(client: TestClient[Any]):
    points = POINTS + 1
    assert submit(client, landmark_files.npy(points))["cache"] == "miss"
    assert submit(client, landmark_files.rows(points))["cache"] == "exact"
    assert submit(client, landmark_files.rows(points + 1))["cache"] != "exact"


def test_null_and_an_empty_list_mean_no_landmarks(client: TestClient[Any]):
    for nothing in ("null", "[]"):
        assert submit(client, nothing)["roll_from"] == "labels"


@pytest.mark.parametrize(
    ("data", "status", "code", "words"),
    [
        (b"\x89PNG\r\n\x1a\n", 422, "landmarks_invalid", "this is a PNG picture"),
        (b"version: 1\nn_points: 68\n{\n1 2\n}\n", 422, "landmarks_invalid", "n_points is 68"),
        (b"1 2\n3 four\n", 422, "landmarks_invalid", "line 2: must hold numbers"),
        (b"{'x': 1}", 400, "malformed_body", "cannot be parsed"),
        (b"[[1, 2", 400, "malformed_body", "cannot be parsed"),
        (b"1 2\n" * 2**18 + b"1", 422, "validation_failed", "may take at most 1048576 bytes"),
        (b"<a>" * 100_000, 422, "landmarks_invalid", "begins with <a>"),
        (b"<dataset>" * 100_000, 422, "landmarks_invalid", "nested too deeply"),
    ],
    ids=["a picture", "a short pts file", "a word", "no JSON", "cut JSON", "too long", "other XML", "deep XML"],
)
def test_bad_files_are_refused(client: TestClient[Any], data: bytes, status: int, code: str, words: str):
    response = client.post(f"{API}/submit", files=parts(data))
    assert_problem(response, status, code, "landmarks")
    assert words in response.json()["detail"]


def test_landmarks_in_a_json_body_are_a_list_and_no_file(client: TestClient[Any]):
    body = {"image": "", "segmentation_map": "", "landmarks": "1 2\n3 4\n"}
    assert_problem(client.post(f"{API}/submit", json=body), 422, "landmarks_invalid", "landmarks")
