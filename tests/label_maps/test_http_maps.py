"""Label maps over HTTP: the files of the library, the names of documents, and the cache between them."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.service.app import create_app
from facemask.service.settings import Settings
from litestar.testing import TestClient
from PIL import Image
from support.label_map_files import pillow, saved
from support.label_map_forms import LABELS, coco_document
from support.synthetic_face import Face

API = "/api/v1/frontal/crop"
FACE = Face(angle=20, scale=1.0, size=(150, 160))
PHOTO = pillow(Image.fromarray(FACE.photo), "PNG")


@pytest.fixture(scope="module")
def http() -> Iterator[TestClient[Any]]:
    with TestClient(create_app(Settings(database=None))) as client:
        yield client


def submit(http: TestClient[Any], label_map: bytes, **options: Any) -> dict[str, Any]:
    body = {
        "image": base64.b64encode(PHOTO).decode(),
        "segmentation_map": base64.b64encode(label_map).decode(),
        "landmarks": FACE.landmarks.tolist(),
        "options": options,
    }
    response: dict[str, Any] = http.post(f"{API}/submit?wait=30", json=body).json()
    return response


@pytest.mark.parametrize("form", ["npz", "TIFF", "BMP", "JSON"])
def test_files_of_other_kinds_give_the_same_regions(http: TestClient[Any], form: str):
    files = {
        "npz": lambda: saved(np.savez_compressed, LABELS),
        "TIFF": lambda: pillow(Image.fromarray(LABELS), "TIFF", compression="tiff_lzw"),
        "BMP": lambda: pillow(Image.fromarray(LABELS), "BMP"),
        "JSON": lambda: json.dumps(coco_document()).encode(),
    }
    job = submit(http, files[form]())
    assert job["status"] == "completed", job
    assert job["mask_contours"] == facemask.trace_face(LABELS, FACE.landmarks).mask_contours


def test_names_of_a_document_are_in_the_result_and_part_of_the_cache_key(http: TestClient[Any]):
    document = coco_document()
    job = submit(http, json.dumps(document).encode())
    assert [region["name"] for region in job["regions"]] == [f"part {region['id']}" for region in job["regions"]]
    document["categories"][0]["name"] = "another"
    other = submit(http, json.dumps(document).encode())
    assert other["cache"] == "miss"
    assert other["regions"][0]["name"] == "another"
    given = submit(http, json.dumps(document).encode(), label_names={"1": "mine"})
    assert given["regions"][0]["name"] == "mine"
    assert "part 2" in given["svg"] or "part 2" in base64.b64decode(given["svg"]).decode()


def test_what_is_no_map_is_refused_at_the_door(http: TestClient[Any]):
    for data, code in (
        (b"%PDF-1.7", "map_unsupported"),
        (b'{"shapes": 5}', "map_unsupported"),
        (b"\x93NUMPY\x01\0\xff\xff", "map_corrupt"),
        (pillow(Image.fromarray(LABELS), "JPEG"), "map_not_lossless"),
    ):
        problem = submit(http, data)
        assert (problem["code"], problem["field"]) == (code, "segmentation_map"), problem


def test_a_document_without_a_size_has_that_of_the_photo_and_without_an_area_is_told(http: TestClient[Any]):
    square = [[20, 20, 120, 20, 120, 140, 20, 140]]
    job = submit(http, json.dumps({"annotations": [{"segmentation": square, "category_id": 2}]}).encode())
    assert job["status"] == "completed", job
    assert [region["id"] for region in job["regions"]] == [2]
    for empty in (b'{"shapes": []}', b'{"annotations": []}'):
        job = submit(http, empty)
        assert [warning["code"] for warning in job["warnings"]] == ["map_empty"], job
        assert job["regions"] == []


@pytest.mark.parametrize("channel", [2**63, -(2**63) - 1, 10**30, 256])
def test_a_channel_of_a_palette_may_be_any_number_and_is_refused(http: TestClient[Any], channel: int):
    problem = submit(http, pillow(Image.fromarray(LABELS), "PNG"), label_palette=[[0, 0, 0], [0, channel, 0]])
    assert (problem["code"], problem["field"]) == ("option_invalid", "options.label_palette[1]"), problem


def test_a_map_of_ratios_is_refused(http: TestClient[Any]):
    file = io.BytesIO()
    np.save(file, LABELS / 11)
    job = submit(http, file.getvalue())
    assert job["status"] == "failed"
    assert job["error"]["code"] == "map_invalid"
