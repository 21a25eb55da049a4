"""The playground without a label map: photo and landmarks are enough."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import facemask
from playground_page import PlaygroundPage
from playwright.sync_api import expect
from support import sample
from support.paths import SAMPLE_FILES

IMAGE, MAP, POINTS = SAMPLE_FILES


def test_photo_and_landmarks_are_traced(page: PlaygroundPage, tmp_path: Path):
    page.drop_files(IMAGE, POINTS)
    page.wait_for_result()
    expect(page.page.locator('[data-field="landmarks"] .message')).to_contain_text("guessed: skin")
    answer = json.loads(page.download("JSON").path().read_text())
    assert answer["labels_from"] == "landmarks"
    expected = facemask.trace_face(landmarks=sample.LANDMARKS, image_size=(900, 900))
    assert answer["regions"] == expected.regions
    program = page.page.locator("#code")
    page.check_radio("language", "python")
    expect(program).to_contain_text("trace_face(landmarks=landmarks, image=photo)")
    for path in (IMAGE, POINTS):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    subprocess.run([sys.executable, "-c", program.inner_text()], cwd=tmp_path, check=True, timeout=60)
    assert (tmp_path / "face.svg").read_text(encoding="utf-8") == expected.svg


def test_a_map_that_comes_later_is_traced_in_its_place(page: PlaygroundPage):
    page.drop_files(IMAGE, POINTS)
    page.wait_for_result()
    page.choose_file("segmentation_map", MAP)
    expect(page.page.locator('[data-field="landmarks"] .message')).to_be_hidden()
    page.wait_for_result()
    assert "labels_from" not in json.loads(page.download("JSON").path().read_text())


def test_five_points_say_what_they_need(page: PlaygroundPage, tmp_path: Path):
    page.allowed.append(".*")
    few = tmp_path / "five.json"
    few.write_text(json.dumps([sample.LANDMARKS[i].tolist() for i in (468, 473, 1, 61, 291)]))
    page.drop_files(IMAGE, few)
    expect(page.page.locator('[data-field="segmentation_map"] .message')).to_contain_text(
        "whose points outline no face"
    )
