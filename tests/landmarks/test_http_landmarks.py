"""Landmarks in the JSON of detectors over HTTP: the same reader, its bounds, the option `face`, and the cache."""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import facemask
import msgspec
import numpy as np
import pytest
from api_forms import API_FORMS
from facemask._core import LandmarkPoints
from facemask.landmarks import read_landmarks
from facemask.service.app import create_app
from facemask.service.cache.settings import CacheSettings
from facemask.service.core import native
from facemask.service.errors import ProblemError
from facemask.service.intake.codecs import MAX_VALUE_BYTES
from facemask.service.intake.content_type import BodyFormat, ContentType
from facemask.service.intake.decoding import Decoder
from facemask.service.jobs.job import Submission
from facemask.service.jobs.postgres.serialization import from_columns, to_columns
from facemask.service.settings import Settings
from landmark_forms import COCO, IBUG, JSON_FORMS, MESH, RETINAFACE, SIZE, to_json
from litestar.testing import TestClient
from support import sample
from support.paths import MAP_FILE, PHOTO_FILE

SUBMIT = "/api/v1/frontal/crop/submit?wait=30"
FILES = {"image": PHOTO_FILE.read_bytes(), "segmentation_map": MAP_FILE.read_bytes()}
TEXTS = {name: b64encode(data).decode() for name, data in FILES.items()}
OTHER = (MESH - MESH.mean(0)) * 0.5 + MESH.mean(0) + 10.0  # its crop still holds some of the labeled face
TWO = [OTHER.tolist(), MESH.tolist()]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Any]]:
    app = create_app(Settings(database=None, cache=CacheSettings()))
    with TestClient(app) as http:
        yield http


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder(native, native.Limits(), persisted=True)


def decode(decoder: Decoder, landmarks: Any, **options: Any) -> Submission:
    text = json.dumps({**TEXTS, "landmarks": landmarks, "options": options})
    return decoder.decode(ContentType(BodyFormat.JSON), text.encode())


def submit(client: TestClient[Any], landmarks: Any, **options: Any) -> dict[str, Any]:
    body = {**TEXTS, "landmarks": landmarks, "options": options}
    job: dict[str, Any] = client.post(SUBMIT, json=body).json()
    return job


ALL_JSON_FORMS = JSON_FORMS + [form for form in API_FORMS if to_json(form.value) is not None]


@pytest.mark.parametrize("form", ALL_JSON_FORMS, ids=lambda form: form.name)
def test_every_form_with_json_is_the_same_over_http(decoder: Decoder, form: Any):
    value = json.loads(to_json(form.value) or "")
    faces = read_landmarks(value)
    submission = decode(decoder, value)
    assert submission.landmarks is not None
    assert submission.landmarks.to_bytes() == faces.points[0].tobytes()
    assert submission.options.get("landmark_units", "auto") == faces.units
    for units in ("pixel", "normalized"):
        assert decode(decoder, value, landmark_units=units).options["landmark_units"] == units


def test_the_three_kinds_of_bodies_read_one_form(client: TestClient[Any]):
    value = {"faceLandmarks": [[{"x": x, "y": y, "z": 0.0} for x, y in (MESH / SIZE).tolist()]]}
    answers = [submit(client, value, cache="off")]
    parts = {"landmarks": json.dumps(value), "options": '{"cache": "off"}'}
    answers.append(client.post(SUBMIT, files=FILES, data=parts).json())
    packed = msgspec.msgpack.encode({**FILES, "landmarks": value, "options": {"cache": "off"}})
    answers.append(client.post(SUBMIT, content=packed, headers={"content-type": "application/msgpack"}).json())
    expected = facemask.trace_face(sample.LABELS, MESH / SIZE, image_size=SIZE, landmark_units="normalized")
    for job in answers:
        assert job["status"] == "completed"
        assert job["warnings"] == []
        assert job["mask_contours"] == expected.mask_contours


@pytest.mark.parametrize("value", [COCO, {"face_1": RETINAFACE}], ids=["COCO", "RetinaFace"])
def test_documents_are_traced(client: TestClient[Any], value: Any):
    job = submit(client, value)
    assert job["roll_degrees"] == pytest.approx(sample.TILT, abs=2.5)


def test_of_several_faces_the_one_of_the_map_is_traced(client: TestClient[Any]):
    alone = submit(client, MESH.tolist())
    job = submit(client, TWO)
    assert job["svg"] == alone["svg"]
    assert [warning["code"] for warning in job["warnings"]] == ["several_faces"]
    assert "2 faces were given, face 1" in job["warnings"][0]["detail"]
    named = submit(client, TWO, face=0)
    assert "several_faces" not in {warning["code"] for warning in named["warnings"]}
    assert named["svg"] == submit(client, OTHER.tolist())["svg"]


def test_an_index_without_a_face_fails_the_job(client: TestClient[Any]):
    job = submit(client, TWO, face=2)
    assert job["status"] == "failed"
    assert job["error"] == {
        "code": "option_invalid",
        "detail": "there is no face 2: 2 faces were given, 0 to 1",
        "field": "options.face",
    }


@pytest.mark.parametrize("face", [-1, 10**30, "0"])
def test_what_is_no_index_is_refused_at_once(client: TestClient[Any], face: Any):
    body = {**TEXTS, "landmarks": TWO, "options": {"face": face}}
    response = client.post(SUBMIT, content=json.dumps(body), headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert (response.json()["code"], response.json()["field"]) == ("option_invalid", "options.face")


@pytest.mark.parametrize("face", [0.5, True, [0], [1, 2, 3]])
def test_an_index_of_another_type_is_refused_at_once(client: TestClient[Any], face: Any):
    response = client.post(SUBMIT, json={**TEXTS, "landmarks": TWO, "options": {"face": face}})
    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")


def test_the_cache_keeps_faces_and_their_order_apart(client: TestClient[Any]):
    def status(landmarks: Any, **options: Any) -> str:
        return str(submit(client, landmarks, tolerance=0.75, **options)["cache"])

    assert status(TWO) == "miss"
    assert status(TWO) == "exact"
    assert status(TWO[::-1]) == "miss"
    assert status(TWO, face=0) == "miss"
    assert status(TWO, face=1) == "miss"
    assert status(TWO, face=1) == "exact"
    # A third face is another input, whichever face is traced.
    assert status([*TWO, TWO[0]]) == "miss"
    assert submit(client, TWO, tolerance=0.75, face=0)["svg"] != submit(client, TWO, tolerance=0.75, face=1)["svg"]


def test_the_cache_keeps_the_units_of_forms_apart(client: TestClient[Any]):
    points = (IBUG / 1000).tolist()
    first = submit(client, points, tolerance=0.8)
    named = submit(client, points, tolerance=0.8, landmark_units="normalized")
    assert first["cache"] == "miss"
    assert named["cache"] == "miss"
    assert submit(client, {"faceLandmarks": [points]}, tolerance=0.8)["cache"] == "exact"


def test_a_submission_with_several_faces_survives_the_database():
    faces = LandmarkPoints([MESH, IBUG, np.empty((0, 2)), MESH[:5]])
    stored = to_columns(Submission(b"photo", b"map", faces, {"face": 1}))
    again = from_columns(b"photo", b"map", stored["landmarks"], stored["about"], b"")
    assert again.landmarks is not None
    assert (again.landmarks.counts, again.landmarks.to_bytes()) == (faces.counts, faces.to_bytes())
    assert again.options == {"face": 1}
    stored = to_columns(Submission(b"photo", b"map", LandmarkPoints(MESH)))
    again = from_columns(b"photo", b"map", stored["landmarks"], stored["about"], b"")
    assert again.landmarks is not None
    assert (again.landmarks.counts, again.landmarks.to_bytes()) == ([len(MESH)], MESH.tobytes())
    stored = to_columns(Submission(b"photo", b"map"))
    assert from_columns(b"photo", b"map", stored["landmarks"], stored["about"], b"").landmarks is None


def deep(levels: int, key: str) -> str:
    return f'{{"{key}":' * levels + "[[1,2]]" + "}" * levels


FACES = json.dumps({"faces": [[[1, 2]]] * 2000})
HOSTILE = {
    "deep objects": deep(200, "data"),
    "deeper objects": deep(9, "result"),
    "deep lists": "[" * 400 + "1" + "]" * 400,
    "faces without end": FACES,
    "faces in faces": json.dumps({"faces": [[[[1, 2]] * 5] * 3] * 3}),
    "names without end": json.dumps({f"left_eye{i}": [1, 2] for i in range(5000)}),
    "numbered faces": json.dumps({f"face_{i}": {} for i in range(5000)}),
    "columns": json.dumps({f"x_{i}": 1 for i in range(5000)}),
    "columns of lists": json.dumps({"x": [[1]] * 9, "y": [[1]] * 9}),
    "a cell that is an object": json.dumps({"x_0": {}, "y_0": {}}),
    "an unknown object": '{"a": {"b": 1}}',
    "null in a form": '{"landmarks": {"left_eye": null, "right_eye": null}}',
    "shapes of numbers": '{"shapes": [1, 2]}',
    "annotations of numbers": '{"annotations": [1, 2]}',
    "keypoints of text": '{"keypoints": ["a", "b", "c"]}',
    "numbers beyond floats": '{"landmark": [{"x": 1e400, "y": 1}]}',
    "long text as number": json.dumps([["1" * 10_000, 1]]),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_landmarks_are_refused_with_a_short_message(decoder: Decoder, name: str):
    text = json.dumps({**TEXTS, "landmarks": 0})[:-2] + HOSTILE[name] + "}"
    with pytest.raises(ProblemError) as caught:
        decoder.decode(ContentType(BodyFormat.JSON), text.encode())
    assert caught.value.code in {"landmarks_invalid", "malformed_body", "validation_failed"}
    assert caught.value.field.startswith("landmarks")
    assert len(caught.value.detail) < 400
    assert len(caught.value.field) < 120


def test_landmarks_have_a_bound_in_bytes_in_every_form(decoder: Decoder):
    value = {"landmarks": [[1.0, 2.0]], "padding": "x" * MAX_VALUE_BYTES}
    with pytest.raises(ProblemError) as caught:
        decode(decoder, value)
    assert (caught.value.code, caught.value.field) == ("validation_failed", "landmarks")


def test_the_description_of_the_api_tells_lists_from_objects(client: TestClient[Any]):
    document = client.get("/docs/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert schemas["SubmitJson"]["properties"]["landmarks"] == {"$ref": "#/components/schemas/Landmarks"}
    assert schemas["Landmarks"]["description"].startswith("A list of points")
    assert "or an object" in schemas["Landmarks"]["description"]
    assert "type" not in schemas["Landmarks"]
    forms = schemas["Options"]["properties"]["face"]["anyOf"]
    assert [form["type"] for form in forms[0]["anyOf"]] == ["integer", "string", "array"]
    assert forms[1:] == [{"type": "null"}]
