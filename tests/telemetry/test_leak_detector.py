"""The leak detector of the whole run finds a leaked face."""

from __future__ import annotations

import base64
import logging

import httpx
import pytest
from support import leak_detector

PHOTO, LABELS = leak_detector.PICTURES
POINT = leak_detector.POINTS[17]
LEAK = r"(what may be somebody's bytes|the sample's bytes|a landmark): "


@pytest.mark.parametrize(
    "text",
    [
        f"image is {base64.b64encode(PHOTO[300:360]).decode()!r}",
        f"/files/{base64.urlsafe_b64encode(LABELS[200:260]).decode()}",
        "x" * 100,
        f'{{"x": {POINT["x"]}, "y": {POINT["y"]}}}',
        f"landmark 17 [{POINT['x']}, {POINT['y']}] is outside",
    ],
)
def test_a_leak_is_heard_in_a_line_and_in_an_error(text: str) -> None:
    logging.getLogger("facemask.requests").info("%s", text)
    with pytest.raises(AssertionError, match=LEAK):
        leak_detector.assert_no_leaks()
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(422, text=text))) as client:
        client.get("http://nowhere")
    with pytest.raises(AssertionError, match=LEAK):
        leak_detector.assert_no_leaks()
    leak_detector.assert_no_leaks()


def test_what_says_nothing_of_a_face_is_let_through() -> None:
    leak_detector.inspect(
        "job 0b5c1d2e-1c1f-4b8e-9d5a-2f7f3a1b9c11 took 123.45 ms, /usr/lib/python3.11/site-packages/x.py:17"
    )
    leak_detector.inspect(f"{POINT['x']}")
    assert leak_detector.leaks == []
