"""Submissions: bodies in three formats, responses, and validation errors."""

from __future__ import annotations

import base64
import json
import math
import xml.etree.ElementTree as ET
from typing import Any

import msgspec
import pytest
from facemask.service.schemas import CompletedBody, FailedBody
from litestar.testing import TestClient
from support.service.fake_tracer import API, JSON, LANDMARKS, MAP, FakeTracer, body, photo
from support.service.problems import assert_problem

Client = TestClient[Any]


def test_the_original_body_is_accepted_and_its_job_completes(client: Client) -> None:
    response = client.post("/submit", json=body())
    assert response.status_code == 202
    job_id = response.json()["id"]
    assert response.json() == {"id": job_id, "status": "pending"}
    assert response.headers["location"] == f"{API}/status/{job_id}"
    assert int(response.headers["retry-after"]) >= 1
    done = client.get(f"/status/{job_id}?wait=5")
    assert done.status_code == 200
    answer = msgspec.json.decode(done.content, type=CompletedBody)
    assert answer.id == job_id
    assert ET.fromstring(base64.b64decode(answer.svg)).tag.endswith("svg")
    assert answer.mask_contours["6"][0][1] == [1.25, 0.0]
    assert answer.regions[0]["name"] == "nose"
    assert answer.crop_from_image == [1.0, 0.0, -3.0, 0.0, 1.0, -4.0]
    assert (answer.size, answer.roll_degrees, answer.roll_from) == ([120, 160], 12.5, "landmarks")
    assert answer.mirrored is False
    assert answer.warnings[0].code == "note"
    assert {"queue", "decode", "trace", "total"} <= answer.timings_ms.keys()
    assert done.json()["cache"] == "miss"


def test_wait_answers_with_the_finished_job(client: Client) -> None:
    response = client.post("/submit?wait=5", json=body(sleep=0.05))
    assert response.status_code == 200
    assert response.json()["status"] == "completed"
    assert "retry-after" not in response.headers


def test_wait_gives_up_when_its_time_is_over(client: Client, tracer: FakeTracer) -> None:
    response = client.post("/submit?wait=0.05", json=body(hold=True))
    assert response.status_code == 202
    assert response.json()["status"] == "processing"


def test_wait_is_shortened_to_the_limit(make_client: Any) -> None:
    client = make_client(wait_seconds=0.05)
    assert client.post("/submit?wait=1000000", json=body(hold=True)).status_code == 202


@pytest.mark.parametrize("wait", ["nan", "-1", "inf", "-inf", "soon", "", "1e999"])
def test_a_senseless_wait_is_refused_and_makes_no_job(client: Client, tracer: FakeTracer, wait: str) -> None:
    assert_problem(client.post(f"/submit?wait={wait}", json=body()), 422, "validation_failed", "wait")
    assert_problem(client.get(f"/status/x?wait={wait}"), 422, "validation_failed", "wait")
    assert tracer.checked == 0


@pytest.mark.parametrize("landmarks", [None, []])
def test_without_landmarks_the_map_decides(client: Client, tracer: FakeTracer, landmarks: Any) -> None:
    assert client.post("/submit?wait=5", json=body(landmarks)).status_code == 200
    assert tracer.last_landmarks is None
    sent = body()
    del sent["landmarks"]
    del sent["loadtest_mode"]
    assert client.post("/submit?wait=5", json=sent).status_code == 200


def test_landmarks_reach_the_engine_as_an_array(client: Client, tracer: FakeTracer) -> None:
    client.post("/submit?wait=5", json=body())
    assert tracer.last_landmarks.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert tracer.last_landmarks.dtype == "float64"


def test_options_reach_the_engine_and_only_those_that_were_given(client: Client, tracer: FakeTracer) -> None:
    options = {"tolerance": 2, "style": "numbered", "label_palette": [[0, 0, 0], [255, 0, 0]]}
    assert client.post("/submit?wait=5", json=body() | {"options": options}).status_code == 200
    assert tracer.last_options is not None
    given = tracer.last_options.given
    assert given.pop("label_palette") == [[0, 0, 0], [255, 0, 0]]
    assert given == {"tolerance": 2, "style": "numbered", "crop": "face"}


@pytest.mark.parametrize("prefix", ["data:image/png;base64,", ""])
def test_base64_may_have_a_prefix_and_line_breaks(client: Client, prefix: str) -> None:
    sent = body()
    text = sent["image"].rstrip("=").replace("+", "-").replace("/", "_")
    sent["image"] = f"{prefix}{text[:5]}\r\n {text[5:]}"
    assert client.post("/submit?wait=5", json=sent).status_code == 200


def body_with(**fields: Any) -> dict[str, Any]:
    return body() | fields


VALIDATION = [
    (body_with(image="!!!!"), "base64_invalid", "image"),
    (body_with(segmentation_map="*"), "base64_invalid", "segmentation_map"),
    (body_with(image=base64.b64encode(b"GIF89a").decode()), "image_unsupported", "image"),
    (body_with(segmentation_map=base64.b64encode(b"JPEG").decode()), "map_unsupported", "segmentation_map"),
    (body_with(image=1), "validation_failed", "image"),
    (body_with(image=None), "validation_failed", "image"),
    (body_with(loadtest_mode="yes"), "validation_failed", "loadtest_mode"),
    (body_with(loadtest_mode=1), "validation_failed", "loadtest_mode"),
    (body_with(landmarks=[{"x": "left", "y": 2}]), "landmarks_invalid", "landmarks[0].x"),
    (body_with(landmarks="points"), "landmarks_invalid", "landmarks[0].x"),
    (body_with(options={"tolerance": -1}), "option_invalid", "options.tolerance"),
    (body_with(options={"tolerance": "x"}), "validation_failed", "options.tolerance"),
    (body_with(options={"tolerence": 1}), "validation_failed", "options.tolerence"),
    (body_with(options=[]), "validation_failed", "options"),
    (body_with(options={"label_palette": [[1, 2]]}), "validation_failed", "options.label_palette[0]"),
    (body_with(colour="red"), "validation_failed", "colour"),
    ({}, "validation_failed", "image"),
    ([], "validation_failed", ""),
    (None, "validation_failed", ""),
    ("text", "validation_failed", ""),
]


@pytest.mark.parametrize(("sent", "code", "field"), VALIDATION)
def test_a_wrong_value_is_422_with_its_path(client: Client, sent: Any, code: str, field: str) -> None:
    response = client.post("/submit", content=msgspec.json.encode(sent), headers=JSON)
    document = assert_problem(response, 422, code, field)
    assert "$" not in document["detail"]
    assert client.post("/submit?wait=5", json=body()).status_code == 200


def test_an_unknown_option_is_named_and_the_known_ones_are_listed(client: Client) -> None:
    detail = client.post("/submit", json=body_with(options={"tolerence": 1})).json()["detail"]
    assert "tolerance" in detail


pack = msgspec.msgpack.encode
DEEP = 20_000
MALFORMED = {
    "empty": b"",
    "cut": b'{"image": "ab',
    "not utf-8": b'{"image": "\xff\xfe"}',
    "trailing": b"{} {}",
    "nan": b'{"image": "a", "segmentation_map": "b", "landmarks": [NaN]}',
    "single quotes": b"{'image': 'a'}",
    "deep": b'{"image": "a", "segmentation_map": "b", "landmarks": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep in an unknown field": b'{"other": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"landmarks": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "utf-16": json.dumps({"image": "a"}).encode("utf-16"),
    "nul": b"\0" * 10,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_json_is_400(client: Client, name: str) -> None:
    field = "landmarks[0]" if name == "nan" else ""
    assert_problem(client.post("/submit", content=MALFORMED[name], headers=JSON), 400, "malformed_body", field)
    assert client.post("/submit?wait=5", json=body()).status_code == 200


def test_numbers_beyond_floats_are_refused(client: Client) -> None:
    text = json.dumps(body()).replace('"x": 1.0', '"x": 1e999')
    response = client.post("/submit", content=text, headers=JSON)
    assert response.status_code == 422
    assert response.json()["field"].startswith("landmarks")


def test_of_a_repeated_key_the_last_one_counts(client: Client, tracer: FakeTracer) -> None:
    text = json.dumps(body(name="last"))
    first = base64.b64encode(photo(name="first")).decode()
    response = client.post("/submit?wait=5", content=f'{{"image": "{first}", {text[1:]}', headers=JSON)
    assert response.status_code == 200
    assert tracer.traced == ["last"]


def test_a_byte_order_mark_and_a_charset_do_no_harm(client: Client) -> None:
    text = b"\xef\xbb\xbf" + json.dumps(body()).encode()
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert client.post("/submit?wait=5", content=text, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "image/png", "json", ";", "", "\xff"],
)
def test_other_content_types_are_415_and_say_what_to_send(client: Client, content_type: str) -> None:
    headers = {b"content-type": content_type.encode("latin-1")} if content_type else {}
    response = client.post("/submit", content=json.dumps(body()).encode(), headers=headers)
    document = assert_problem(response, 415, "unsupported_media_type")
    assert "application/json" in document["detail"]


def test_compressed_bodies_are_415(client: Client) -> None:
    headers = JSON | {"content-encoding": "gzip"}
    response = client.post("/submit", content=b"\x1f\x8b", headers=headers)
    assert_problem(response, 415, "unsupported_media_type")
    assert response.headers["accept-encoding"] == "identity"
    assert client.post("/submit", json=body(), headers={"content-encoding": "identity"}).status_code == 202


def test_a_body_announced_or_received_too_large_is_413(make_client: Any, tracer: FakeTracer) -> None:
    client = make_client(body_bytes=2000)
    assert_problem(client.post("/submit", content=b" " * 2001, headers=JSON), 413, "body_too_large")
    chunks = (b" " * 1000 for _ in range(3))
    assert_problem(client.post("/submit", content=chunks, headers=JSON), 413, "body_too_large")
    assert client.post("/submit?wait=5", json=body()).status_code == 200
    assert tracer.checked == 1


# msgpack


def test_msgpack_carries_raw_bytes(client: Client, tracer: FakeTracer) -> None:
    sent = {"image": photo(), "segmentation_map": MAP, "landmarks": LANDMARKS, "options": {"tolerance": 1.5}}
    for name in ("application/msgpack", "application/x-msgpack", "application/vnd.msgpack"):
        response = client.post("/submit?wait=5", content=msgspec.msgpack.encode(sent), headers={"content-type": name})
        assert response.status_code == 200
    assert tracer.last_options is not None
    assert tracer.last_options.given["tolerance"] == 1.5
    assert tracer.last_landmarks.shape == (2, 2)


@pytest.mark.parametrize(
    ("content", "status", "code", "field"),
    [
        (b"", 400, "malformed_body", ""),
        (b"\xc1", 400, "malformed_body", ""),
        (pack({"image": "text", "segmentation_map": b""}), 422, "validation_failed", "image"),
        (pack({"image": b"FAKE"}), 422, "validation_failed", "segmentation_map"),
        (pack({1: 2}), 422, "validation_failed", ""),
        (b"\x81\xa9landmarks" + b"\x91" * DEEP, 400, "malformed_body", ""),
        (
            pack({"image": photo(), "segmentation_map": MAP, "landmarks": [[math.nan, 1.0]]}),
            422,
            "landmarks_invalid",
            "landmarks[0]",
        ),
    ],
)
def test_bad_msgpack_is_refused(client: Client, content: bytes, status: int, code: str, field: str) -> None:
    response = client.post("/submit", content=content, headers={"content-type": "application/msgpack"})
    assert_problem(response, status, code, field)


# multipart


def multipart_form(**parts: Any) -> dict[str, Any]:
    files = {"image": ("a.jpg", photo(), "image/jpeg"), "segmentation_map": ("m.png", MAP)}
    return {name: part for name, part in (files | parts).items() if part is not None}


def test_multipart_carries_files_and_json(client: Client, tracer: FakeTracer) -> None:
    parts = multipart_form(
        landmarks=(None, json.dumps(LANDMARKS)),
        options=("o.json", b'{"tolerance": 3}'),
        loadtest_mode=(None, "true"),
    )
    assert client.post("/submit?wait=5", files=parts).json()["status"] == "completed"
    assert tracer.last_options is not None
    assert tracer.last_options.given["tolerance"] == 3
    assert tracer.last_landmarks.shape == (2, 2)


def test_empty_form_fields_count_as_absent(client: Client, tracer: FakeTracer) -> None:
    parts = multipart_form(landmarks=(None, ""), options=(None, " "), loadtest_mode=(None, ""))
    assert client.post("/submit?wait=5", files=parts).status_code == 200
    assert tracer.last_landmarks is None


@pytest.mark.parametrize(
    ("parts", "status", "code", "field"),
    [
        ({"image": None}, 422, "validation_failed", "image"),
        ({"segmentation_map": None}, 422, "validation_failed", "segmentation_map"),
        ({"picture": ("p", b"x")}, 422, "validation_failed", "picture"),
        ({"landmarks": (None, "[{")}, 400, "malformed_body", "landmarks"),
        ({"landmarks": (None, "[" * DEEP)}, 400, "malformed_body", "landmarks"),
        ({"landmarks": (None, '[{"x": "a", "y": 1}]')}, 422, "landmarks_invalid", "landmarks[0].x"),
        ({"options": (None, '{"tolerance": "x"}')}, 422, "validation_failed", "options.tolerance"),
        ({"options": (None, '{"tolerence": 1}')}, 422, "validation_failed", "options.tolerence"),
        ({"options": (None, '{"tolerance": -1}')}, 422, "option_invalid", "options.tolerance"),
        ({"loadtest_mode": (None, "maybe")}, 422, "validation_failed", "loadtest_mode"),
        ({"image": ("a", b"GIF")}, 422, "image_unsupported", "image"),
        ({"image": ("a.jpg", b"")}, 422, "image_unsupported", "image"),
        ({"landmarks": ("points.json", b"")}, 422, "validation_failed", "landmarks"),
        ({"landmarks": ("points.json", b"\n")}, 422, "validation_failed", "landmarks"),
        ({"options": ("options.json", b"")}, 422, "validation_failed", "options"),
        ({"loadtest_mode": ("mode.txt", b"")}, 422, "validation_failed", "loadtest_mode"),
    ],
)
def test_bad_parts_are_refused(client: Client, parts: Any, status: int, code: str, field: str) -> None:
    assert_problem(client.post("/submit", files=multipart_form(**parts)), status, code, field)


def test_an_unfilled_file_field_of_a_browser_counts_as_absent(client: Client, tracer: FakeTracer) -> None:
    fields = {"image": photo(), "segmentation_map": MAP, "landmarks": b"", "options": b""}
    body = b""
    for name, content in fields.items():
        file_name = f"{name}.bin" if content else ""
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        body += head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b"}
    response = client.post("/submit?wait=5", content=body + b"--b--\r\n", headers=headers)
    assert response.json()["status"] == "completed"
    assert tracer.last_landmarks is None


@pytest.mark.parametrize(
    ("content", "parameters"),
    [
        (b"", "; boundary=b"),
        (b"nothing of the kind", "; boundary=b"),
        (b"--b\r\n", "; boundary=b"),
        (b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\nFAKE', "; boundary=b"),
        (b"--b\r\n\r\nno name\r\n--b--\r\n", "; boundary=b"),
        (b"--b\r\n" + b"X: " + b"y" * 10_000 + b"\r\n\r\n\r\n--b--\r\n", "; boundary=b"),
        (b"--b--\r\n", ""),
        (b"--b--\r\n", "; boundary="),
        (b"--b--\r\n", "; boundary=" + "b" * 1000),
    ],
)
def test_bad_multipart_is_400(client: Client, content: bytes, parameters: str) -> None:
    headers = {"content-type": "multipart/form-data" + parameters}
    assert_problem(client.post("/submit", content=content, headers=headers), 400, "malformed_body")


def test_a_part_that_comes_twice_is_refused_and_parts_are_counted(client: Client) -> None:
    twice = [("image", ("a", photo())), ("image", ("b", photo())), ("segmentation_map", ("m", MAP))]
    assert_problem(client.post("/submit", files=twice), 422, "validation_failed", "image")
    many = [(f"part{i}", ("a", b"x")) for i in range(100)]
    assert_problem(client.post("/submit", files=many), 400, "malformed_body")


def test_loadtest_mode_skips_the_simulated_delay(make_client: Any) -> None:
    client = make_client(simulated_delay=30.0)
    assert client.post("/submit?wait=5", json=body() | {"loadtest_mode": True}).status_code == 200
    assert client.post("/submit?wait=0.1", json=body()).json()["status"] == "processing"


def test_a_job_that_cannot_be_done_fails_with_the_code_and_the_wire_name_of_the_field(client: Client) -> None:
    failed = client.post("/submit?wait=5", json=body(fail="map_invalid"))
    assert failed.status_code == 200
    job = failed.json()
    assert job["status"] == "failed"
    assert job["error"] == {"code": "map_invalid", "detail": "as ordered", "field": "segmentation_map"}
    assert_problem(client.get(f"/result/{job['id']}.svg"), 409, "job_failed")


@pytest.mark.parametrize("kind", ["bug", "panic"])
def test_a_bug_in_the_engine_fails_the_job_says_nothing_and_the_worker_survives(
    client: Client, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    job = client.post("/submit?wait=5", json=body(**{kind: True})).json()
    assert job["error"]["code"] == "internal_error"
    assert "secret" not in json.dumps(job)
    assert "a secret of the house" in caplog.text
    assert base64.b64encode(photo(**{kind: True})).decode() not in caplog.text
    assert client.post("/submit?wait=5", json=body()).json()["status"] == "completed"


def test_every_answer_about_a_job_fits_the_published_type(client: Client) -> None:
    for orders, kind in (({}, CompletedBody), ({"fail": "no_face"}, FailedBody), ({"bug": True}, FailedBody)):
        msgspec.json.decode(client.post("/submit?wait=5", json=body(**orders)).content, type=kind)


def test_nothing_big_hides_in_small_values(make_client: Any, tracer: FakeTracer) -> None:
    """Ten million empty objects are 30 MB of text and a gigabyte of dictionaries; they are never made."""
    client = make_client()
    head = b'{"image": "RkFLRQ==", "segmentation_map": "TUFQ", '
    for value, field in ((b'"landmarks": [', "landmarks"), (b'"options": [', "options")):
        text = head + value + b"{}," * 500_000 + b"{}]}"
        assert_problem(client.post("/submit", content=text, headers=JSON), 422, "validation_failed", field)
    packed = b"\x83\xa5image\xc4\x04FAKE\xb0segmentation_map\xc4\x03MAP\xa9landmarks\xdd"
    packed += (2_000_000).to_bytes(4, "big") + b"\x80" * 2_000_000
    headers = {"content-type": "application/msgpack"}
    assert_problem(client.post("/submit", content=packed, headers=headers), 422, "validation_failed", "landmarks")
