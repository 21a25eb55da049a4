"""`/docs` in a browser: *Execute* sends the example as it stands, and the service answers."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page


@pytest.fixture
def docs(chrome: Browser, url: str) -> Page:
    page = chrome.new_page()
    page.goto(f"{url}/docs")
    page.locator("#operations-face_masks-submit .opblock-summary-control").click()
    page.locator("#operations-face_masks-submit .try-out__btn").click()
    return page


@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data"])
def test_execute_submits_the_example(docs: Page, media_type: str):
    operation = docs.locator("#operations-face_masks-submit")
    operation.locator(".opblock-section-request-body select.content-type").select_option(media_type)
    with docs.expect_response("**/submit**") as caught:
        operation.locator("button.execute").click()
    answer = caught.value
    assert answer.status in (200, 202), answer.text()
    assert json.loads(answer.text())["id"]
    docs.wait_for_selector(".live-responses-table .response-col_status")
    assert docs.locator(".live-responses-table .response-col_status").last.inner_text().startswith(("200", "202"))


def test_every_operation_opens(chrome: Browser, url: str):
    """Swagger UI draws each operation, and says of none that it cannot be resolved."""
    page = chrome.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{url}/docs")
    page.wait_for_selector(".opblock")
    blocks = page.locator(".opblock-summary-control")
    assert blocks.count() == 8
    for index in range(blocks.count()):
        blocks.nth(index).click()
    page.wait_for_timeout(300)
    assert page.locator(".errors-wrapper").count() == 0
    assert faults == []
