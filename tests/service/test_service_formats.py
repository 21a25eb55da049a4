"""The format of a result: by the job's options, by name, or by `Accept`."""

from __future__ import annotations

import base64
import json
import sys
import threading
from typing import Any

import facemask
import httpx
import pytest
from facemask.formats import FORMATS, render
from facemask.formats.raster import png
from facemask.service.app import create_app
from facemask.service.settings import Settings
from litestar.testing import TestClient
from support.paths import SAMPLE_FILES
from support.service.fake_tracer import API, body

TYPES = {
    "image/svg+xml": "svg",
    "application/geo+json": "geojson",
    "application/json": "coco",
    "text/plain": "yolo",
    "image/png": "png",
    "application/xml": "cvat",
    "application/yaml": "yolo-data",
}


def submit_and_wait(client: Any, **options: Any) -> dict[str, Any]:
    answer = client.post("/submit?wait=10", json=body() | ({"options": options} if options else {}))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def has_signature(form: str, data: bytes) -> bool:
    if form in ("svg", "svg-plain"):
        return data.startswith(b"<svg") and (b"xmlns:inkscape" in data) == (form == "svg-plain")
    if form in ("png", "label-map"):
        return data.startswith(b"\x89PNG") and (b"PLTE" in data) == (form == "label-map")
    if form == "yolo":
        return data.decode().split()[:3] == ["5", "0.000000", "0.000000"]
    texts = {"cvat": b"<annotations>", "label-studio-config": b"<View>", "yolo-data": b"\nnames:\n"}
    if form in texts:
        return texts[form] in data
    marks = {"geojson": "features", "coco": "annotations", "label-studio": "predictions", "labelme": "shapes"}
    return {**marks, "topojson": "arcs"}[form] in json.loads(data)


@pytest.mark.parametrize("media_type", TYPES)
def test_accept_chooses_the_format(client: Any, media_type: str) -> None:
    job = submit_and_wait(client)
    found = client.get(f"/result/{job['id']}", headers={"Accept": media_type})
    assert found.status_code == 200, found.text
    assert found.headers["content-type"].split(";")[0] == media_type
    assert found.headers["vary"] == "Accept"
    assert has_signature(TYPES[media_type], found.content)
    again = {"Accept": media_type, "If-None-Match": found.headers["etag"]}
    assert client.get(f"/result/{job['id']}", headers=again).status_code == 304
    head = client.head(f"/result/{job['id']}", headers={"Accept": media_type})
    assert (head.status_code, head.headers["etag"]) == (200, found.headers["etag"])


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "svg"),
        ("image/*", "svg"),
        ("text/html, image/png;q=0.9, image/svg+xml;q=0.8", "png"),
        ("application/json;q=0.5, application/geo+json", "geojson"),
        ("application/pdf, */*;q=0.1", "svg"),
        ("image/svg+xml;q=0, */*", "geojson"),
        ("image/*, image/svg+xml;q=0.1", "png"),
        ("image/png, */*", "svg"),
        ("image/svg+xml; charset=UTF-8, */*;q=0.1", "svg"),
        ("application/json;charset=utf-8", "coco"),
        ("image/png;q=2, nonsense, text/plain;q=0.1", "yolo"),
        ("nonsense", "svg"),
        ("", "svg"),
    ],
)
def test_the_best_of_what_is_accepted(client: Any, accept: str, form: str) -> None:
    found = client.get(f"/result/{submit_and_wait(client)['id']}", headers={"Accept": accept})
    assert has_signature(form, found.content)


def test_an_accept_in_several_lines_is_one(client: Any) -> None:
    lines = [("Accept", "text/html"), ("Accept", "image/svg+xml;q=0.1"), ("Accept", "text/plain")]
    found = client.get(f"/result/{submit_and_wait(client)['id']}", headers=lines)
    assert has_signature("yolo", found.content)


def test_the_longest_accept_is_answered(make_live: Any) -> None:
    """As long as a head may be."""
    live = make_live()
    with httpx.Client(base_url=live.url + API) as http:
        job = http.post("/submit?wait=5", json=body()).json()["id"]
        found = http.get(f"/result/{job}", headers={"Accept": "image/png;q=0.1," * 3900})
        assert (found.status_code, found.headers["content-type"]) == (200, "image/png")


@pytest.mark.parametrize("form", FORMATS)
def test_a_name_goes_before_accept(client: Any, form: str) -> None:
    job = submit_and_wait(client)
    found = client.get(f"/result/{job['id']}?format={form}", headers={"Accept": "application/pdf"})
    assert found.headers["content-type"].split(";")[0] == FORMATS[form].media_type
    assert has_signature(form, found.content)
    drawing = client.get(f"/result/{job['id']}.svg?format={form}", headers={"Accept": "application/pdf"})
    assert has_signature("svg", drawing.content)


@pytest.mark.parametrize("form", FORMATS)
def test_options_format_comes_with_the_answer(client: Any, tracer: Any, form: str) -> None:
    job = submit_and_wait(client, format=form, style="solid")
    assert "format" not in tracer.last_options.given
    if form == "svg":
        assert job["file"] is None
    else:
        assert (job["file"]["format"], job["file"]["media_type"]) == (form, FORMATS[form].media_type)
        data = base64.b64decode(job["file"]["data"])
        assert has_signature(form, data)
        assert client.get(f"/result/{job['id']}?format={form}").content == data
    # Who takes anything gets what the job asked for, also where formats share a type.
    assert has_signature(form, client.get(f"/result/{job['id']}").content)
    for media_type in ("application/json", "application/xml", "image/png"):
        if FORMATS[form].media_type != media_type:
            continue
        headers = {"Accept": media_type}
        assert has_signature(form, client.get(f"/result/{job['id']}", headers=headers).content)


@pytest.mark.parametrize(
    ("query", "accept"), [("", "application/pdf"), ("", "text/html"), ("", "*/*;q=0"), ("?format=bmp", "*/*")]
)
def test_what_there_is_not(client: Any, query: str, accept: str) -> None:
    found = client.get(f"/result/{submit_and_wait(client)['id']}{query}", headers={"Accept": accept})
    assert (found.status_code, found.headers["content-type"]) == (406, "application/problem+json")
    assert found.json()["code"] == "not_acceptable"
    assert "png" in found.json()["detail"]


def test_an_unknown_format_is_refused_at_once(client: Any, tracer: Any) -> None:
    found = client.post("/submit", json=body() | {"options": {"format": "bmp"}})
    assert (found.status_code, found.json()["code"], found.json()["field"]) == (422, "option_invalid", "options.format")
    assert not tracer.traced


def test_unfinished_and_unknown_jobs_have_no_format(client: Any, tracer: Any) -> None:
    held = client.post("/submit", json=body(hold=True)).json()["id"]
    headers = {"Accept": "application/geo+json"}
    found = client.get(f"/result/{held}", headers=headers)
    assert (found.status_code, found.json()["code"]) == (409, "job_not_finished")
    tracer.release.set()
    assert client.get("/result/nothing", headers=headers).json()["code"] == "job_not_found"


@pytest.mark.parametrize("when", ["then", "later"])
def test_a_picture_that_cannot_be_drawn(client: Any, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    if when == "later":
        job = submit_and_wait(client)
    monkeypatch.setattr(png, "MAX_PIXELS", 100)
    if when == "then":
        job = submit_and_wait(client, format="png")
        assert (job["status"], job["error"]["code"]) == ("failed", "format_impossible")
    else:
        found = client.get(f"/result/{job['id']}?format=png")
        assert (found.status_code, found.json()["code"]) == (422, "format_impossible")
        assert has_signature("svg", client.get(f"/result/{job['id']}").content)


def test_without_its_package_there_is_no_picture(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    found = client.get(f"/result/{submit_and_wait(client)['id']}", headers={"Accept": "image/png"})
    assert (found.status_code, found.json()["code"]) == (422, "format_impossible")


def test_formats_are_made_off_the_event_loop(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []

    def preview(_: Any) -> bytes:
        threads.append(threading.current_thread().name)
        return b"\x89PNG"

    monkeypatch.setitem(FORMATS, "png", FORMATS["png"].__class__("png", "image/png", "png", preview))
    assert client.get(f"/result/{submit_and_wait(client)['id']}?format=png").content == b"\x89PNG"
    assert threads
    assert all("worker" in name.lower() for name in threads), threads


def test_symmetry_and_connectivity_are_in_the_answer(client: Any) -> None:
    job = submit_and_wait(client)
    assert job["connectivity"] == 4
    assert job["symmetry"] == [{"pair": ["eye_r", "eye_l"], "area_ratio": 0.9, "iou": 0.8}]


def test_files_are_those_of_the_library_to_the_last_byte() -> None:
    photo, label_map, landmarks = (path.read_bytes() for path in SAMPLE_FILES)
    mask = facemask.trace_face(facemask.decode_label_map(label_map), json.loads(landmarks), style="numbered")
    files = {"image": photo, "segmentation_map": label_map, "landmarks": ("l.json", landmarks)}
    with TestClient(create_app(Settings()), base_url=f"http://testserver.local{API}") as client:
        for name in FORMATS:
            options = json.dumps({"style": "numbered", "format": name})
            job = client.post("/submit?wait=20", files=files, data={"options": options}).json()
            expected = render(name, mask)
            assert client.get(f"/result/{job['id']}?format={name}").content == expected, name
            assert name == "svg" or base64.b64decode(job["file"]["data"]) == expected, name
