"""A photo alone over HTTP, with the real networks: body formats, several faces, errors, cache and database."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import facemask
import msgspec
import numpy as np
import pytest
from facemask.models.catalog import FACE
from facemask.service.app import create_app
from facemask.service.cache.settings import CacheSettings
from facemask.service.core.face_detection import detect_faces_in
from facemask.service.database.settings import DatabaseSettings
from facemask.service.jobs.job import Submission
from facemask.service.jobs.postgres.serialization import from_columns, to_columns
from facemask.service.settings import LimitSettings, Settings
from litestar.testing import TestClient
from PIL import Image
from support.paths import MAP_FILE, PHOTO_FILE

API = "/api/v1/frontal/crop"
PHOTO = PHOTO_FILE.read_bytes()
DETECT = {"detect": True}


@pytest.fixture
def client(face_model: Path) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(Settings(database=None, cache=CacheSettings()))) as http:
        yield http


def post(client: TestClient[Any], image: bytes = PHOTO, files: dict[str, bytes] | None = None, **options: Any) -> Any:
    """Submit a photo with the option `detect` in multipart form, and return the job or the problem."""
    parts = {"image": image} | (files or {})
    data = {"options": json.dumps(DETECT | options)}
    return client.post(f"{API}/submit?wait=60", files=parts, data=data).json()


def encode(picture: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG" if not options else "JPEG", **options)
    return file.getvalue()


def pair() -> bytes:
    """Two copies of the sample side by side; the right one lies on its side."""
    photo = Image.open(PHOTO_FILE).convert("RGB")
    sheet = Image.new("RGB", (1800, 900))
    sheet.paste(photo, (0, 0))
    sheet.paste(photo.resize((500, 500)).transpose(Image.Transpose.ROTATE_90), (1000, 100))
    return encode(sheet)


def svg(job: dict[str, Any]) -> str:
    return base64.b64decode(job["svg"]).decode()


def test_every_body_format_may_be_a_photo_alone(client: TestClient[Any]):
    expected = facemask.trace_photo(PHOTO)
    text = base64.b64encode(PHOTO).decode()
    for request in (
        {"json": {"image": text, "options": DETECT}},
        {"files": {"image": PHOTO}, "data": {"options": json.dumps(DETECT)}},
        {
            "content": msgspec.msgpack.encode({"image": PHOTO, "options": DETECT}),
            "headers": {"content-type": "application/msgpack"},
        },
    ):
        job = client.post(f"{API}/submit?wait=60", **request).json()
        assert job["status"] == "completed", job
        assert svg(job) == expected.svg
        assert job["labels_from"] == "landmarks"
        face = facemask.detect_faces(PHOTO)[0]
        assert job["detected"]["box"] == pytest.approx(face.box, abs=0.01)
        assert job["detected"]["agreement"] == pytest.approx(face.agreement, abs=1e-4)
        assert client.get(f"{API}/result/{job['id']}.svg").text == expected.svg
        assert client.get(f"{API}/result/{job['id']}?format=geojson").json()["features"]


def test_other_options_and_a_map_are_taken_as_ever(client: TestClient[Any]):
    job = post(client, regions="zones", crop_image=True, cache="off")
    assert "chin" in {region["name"] for region in job["regions"]}
    assert client.get(f"{API}/result/{job['id']}.jpg").content.startswith(b"\xff\xd8")
    job = post(client, files={"segmentation_map": MAP_FILE.read_bytes()})
    assert "hair" in {region["name"] for region in job["regions"]}
    assert "labels_from" not in job


def test_several_faces_are_chosen_by_index_by_point_or_all(client: TestClient[Any]):
    image = pair()
    job = post(client, image, tiles=2)
    assert "several_faces" in {warning["code"] for warning in job["warnings"]}, "1.5 times as large"
    left, right = (post(client, image, face=index, tiles=2) for index in (0, 1))
    assert svg(left) == svg(job)
    assert right["roll_degrees"] == pytest.approx(3.1 - 90, abs=1)
    x, y, width, height = right["detected"]["box"]
    assert svg(post(client, image, face=[x + width / 2, y + height / 2], tiles=2)) == svg(right)
    everyone = post(client, image, face="all", tiles=2)
    assert svg(everyone) == svg(left)
    (further,) = everyone["further_faces"]
    assert further == {name: value for name, value in right.items() if name in further}
    assert {"svg", "mask_contours", "detected"} <= further.keys()
    none = post(client, image, face=[1, 1])["error"]
    assert (none["code"], none["field"]) == ("option_invalid", "options.face")


def test_an_ambiguous_photo_lists_the_boxes(client: TestClient[Any]):
    photo = Image.open(PHOTO_FILE).convert("RGB")
    sheet = Image.new("RGB", (1800, 900))
    sheet.paste(photo, (0, 0))
    sheet.paste(photo, (900, 0))
    error = post(client, encode(sheet))["error"]
    assert (error["code"], error["field"]) == ("face_ambiguous", "image")
    assert "0: 27" in error["detail"]
    assert "1: 27" in error["detail"]


@pytest.mark.parametrize(("gray", "code"), [(True, "no_face"), (False, "face_uncertain")])
def test_a_photo_without_a_certain_face_fails_the_job(client: TestClient[Any], gray: bool, code: str):
    import skimage.data  # noqa: PLC0415 - heavy

    moon = Image.fromarray(np.asarray(skimage.data.moon())).convert("RGB")
    error = post(client, encode(Image.new("RGB", (300, 200), (99, 99, 99)) if gray else moon))["error"]
    assert (error["code"], error["field"]) == (code, "image")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"face": "left"}, "options.face"),
        ({"tiles": 3}, "options.tiles"),
        ({"min_size": 0}, "options.min_size"),
        ({"image_size": [900, 900]}, "options.image_size"),
        ({"landmark_scheme": "mediapipe-478"}, "options.landmark_scheme"),
        ({"landmarks_frame": "raw"}, "options.landmarks_frame"),
        ({"face": -1}, "options.face"),
        ({"detect": False, "tiles": 2}, "options.tiles"),
        ({"detect": False, "face": "all"}, "options.face"),
        ({"detect": False, "face": [1, 2]}, "options.face"),
    ],
)
def test_options_that_do_not_fit_are_refused_at_once(client: TestClient[Any], options: dict[str, Any], field: str):
    problem = post(client, **options)
    assert (problem["status"], problem["code"], problem["field"]) == (422, "option_invalid", field)


def test_landmarks_beside_detection_and_a_missing_photo_are_refused(client: TestClient[Any]):
    problem = post(client, files={"landmarks": b"[[1, 2], [3, 4]]"})
    assert (problem["code"], problem["field"]) == ("option_invalid", "options.detect")
    problem = client.post(f"{API}/submit", json={"options": DETECT}).json()
    assert (problem["code"], problem["field"]) == ("validation_failed", "image")


def test_a_missing_model_is_said_at_once(models_folder: Path):
    with TestClient(create_app(Settings(database=None))) as client:
        response = client.post(f"{API}/submit", files={"image": PHOTO}, data={"options": json.dumps(DETECT)})
        problem = response.json()
        assert (response.status_code, problem["code"], problem["field"]) == (501, "model_missing", "options.detect")
        assert "facemask models fetch" in problem["detail"] or "pip install" in problem["detail"]
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.usefixtures("face_model")
def test_a_damaged_model_fails_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / FACE.file_name).write_bytes(bytes(FACE.byte_count))
    monkeypatch.setenv("FACEMASK_MODELS", str(tmp_path))
    with TestClient(create_app(Settings(database=None))) as client:
        error = post(client)["error"]
    assert (error["code"], error["field"]) == ("model_invalid", "options.detect")
    assert "SHA-256" in error["detail"]


def test_the_cache_answers_the_same_bytes_only(client: TestClient[Any]):
    first, again = post(client), post(client)
    assert (first["cache"], again["cache"]) == ("miss", "exact")
    assert svg(again) == svg(first)
    photo = Image.open(PHOTO_FILE).convert("RGB")
    mirrored = post(client, encode(photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT), quality=95))
    saved_again = post(client, encode(photo, quality=95))
    assert [job["cache"] for job in (mirrored, saved_again, post(client, tiles=2))] == ["miss"] * 3
    given = facemask.detect_faces(PHOTO)[0].points.tolist()
    points = client.post(f"{API}/submit?wait=30", files={"image": PHOTO}, data={"landmarks": json.dumps(given)}).json()
    assert (points["cache"], "detected" in points) == ("miss", False)
    client.delete(f"{API}/{first['id']}")
    assert post(client)["cache"] == "miss"


def test_all_faces_together_are_bounded(face_model: Path):
    settings = Settings(database=None, limits=LimitSettings(response_bytes=40_000))
    with TestClient(create_app(settings)) as client:
        assert post(client, pair(), face=0, tiles=2)["status"] == "completed"
        error = post(client, pair(), face="all", tiles=2)["error"]
    assert error["code"] == "result_too_large"
    assert "2 faces" in error["detail"]


def test_a_large_photo_is_refused(face_model: Path):
    with TestClient(create_app(Settings(database=None, limits=LimitSettings(decode_pixels=800_000)))) as client:
        error = post(client)["error"]
    assert (error["code"], error["field"]) == ("image_too_large", "image")


def test_detection_travels_in_a_row():
    for detection in (None, {}, {"face": [3.5, 4.0], "tiles": 2, "min_size": 30.0}, {"face": "all"}):
        row = to_columns(Submission(PHOTO, b"", detection=detection))
        assert from_columns(**row, owner=b"").detection == detection


@pytest.mark.usefixtures("face_model")
def test_jobs_of_the_database_detect_too(database: DatabaseSettings):
    with TestClient(create_app(Settings(database=database, cache=CacheSettings()))) as client:
        first, again = post(client), post(client)
    assert svg(first) == facemask.trace_photo(PHOTO).svg
    assert (first["cache"], again["cache"]) == ("miss", "exact")


@pytest.mark.usefixtures("face_model")
def test_idle_networks_are_used_again(monkeypatch: pytest.MonkeyPatch):
    from facemask.detection import networks  # noqa: PLC0415

    idle: list[Any] = []
    monkeypatch.setattr(networks, "_idle", idle)
    limits = facemask.decoding.LIMITS
    for _ in range(3):
        detect_faces_in(PHOTO, limits, has_labels=False, options={})
        assert len(idle) == 1
