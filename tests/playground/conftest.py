"""A service and a browser for each file of tests.

Not for the whole session: Playwright leaves a running event loop in the thread, which tests of other folders could not
stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playground_page import Visit, chromium, service, visit
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with service() as (address, _):
        yield address


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("NO CHROMIUM ON THIS MACHINE: the playground is not tested (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chrome: Browser, url: str) -> Iterator[Callable[..., Visit]]:
    """Opens the page; at the end each visit is looked at."""
    with ExitStack() as stack:
        yield lambda **context: stack.enter_context(visit(chrome, url, **context))


@pytest.fixture
def page(open_page: Callable[..., Visit]) -> Visit:
    return open_page()
