"""Content negotiation: well-formed `Accept` headers as by Werkzeug, all others as by RFC 9110."""

from __future__ import annotations

import pytest
from facemask.service.negotiation import MAX_ELEMENTS, best_match
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

SVG, GEOJSON, JSON, TEXT, PNG = OFFERS = (
    "image/svg+xml",
    "application/geo+json",
    "application/json",
    "text/plain",
    "image/png",
)
RANGES = [*OFFERS, "*/*", "image/*", "text/*", "application/*", "video/*", "text/html", "IMAGE/Png"]
WEIGHTS = ["", ";q=0", "; q=0.0", ";q=0.001", " ; Q=0.5", ";q=0.25", ";q=0.999", ";q=1", ";q=1.000"]
PARAMETERS = ["", ";level=1", '; title="a, b; q=0.3"', ';v="a\\"b"']
MALFORMED = [
    "", " ", "*", "/", "image/", "/png", "image", "*/png", "image png", "im(age/png", "é/png", "image/pn\x00g",
    "image/png;q=", "image/png;q=2", "image/png;q=-1", "image/png;q=1.1", "image/png;q=nan", "image/png;q=1e-1",
    "image/png;q=0.5;q=0.6", "image/png;level", "image/png; q = 1", "image/png;=1", "image/png;q=0.5 level=1",
]  # fmt: skip
# Werkzeug takes no heed of a parameter beside a wildcard.
names = st.sampled_from(RANGES).flatmap(
    lambda name: st.sampled_from([name] if "*" in name else [name + parameter for parameter in PARAMETERS])
)
elements = st.builds("{}{}".format, names, st.sampled_from(WEIGHTS))


def by_werkzeug(accept: str) -> str | None:
    """The first offer of those that weigh most, by the weights that Werkzeug finds."""
    parsed = parse_accept_header(accept, MIMEAccept)
    weights = [parsed.quality(offer) for offer in OFFERS]
    return OFFERS[weights.index(max(weights))] if max(weights) > 0 else None


@given(st.lists(elements, min_size=1, max_size=6))
@example(["image/svg+xml;q=0", "*/*"])
@example(["image/*", "image/svg+xml;q=0.1"])
@example(["*/*;q=0.5", "image/*;q=0", "image/png;q=0.2"])
def test_well_formed_headers_are_read_as_werkzeug_reads_them(given: list[str]) -> None:
    accept = ", ".join(given)
    assert best_match(accept, OFFERS) == by_werkzeug(accept), accept


@given(st.lists(elements, min_size=1, max_size=4), st.data())
def test_a_malformed_element_changes_nothing(given: list[str], data: st.DataObject) -> None:
    mixed = list(given)
    for bad in data.draw(st.lists(st.sampled_from(MALFORMED), min_size=1, max_size=4)):
        mixed.insert(data.draw(st.integers(0, len(mixed))), bad)
    assert best_match(",".join(mixed), OFFERS) == best_match(",".join(given), OFFERS)


@given(
    st.text(alphabet=st.characters(max_codepoint=255), max_size=200)
    | st.text('*/;,="\\q.01 \taimgenpvsx+', max_size=80)
)
def test_any_header_has_an_answer(accept: str) -> None:
    assert best_match(accept, OFFERS) in {*OFFERS, None}


@pytest.mark.parametrize("accept", MALFORMED)
def test_a_header_of_nothing_but_malformed_elements_is_like_none(accept: str) -> None:
    assert best_match(accept, OFFERS) == best_match("*/*", OFFERS) == OFFERS[0]


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("*/*;q=0", None),
        ("image/svg+xml;q=0", None),
        ("image/svg+xml;q=0.0, text/*", TEXT),
        ("image/*;q=0, image/png;q=0.001", PNG),
        ("image/png, */*", SVG),  # liked as much: the order is ours
        ("image/png, */*;q=0.9", PNG),
        ("image/png;q=0.3, image/png;q=0", PNG),
        ("image/png;", PNG),  # an empty parameter is none
        ("application/json;charset=utf-8", None),  # no offer here has it
        # java.net.HttpURLConnection
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", SVG),
        # Firefox and Chromium for a picture
        ("image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", SVG),
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", SVG),
        # axios
        ("application/json, text/plain, */*", SVG),
    ],
)
def test_what_clients_send(accept: str, best: str | None) -> None:
    assert best_match(accept, OFFERS) == best


def test_a_range_with_parameters_is_for_offers_that_have_them() -> None:
    offers = ["text/plain;version=0.0.4;charset=utf-8", "text/plain;version=1.0.0;charset=utf-8"]
    for accept, best in (
        ("text/plain", 0),
        ("text/plain;version=1.0.0", 1),
        ('text/plain; Charset="UTF-8";version="1.0.0"', 1),
        ("text/plain;version=1.0.0;q=0, text/plain;q=0.1", 0),
        ("text/plain;charset=utf-8;q=0.2, text/plain;version=0.0.4;charset=utf-8;q=0.1", 1),
        ("text/plain;version=2", None),
    ):
        assert best_match(accept, offers) == (None if best is None else offers[best]), accept


def test_an_offer_that_is_no_media_type_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no media type: 'png'"):
        best_match("*/*", ["png"])


HUGE = {
    "ranges": "*/*,", "types": "a/b;q=0.1,", "commas": ",", "semicolons": "a/b;;;;", "parameters": ";a=b",
    "quotes": '"', "backslashes": "\\", "open quotes": 'a/b;x="\\', "spaces": " ", "letters": "a", "zeros": "0",
    "quoted": '*/*;a="b",', "spaces and semicolons": " ;", "weights": "*/*;q=0.",
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_the_longest_headers_come_to_an_end(name: str) -> None:
    """Of two million letters. Where the time grew with the square of that, it would not."""
    text = HUGE[name] * (2_000_000 // len(HUGE[name]))
    assert best_match(text, OFFERS) in {*OFFERS, None}
    assert best_match(f"image/png,{text}", OFFERS) in OFFERS


def test_elements_behind_the_first_256_are_not_read() -> None:
    filler = ["video/mp4"] * (MAX_ELEMENTS - 1)
    assert best_match(",".join([*filler, PNG]), OFFERS) == PNG
    assert best_match(",".join([*filler, "video/mp4", PNG]), OFFERS) is None
