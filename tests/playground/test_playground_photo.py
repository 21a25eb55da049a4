"""The playground with a photo alone: the service detects the face, where it has the networks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import facemask
import pytest
from facemask.models.store import FOLDER_VARIABLE
from PIL import Image
from playground_page import PlaygroundPage, open_playground, playground_service
from playwright.sync_api import Browser, expect
from support.face_model import fetched_face_model
from support.paths import SAMPLE_FILES

IMAGE, MAP, _ = SAMPLE_FILES


@pytest.fixture(scope="module")
def models() -> Path:
    return fetched_face_model().parent


@pytest.fixture(scope="module")
def url(models: Path) -> Iterator[str]:
    with playground_service(**{FOLDER_VARIABLE: str(models)}) as service:
        yield service.url


def test_a_photo_alone_is_traced(page: PlaygroundPage, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(models))
    expect(page.page.locator("#empty")).to_contain_text("Drop a photo here")
    page.drop_files(IMAGE)
    page.wait_for_result()
    answer = json.loads(page.download("JSON").path().read_text())
    expected = facemask.trace_photo(IMAGE.read_bytes())
    assert answer["regions"] == expected.regions
    assert answer["labels_from"] == "landmarks"
    expect(page.page.locator("#status")).to_contain_text(
        f"9 regions, roll {expected.roll_degrees:.2f}".rstrip("0").rstrip(".")
    )
    program = page.page.locator("#code")
    page.check_radio("language", "curl")
    expect(program).to_contain_text('{"detect":true}')
    page.check_radio("language", "python")
    expect(program).to_contain_text("facemask.trace_photo(photo)")
    (tmp_path / IMAGE.name).write_bytes(IMAGE.read_bytes())
    subprocess.run([sys.executable, "-c", program.inner_text()], cwd=tmp_path, check=True, timeout=60, env=os.environ)
    assert (tmp_path / "face.svg").read_text(encoding="utf-8") == expected.svg


def test_options_and_a_later_map_apply(page: PlaygroundPage):
    page.drop_files(IMAGE)
    page.wait_for_result()
    page.select_option("regions", "zones")
    assert "chin" in {region["name"] for region in json.loads(page.download("JSON").path().read_text())["regions"]}
    page.select_option("regions", "labels")
    page.choose_file("segmentation_map", MAP)
    page.wait_for_result()
    expect(page.page.locator("#status")).to_contain_text("10 regions")
    assert "labels_from" not in json.loads(page.download("JSON").path().read_text())


def test_several_faces_and_none_are_said_beside_the_photo(page: PlaygroundPage, tmp_path: Path):
    photo = Image.open(IMAGE).convert("RGB")
    sheet = Image.new("RGB", (1800, 900))
    sheet.paste(photo, (0, 0))
    sheet.paste(photo.rotate(90), (900, 0))
    two, none = tmp_path / "two.png", tmp_path / "none.png"
    sheet.save(two)
    Image.new("RGB", (60, 60), (120, 90, 60)).save(none)
    page.drop_files(two)
    assert "Shows 2 faces" in page.message("image")
    page.page.locator("#advanced > summary").click()
    page.page.locator("#face").fill("1")
    page.wait_for_result()
    expect(page.page.locator("#status")).to_contain_text("roll 86.")
    page.page.locator("#face").fill("")
    page.page.locator("#clear").click()
    page.drop_files(none)
    assert "Shows no face" in page.message("image")


def test_without_the_networks_a_photo_alone_waits(chrome: Browser, tmp_path: Path):
    with (
        playground_service(**{FOLDER_VARIABLE: str(tmp_path)}) as service,
        open_playground(chrome, service.url) as page,
    ):
        expect(page.page.locator("#empty")).to_contain_text("Drop a photo and its label map here")
        page.drop_files(IMAGE)
        status = page.page.locator("#status")
        expect(status).to_contain_text("Still needed: the label map")
        expect(status).to_contain_text("facemask models fetch")
