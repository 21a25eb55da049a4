"""Submissions without a label map, and without a photo, in every body format and as rows of the database."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import facemask
import msgspec
import numpy as np
import pytest
from facemask._core import LandmarkPoints
from facemask.service.app import create_app
from facemask.service.cache.settings import CacheSettings
from facemask.service.jobs.job import Submission
from facemask.service.jobs.postgres.serialization import from_columns, to_columns
from facemask.service.settings import Settings
from litestar.testing import TestClient
from support import sample
from support.paths import MAP_FILE, PHOTO_FILE

API = "/api/v1/frontal/crop"
POINTS = sample.LANDMARKS.tolist()
PHOTO = PHOTO_FILE.read_bytes()
EXPECTED = facemask.trace_face(landmarks=sample.LANDMARKS, image_size=(900, 900))
SIZE = {"image_size": [900, 900]}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    with TestClient(create_app(Settings(database=None, cache=CacheSettings()))) as http:
        yield http


def post(client: TestClient[Any], **request: Any) -> dict[str, Any]:
    response: dict[str, Any] = client.post(f"{API}/submit?wait=30", **request).json()
    return response


def requests() -> dict[str, dict[str, Any]]:
    """The same input in every body format, with and without the photo."""
    text = base64.b64encode(PHOTO).decode()
    msgpack = {"content-type": "application/msgpack"}
    unfilled = ("", b"", "application/octet-stream")
    return {
        "JSON": {"json": {"image": text, "landmarks": POINTS}},
        "JSON with null": {"json": {"image": text, "segmentation_map": None, "landmarks": POINTS}},
        "JSON without a photo": {"json": {"landmarks": POINTS, "options": SIZE}},
        "JSON of ratios": {
            "json": {
                "landmarks": {"faceLandmarks": [[{"x": x / 900, "y": y / 900} for x, y in POINTS]]},
                "options": SIZE,
            }
        },
        "multipart": {"files": {"image": PHOTO}, "data": {"landmarks": json.dumps(POINTS)}},
        "multipart of a browser": {
            "files": {"image": PHOTO, "segmentation_map": unfilled},
            "data": {"landmarks": json.dumps(POINTS)},
        },
        "multipart without a photo": {"data": {"landmarks": json.dumps(POINTS), "options": json.dumps(SIZE)}},
        "MessagePack": {"content": msgspec.msgpack.encode({"image": PHOTO, "landmarks": POINTS}), "headers": msgpack},
    }


@pytest.mark.parametrize("name", requests())
def test_every_body_format_may_leave_the_map_out(client: TestClient[Any], name: str) -> None:
    request = requests()[name]
    if name == "multipart without a photo":
        request = {"files": {key: (None, value) for key, value in request["data"].items()}}
    job = post(client, **request)
    assert job["status"] == "completed", job
    assert job["labels_from"] == "landmarks"
    if "ratios" not in name:
        assert base64.b64decode(job["svg"]).decode() == EXPECTED.svg
        assert job["regions"] == EXPECTED.regions
    assert [warning["code"] for warning in job["warnings"]] == ["labels_from_landmarks"]
    assert {region["name"] for region in job["regions"] if region.get("guessed")} == {"skin", "brow_r", "brow_l"}


def test_a_request_of_all_fields_says_nothing_of_it(client: TestClient[Any]) -> None:
    pictures = {"image": PHOTO, "segmentation_map": MAP_FILE.read_bytes()}
    body = {name: base64.b64encode(data).decode() for name, data in pictures.items()}
    job = post(client, json={**body, "landmarks": POINTS, "loadtest_mode": False})
    assert job["status"] == "completed"
    assert "labels_from" not in job
    assert not any("guessed" in region for region in job["regions"])
    expected = facemask.trace_face(sample.LABELS, sample.LANDMARKS)
    assert base64.b64decode(job["svg"]).decode() == expected.svg


def test_a_map_needs_no_photo_either(client: TestClient[Any]) -> None:
    label_map = base64.b64encode(MAP_FILE.read_bytes()).decode()
    job = post(client, json={"segmentation_map": label_map, "landmarks": POINTS, "options": SIZE})
    assert base64.b64decode(job["svg"]).decode() == facemask.trace_face(sample.LABELS, sample.LANDMARKS).svg


@pytest.mark.parametrize("export", ["geojson", "coco", "label-map"])
def test_exports_are_those_of_the_library(client: TestClient[Any], export: str) -> None:
    job = post(client, json={"landmarks": POINTS, "options": {**SIZE, "format": export}})
    assert job["file"]["format"] == export
    made = base64.b64decode(job["file"]["data"])
    fetched = client.get(f"{API}/result/{job['id']}?format={export}").content
    if export == "label-map":
        assert fetched == made
        assert set(np.unique(facemask.decode_label_map(made))) == set(range(10))
    else:
        assert json.loads(fetched) == json.loads(made)
        assert len(made) > 100


def test_a_huge_photo_takes_no_memory(client: TestClient[Any]) -> None:
    """Its pixels are counted nowhere: only the box of the face is painted, and of that four million pixels."""
    ratios = (sample.LANDMARKS / 900).tolist()
    options = {"image_size": [1_000_000, 1_000_000], "landmark_units": "normalized", "crop": "none", "frame": "image"}
    job = post(client, json={"landmarks": ratios, "options": options})
    assert job["status"] == "completed", job
    assert job["size"] == [1_000_000, 1_000_000]
    nose = next(region for region in job["regions"] if region["name"] == "nose")
    true = next(region for region in EXPECTED.regions if region["name"] == "nose")
    assert nose["area"] == pytest.approx(true["area"] * (1_000_000 / 900) ** 2, rel=0.02)


@pytest.mark.parametrize(("image", "label_map"), [(PHOTO, b""), (b"", b"")])
def test_a_row_keeps_what_is_missing(image: bytes, label_map: bytes) -> None:
    submission = Submission(image, label_map, LandmarkPoints(sample.LANDMARKS), dict(SIZE), owner=b"o")
    columns = to_columns(submission)
    restored = from_columns(*(columns[name] for name in ("image", "label_map", "landmarks", "about")), b"o")
    assert (restored.options, restored.core_inputs[:2]) == (SIZE, (image or None, None))
    assert restored.landmarks is not None
    assert restored.landmarks.to_bytes() == sample.LANDMARKS.tobytes()
