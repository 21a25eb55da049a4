"""Errors: each has a message that says what to do, beside the field that it is about."""

from __future__ import annotations

import json
import random
import re
import signal

import pytest
from PIL import Image
from playground_page import ERROR_RESPONSE, PlaygroundPage, open_playground, playground_service
from playwright.sync_api import expect
from support.paths import SAMPLE_FILES

IMAGE, MAP, POINTS = SAMPLE_FILES


@pytest.fixture
def wrong_files(tmp_path):
    """Files that are not what they should be, by name."""
    (tmp_path / "note.txt").write_text("a shopping list")
    (tmp_path / "cut.jpg").write_bytes(IMAGE.read_bytes()[:60_000])
    Image.open(MAP).crop((0, 0, 900, 600)).save(tmp_path / "wide.png")
    points = json.loads(POINTS.read_text())
    random.Random(7).shuffle(points)
    (tmp_path / "shuffled.json").write_text(json.dumps(points))
    (tmp_path / "text.json").write_text('[{"x": 1, "y": "two"}]')
    (tmp_path / "broken.json").write_text("[{")
    return tmp_path


def choose_sample_except(page: PlaygroundPage, field: str, path: object) -> None:
    """The sample, but for one file."""
    for name, good in (("image", IMAGE), ("segmentation_map", MAP), ("landmarks", POINTS)):
        page.choose_file(name, path if name == field else good)
        expect(page.page.locator(f'[data-field="{name}"].full')).to_be_visible()


CASES = [
    ("image", "note.txt", "choose a PNG, JPEG or WebP photo", None),
    ("image", "cut.jpg", "ends in the middle", "image_corrupt"),
    ("segmentation_map", "wide.png", "900 x 900 would", "map_aspect_mismatch"),
    ("segmentation_map", "image.jpg", "the two are swapped", "map_not_lossless"),
    ("landmarks", "shuffled.json", "do not form a face", "landmarks_implausible"),
    ("landmarks", "text.json", "landmarks[0].y", "landmarks_invalid"),
    ("landmarks", "broken.json", "JSON", "malformed_body"),
]


@pytest.mark.parametrize(("field", "name", "says", "code"), CASES, ids=str)
def test_a_wrong_file_is_told_beside_its_field(
    page: PlaygroundPage, wrong_files, field: str, name: str, says: str, code: str | None
):
    page.allowed.append(ERROR_RESPONSE)
    choose_sample_except(page, field, IMAGE if name == "image.jpg" else wrong_files / name)
    message = page.page.locator(f'[data-field="{field}"] .message')
    expect(message).to_contain_text(code or "image_unsupported")
    expect(message).to_contain_text(says, ignore_case=True)
    expect(page.page.locator(f"#file-{field}")).to_have_attribute("aria-invalid", "true")
    assert message.get_attribute("id") in page.page.locator(f"#file-{field}").get_attribute("aria-describedby")
    expect(page.page.get_by_role("status")).to_contain_text("Not traced, because of the")
    expect(page.page.locator(".message:visible")).to_have_count(1)
    expect(page.page.locator(".overlay")).to_have_count(0)
    choose_sample_except(page, field, {"image": IMAGE, "segmentation_map": MAP, "landmarks": POINTS}[field])
    page.wait_for_result()
    expect(page.page.locator(".message:visible")).to_have_count(0)


def test_a_landmark_file_that_the_page_does_not_read_is_sent(page: PlaygroundPage, tmp_path):
    path = tmp_path / "face.csv"
    path.write_text("x,y\n" + "".join(f"{point['x']},{point['y']}\n" for point in json.loads(POINTS.read_text())))
    choose_sample_except(page, "landmarks", path)
    page.wait_for_result()
    expect(page.page.locator("#about-landmarks")).to_contain_text("no preview")
    expect(page.page.locator(".message:visible")).to_have_count(0)


def test_a_file_that_comes_while_another_is_read_does_not_hide_it(page: PlaygroundPage):
    page.page.evaluate(
        """async (files) => {
             const held = {};
             for (const [field, name] of files) {
               const list = new DataTransfer();
               list.items.add(new File([await (await fetch(`playground/sample/${name}`)).blob()], name));
               held[field] = list.files;
             }
             for (const [field] of files) { // both in one breath
               const input = document.querySelector(`#file-${field}`);
               input.files = held[field];
               input.dispatchEvent(new Event("change"));
             }
           }""",
        [("image", IMAGE.name), ("segmentation_map", MAP.name)],
    )
    page.wait_for_result()
    expect(page.page.locator("#scene image")).to_have_attribute("href", re.compile("^blob:"))


def test_a_file_that_is_no_picture_is_told_before_anything_is_sent(page: PlaygroundPage, wrong_files):
    page.choose_file("image", wrong_files / "note.txt")
    assert "“note.txt” is not a picture that this browser can show" in page.message("image")
    assert not [url for url in page.requests if "submit" in url]


def test_what_is_still_missing_is_said(page: PlaygroundPage):
    page.choose_file("image", IMAGE)
    expect(page.page.get_by_role("status")).to_contain_text("Still needed: the label map.")


def test_a_map_of_an_unknown_scheme_without_landmarks_says_what_to_add(page: PlaygroundPage, tmp_path):
    Image.new("L", (900, 900), 7).save(tmp_path / "flat_map.png")
    page.drop_files(IMAGE, tmp_path / "flat_map.png")
    expect(page.page.locator("#banner, .message:visible")).to_contain_text(["Add landmarks, or name the label scheme"])


@pytest.mark.parametrize("value", ["-1", "", "2000000"])
def test_a_number_out_of_range_is_told_without_asking(page: PlaygroundPage, value: str):
    page.load_sample()
    asked = len(page.requests)
    page.page.get_by_label("Tolerance px", exact=True).fill(value)
    assert "from 0 to 1,000,000" in page.message("options.tolerance")
    assert len(page.requests) == asked


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "Not JSON"),
        ("[1]", "Must be a JSON object"),
        ('{"label_names": {"6": ""}}', "1 to 100 characters"),
        ('{"colours": {}}', "there is no such field"),
    ],
)
def test_an_option_written_as_json_is_told_beside_it_and_the_picture_stays(page: PlaygroundPage, text: str, says: str):
    page.allowed.append(ERROR_RESPONSE)
    page.load_sample()
    page.page.locator("#advanced summary").click()
    page.page.get_by_label("More options, as JSON").fill(text)
    expect(page.page.locator('[data-field="options"] .message')).to_contain_text(says, ignore_case=True)
    expect(page.page.locator("body.stale .overlay")).to_be_attached()


def test_a_name_given_as_json_is_shown(page: PlaygroundPage):
    page.load_sample()
    page.page.locator("#advanced summary").click()
    page.page.get_by_label("More options, as JSON").fill('{"label_names": {"6": "beak"}}')
    expect(page.page.locator("#regions")).to_contain_text("beak")


def test_a_service_that_is_down_is_told_and_tried_again(chrome):
    with playground_service() as service, open_playground(chrome, service.url) as page:
        page.allowed.append(ERROR_RESPONSE)
        page.load_sample()
        service.popen.send_signal(signal.SIGTERM)
        service.popen.wait(20)
        page.check_radio("crop", "head")
        banner = page.page.locator("#banner")
        expect(banner).to_contain_text("does not answer")
        expect(banner).to_contain_text("facemask serve")
        expect(page.page.get_by_role("status")).to_contain_text("does not answer")
        page.page.route("**/submit*", lambda route: route.fulfill(status=503, headers={"Retry-After": "7"}, json={
            "code": "queue_full", "detail": "64 jobs wait already"}))  # fmt: skip
        banner.get_by_role("button", name="Try again").click()
        expect(banner).to_contain_text("64 jobs wait already; try again in 7 s")


def test_a_sample_that_does_not_come_is_told_and_tried_again(chrome):
    with playground_service() as service, open_playground(chrome, service.url) as page:
        page.allowed.append(ERROR_RESPONSE)
        service.popen.send_signal(signal.SIGTERM)
        service.popen.wait(20)
        page.page.get_by_role("button", name="Try the sample").click()
        banner = page.page.locator("#banner")
        expect(banner).to_contain_text("facemask serve")
        expect(page.page.get_by_role("status")).to_contain_text("does not answer")
        page.page.route("**/sample/*", lambda route: route.fulfill(status=503, json={"detail": "not now"}))
        banner.get_by_role("button", name="Try again").click()
        expect(banner).to_contain_text("Not now")


def test_files_that_are_too_large_together_are_told_before_they_are_sent(chrome):
    with playground_service(LIMIT_BODY_BYTES="60000") as service, open_playground(chrome, service.url) as page:
        page.page.get_by_role("button", name="Try the sample").click()
        assert "122.7 kB together, this service takes 50 kB" in page.message("image")
        assert not [url for url in page.requests if "submit" in url]


def test_a_missing_key_is_told_beside_its_field(page: PlaygroundPage):
    page.allowed.append(ERROR_RESPONSE)
    page.page.route("**/submit*", lambda route: route.fulfill(status=401, json={
        "code": "unauthorized", "detail": "send an API key"}))  # fmt: skip
    page.page.get_by_role("button", name="Try the sample").click()
    expect(page.page.locator('[data-field="authorization"] .message')).to_contain_text("Send an API key")
    expect(page.page.get_by_label("API key")).to_be_focused()
    expect(page.page.get_by_label("API key")).to_be_in_viewport()
