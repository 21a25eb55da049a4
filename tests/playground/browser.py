"""A visit to the page in a real Chromium, which ends with a look at what must never happen."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

import facemask
from playwright.sync_api import Browser, Download, Page, expect
from support import leak_detector, sample

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium itself writes this line for every answer that is an error; a page has no way to keep it from doing so.
REFUSED = r"Failed to load resource: .*"


expect.set_options(timeout=30_000)  # a busy machine is no failure


def chromium() -> str | None:
    """The system's Chromium; the variable CHROMIUM names another one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def nose(measure: str) -> float:
    """What the library says of the sample: an `area`, px^2, or a `perimeter`, px."""
    answer = facemask.trace_face(sample.LABELS, sample.LANDMARKS).to_dict()
    return next(float(region[measure]) for region in answer["regions"] if region["name"] == "nose")


@contextmanager
def service(**environ: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`facemask serve` with jobs in memory: the address that it prints, and its process."""
    command = [sys.executable, "-m", "facemask", "serve", "--no-database", "--port", "0"]
    with tempfile.TemporaryFile("w+") as said:
        popen = subprocess.Popen(
            command,
            env={**os.environ, "JOB_WORKERS": "1", "PYTHONUNBUFFERED": "1", **environ},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _address(popen, said), popen
        finally:
            if popen.poll() is None:
                popen.send_signal(signal.SIGTERM)
                popen.wait(20)
            said.seek(0)
            leak_detector.told(said.read())


def _address(popen: subprocess.Popen[bytes], said: IO[str]) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end and popen.poll() is None:
        said.seek(0)
        if found := re.search(r"in a browser: (http://\S+/),", said.read()):
            return found[1]
        time.sleep(0.05)
    said.seek(0)
    raise AssertionError(said.read())


@dataclass
class Visit:
    """A page that is open, and what it asked and complained of so far."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(f"not caught: {error}"))
        self.page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None,
        )

    def check(self) -> None:
        """No request to another host, no error in the console but those that a test called for."""
        assert self.requests
        assert [url for url in self.requests if not url.startswith((self.url, f"blob:{self.url}"))] == []
        rest = [text for text in self.complaints if not any(re.fullmatch(each, text) for each in self.allowed)]
        assert rest == []

    def sample(self) -> None:
        """Load the sample with one click, and wait for its regions."""
        self.page.get_by_role("button", name="Try the sample").click()
        self.traced()

    def give(self, *paths: str | os.PathLike[str]) -> None:
        """Hand in files together, as by dropping them."""
        self.page.locator("#file-any").set_input_files([os.fspath(path) for path in paths])

    def put(self, name: str, path: str | os.PathLike[str]) -> None:
        """Choose the file of one field."""
        self.page.locator(f"#file-{name}").set_input_files(os.fspath(path))

    def choose(self, name: str, value: str) -> None:
        """Choose one of some options and wait for the new answer."""
        with self.page.expect_response("**/submit*"):
            self.radio(name, value)
        self.traced()

    def radio(self, name: str, value: str) -> None:
        self.page.locator(f'[name="{name}"][value="{value}"]').check(force=True)

    def traced(self) -> None:
        expect(self.page.locator("body:not(.busy) .overlay")).to_be_attached()

    def message(self, name: str) -> str:
        """What stands beside a field."""
        message = self.page.locator(f'[data-field="{name}"] .message')
        expect(message).to_be_visible()
        return message.inner_text()

    def download(self, kind: str) -> Download:
        with self.page.expect_download() as waiting:
            self.page.get_by_role("group", name="Download").get_by_role("button", name=kind).click()
        return waiting.value


@contextmanager
def visit(browser: Browser, url: str, **context: object) -> Iterator[Visit]:
    """A visit that must end well. `context` goes to Playwright: viewport, color_scheme and so on."""
    options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", "locale": "en-GB"}
    with browser.new_context(**(options | context)) as opened:  # type: ignore[arg-type]
        opened.grant_permissions(["clipboard-read", "clipboard-write"])
        page = opened.new_page()
        page.set_default_timeout(30_000)
        visit = Visit(page, url)
        visit.listen()
        page.goto(url)
        expect(page.locator("#version")).not_to_be_empty()  # the last thing that the page asks for by itself
        yield visit
        visit.check()
