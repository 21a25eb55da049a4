"""Problems name the value at fault, are short, and hold no words of the decoder's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from facemask.service.app import create_app
from facemask.service.settings import Settings
from litestar.testing import TestClient
from support.service.fake_tracer import API, MAP, body, photo
from support.service.problems import assert_problem

JSON = {"content-type": "application/json"}
Client = Any


@pytest.fixture(scope="module")
def real_client() -> Iterator[Client]:
    """A client of the service with the compiled module."""
    with TestClient(create_app(Settings()), base_url=f"http://testserver.local{API}") as opened:
        yield opened


def post(client: Client, **fields: Any) -> Any:
    return client.post("/submit", content=json.dumps(body() | fields), headers=JSON)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")], ids=str)
@pytest.mark.parametrize(
    ("fields", "path"),
    [
        (lambda number: {"landmarks": [{"x": 1, "y": 2}, {"x": 3, "y": number}]}, "landmarks[1].y"),
        (lambda number: {"landmarks": [[1, 2], [number, 2]]}, "landmarks[1][0]"),
        (lambda number: {"options": {"style": "NaN", "map_box": [0, 0, number, 1]}}, "options.map_box[2]"),
    ],
)
def test_numbers_that_json_lacks_are_named(client: Client, number: float, fields: Any, path: str) -> None:
    problem = assert_problem(post(client, **fields(number)), 400, "malformed_body", path)
    word = json.dumps(number)
    assert problem["detail"] == f"JSON has no {word}, though json.dumps of Python writes it; send a finite number"


def test_numbers_that_json_lacks_are_named_in_a_part(client: Client) -> None:
    files = {"image": b"x", "segmentation_map": b"x"}
    response = client.post("/submit", files=files, data={"options": '{"tolerance": NaN}'})
    assert_problem(response, 400, "malformed_body", "options.tolerance")


def test_a_text_that_only_says_nan_is_no_number(client: Client) -> None:
    response = client.post("/submit", content=b'{"image": "NaN", "x": NaN', headers=JSON)
    assert_problem(response, 400, "malformed_body", "x")
    response = client.post("/submit", content=b'{"image": "NaN", "x": [1,', headers=JSON)
    assert_problem(response, 400, "malformed_body")


@pytest.mark.parametrize("encode", [json.dumps, msgspec.msgpack.encode])
@pytest.mark.parametrize(
    ("options", "path", "words"),
    [
        ({"label_names": {"1": "skin", "6": 7}}, "options.label_names.6", "Expected `str`"),
        ({"colors": {"nose": None}}, "options.colors.nose", "Expected `str`"),
        ({"map_box": [1, 2, 3, 4, 5]}, "options.map_box", "must have at most 4 entries"),
        ({"image_from_labels": [1, 2]}, "options.image_from_labels", "must have at least 6 entries"),
        ({"regions": {"a": ["nose"], "b": None}}, "options.regions.b", "Expected `int | str | array`"),
        ({"regions": {"a": 1, "b": []}}, "options.regions.b", "must have at least 1 entry"),
        ({"regions": {"a": "nose", "b": ["hair", 1.5]}}, "options.regions.b[1]", "Expected `int | str`"),
    ],
)
def test_paths_have_the_key(client: Client, encode: Any, options: Any, path: str, words: str) -> None:
    sent = body() | {"options": options}
    if encode is not json.dumps:
        sent |= {"image": b"x", "segmentation_map": b"x"}
    kind = "application/json" if encode is json.dumps else "application/msgpack"
    response = client.post("/submit", content=encode(sent), headers={"content-type": kind})
    assert words in assert_problem(response, 422, "validation_failed", path)["detail"]


def test_a_path_of_a_bare_list_has_no_dot(client: Client) -> None:
    text = json.dumps(body(landmarks=[])).replace("[]", "[[1e999, 1]]")
    response = client.post("/submit", content=text, headers=JSON)
    assert response.json()["field"] == "landmarks[0][0]"


TEXTS = (
    "regions", "landmark_scheme", "landmark_units", "landmarks_frame", "label_scheme", "void", "map_fit",
    "native_resolution", "crop", "frame", "curve", "style", "embed_image", "id_prefix", "format", "cache",
)  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_long_values_are_not_repeated(real_client: Client, name: str) -> None:
    response = post(real_client, options={name: "a" * 100_000})
    problem = assert_problem(response, 422, "option_invalid", f"options.{name}")
    assert len(problem["detail"]) < 700


@pytest.mark.parametrize(
    "options",
    [
        {"label_names": {"b." * 50_000: "a"}},
        {"colors": {"b." * 50_000: "a" * 100_000}},
        {"label_palette": [[300, 0, 0]]},
        {"regions": {"b." * 50_000: ["nose"]}},
        {"regions": ["b." * 50_000]},
        {"b." * 50_000: 1},
    ],
    ids=lambda options: next(iter(options))[:20],
)
def test_long_keys_are_not_repeated(real_client: Client, options: Any) -> None:
    response = post(real_client, options=options)
    assert response.status_code == 422
    assert len(response.text) < 2000


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64])
def test_huge_numbers_are_called_numbers(real_client: Client, number: int) -> None:
    problem = post(real_client, options={"void": number}).json()
    assert problem["field"] == "options.void"
    assert "class" not in problem["detail"]


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, [2**64 - 1, 64]])
def test_a_huge_size_is_out_of_range(real_client: Client, value: Any) -> None:
    response = post(real_client, options={"crop_size": value})
    if isinstance(value, int) and value < 0:  # no number of msgspec
        assert response.status_code in (400, 422)
        return
    problem = assert_problem(response, 422, "option_invalid", "options.crop_size")
    assert problem["detail"].startswith("must be sides of 1 to 16384 pixels")


@pytest.mark.parametrize("keys", [("1", "01"), ("1", "+1")])
def test_two_keys_of_one_id_are_refused(real_client: Client, keys: tuple[str, str]) -> None:
    response = post(real_client, options={"label_names": dict.fromkeys(keys, "a")})
    problem = assert_problem(response, 422, "option_invalid", "options.label_names")
    assert problem["detail"] == "has two keys of the id 1; keep one of them"


NO_VALUE = (
    "face", "label_names", "label_palette", "map_box", "image_from_labels", "crop_margin", "crop_size", "colors",
    "classes", "id_prefix",
)  # fmt: skip


def test_null_is_the_default_where_that_is_no_value(client: Client, tracer: Any) -> None:
    assert post(client, options=dict.fromkeys(NO_VALUE)).status_code == 202
    assert_problem(post(client, options={"style": None}), 422, "validation_failed", "options.style")


def test_a_byte_order_mark_before_options_is_no_fault(client: Client) -> None:
    files = {"image": photo(), "segmentation_map": MAP, "options": ("o.json", b'\xef\xbb\xbf{"style": "solid"}')}
    response = client.post("/submit", files=files)
    assert response.status_code == 202, response.text
