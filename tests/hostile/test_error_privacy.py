"""Errors and logs contain no input: no base64 of images and no coordinate of a landmark."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from attacks import ATTACKS, SUBMIT, body, landmarks
from facemask.service.app import create_app
from facemask.service.settings import Settings
from litestar.testing import TestClient

# Numbers that stand nowhere else.
X, Y = 4711.25, 8815.75
POINT = {"x": X, "y": Y}
WINDOW = 24  # characters of base64: 18 bytes of a picture

WRONG: list[Any] = [
    [POINT, [X, Y]],
    [[X, Y, X, Y]],
    [[X, Y], [X]],
    [[X, Y], POINT],
    [[X, Y], [X, str(Y)]],
    [POINT, {"x": X}],
    [POINT, {"x": X, "y": [Y]}],
    [POINT, {"x": X, "y": str(Y)}],
    [POINT, X],
    [X, Y, X],
    [X * 1e6, Y],
    [{"x": X * 1e9, "y": Y}],
    [[[X, Y], [X, [Y]]]],
    {"points": [POINT]},
    {str(X): Y},
    str([X, Y]),
    X,
    [POINT] * 5,
    [POINT] * 68,
    [POINT] * 77,
    [{"x": X + i, "y": Y - i * i} for i in range(478)],
    list(landmarks())[::-1],
]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings()), raise_server_exceptions=False) as opened:
        yield opened


def long_numbers(value: Any) -> set[str]:
    """The numbers in landmarks as text; short ones stand in many sentences."""
    return {text for text in re.findall(r"\d+\.?\d*", json.dumps(value)) if len(text) >= 5}


def fragments(text: Any) -> set[str]:
    packed = "".join(text.split()) if isinstance(text, str) else ""
    return {packed[at : at + WINDOW] for at in range(0, len(packed) - WINDOW, WINDOW)}


def find_leaks(said: str, sent: dict[str, Any]) -> set[str]:
    found = {number for number in long_numbers(sent.get("landmarks")) if number in said}
    # Every place, not only every 24th: what is said is shorter than what was sent.
    places = {said[at : at + WINDOW] for at in range(len(said) - WINDOW + 1)}
    for field in ("image", "segmentation_map"):
        found |= fragments(sent.get(field)) & places
    return found


def test_a_leak_is_noticed() -> None:
    sent = body(landmarks=[POINT])
    assert find_leaks("got 4711.25", sent) == {"4711.25"}
    assert find_leaks(f"got {sent['image'][20:100]}", sent)
    assert not find_leaks("landmarks[3].x must be a number", sent)


@pytest.mark.parametrize("sent", WRONG, ids=range(len(WRONG)))
def test_wrong_landmarks_are_named_and_not_repeated(
    client: TestClient, sent: Any, caplog: pytest.LogCaptureFixture
) -> None:
    full = body(landmarks=sent)
    with caplog.at_level(logging.DEBUG):
        answer = client.post(SUBMIT, params={"wait": "30"}, json=full)
    assert answer.status_code == 422 or answer.json()["status"] == "failed", answer.text[:300]
    assert "landmarks" in answer.text
    assert find_leaks(answer.text + caplog.text, full) == set()


def test_no_attack_gets_its_own_input_back(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    failed = 0
    for attack in ATTACKS:
        sent = attack.make()
        caplog.clear()
        with caplog.at_level(logging.DEBUG):
            answer = client.post(SUBMIT, params={"wait": "30"}, json=sent)
        said = caplog.text
        if answer.status_code != 200 or answer.json()["status"] == "failed":
            failed += 1
            said += answer.text
        assert find_leaks(said, sent) == set(), attack.name
    assert failed > len(ATTACKS) / 2


@pytest.mark.parametrize("field", ["image", "segmentation_map"])
def test_bad_base64_is_named_by_its_place(client: TestClient, field: str) -> None:
    good = body()
    for broken in (good[field][:1000] + "!" + good[field][1000:], good[field][:1001], "data:" + good[field]):
        sent = good | {field: broken}
        answer = client.post(SUBMIT, json=sent)
        assert answer.json()["code"] in {"base64_invalid", "image_corrupt", "map_corrupt"}
        assert find_leaks(answer.text, sent) == set()
