"""Landmarks over HTTP: in the response on request, and as keypoints of its formats."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.cli import main
from facemask.service.app import create_app
from facemask.service.cache.settings import CacheSettings
from facemask.service.settings import Settings
from litestar.testing import TestClient
from support import sample
from support.paths import LANDMARKS_FILE, MAP_FILE, PHOTO_FILE

API = "/api/v1/frontal/crop"
FACE = facemask.trace_face(sample.LABELS, sample.LANDMARKS, with_landmarks=True)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    with TestClient(create_app(Settings(database=None, cache=CacheSettings()))) as http:
        yield http


def submit(client: TestClient[Any], **options: Any) -> dict[str, Any]:
    files = {"image": PHOTO_FILE.read_bytes(), "segmentation_map": MAP_FILE.read_bytes()}
    data = {"landmarks": json.dumps(sample.LANDMARKS.tolist()), "options": json.dumps(options)}
    response: dict[str, Any] = client.post(f"{API}/submit?wait=30", files=files, data=data).json()
    return response


def test_the_response_has_the_landmarks_on_request(client: TestClient[Any]):
    assert "landmarks" not in submit(client)
    result = submit(client, with_landmarks=True)
    assert result["landmarks"] == FACE.to_dict()["landmarks"]
    assert result["schemes"]["landmarks"] == "mediapipe-478"
    # Only the request with the landmarks may find this response.
    assert submit(client, with_landmarks=True)["cache"] == "exact"


@pytest.mark.parametrize("form", ["coco", "label-studio", "cvat", "label-studio-config"])
def test_stored_results_have_keypoints(client: TestClient[Any], form: str):
    method = {"coco": FACE.to_coco, "label-studio": FACE.to_label_studio, "cvat": FACE.to_cvat}.get(
        form, FACE.to_label_studio_config
    )
    result = submit(client, with_landmarks=True)
    found = client.get(f"{API}/result/{result['id']}", params={"format": form, "keypoints": "68"})
    made: Any = method(keypoints="68")
    assert (found.text if isinstance(made, str) else found.json()) == made
    # The file of a job does not need them stored.
    file = submit(client, format=form, keypoints="68")["file"]
    assert base64.b64decode(file["data"]) == found.content


def test_results_without_landmarks_have_none(client: TestClient[Any]):
    result = submit(client)
    found = client.get(f"{API}/result/{result['id']}", params={"format": "coco", "keypoints": "five"})
    assert (found.status_code, found.json()["code"], found.json()["field"]) == (422, "format_impossible", "keypoints")
    assert "with_landmarks" in found.json()["detail"]
    refused = submit(client, format="coco", keypoints="twelve")
    assert (refused["code"], refused["field"]) == ("option_invalid", "options.keypoints")
    refused = submit(client, format="geojson", keypoints="five")
    assert (refused["code"], refused["field"]) == ("option_invalid", "options.keypoints")


def test_the_command_line_has_both(tmp_path: Any, capsys: pytest.CaptureFixture[str]):
    files = [str(PHOTO_FILE), str(MAP_FILE), str(LANDMARKS_FILE)]
    out = tmp_path / "out.json"
    assert main(["trace", *files, "--contours", str(out), "--with-landmarks"]) == 0
    points = np.array(json.loads(out.read_text())["landmarks"])
    assert np.abs(points - FACE.landmarks).max() < 0.01
    assert main(["trace", *files, "--contours", str(out)]) == 0
    assert "landmarks" not in json.loads(out.read_text())
    assert main(["trace", *files, "--format", "coco", "--keypoints", "five", "-o", str(out)]) == 0
    assert json.loads(out.read_text()) == FACE.to_coco(keypoints="five")
    capsys.readouterr()
