"""Exports of the playground: files, and code that reproduces the job."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import time

import httpx
import numpy as np
import pytest
from PIL import Image
from playground_page import PlaygroundPage, open_playground, playground_service
from support.paths import SAMPLE_FILES

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
OPTIONS = [("curve", "straight"), ("crop", "head"), ("style", "outline"), ("regions", "zones")]


def choose_all(page: PlaygroundPage) -> None:
    for name, value in OPTIONS:
        page.select_option(name, value)


def code(page: PlaygroundPage, language: str) -> str:
    page.check_radio("language", language)
    page.page.get_by_role("button", name="Copy").click()
    return page.page.evaluate("navigator.clipboard.readText()")


def test_the_files_are_what_the_service_answered(page: PlaygroundPage):
    with page.page.expect_response("**/submit*") as waiting:
        page.load_sample()
    answer = waiting.value.json()
    svg = page.download("SVG")
    assert svg.suggested_filename == "face.svg"
    assert svg.path().read_bytes() == base64.b64decode(answer["svg"])
    taken = json.loads(page.download("JSON").path().read_bytes())
    assert taken == {name: value for name, value in answer.items() if name != "svg"}


@pytest.mark.parametrize("curve", ["smooth", "exact"])
def test_the_png_is_the_upright_picture_with_its_regions(page: PlaygroundPage, curve: str):
    page.load_sample()
    if curve != "smooth":
        page.select_option("curve", curve)
    page.page.get_by_label("Fill").fill("100")
    page.page.get_by_role("checkbox", name="hair").uncheck()
    with Image.open(page.download("PNG").path()) as picture:
        pixels = np.array(picture.convert("RGBA")).astype(int)
    assert pixels.shape == (502, 388, 4)
    assert pixels[289, 193, :3] == pytest.approx([0xFD, 0x7E, 0x14], abs=2)  # the nose, in its colour
    assert pixels[90, 290, 3] == 255
    assert np.abs(pixels[90, 290, :3] - [0xBE, 0x4B, 0xDB]).sum() > 60  # hidden: not in its colour
    page.page.get_by_role("checkbox", name="Photo").uncheck()
    with Image.open(page.download("PNG").path()) as picture:
        bare = np.array(picture.convert("RGBA"))
    assert bare[90, 290, 3] == 0
    assert bare[289, 193, 3] == 255


def test_the_python_that_is_copied_draws_the_same(page: PlaygroundPage, tmp_path):
    page.load_sample()
    choose_all(page)
    program = code(page, "python")
    for file in SAMPLE_FILES:
        shutil.copy(file, tmp_path)
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=60)
    assert (tmp_path / "face.svg").read_bytes() == page.download("SVG").path().read_bytes()


@needs_curl
def test_the_code_of_the_sample_gets_its_files_first(page: PlaygroundPage, tmp_path):
    page.load_sample()
    drawn = page.download("SVG").path().read_bytes()
    for language in ("curl", "python"):
        folder = tmp_path / language
        folder.mkdir()
        program = code(page, language)
        command = program if language == "curl" else program.splitlines()[0].removeprefix("# The files: ")
        done = subprocess.run(["/bin/sh", "-ec", command], cwd=folder, check=True, capture_output=True, timeout=60)
        if language == "curl":
            assert base64.b64decode(json.loads(done.stdout)["svg"]) == drawn
        else:
            subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, timeout=60)
            assert (folder / "face.svg").read_bytes() == drawn


@needs_curl
def test_the_command_that_is_copied_draws_the_same(page: PlaygroundPage, tmp_path):
    folder = tmp_path
    names = ["my photo; one.jpg", "it's a map.png", "points,1.json"]
    for name, source in zip(names, SAMPLE_FILES, strict=True):
        shutil.copy(source, folder / name)
    page.drop_files(*(folder / name for name in names))
    page.wait_for_result()
    choose_all(page)
    done = subprocess.run(
        ["/bin/sh", "-c", code(page, "curl")], cwd=folder, check=True, capture_output=True, timeout=60
    )
    answer = json.loads(done.stdout)
    assert answer["status"] == "completed", answer
    assert base64.b64decode(answer["svg"]) == page.download("SVG").path().read_bytes()


def test_options_are_sent_only_where_they_are_not_the_defaults(page: PlaygroundPage):
    page.load_sample()
    assert "options" not in code(page, "curl")
    assert code(page, "python").endswith('open("face.svg", "w").write(mask.svg)')
    page.select_option("crop", "head")
    assert """-F 'options={"crop":"head"}'""" in code(page, "curl")
    page.page.locator("#advanced summary").click()
    with page.page.expect_response("**/submit*"):
        page.page.get_by_role("button", name="Back to the defaults").click()
    page.wait_for_result()
    assert "options" not in code(page, "curl")


def test_a_key_is_sent_and_not_written_anywhere(page: PlaygroundPage):
    page.page.locator("#advanced summary").click()
    page.page.get_by_label("API key").fill("secret-key")
    with page.page.expect_request("**/submit*") as waiting:
        page.load_sample()
    assert waiting.value.headers["authorization"] == "Bearer secret-key"
    command = code(page, "curl")
    assert "secret-key" not in command
    assert '-H "Authorization: Bearer $FACEMASK_KEY"' in command
    stored = page.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    assert "secret-key" not in stored


@pytest.mark.parametrize("how", ["clear", "leave"])
def test_the_service_forgets_the_job_when_the_page_is_cleared_or_left(chrome, how: str):
    with playground_service() as service, open_playground(chrome, service.url) as page:
        with page.page.expect_response("**/submit*") as waiting:
            page.load_sample()
        status = f"{service.url}/api/v1/frontal/crop/status/{waiting.value.json()['id']}"
        assert httpx.get(status).status_code == 200
        if how == "clear":
            page.page.get_by_role("button", name="Clear").click()
        else:
            page.page.goto(f"{service.url}/docs/openapi.json")
        end = time.monotonic() + 20
        while httpx.get(status).status_code == 200:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert httpx.get(status).status_code == 404
