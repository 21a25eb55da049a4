"""The OpenAPI document is one that generators of clients take, in all of its places, and its examples are answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from facemask.formats import FORMATS
from facemask.options.choices import CHOICES
from facemask.service.app import create_app
from facemask.service.core import native
from facemask.service.http.openapi.document import openapi_document
from litestar.testing import TestClient
from openapi_spec_validator import validate
from support.service.fake_tracer import API
from support.service.live_server import build_settings

DOCUMENT = openapi_document(create_app(build_settings(), native))
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = {f"{method} {path}": each for path, item in DOCUMENT["paths"].items() for method, each in item.items()}


def walk(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document with its path."""
    if isinstance(value, dict):
        yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from walk(child, f"{path}/{key}")


def places(fault: Any) -> list[str]:
    """The paths of the objects for which `fault(path, object)` holds; values of examples are no schemas."""
    found = [(path, each) for path, each in walk(DOCUMENT) if "/examples" not in path]
    assert len(found) > 300
    return [path for path, each in found if fault(path, each)]


def is_property_table(path: str) -> bool:
    return path.endswith("/properties")


def test_the_document_is_valid():
    validate(DOCUMENT)
    broken = {**DOCUMENT, "paths": {"/x": {"get": {"responses": 5}}}}
    with pytest.raises(Exception, match="5"):
        validate(broken)


def test_no_operation_is_there_twice():
    assert {label.partition(" ")[0] for label in OPERATIONS} == {"get", "post", "delete"}
    names = [each["operationId"] for each in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z][A-Za-z]+", name) for name in names)


def test_arrays_say_what_their_items_are_and_no_array_is_a_tuple():
    def is_bare(path: str, schema: dict[str, Any]) -> bool:
        is_array = "array" in (schema.get("type") or ()) and not is_property_table(path)
        return is_array and not isinstance(schema.get("items"), dict)

    assert places(is_bare) == []
    assert places(lambda _, schema: "prefixItems" in schema or schema.get("items") is False) == []
    colors = SCHEMAS["Options"]["properties"]["label_palette"]["anyOf"][0]["items"]
    assert (colors["items"], colors["minItems"], colors["maxItems"]) == ({"type": "integer"}, 3, 3)
    assert SCHEMAS["Landmarks"]["items"] == {}


def test_every_object_with_properties_has_a_name():
    def is_anonymous(path: str, schema: dict[str, Any]) -> bool:
        is_named = re.fullmatch(r"/components/schemas/\w+", path) is not None
        return "properties" in schema and not is_property_table(path) and not is_named

    assert places(is_anonymous) == []
    for operation in OPERATIONS.values():
        for media in operation.get("requestBody", {}).get("content", {}).values():
            assert set(media) == {"schema"}
            assert set(media["schema"]) == {"$ref"}


def test_no_constant_is_a_boolean():
    """Clients of Rust and Go make a text of it."""
    assert places(lambda _, schema: isinstance(schema.get("const"), bool)) == []


def test_every_reference_leads_somewhere():
    names = {each["$ref"] for _, each in walk(DOCUMENT) if "$ref" in each}
    assert names
    assert {name for name in names if name.removeprefix("#/components/schemas/") not in SCHEMAS} == set()


def test_an_answer_has_one_media_type():
    for label, operation in OPERATIONS.items():
        for status, answer in operation["responses"].items():
            assert len(answer.get("content", ())) <= 1, (label, status)
    for suffix, media_type in ((".svg", "image/svg+xml"), (".jpg", "image/jpeg"), ("", "*/*")):
        content = OPERATIONS[f"get {API}/result/{{job_id}}{suffix}"]["responses"]["200"]["content"]
        assert content == {media_type: {"schema": {"type": "string", "format": "binary"}}}


def test_closed_options_are_enums():
    options = SCHEMAS["Options"]["properties"]
    for name, values in CHOICES.items():
        assert options[name]["enum"] == list(values)
    assert options["format"]["enum"] == list(FORMATS)
    assert options["regions"]["anyOf"][0]["enum"] == ["labels", "zones"]
    assert options["tiles"]["anyOf"][0]["enum"] + options["tiles"]["anyOf"][1]["enum"] == [1, 2, 4, 8, "auto"]
    for name in ("segmentation", "keypoints", "cache"):
        assert len(options[name]["enum"]) >= 3


def test_the_status_tells_the_bodies_of_a_job_apart():
    """Each body has statuses of its own. A discriminator says the same, and Rust's clients fail on it."""
    for operation in (OPERATIONS[f"get {API}/status/{{job_id}}"], OPERATIONS[f"post {API}/submit"]):
        choices = operation["responses"]["200"]["content"]["application/json"]["schema"]["oneOf"]
        fields = [SCHEMAS[choice["$ref"].rpartition("/")[2]]["properties"]["status"] for choice in choices]
        statuses = [status for field in fields for status in field.get("enum", [field.get("const")])]
        assert len(set(statuses)) == len(statuses) >= len(choices) > 1
        assert {"completed", "failed"} <= set(statuses) <= {"pending", "processing", "completed", "failed"}
    assert places(lambda _, schema: "discriminator" in schema) == []


@pytest.fixture(scope="module")
def service() -> Iterator[TestClient[Any]]:
    """A service with the compiled module."""
    with TestClient(create_app(build_settings(), native), base_url="http://testserver.local") as client:
        yield client


@pytest.mark.parametrize("name", ["SubmitJson", "SubmitMultipart"])
@pytest.mark.parametrize(("wait", "status"), [("0", 202), ("20", 200)])
def test_an_example_is_answered(service: TestClient[Any], name: str, wait: str, status: int):
    (example,) = SCHEMAS[name]["examples"]
    sent: dict[str, Any] = {"json": example}
    if name == "SubmitMultipart":
        sent = {"files": {field: (None, value) for field, value in example.items()}}
    answer = service.post(f"{API}/submit?wait={wait}", **sent)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["status"] == "completed"
        assert [region["name"] for region in answer.json()["regions"]][:2] == ["skin", "brow_r"]
