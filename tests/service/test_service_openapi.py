"""The OpenAPI description is true: schemathesis sends what it permits and what it forbids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from facemask.service.app import create_app
from facemask.service.http.openapi.document import openapi_document
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from support.service.fake_tracer import API, FakeTracer, body
from support.service.live_server import build_settings, live_server

SETTINGS = build_settings(wait_seconds=0.05)
SCHEMA = schemathesis.openapi.from_dict(openapi_document(create_app(SETTINGS, FakeTracer())))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}

# Pictures are not made up by chance, so what the schema allows is rarely accepted: a 422 for them is right.
QUIET = settings(
    max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
LEFT_OUT = [checks.positive_data_acceptance]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_server(SETTINGS, FakeTracer()) as live:
        yield live.url


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_as_described(url: str, label: str, mode: GenerationMode) -> None:
    seen: Counter[int] = Counter()

    @settings(QUIET)
    @given(OPERATIONS[label].as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        response = case.call(base_url=url)
        seen[response.status_code] += 1
        # A head that is too long is answered before it belongs to an operation.
        if response.status_code != HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
            case.validate_response(response, excluded_checks=LEFT_OUT)

    try:
        check()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "an operation without parameters has no wrong ones"
    else:
        assert seen


@pytest.fixture
def document(client: Any) -> dict[str, Any]:
    answer = client.get("http://testserver.local/docs/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


def test_every_operation_declares_its_problems_as_problem_json(document: dict[str, Any]) -> None:
    items = document["paths"].items()
    operations = [(path, method, op) for path, item in items for method, op in item.items()]
    assert len({op["operationId"] for _, _, op in operations}) == len(operations)
    for path, method, operation in operations:
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (path, method, status)


def test_the_submit_body_is_described_in_its_three_formats(document: dict[str, Any]) -> None:
    content = document["paths"][f"{API}/submit"]["post"]["requestBody"]["content"]
    assert list(content) == ["application/json", "multipart/form-data", "application/msgpack"]
    schemas = document["components"]["schemas"]
    names = [form["schema"]["$ref"].rpartition("/")[2] for form in content.values()]
    assert names == ["SubmitJson", "SubmitMultipart", "SubmitMessagePack"]
    for name in names:
        assert set(schemas[name]["properties"]) == {*body(), "options"}
        assert "`options.image_size`" in schemas[name]["description"]
        assert schemas[name]["additionalProperties"] is False
    options = schemas["Options"]
    assert options["additionalProperties"] is False
    assert {"tolerance", "crop", "label_palette", "embed_image"} <= options["properties"].keys()


def test_title_and_version_are_the_settings(make_client: Any) -> None:
    client = make_client(name="faces", version="9.9")
    info = client.get("http://testserver.local/docs/openapi.json").json()["info"]
    assert (info["title"], info["version"]) == ("faces", "9.9")


# the documentation page


def test_the_page_needs_nothing_from_elsewhere(client: Any) -> None:
    page = client.get("http://testserver.local/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "http" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    for name, kind in (
        ("swagger-ui-bundle.js", "text/javascript"),
        ("swagger-ui.css", "text/css"),
        ("start.js", "text/javascript"),
    ):
        assert f"/docs/{name}" in page.text
        asset = client.get(f"http://testserver.local/docs/{name}")
        assert asset.status_code == 200
        assert asset.headers["content-type"].startswith(kind)
        assert asset.headers["x-content-type-options"] == "nosniff"
        assert len(asset.content) > 100


@pytest.mark.parametrize("path", ["LICENSE", "..%2fapp.py", "%2e%2e/app.py", "x", "%00", "start.js%00"])
def test_nothing_else_is_served(client: Any, path: str) -> None:
    answer = client.get(f"http://testserver.local/docs/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/schema", "/schema/openapi.json", "/schema/swagger", "/schema/x"])
def test_the_frameworks_own_pages_are_not_there(client: Any, path: str) -> None:
    answer = client.get("http://testserver.local" + path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
