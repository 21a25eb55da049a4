"""svg-plain: what editors and small readers get, beside the drawing that it is made from."""

import re
from xml.etree import ElementTree as ET

import facemask
import numpy as np
import pytest
from support import sample
from support.seams import SVG, fills_alone, interior_mask, render
from support.synthetic_face import Face

INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"
STYLES = ["default", "outline", "solid", "numbered", "cut"]
FACE = Face(angle=20, scale=1.0, size=(150, 160))


def trace(style: str, **options: object) -> facemask.FaceMask:
    return facemask.trace_face(sample.LABELS, sample.LANDMARKS, style=style, **options)


def layers(document: str) -> dict[str, ET.Element]:
    root = ET.fromstring(document)
    groups = root.findall(f"{SVG}g")
    assert [child.tag for child in root] == [f"{SVG}title", *[f"{SVG}g"] * len(groups)]
    assert {group.get(f"{INKSCAPE}groupmode") for group in groups} == {"layer"}
    assert [group.get("id") for group in groups] == [group.get(f"{INKSCAPE}label") for group in groups]
    return {group.get("id", ""): group for group in groups}


@pytest.mark.parametrize("style", STYLES)
def test_it_holds_nothing_that_an_editor_has_to_resolve(style: str) -> None:
    document = facemask.trace_face(
        FACE.labels, FACE.landmarks, image=FACE.photo, embed_image="crop", style=style
    ).to_svg_plain()
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(document).iter()}
    assert tags <= {"svg", "title", "g", "image", "path", "text"}
    assert not re.search(r"clip-path|<style|class=| opacity=|url\(|href=\"#", document)
    expected = ["Photo", "Regions", "Borders"]
    wanted = {"cut": ["Photo", "Borders"], "solid": ["Photo", "Regions"], "numbered": [*expected, "Numbers"]}
    assert list(layers(document)) == wanted.get(style, expected)
    ids = re.findall(r' id="([^"]+)"', document)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("tolerance", [0.5, 0])
@pytest.mark.parametrize("style", STYLES)
def test_each_region_and_each_border_is_one_path(style: str, tolerance: float) -> None:
    mask = trace(style, tolerance=tolerance)
    shown = layers(mask.to_svg_plain())
    by_id = {path.get("id"): path for path in ET.fromstring(mask.svg).iter(f"{SVG}path")}
    for path, region in zip(shown.get("Regions", ()), mask.regions, strict=style != "cut"):
        assert (path.get("id"), path.findtext(f"{SVG}title")) == (region["name"], region["name"])
        assert path.get("d") == by_id[f"region-{region['id']}"].get("d")
        assert path.get("fill-opacity") == (".4" if style in ("default", "numbered") else None)
    if style == "solid":
        assert "Borders" not in shown
        return
    names = {str(region["id"]): region["name"] for region in mask.regions}
    pairs = re.findall(r'data-regions="([\d ]+)"', mask.svg)
    assert [border.get("data-regions") for border in shown["Borders"]] == pairs
    for border in shown["Borders"]:
        sides = [names[region] for region in border.get("data-regions", "").split()]
        assert border.get("id") == "-".join(["border", *sides])
        assert border.get("d", "").startswith("M")
    paths = [group for name, group in shown.items() if name != "Numbers"]
    assert {group.get("transform") is None for group in paths} == {tolerance > 0}


@pytest.mark.parametrize("style", ["outline", "cut", "solid"])
def test_it_looks_as_the_drawing(style: str) -> None:
    """Away from where two fills meet, whose hairlines are the price."""
    mask = trace(style)
    drawing, plain = (render(svg, mask.size, 2, "white") for svg in (mask.svg, mask.to_svg_plain()))
    differs = np.abs(drawing - plain).max(axis=-1) > 8
    assert differs.sum() < (6000 if style == "solid" else 30)


def test_fills_are_as_opaque_as_in_the_drawing() -> None:
    mask = trace("default")
    plain = render(fills_alone(re.sub("<g id=.Borders.*?</g>", "", mask.to_svg_plain())), mask.size, 1)[..., 3]
    inside = plain[interior_mask("sample", 1)]
    assert np.median(inside) == 102
    # Where two fills meet, 36 per cent: two halves of a pixel, one over the other.
    assert (inside < 90).mean() < 1e-3
    assert inside.max() <= 112


def test_ids_are_readable_legal_and_unique() -> None:
    names = {
        1: "Haut & <Haar>", 2: "Regions", 3: "Regions", 4: "1st", 5: "鼻 👃 Brühe", 6: "a:b",
        7: "\0\ufffe", 8: '"', 9: "-x",
    }  # fmt: skip
    mask = trace("default", label_names=names)
    document = mask.to_svg_plain()
    assert [path.get("id") for path in layers(document)["Regions"]] == [
        "Haut____Haar_", "Regions-2", "Regions-3", "_1st", "鼻_👃_Brühe", "a_b", "\ufffd\ufffd", "_", "_-x", "hair",
    ]  # fmt: skip
    labels = [path.get(f"{INKSCAPE}label") for path in layers(document)["Regions"]]
    assert labels[:6] == list(names.values())[:6]
    assert labels[6] == "\ufffd\ufffd"


def test_a_prefix_is_kept() -> None:
    document = trace("numbered", id_prefix="left").to_svg_plain()
    ids = re.findall(r' id="([^"]+)"', document)
    assert all(name.startswith("left-") for name in ids)
    assert {"left-facemask-title", "left-nose", "left-Regions", "left-number-6"} <= set(ids)
    assert 'aria-labelledby="left-facemask-title"' in document


def test_nothing_is_a_drawing_too() -> None:
    empty = facemask.trace_face(np.zeros((90, 90), np.uint8), sample.LANDMARKS / 10, crop="none")
    root = ET.fromstring(empty.to_svg_plain())
    assert root.findtext(f"{SVG}title") == "No regions"
    width, height = map(str, empty.size)
    assert [root.get(name) for name in ("width", "height", "viewBox")] == [width, height, f"0 0 {width} {height}"]
