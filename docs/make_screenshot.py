"""Take the README's picture of the playground: a real Chromium, a real service, the sample.

python docs/make_screenshot.py     # or `make screenshot`; writes docs/playground.webp

It needs the development dependencies and a Chromium, and looks as in the README where the font Inter is installed.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "playground")]

import playground_page  # noqa: E402 - the tests know how to start a service and to open the page

WIDTH, HEIGHT = 1280, 760
QUALITY = 92  # WebP: a photo and small type in 100 kB, where a PNG has 430


def screenshot(path: str) -> bytes:
    """Return the page as PNG: the sample set upright, its nose pointed at."""
    with playground_page.playground_service() as service, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with playground_page.open_playground(
            chromium, service.url, viewport={"width": WIDTH, "height": HEIGHT}
        ) as page:
            page.load_sample()
            page.page.locator(".hits [data-region='6']").hover()
            page.page.wait_for_timeout(300)
            picture = page.page.screenshot()
        chromium.close()
    return picture


def main() -> None:
    """Write the picture."""
    path = playground_page.find_chromium()
    if path is None:
        sys.exit("no Chromium on this machine: apt-get install chromium")
    picture = Image.open(io.BytesIO(screenshot(path))).convert("RGB")
    picture.save(ROOT / "docs" / "playground.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
