"""Static files of the playground as the service serves them, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from facemask.service.app import create_app
from facemask.service.settings import read_settings
from litestar.testing import TestClient
from support.paths import SAMPLE

PAGE = Path(str(files("facemask.service") / "playground"))
OWN = sorted(path for path in PAGE.iterdir() if path.is_file())
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with TestClient(create_app(read_settings({"DB_USE_DATABASE": "false"}))) as client:
        yield client


def test_the_page_weighs_less_than_150_kilobytes():
    assert sum(path.stat().st_size for path in OWN) < 150_000


def test_the_page_allows_nothing_but_its_own_files(client: httpx.Client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_files_are_served_with_their_type_and_again_only_when_changed(client: httpx.Client, path: Path):
    address = f"/playground/{path.name}"
    answer = client.get(address)
    assert answer.content == path.read_bytes()
    assert answer.headers["content-type"].startswith(TYPES[path.suffix])
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(address).status_code == 200


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_no_file_names_another_host_or_carries_inline_code(path: Path):
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"(https?:)?//[\w-]+\.\w", text)
    if path.suffix == ".html":
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", text)
    else:
        assert len(text.splitlines()) <= 400


@pytest.mark.parametrize("name", ["image.jpg", "segmentation.png", "landmarks.json"])
def test_the_sample_is_the_one_of_the_project(client: httpx.Client, name: str):
    assert client.get(f"/playground/sample/{name}").content == (SAMPLE / name).read_bytes()


@pytest.mark.parametrize(
    "name", ["nope.js", "sample", "sample/nope", "..%2fplayground.py", "%2e%2e/app.py", "sample/..%2fmain.js"]
)
def test_what_is_not_the_page_is_404(client: httpx.Client, name: str):
    answer = client.get(f"/playground/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_page_is_told_what_it_has_to_know(client: httpx.Client):
    facts = client.get("/playground/about.json").json()
    assert facts["landmark_schemes"]["mediapipe-478"] == [478, 468]
    assert "lapa-11" in facts["label_schemes"]
    assert facts["version"]
