"""Page object of the playground in a real Chromium, which also checks requests and the console."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import facemask
from playwright.sync_api import Browser, Download, Page, expect
from support import sample
from support.service.facemask_process import FacemaskProcess, facemask_server

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium writes this line to the console for every error response; a page cannot prevent it.
ERROR_RESPONSE = r"Failed to load resource: .*"

expect.set_options(timeout=30_000)  # a busy machine is no failure


def find_chromium() -> str | None:
    """Path of the Chromium that the variable CHROMIUM names, else of the system's."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def expected_nose(measure: str) -> float:
    """Measure of the sample's nose by the library: an `area` in px^2 or a `perimeter` in px."""
    result = facemask.trace_face(sample.LABELS, sample.LANDMARKS).to_dict()
    return next(float(region[measure]) for region in result["regions"] if region["name"] == "nose")


@contextmanager
def playground_service(**environment: str) -> Iterator[FacemaskProcess]:
    """`facemask serve` with jobs in memory and one worker."""
    with facemask_server(**{"JOB_WORKERS": "1"} | environment) as process:
        yield process


@dataclass
class PlaygroundPage:
    """An open page, its requests so far, and the errors and warnings of its console.

    `allowed` are patterns of the errors that a test provokes.
    """

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Record requests and console messages from now on."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.console_errors.append(f"not caught: {error}"))
        self.page.on(
            "console",
            lambda message: self.console_errors.append(message.text) if message.type in ("error", "warning") else None,
        )

    def check(self) -> None:
        """Fail if the page requested another host or logged an error that the test does not allow."""
        assert self.requests
        assert [url for url in self.requests if not url.startswith((f"{self.url}/", f"blob:{self.url}/"))] == []
        unexpected = [
            text for text in self.console_errors if not any(re.fullmatch(each, text) for each in self.allowed)
        ]
        assert unexpected == []

    def load_sample(self) -> None:
        """Load the sample with one click and wait for its regions."""
        self.page.get_by_role("button", name="Try the sample").click()
        self.wait_for_result()

    def drop_files(self, *paths: str | os.PathLike[str]) -> None:
        """Choose several files together, as by dropping them."""
        self.page.locator("#file-any").set_input_files([os.fspath(path) for path in paths])

    def choose_file(self, name: str, path: str | os.PathLike[str]) -> None:
        """Choose the file of one input field."""
        self.page.locator(f"#file-{name}").set_input_files(os.fspath(path))

    def select_option(self, name: str, value: str) -> None:
        """Select the value of an option and wait for the new result."""
        with self.page.expect_response("**/submit*"):
            self.check_radio(name, value)
        self.wait_for_result()

    def check_radio(self, name: str, value: str) -> None:
        """Check a radio button without waiting for a result."""
        self.page.locator(f'[name="{name}"][value="{value}"]').check(force=True)

    def wait_for_result(self) -> None:
        """Wait until the overlay of a result is shown."""
        expect(self.page.locator("body:not(.busy) .overlay")).to_be_attached()

    def message(self, name: str) -> str:
        """Text of the message beside a field."""
        message = self.page.locator(f'[data-field="{name}"] .message')
        expect(message).to_be_visible()
        return message.inner_text()

    def download(self, kind: str) -> Download:
        """Download the result in a format by its button."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("group", name="Download").get_by_role("button", name=kind).click()
        return waiting.value


@contextmanager
def open_playground(browser: Browser, url: str, **context: object) -> Iterator[PlaygroundPage]:
    """Open the playground and check it at the end. `context` are options of Playwright's `new_context`."""
    options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", "locale": "en-GB"}
    with browser.new_context(**(options | context)) as opened:  # type: ignore[arg-type]
        opened.grant_permissions(["clipboard-read", "clipboard-write"])
        page = opened.new_page()
        page.set_default_timeout(30_000)
        playground = PlaygroundPage(page, url)
        playground.listen()
        page.goto(url)
        expect(page.locator("#version")).not_to_be_empty()  # the page requests the version last
        yield playground
        playground.check()
