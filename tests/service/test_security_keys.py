"""API keys: access, and isolation of the jobs of different keys, in memory and in PostgreSQL."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from api_keys import ANNA, BERT, JOB_ENGINES, KEYS, bearer, keyed_server
from facemask.service.access.keys import parse_keys
from facemask.service.access.settings import AccessSettings
from facemask.service.app import create_app
from facemask.service.cache.settings import CacheSettings
from facemask.service.database.settings import DatabaseSettings
from facemask.service.settings import Settings, read_settings
from litestar.testing import TestClient
from support.paths import MAP_FILE, PHOTO_FILE
from support.sample import LANDMARKS
from support.service.fake_tracer import API, TEST_ORIGIN, FakeTracer, body
from support.service.live_server import build_settings, live_server
from support.service.problems import assert_problem

# the keys themselves


def test_a_key_has_an_owner_however_it_is_written_down() -> None:
    plain, hashed = parse_keys(ANNA), parse_keys(f"sha256:{sha256(ANNA.encode()).hexdigest().upper()}")
    assert plain == hashed
    assert plain is not None
    owner = plain.owner(ANNA)
    assert owner is not None
    assert len(owner) == 16
    assert owner == KEYS.owner(ANNA) != KEYS.owner(BERT)
    for wrong in ("", ANNA[:-1], ANNA + "x", ANNA.upper(), "\udcff", sha256(ANNA.encode()).hexdigest()):
        assert plain.owner(wrong) is None


@pytest.mark.parametrize(
    "text",
    ["short", "has a space in the middle", f"{ANNA},", f",{ANNA}", "sha256:12", "sha256:" + "g" * 64, "ключ" * 8],
)
def test_keys_that_are_none_are_refused_and_never_shown(text: str) -> None:
    assert parse_keys(text) is None
    with pytest.raises(ValueError, match=r"^AUTH_API_KEYS='\.\.\.': must be keys") as error:
        read_settings({"AUTH_API_KEYS": text})
    assert text not in str(error.value)


def test_keys_are_kept_as_digests_and_not_shown() -> None:
    settings = read_settings({"AUTH_API_KEYS": ANNA})
    assert settings.access.keys == parse_keys(ANNA)
    assert ANNA not in repr(settings)
    assert sha256(ANNA.encode()).hexdigest() not in repr(settings)
    assert ANNA.encode() not in b"".join(settings.access.keys.digests)


# who gets in

CALLS = (
    ("POST", "/submit"),
    ("GET", "/status/x"),
    ("HEAD", "/status/x"),
    ("GET", "/result/x"),
    ("GET", "/result/x.svg"),
    ("DELETE", "/x"),
    ("OPTIONS", "/submit"),
)


@pytest.mark.parametrize("headers", [{}, bearer("wrong"), bearer(""), {"Authorization": f"Basic {ANNA}"}])
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_without_a_key_nothing_is_done(make_client: Any, method: str, path: str, headers: dict[str, str]) -> None:
    client = make_client(keys=KEYS)
    response = client.request(method, path, headers=headers, json=body())
    assert response.headers["www-authenticate"].startswith('Bearer realm="facemask"')
    if method != "HEAD":
        assert_problem(response, 401, "unauthorized")
    assert response.status_code == 401
    assert client.app.state.jobs._admission.slots == 0


@pytest.mark.parametrize("headers", [bearer(ANNA), {"Authorization": f"bearer  {BERT}"}, {"X-API-Key": ANNA}])
def test_with_a_key_everything_works(make_client: Any, headers: dict[str, str]) -> None:
    client = make_client(keys=KEYS)
    job = client.post("/submit?wait=5", json=body(), headers=headers).json()
    assert job["status"] == "completed"
    assert client.get(f"/status/{job['id']}", headers=headers).json() == job
    assert client.get(f"/result/{job['id']}.svg", headers=headers).status_code == 200
    assert client.delete(f"/{job['id']}", headers=headers).status_code == 204


def test_two_keys_in_one_request_are_none(make_client: Any) -> None:
    client = make_client(keys=KEYS)
    twice = [("X-API-Key", ANNA), ("X-API-Key", BERT)]
    assert client.get("/status/x", headers=twice).status_code == 401
    wrong_before_right = {"X-API-Key": "wrong"} | bearer(ANNA)
    assert client.get("/status/x", headers=wrong_before_right).status_code == 401


def test_every_route_is_behind_the_gate_but_health_and_the_description(make_client: Any) -> None:
    """A new route needs a key unless somebody writes it down here."""
    client = make_client(keys=KEYS)
    is_open = {"/health/live", "/health/ready", "/docs", "/docs/openapi.json", "/docs/{name}"}
    is_open |= {"/", "/playground/about.json", "/playground/{name}", "/playground/sample/{name}"}
    is_open |= {"/schema", "/schema/openapi.json", "/schema/{path}"}  # nothing is there
    routes = {re.sub(r":\w+}", "}", route.path) for route in client.app.routes}
    assert {f"{API}/submit", "/health/live", "/docs"} <= routes
    for path in routes:
        answer = client.get(TEST_ORIGIN + path.replace("{name}", "start.js").replace("{job_id}", "x"))
        assert (answer.status_code in {401, 405}) != (path in is_open), path
    assert client.get(f"{TEST_ORIGIN}/health/ready").status_code == 200
    assert client.get(f"{TEST_ORIGIN}/docs").status_code == 200


def test_without_keys_the_service_is_open(client: TestClient[Any]) -> None:
    assert client.post("/submit?wait=5", json=body()).status_code == 200
    assert "security" not in client.get(f"{TEST_ORIGIN}/docs/openapi.json").text.replace("securitySchemes", "")


def test_the_description_says_what_a_key_is(make_client: Any) -> None:
    document = make_client(keys=KEYS).get(f"{TEST_ORIGIN}/docs/openapi.json").json()
    assert document["components"]["securitySchemes"].keys() == {"bearer", "apiKey"}
    for path, item in document["paths"].items():
        for operation in item.values():
            assert ("security" in operation) == path.startswith(API)
            assert ("401" in operation["responses"]) == path.startswith(API)


# what one key sees of another's jobs


def raw(port: int, method: str, path: str, key: str) -> bytes:
    """The very bytes of an answer, but for the clock's line."""
    lines = (f"{method} {API}{path} HTTP/1.1", "Host: x", f"X-API-Key: {key}", "Connection: close", "", "")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall("\r\n".join(lines).encode())
        received = b""
        while chunk := sock.recv(65536):
            received += chunk
    return re.sub(rb"\r\ndate: [^\r]*", b"", received)


@pytest.mark.parametrize("kind", JOB_ENGINES)
def test_another_keys_job_is_as_unknown_as_an_unknown_one(
    kind: str, request: pytest.FixtureRequest, tracer: FakeTracer
) -> None:
    with (
        keyed_server(kind, request, tracer) as live,
        httpx.Client(base_url=live.url + API, headers=bearer(ANNA)) as anna,
    ):
        done = anna.post("/submit?wait=5", json=body()).json()
        held = anna.post("/submit?wait=0.3", json=body(hold=True)).json()
        waiting = anna.post("/submit", json=body()).json()
        assert [job["status"] for job in (done, held, waiting)] == ["completed", "processing", "pending"]
        unknown = str(uuid4())
        for method, path in (
            ("GET", "/status/{}"),
            ("HEAD", "/status/{}"),
            ("GET", "/status/{}?wait=0.2"),
            ("GET", "/status/{}?wait=20"),
            ("GET", "/result/{}.svg"),
            ("HEAD", "/result/{}.svg"),
            ("GET", "/result/{}"),
            ("GET", "/result/{}?format=geojson"),
            ("GET", "/result/{}?format=nonsense"),
            ("DELETE", "/{}"),
            ("POST", "/status/{}"),
            ("GET", "/{}"),
        ):
            expected = raw(live.port, method, path.format(unknown), BERT)
            assert expected.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 405 "))
            for job in (done, held, waiting):
                assert raw(live.port, method, path.format(job["id"]), BERT) == expected, (method, path)
            for malformed in ("x", "%00", "0" * 32, unknown.upper()):
                assert raw(live.port, method, path.format(malformed), BERT) == expected, (method, path, malformed)
        assert (live.load() if kind == "memory" else live.jobs._waiters).waiters == 0
        assert anna.get(f"/status/{done['id']}").json() == done
        tracer.release.set()
        for job in (held, waiting):
            assert anna.get(f"/status/{job['id']}?wait=5").json()["status"] == "completed"


@pytest.mark.parametrize("kind", JOB_ENGINES)
def test_an_idempotency_key_belongs_to_its_owner(kind: str, request: pytest.FixtureRequest, tracer: FakeTracer) -> None:
    with keyed_server(kind, request, tracer) as live, httpx.Client(base_url=live.url + API) as client:

        def send(key: str, name: str) -> httpx.Response:
            headers = bearer(key) | {"Idempotency-Key": "the same"}
            return client.post("/submit?wait=5", json=body(name=name), headers=headers)

        first, others = send(ANNA, "a"), send(BERT, "b")
        assert (first.status_code, others.status_code) == (200, 200)
        assert first.json()["id"] != others.json()["id"]
        assert "idempotency-replayed" not in others.headers
        again = send(ANNA, "a")
        assert again.json()["id"] == first.json()["id"]
        assert again.headers["idempotency-replayed"] == "true"
        assert send(BERT, "a").json()["code"] == "idempotency_key_reused"
        assert send(BERT, "b").json()["id"] == others.json()["id"]
        assert client.delete(f"/{first.json()['id']}", headers=bearer(ANNA)).status_code == 204
        assert send(BERT, "b").json()["id"] == others.json()["id"]


@pytest.mark.parametrize("kind", JOB_ENGINES)
def test_unverified_credentials_keep_idempotency_keys_apart_but_hide_nothing(
    kind: str, request: pytest.FixtureRequest, tracer: FakeTracer
) -> None:
    """Without keys something in front of the service may know its callers; ids are then all there is."""
    database = request.getfixturevalue("database") if kind == "postgres" else None
    settings = replace(build_settings(workers=1, heartbeat_seconds=0.2), database=database)
    with live_server(settings, tracer) as live, httpx.Client(base_url=live.url + API) as client:
        same = {"Idempotency-Key": "the same"}
        ids = {
            client.post("/submit?wait=5", json=body(), headers=same | who).json()["id"]
            for who in ({}, {}, {"X-API-Key": "a"}, bearer("b"))
        }
        assert len(ids) == 3
        assert [client.get(f"/status/{job_id}").status_code for job_id in ids] == [200, 200, 200]


def test_jobs_from_before_the_keys_are_nobodys(database: DatabaseSettings, tracer: FakeTracer) -> None:
    before = replace(build_settings(workers=1), database=database)
    with live_server(before, tracer) as live:
        answers = [httpx.post(f"{live.url}{API}/submit?wait=5", json=body(), headers=h) for h in ({}, bearer(ANNA))]
        ids = [answer.json()["id"] for answer in answers]
    tracer.release.clear()
    after = replace(build_settings(workers=1, keys=KEYS), database=database)
    with live_server(after, tracer) as live:
        for job_id in ids:
            assert httpx.get(f"{live.url}{API}/status/{job_id}", headers=bearer(ANNA)).status_code == 404


@pytest.mark.parametrize("kind", JOB_ENGINES)
def test_an_answer_is_never_shared_between_keys(kind: str, request: pytest.FixtureRequest) -> None:
    """With the real tracer: the fake one has no fingerprints."""
    database = request.getfixturevalue("database") if kind == "postgres" else None
    settings = Settings(database=database, cache=CacheSettings(), access=AccessSettings(keys=KEYS))
    photo, label_map = (file.read_bytes() for file in (PHOTO_FILE, MAP_FILE))
    sent = {"image": photo, "segmentation_map": label_map, "landmarks": LANDMARKS.tolist()}
    with TestClient(create_app(settings)) as client:

        def cache(key: str) -> str:
            headers = bearer(key) | {"content-type": "application/msgpack"}
            answer = client.post(f"{API}/submit?wait=30", content=msgspec.msgpack.encode(sent), headers=headers)
            return str(answer.json()["cache"])

        assert [cache(key) for key in (ANNA, ANNA, BERT, BERT)] == ["miss", "exact", "miss", "exact"]
