"""Drawings inlined in a page, in a real Chromium: what the pointer reaches, and what a screen reader says."""

from __future__ import annotations

import re

import facemask
import pytest
from playwright.sync_api import Browser
from support import sample


@pytest.mark.parametrize("style", ["default", "solid", "outline"])
def test_the_pointer_reaches_the_path_of_a_region(chrome: Browser, style: str) -> None:
    """Not a copy of it: listeners belong to the path that the id finds."""
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, style=style)
    page = chrome.new_page()
    page.set_content(f"<body style='margin: 0'>{mask.svg}</body>")
    for region in mask.regions:
        found = page.evaluate("([x, y]) => document.elementFromPoint(x, y).id", region["label_point"])
        assert found == f"region-{region['id']}"
    page.close()


@pytest.mark.parametrize("how", ["id_prefix", "notebook"])
def test_each_of_two_drawings_is_read_out_with_its_own_title(chrome: Browser, how: str) -> None:
    def draw(name: str) -> str:
        prefix = name if how == "id_prefix" else ""
        mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, label_names={6: name}, id_prefix=prefix)
        return mask.svg if how == "id_prefix" else mask._repr_svg_()

    page = chrome.new_page()
    page.set_content(draw("first-nose") + draw("second-nose"))
    for place, name in enumerate(("first-nose", "second-nose")):
        read_out = page.get_by_role("img", name=re.compile(f"^Face regions: .*{name}"))
        assert read_out.count() == 1
        assert (
            page.locator("svg").nth(place).evaluate("(drawing, other) => drawing === other", read_out.element_handle())
        )
    page.close()
