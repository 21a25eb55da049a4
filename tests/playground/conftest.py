"""A service and a browser for each test file.

They do not last for the session: Playwright leaves a running event loop in the thread, which breaks asynchronous tests
of other folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playground_page import PlaygroundPage, find_chromium, open_playground, playground_service
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with playground_service() as service:
        yield service.url


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("NO CHROMIUM ON THIS MACHINE: the playground is not tested (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chrome: Browser, url: str) -> Iterator[Callable[..., PlaygroundPage]]:
    """Opens pages with options of the browser context and checks each at the end."""
    with ExitStack() as stack:
        yield lambda **context: stack.enter_context(open_playground(chrome, url, **context))


@pytest.fixture
def page(open_page: Callable[..., PlaygroundPage]) -> PlaygroundPage:
    return open_page()
