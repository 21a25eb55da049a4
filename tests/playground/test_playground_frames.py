"""Frames of results in the playground: scaled crops, templates, and drawings in the photo's own pixels."""

from __future__ import annotations

import json
from io import BytesIO

import facemask
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playground_page import PlaygroundPage
from playwright.sync_api import expect
from support import sample

FRAMES: list[dict[str, object]] = [
    {"crop_size": 97},
    {"crop_size": [900, 1400]},
    {"crop": "ffhq"},
    {"crop": "arcface"},
    {"crop": "none", "crop_size": 200},
    {"frame": "image"},
    {"frame": "image", "crop": "arcface"},
    {"frame": "image", "crop_size": 64, "curve": "exact"},
]


def choose(page: PlaygroundPage, options: dict[str, object]) -> dict[str, object]:
    """Set the fields of options one by one. Returns the last result."""
    result: dict[str, object] = {}
    page.page.evaluate("document.querySelector('#advanced').open = true")
    for name, value in options.items():
        with page.page.expect_response("**/submit*") as waiting:
            if name in ("crop", "curve"):
                page.check_radio(name, str(value))
            elif name in ("frame", "native_resolution", "measure_color"):
                page.page.locator(f"#{name}").select_option(str(value))
            else:
                text = " × ".join(map(str, value)) if isinstance(value, list) else str(value)
                page.page.locator(f"#{name}").fill(text)
        page.wait_for_result()
        result = waiting.value.json()
    return result


def screen_matrix(page: PlaygroundPage, selector: str) -> NDArray[np.float64]:
    """Affine from the coordinates of an element to the screen, 3 x 3."""
    m = page.page.evaluate(
        """(selector) => { const m = document.querySelector(selector).getScreenCTM();
                           return [m.a, m.b, m.c, m.d, m.e, m.f]; }""",
        selector,
    )
    return np.array([[m[0], m[2], m[4]], [m[1], m[3], m[5]], [0, 0, 1]])


def open_tilted(page: PlaygroundPage, tmp_path) -> sample.Copy:
    copy = sample.copy(30.0)
    page.drop_files(*copy.save(tmp_path))
    page.wait_for_result()
    return copy


@pytest.mark.parametrize("options", FRAMES, ids=json.dumps)
def test_the_drawing_lies_on_the_photo_in_every_frame(page: PlaygroundPage, tmp_path, options: dict[str, object]):
    """The label map says what the photo shows at the place of each number."""
    copy = open_tilted(page, tmp_path)
    choose(page, options)
    for view in ("upright", "original"):
        page.check_radio("view", view)
        image_from_result = np.linalg.inv(screen_matrix(page, "#scene image")) @ screen_matrix(page, ".overlay")
        regions = page.page.evaluate(
            """() => [...document.querySelectorAll('.numbers text')].map(
                 (text) => [text.textContent, text.getAttribute('x'), text.getAttribute('y')].map(Number))"""
        )
        assert len(regions) == 10
        for region, x, y in regions:
            column, row, _ = (image_from_result @ [x, y, 1]).astype(int)
            assert copy.labels[row, column] == region
            place = screen_matrix(page, ".overlay") @ [x, y, 1]
            assert region == int(
                page.page.evaluate("([x, y]) => document.elementFromPoint(x, y)?.dataset.region ?? 0", list(place[:2]))
            )
        # The horizontals of templates are a few degrees off.
        turn = screen_matrix(page, "#scene image")
        tilt = np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))
        assert tilt == pytest.approx(0 if view == "original" else -copy.tilt, abs=3)


@pytest.mark.parametrize("options", FRAMES[:5], ids=json.dumps)
def test_the_crop_fills_the_window_and_the_rest_is_shaded(page: PlaygroundPage, tmp_path, options: dict[str, object]):
    open_tilted(page, tmp_path)
    width, height = choose(page, options)["size"]
    overlay = screen_matrix(page, ".overlay")
    window = page.page.evaluate(
        """() => { const [rect, scene] = ['#window rect', '#scene'].map((each) => document.querySelector(each));
                   const {left, top} = scene.getBoundingClientRect();
                   return ['x', 'y', 'width', 'height'].map((name, i) =>
                     Number(rect.getAttribute(name)) + [left, top, 0, 0][i]); }"""
    )
    corners = overlay @ np.array([[0, width], [0, height], [1, 1]])
    assert corners[:2, 0] == pytest.approx(window[:2], abs=0.1)
    assert corners[:2, 1] - corners[:2, 0] == pytest.approx(window[2:], abs=0.1)
    crop = page.page.locator(".shade").get_attribute("d").split("M")[2].rstrip("z").split("L")
    there = screen_matrix(page, ".shade") @ np.vstack([np.array([each.split() for each in crop], float).T, np.ones(4)])
    assert there[:2, 2] == pytest.approx(corners[:2, 1], abs=0.1)


def test_a_drawing_in_the_photo_has_no_shade_and_is_of_the_photo(page: PlaygroundPage, tmp_path):
    copy = open_tilted(page, tmp_path)
    choose(page, {"frame": "image"})
    height, width = copy.labels.shape
    facts = page.page.locator("#result-details")
    expect(facts).to_contain_text(f"{width} × {height} px the whole photo", use_inner_text=False)
    assert page.page.locator(".shade").get_attribute("d") is None
    nose = facemask.trace_face(copy.labels, copy.landmarks, image=np.array(copy.photo), frame="image")
    with Image.open(page.download("PNG").path()) as picture:
        assert picture.size == (width, height) == nose.size
        shown = np.array(picture.convert("RGB")).astype(int)
    background = copy.labels == 0
    assert np.abs(shown - np.array(copy.photo))[background].mean() < 3


@pytest.mark.parametrize("options", [FRAMES[0], FRAMES[3]], ids=json.dumps)
def test_the_png_of_a_scaled_crop_has_the_photo_in_it(page: PlaygroundPage, options: dict[str, object]):
    page.load_sample()
    choose(page, options)
    page.page.get_by_role("checkbox", name="All").click()
    with Image.open(page.download("PNG").path()) as picture:
        shown = np.array(picture.convert("RGB")).astype(int)
    photo = sample.copy().photo
    mask = facemask.trace_face(
        sample.LABELS, sample.LANDMARKS, image=np.array(photo), embed_image="crop", style="outline", **options
    )
    wanted = np.array(Image.open(BytesIO(mask.to_png())).convert("RGB")).astype(int)
    assert shown.shape == wanted.shape
    inner = np.s_[20:-20, 20:-20]
    assert np.median(np.abs(shown[inner] - wanted[inner])) < 8


def test_options_of_several_numbers_are_checked_beside_their_fields(page: PlaygroundPage):
    page.load_sample()
    page.page.evaluate("document.querySelector('#advanced').open = true")
    asked = len([url for url in page.requests if "submit" in url])
    for name, text in (("crop_size", "12 x 13 x 14"), ("map_box", "1, 2"), ("image_from_labels", "one")):
        page.page.locator(f"#{name}").fill(text)
        expect(page.page.locator(f'[data-field="options.{name}"] .message')).to_contain_text("Must be")
        page.page.locator(f"#{name}").fill("")
    choose(
        page, {"image_from_labels": "1, 0, 0, 0, 1, -1.5e-7", "crop_margin": "0.1 0.2 0.1 0.2", "crop_size": "64x80"}
    )
    assert len([url for url in page.requests if "submit" in url]) >= asked + 3
    code = page.page.locator("#code").inner_text()
    assert '"crop_size":[64,80]' in code
    assert '"crop_margin":[0.1,0.2,0.1,0.2]' in code
    assert '"image_from_labels":[1,0,0,0,1,-1.5e-7]' in code


def test_an_enlarged_map_and_measured_colors_are_told(page: PlaygroundPage, tmp_path):
    copy = sample.copy()
    small = sample.resize_nearest(copy.labels, 225, 225)
    files = copy.save(tmp_path)
    (tmp_path / "small.png").write_bytes(sample.encode_png(np.repeat(np.repeat(small, 4, 0), 4, 1)))
    page.drop_files(files[0], tmp_path / "small.png", files[2])
    page.wait_for_result()
    facts = page.page.locator("#result-details")
    expect(facts).to_contain_text(
        "225 × 225 px The label map was enlarged 4 times from this size, and is traced in it."
    )
    choose(page, {"native_resolution": "off", "measure_color": "true"})
    expect(facts).not_to_contain_text("enlarged")
    page.page.locator("#regions li").nth(0).hover()
    expect(page.page.locator("#detail")).to_contain_text("on average")
