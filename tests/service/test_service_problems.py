"""Error responses: one table of codes and one document format."""

from __future__ import annotations

import re
from typing import Any

import pytest
from facemask import _core
from facemask.service.app import create_app
from facemask.service.core.protocol import api_field
from facemask.service.errors import ProblemError
from facemask.service.http.problems import PROBLEMS, problem_body
from litestar import get
from litestar.testing import TestClient
from support.service.fake_tracer import FakeTracer, body
from support.service.problems import assert_problem


def test_every_code_of_the_engine_has_a_row() -> None:
    assert set(_core.ERROR_CODES) <= PROBLEMS.keys()


@pytest.mark.parametrize("code", PROBLEMS)
def test_rows_are_well_formed(code: str) -> None:
    status, title = PROBLEMS[code]
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", code)
    assert 400 <= status < 600
    assert title[0].isupper()
    assert not title.endswith(".")


def test_a_code_without_a_row_is_an_internal_error() -> None:
    assert problem_body(ProblemError("made_up", "x")).status == 500


@pytest.mark.parametrize(
    ("ours", "wire"),
    [
        ("labels", "segmentation_map"),
        ("labels.id", "segmentation_map.id"),
        ("image", "image"),
        ("landmarks[17]", "landmarks[17]"),
        ("landmarks[3].x", "landmarks[3].x"),
        ("tolerance", "options.tolerance"),
        ("label_scheme", "options.label_scheme"),
        ("landmarks_frame", "options.landmarks_frame"),
        ("colors.6", "options.colors.6"),
        ("", ""),
    ],
)
def test_fields_are_spelled_as_the_api_spells_them(ours: str, wire: str) -> None:
    assert api_field(ours) == wire


def test_every_engine_code_seen_at_submit_has_its_status(client: TestClient[Any], tracer: FakeTracer) -> None:
    for code in _core.ERROR_CODES:

        def refuse(*_: Any, code: str = code, digest: bool, inspect: bool) -> None:
            raise tracer.FacemaskError(code, "labels", "as ordered")

        tracer.check_input = refuse  # type: ignore[method-assign]
        assert_problem(client.post("/submit", json=body()), PROBLEMS[code][0], code, "segmentation_map")


@pytest.mark.parametrize("path", ["/nope", "/api", "/api/v1/frontal/crop", "/health", "/%00", "/playground", "/..%2f"])
def test_unknown_addresses_are_404(client: TestClient[Any], path: str) -> None:
    assert_problem(client.get("http://testserver.local" + path), 404, "not_found")


def test_wrong_methods_are_405_with_allow(client: TestClient[Any]) -> None:
    for method, path, allow in (
        ("GET", "/submit", {"POST", "OPTIONS"}),
        ("POST", "/status/x", {"GET", "HEAD", "OPTIONS"}),
        ("PUT", "/result/x.svg", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/submit", {"POST", "OPTIONS"}),
    ):
        response = client.request(method, path)
        assert_problem(response, 405, "method_not_allowed")
        assert set(response.headers["allow"].split(", ")) >= allow


def test_health(client: TestClient[Any]) -> None:
    for path, status in (("/health/live", "live"), ("/health/ready", "ready")):
        response = client.get("http://testserver.local" + path)
        assert (response.status_code, response.json()) == (200, {"status": status})
        assert client.head("http://testserver.local" + path).status_code == 200


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_is_500_without_its_insides(make_client: Any, debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    client = make_client(debug=debug)

    @get("/bug", sync_to_thread=False)
    def bug() -> None:
        raise ZeroDivisionError("secret")

    client.app.register(bug)
    document = assert_problem(client.get("http://testserver.local/bug"), 500, "internal_error")
    assert ("secret" in document["detail"]) is debug
    assert "secret" in caplog.text


def test_a_bug_while_a_body_is_checked_is_500_and_gives_the_place_back(
    client: TestClient[Any], tracer: FakeTracer
) -> None:
    def bug(*_: Any, digest: bool, inspect: bool) -> None:
        raise MemoryError

    tracer.check_input = bug  # type: ignore[method-assign]
    assert_problem(client.post("/submit", json=body()), 500, "internal_error")
    del tracer.check_input
    assert client.app.state.jobs._admission.slots == 0
    assert client.post("/submit?wait=5", json=body()).status_code == 200


def test_two_apps_do_not_share_anything(tracer: FakeTracer) -> None:
    first, second = create_app(core=tracer), create_app(core=tracer)
    assert first.state.jobs is not second.state.jobs


def test_the_methods_of_an_address_come_in_one_order(client: TestClient[Any]) -> None:
    """They come from a set, whose order depends on the seed of a process's hashes."""
    answer = client.request("PATCH", "/status/00000000-0000-4000-8000-000000000000")
    assert_problem(answer, 405, "method_not_allowed")
    methods = answer.headers["allow"].split(", ")
    assert len(methods) > 1
    assert methods == sorted(methods)
    assert answer.json()["detail"].endswith(f"possible: {answer.headers['allow']}")
