"""Accessibility of the playground: keyboard, screen reader, dark mode, narrow screens."""

from __future__ import annotations

import re
from collections.abc import Callable

import facemask
import pytest
from axe_playwright_python.sync_playwright import Axe
from playground_page import ERROR_RESPONSE, PlaygroundPage, expected_nose
from playwright.sync_api import expect
from support import sample
from support.paths import LANDMARKS_FILE, PHOTO_FILE, SAMPLE

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def press_until(page: PlaygroundPage, key: str, what: str, most: int = 60) -> None:
    """Press a key until the focus is on what is looked for."""
    for _ in range(most):
        if page.page.evaluate("(what) => document.activeElement.matches(what)", what):
            return
        page.page.keyboard.press(key)
    pytest.fail(f"{what} is not reached with {key}")


def violations(page: PlaygroundPage) -> list[str]:
    found = Axe().run(page.page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def test_everything_can_be_done_with_the_keyboard_alone(page: PlaygroundPage):
    press_until(page, "Tab", "#sample")
    page.page.keyboard.press("Enter")
    page.wait_for_result()
    press_until(page, "Tab", ".hits [role=option]")
    heard = []
    for _ in range(10):
        focused = page.page.locator(":focus")
        expect(focused).to_have_role("option")
        expect(page.page.locator("#tip")).to_be_visible()
        heard.append(focused.get_attribute("aria-label"))
        page.page.keyboard.press("ArrowRight")
    assert heard[5] == f"nose, {expected_nose('area'):,.0f}\u00a0px², 2.6\u00a0% of the crop, 1 part"
    assert len(set(heard)) == 10
    assert page.page.locator(":focus").get_attribute("aria-label") == heard[0]  # round the list
    page.page.keyboard.press("End")
    assert page.page.locator(":focus").get_attribute("aria-label") == heard[-1]
    press_until(page, "Tab", "#download-svg")
    with page.page.expect_download() as waiting:
        page.page.keyboard.press("Enter")
    assert waiting.value.path().read_bytes().startswith(b"<svg")


def test_files_are_chosen_with_the_keyboard_too(page: PlaygroundPage):
    with page.page.expect_file_chooser() as waiting:  # before Tab: the browser learns of it without an answer
        press_until(page, "Tab", "#file-image")
        page.page.keyboard.press("Enter")
    waiting.value.set_files(PHOTO_FILE)
    expect(page.page.locator("#about-image")).to_have_text("900 × 900 · image.jpg")
    press_until(page, "Tab", "[data-field=image] .remove")
    page.page.keyboard.press("Enter")
    expect(page.page.locator("#about-image")).to_have_text("PNG, JPEG or WebP")
    assert page.page.evaluate("document.activeElement.id") == "file-image"


def test_the_page_is_read_aloud_in_its_order(page: PlaygroundPage):
    skin = facemask.trace_face(sample.LABELS, sample.LANDMARKS).regions[0]
    page.load_sample()
    text = page.page.locator("body").aria_snapshot()
    heard = [match[0] for match in re.finditer(r'(heading|listbox|option|button|checkbox) "[^"]+"', text)]
    wanted = [
        'heading "facemask"',
        'heading "Files"',
        'heading "Options"',
        'listbox "Regions in the picture"',
        f'option "skin, {skin["area"]:,.0f} px², 29 % of the crop, 1 part"',
        'button "SVG"',
        'heading "The same by code"',
        'heading "Regions"',
        'checkbox "skin"',
        'heading "How it came about"',
    ]
    assert [name for name in heard if name in wanted] == wanted


STATES: dict[str, Callable[[PlaygroundPage], None]] = {
    "empty": lambda _: None,
    "sample": lambda page: page.load_sample(),
    "pointing": lambda page: (page.load_sample(), page.page.locator(".hits [data-region='6']").hover()),
    "zones": lambda page: (
        page.load_sample(),
        page.select_option("regions", "zones"),
        page.check_radio("view", "original"),
    ),
    "advanced": lambda page: page.page.locator("#advanced summary").click(),
    "wrong": lambda page: page.drop_files(LANDMARKS_FILE, SAMPLE / "make_variants.py"),
}


@pytest.mark.parametrize(
    ("scheme", "state"),
    [*(("light", state) for state in STATES), ("dark", "sample"), ("dark", "advanced"), ("dark", "wrong")],
)
def test_axe_finds_nothing(open_page: Callable[..., PlaygroundPage], scheme: str, state: str):
    page = open_page(color_scheme=scheme, bypass_csp=True)  # axe is put into the page as a script
    page.allowed.append(ERROR_RESPONSE)
    STATES[state](page)
    page.page.wait_for_timeout(250)  # colours fade in
    assert violations(page) == []


def test_axe_would_find_something(open_page: Callable[..., PlaygroundPage]):
    page = open_page(bypass_csp=True)
    page.page.evaluate("document.querySelector('#sample').textContent = ''")
    assert any(found.startswith("button-name") for found in violations(page))


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1920])
def test_nothing_is_wider_than_the_screen(open_page: Callable[..., PlaygroundPage], width: int):
    page = open_page(viewport={"width": width, "height": 640})
    page.load_sample()
    page.page.locator("#options").evaluate("fold => { fold.open = true; }")
    page.page.locator("#advanced summary").click()
    assert page.page.evaluate("document.documentElement.scrollWidth") == width
    outside = page.page.evaluate(
        """(width) => [...document.querySelectorAll('button, label, select, input, h2, dd')]
             .filter((e) => { const {left, right} = e.getBoundingClientRect();
                              return e.offsetParent && (right > width + 0.5 || left < -0.5); })
             .map((e) => e.outerHTML.slice(0, 80))""",
        width,
    )
    assert outside == []
    expect(page.page.locator("#viewer")).to_be_attached()
