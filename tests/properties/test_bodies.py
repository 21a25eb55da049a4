"""The fast paths for plain request bodies return what a JSON parser returns."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import msgspec
import pytest
from facemask import _core, landmarks
from facemask.service.core import native
from facemask.service.errors import ProblemError
from facemask.service.intake.codecs import JSON
from facemask.service.intake.content_type import BodyFormat, ContentType
from facemask.service.intake.decoding import Decoder
from hypothesis import example, given
from hypothesis import strategies as st
from support import sample
from support.paths import MAP_FILE, PHOTO_FILE

LONG = b64encode(bytes(range(256)) * 4).decode()
# Texts that a careless reader of quotes and backslashes would take for something else.
TEXTS = st.one_of(
    st.text(), st.sampled_from([LONG, LONG + "\\", '\\"' + LONG, "@0", '"', "\\", '",' + LONG, "data:;base64," + LONG])
)
VALUES = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def collect_strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in collect_strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in collect_strings(each)]
    return [value] if isinstance(value, str) else []


def restore_files(value: Any, files: list[bytes]) -> Any:
    texts = {f"@@{i}": b64encode(file).decode() for i, file in enumerate(files)}

    def text(given: str) -> str:
        for mark, found in texts.items():
            if given.endswith(mark):
                return given.removesuffix(mark) + found
        return given

    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [restore_files(each, files) for each in value]
    if isinstance(value, dict):
        return {text(key): restore_files(each, files) for key, each in value.items()}
    return value


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
@example({"image": LONG, "segmentation_map": LONG}, False, None)
def test_what_is_lifted_out_of_a_text_can_be_put_back(value: Any, ascii_only: bool, indent: int | None):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    lifted = _core.extract_base64(text, "@@")
    if lifted is None:
        assert LONG not in collect_strings(value)
        return
    short, files = lifted
    assert restore_files(json.loads(short), files) == without_prefix(json.loads(text))


def without_prefix(value: Any) -> Any:
    """What comes back of a data URI is its content."""
    if isinstance(value, str):
        return value.removeprefix("data:;base64,") if value.endswith(LONG) else value
    if isinstance(value, list):
        return [without_prefix(each) for each in value]
    if isinstance(value, dict):
        return {without_prefix(key): without_prefix(each) for key, each in value.items()}
    return value


# Values as they are written, with what JSON parsers are known to differ about.
ODD = ("1e400", "-1e999", "-0", "-0.0", "0e5", "1" + "0" * 5000, "1" + "0" * 30, "9007199254740993", "5e-324", '"1"')
NUMBERS = st.one_of(
    st.floats(-1e7, 1e7).map(repr),
    st.integers(-(10**7), 10**7).map(str),
    st.sampled_from([*ODD, "true", "null", "NaN", "01", "1.", "[1]", '{"x":1}', '"\\ud800"', '"\\u0041"']),
)
NAMES = st.sampled_from(["z", "visibility", "presence", "name", "x", "\\u0079"])


def json_point(x: str, y: str, others: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f'"{name}":{value}' for name, value in [("x", x), ("y", y), *others]) + "}"


POINTS = st.one_of(
    st.builds(json_point, NUMBERS, NUMBERS, st.lists(st.tuples(NAMES, NUMBERS), max_size=2)),
    st.lists(NUMBERS, min_size=1, max_size=4).map(lambda numbers: "[" + ",".join(numbers) + "]"),
)


def json_lists(items: Any, most: int) -> Any:
    return st.lists(items, max_size=most).map(lambda texts: "[" + ", ".join(texts) + "]")


@given(json_lists(POINTS, 5) | json_lists(json_lists(POINTS, 3), 2) | NUMBERS)
@example('[{"x": 0.1, "y": 5e-324}, [1, 2]]')
@example("[[0.30000000000000004, 123456.78901234567], [1, 2, 3]]")
@example("[[1, 2, 1e999]]")
@example("[[-0, 1]]")
@example("[[-0.0, 1]]")
@example('[{"x":1,"y":2,"visibility":1e400}]')
@example('[{"x":1,"y":2,"n":"\\ud800"}]')
@example('[{"x":1,"y":2,"x":3}]')
@example('[{"x":1,"y":2,"z":[3]}]')
def test_plain_landmarks_are_what_is_read_in_the_long_way(text: str):
    quick = _core.parse_plain_landmarks(text.encode())
    if quick is not None:
        expected = landmarks.landmark_array(JSON.untyped.decode(text.encode()))
        assert expected is not None
        assert quick.to_bytes() == expected.tobytes()
        assert quick.counts == [len(expected)]


def test_landmarks_as_detectors_send_them_are_plain():
    for points in (
        [{"x": x, "y": y} for x, y in sample.LANDMARKS],
        [{"x": x, "y": y, "z": 0.5, "visibility": 1} for x, y in sample.LANDMARKS],
        sample.LANDMARKS.tolist(),
        [[x, y, 0] for x, y in sample.LANDMARKS],
    ):
        quick = _core.parse_plain_landmarks(json.dumps(points).encode())
        assert quick is not None
        assert quick.to_bytes() == sample.LANDMARKS.tobytes()


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    engine = native
    return Decoder(engine, engine.Limits(), persisted=True)


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6)] * 2), min_size=68, max_size=68))
@example([(-0.0, 1)] * 68)
@example([(0.1, 5e-324)] * 68)
def test_points_in_messagepack_are_what_is_read_in_the_long_way(decoder: Decoder, points: list[tuple[float, float]]):
    sent = {"image": PHOTO_FILE.read_bytes(), "segmentation_map": MAP_FILE.read_bytes()}
    for value in (points, [{"x": x, "y": y} for x, y in points]):
        body = msgspec.msgpack.encode(sent | {"landmarks": value})
        read = decoder.decode(ContentType(BodyFormat.MSGPACK), body).landmarks
        expected = landmarks.landmark_array(msgspec.msgpack.decode(msgspec.msgpack.encode(value)))
        assert read is not None
        assert expected is not None
        assert read.to_bytes() == expected.tobytes()


def sample_body(**changes: Any) -> dict[str, Any]:
    files = {"image": PHOTO_FILE, "segmentation_map": MAP_FILE}
    sent: dict[str, Any] = {name: b64encode(file.read_bytes()).decode() for name, file in files.items()}
    return {**sent, "landmarks": sample.LANDMARKS.tolist(), **changes}


def test_files_are_the_same_whichever_way_they_are_read(decoder: Decoder):
    def files(text: str) -> tuple[bytes, bytes]:
        """Of a job that keeps its photo."""
        sent = decoder.decode(ContentType(BodyFormat.JSON), text.encode())
        return sent.image, sent.label_map

    text = json.dumps(sample_body())
    expected = tuple(file.read_bytes() for file in (PHOTO_FILE, MAP_FILE))
    plain = sample_body()
    dressed = sample_body(
        image="data:image/jpeg;base64," + plain["image"], segmentation_map="\n" + plain["segmentation_map"]
    )
    for each in (text, text.replace("/", "\\/"), json.dumps(dressed), "\ufeff" + text, json.dumps(plain, indent=2)):
        assert files(each) == expected
    assert b64decode(plain["image"]) == expected[0]


def test_refusals_are_of_the_text_that_was_sent(decoder: Decoder):
    long = sample_body()["image"]
    for changes, field in (
        ({"image": long + "*"}, "image"),
        ({"image": [long]}, "image"),
        ({"landmarks": long}, "landmarks"),
        ({"options": {"style": long}}, "options.style"),
        ({"options": {"label_names": {"6": long}}}, "options.label_names"),
        ({long: 1}, long[:200]),
    ):
        with pytest.raises(ProblemError) as caught:
            decoder.decode(ContentType(BodyFormat.JSON), json.dumps(sample_body(**changes)).encode())
        assert caught.value.field == field
