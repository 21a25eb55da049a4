"""Options of formats over HTTP: with a job, and at the address of its result."""

from __future__ import annotations

import base64
import json
from itertools import combinations
from typing import Any

import httpx
import pytest
from facemask.formats import FORMATS, OPTIONS
from facemask.service.cache.key import options_key
from facemask.service.jobs.job import Submission
from facemask.service.jobs.postgres.serialization import from_columns, to_columns
from support.service.fake_tracer import API, body

# Format, options, the same in an address, and what the file then has.
CHOICES = [
    ("coco", {"segmentation": "polygons"}, "segmentation=polygons", b'"segmentation":[[0.0,0.0,'),
    ("coco", {"segmentation": "rle"}, "segmentation=rle", b'"counts":['),
    ("cvat", {"segmentation": "rle"}, "segmentation=rle", b"<mask"),
    ("label-studio", {"segmentation": "rle"}, "segmentation=rle", b'"brushlabels"'),
    ("label-studio-config", {"segmentation": "rle"}, "segmentation=rle", b"<BrushLabels"),
    ("label-studio-config", {"classes": ["skin", "nose"]}, "classes=skin,nose", b'value="nose" category="1"'),
    ("yolo", {"classes": ["skin", "nose"]}, "classes=skin, nose", b"1 0.000000"),
    ("yolo", {"inset": 0.5}, "inset=0.5", b"5 0.00"),
    ("yolo-data", {"classes": ["skin", "nose"]}, "classes=skin,nose", b'1: "nose"'),
    ("geojson", {"y_up": True}, "y_up=true", b"pixels, y up"),
    ("topojson", {"y_up": True}, "y_up=1", b"pixels, y up"),
]


def submit(client: Any, **options: Any) -> Any:
    return client.post("/submit?wait=10", json=body() | {"options": options})


@pytest.mark.parametrize(("form", "options", "query", "mark"), CHOICES)
def test_a_job_and_an_address_choose_alike(
    client: Any, tracer: Any, form: str, options: dict[str, Any], query: str, mark: bytes
) -> None:
    job = submit(client, format=form, **options).json()
    assert not set(options) & set(tracer.last_options.given), "the compiled module knows no options of formats"
    data = base64.b64decode(job["file"]["data"])
    assert mark in data
    address = f"/result/{job['id']}?format={form}"
    found = client.get(f"{address}&{query}")
    assert (found.status_code, found.content) == (200, data)
    # An address names its own options; those of the job are in its `file` only.
    plain = client.get(address)
    assert plain.content != data
    assert plain.headers["etag"] != found.headers["etag"]


def test_the_default_is_an_option_too(client: Any) -> None:
    job = submit(client, format="coco", segmentation="auto").json()
    address = f"/result/{job['id']}?format=coco"
    assert client.get(f"{address}&segmentation=auto").content == client.get(address).content
    assert client.get(f"/result/{job['id']}?y_up=false&format=geojson").json()["facemask"]["units"] == "pixels, y down"


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("form", FORMATS)
def test_an_option_of_another_format_is_refused(client: Any, tracer: Any, form: str, option: str) -> None:
    if option in FORMATS[form].options:
        return
    values = {"segmentation": "auto", "classes": ["nose"], "inset": 0.1, "y_up": True, "keypoints": "five"}
    value = values[option]
    found = client.post("/submit", json=body() | {"options": {"format": form, option: value}})
    assert (found.status_code, found.json()["code"], found.json()["field"]) == (
        422,
        "option_invalid",
        f"options.{option}",
    )
    assert not tracer.traced
    job = submit(client).json()
    text = {"classes": "nose", "y_up": "true"}.get(option, value)
    found = client.get(f"/result/{job['id']}?format={form}&{option}={text}")
    assert (found.status_code, found.json()["code"], found.json()["field"]) == (422, "option_invalid", option)
    assert form in found.json()["detail"]


@pytest.mark.parametrize(
    ("form", "options", "field"),
    [
        ("coco", {"segmentation": "bitmap"}, "segmentation"),
        ("cvat", {"segmentation": "rle_compressed"}, "segmentation"),
        ("yolo", {"classes": []}, "classes"),
        ("yolo", {"classes": ["nose", "nose"]}, "classes"),
        ("yolo-data", {"classes": ["nose", " "]}, "classes[1]"),
        ("yolo", {"inset": 0.75}, "inset"),
        ("yolo", {"inset": -1}, "inset"),
        ("coco", {"keypoints": "twelve"}, "keypoints"),
    ],
)
def test_values_are_checked_before_anything_is_traced(
    client: Any, tracer: Any, form: str, options: dict[str, Any], field: str
) -> None:
    found = client.post("/submit", json=body() | {"options": {"format": form, **options}})
    assert (found.status_code, found.json()["code"]) == (422, "option_invalid")
    assert found.json()["field"] == f"options.{field}"
    assert not tracer.traced
    job = submit(client).json()
    query = "&".join(f"{name}={','.join(v) if isinstance(v, list) else v}" for name, v in options.items())
    found = client.get(f"/result/{job['id']}?format={form}&{query}")
    assert (found.status_code, found.json()["code"], found.json()["field"].split("[")[0]) == (
        422,
        "option_invalid",
        field.split("[", maxsplit=1)[0],
    )


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"segmentation": 3}, "segmentation"),
        ({"classes": "nose"}, "classes"),
        ({"classes": ["x"] * 1001}, "classes"),
        ({"inset": "0.5"}, "inset"),
        ({"y_up": "true"}, "y_up"),
    ],
)
def test_values_of_a_wrong_type(client: Any, options: dict[str, Any], field: str) -> None:
    found = client.post("/submit", json=body() | {"options": {"format": "coco", **options}})
    assert (found.status_code, found.json()["code"]) == (422, "validation_failed")
    assert field in found.json()["field"]


@pytest.mark.parametrize("query", ["y_up=maybe", "inset=much", "inset=nan"])
def test_an_address_with_a_value_of_a_wrong_type(client: Any, query: str) -> None:
    job = submit(client).json()
    form = "yolo" if "inset" in query else "geojson"
    found = client.get(f"/result/{job['id']}?format={form}&{query}")
    assert found.status_code == 422
    assert found.json()["code"] in ("validation_failed", "option_invalid")


def test_the_drawing_has_no_options(client: Any) -> None:
    job = submit(client).json()
    found = client.get(f"/result/{job['id']}.svg?segmentation=rle")
    assert (found.status_code, found.json()["field"]) == (422, "segmentation")


def test_accept_and_options_go_together(client: Any) -> None:
    job = submit(client).json()
    found = client.get(f"/result/{job['id']}?y_up=true", headers={"Accept": "application/geo+json"})
    assert found.json()["facemask"]["units"] == "pixels, y up"
    found = client.get(f"/result/{job['id']}?y_up=true", headers={"Accept": "image/svg+xml"})
    assert (found.status_code, found.json()["field"]) == (422, "y_up")


def test_other_options_are_another_cached_response() -> None:
    choices = [("coco", {}), ("svg", {}), *((form, options) for form, options, _, _ in CHOICES)]
    keys = [options_key({}, form, options, b"me", "1") for form, options in choices]
    assert all(one != other for one, other in combinations(keys, 2))


def test_a_stored_submission_keeps_its_options() -> None:
    for form, options, _, _ in CHOICES:
        stored = to_columns(Submission(b"photo", b"map", format=form, export_options=options))
        found = from_columns(b"photo", b"map", None, stored["about"], b"")
        assert (found.format, found.export_options) == (form, options)


def test_multipart_bodies_have_them_too(make_live: Any) -> None:
    live = make_live()
    files = {name: base64.b64decode(body()[name]) for name in ("image", "segmentation_map")}
    options = {"format": "yolo", "classes": ["skin", "nose"]}
    with httpx.Client(base_url=live.url + API) as http:
        found = http.post("/submit?wait=5", files=files, data={"options": json.dumps(options)})
        assert base64.b64decode(found.json()["file"]["data"]).startswith(b"1 ")


def test_openapi_describes_them(client: Any) -> None:
    document = client.get("http://testserver.local/docs/openapi.json").json()
    operation = document["paths"][f"{API}/result/{{job_id}}"]["get"]
    parameters = {each["name"]: each for each in operation["parameters"]}
    assert set(OPTIONS) <= set(parameters)
    assert all(parameters[name]["in"] == "query" and parameters[name]["description"] for name in OPTIONS)
    assert all(form.media_type in operation["responses"]["200"]["description"] for form in FORMATS.values())
    assert set(FORMATS) < set(parameters["format"]["schema"]["enum"])
    assert set(OPTIONS) <= set(document["components"]["schemas"]["Options"]["properties"])
