"""Borders of the SVG: each drawn once, in every style with lines; ids with a prefix; colors of borders."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import facemask
import numpy as np
import pytest
from figures.svg_segments import Segment, flatten, parse_path_data
from support import label_maps, sample
from support.seams import SVG, render
from support.synthetic_face import Face

HREF = "{http://www.w3.org/1999/xlink}href"
LINE_STYLES = ["default", "numbered", "outline", "cut"]
POINTS = Face(scale=2.0, size=(300, 320)).landmarks
CHECKERBOARD = (np.indices((40, 40)).sum(axis=0) % 2 + 1).astype(np.uint8)
ONE = np.zeros((40, 40), np.uint8)
ONE[10:30, 12:25] = 3
ONE[15:20, 15:20] = 0
NOISE = np.random.default_rng(5).integers(0, 256, (32, 32)).astype(np.uint8)


def map_case(labels: np.ndarray, **options: Any) -> facemask.FaceMask:
    """A map without a face, of 300 x 320 pixels of the photo."""
    settings = {"crop": "none", "label_scheme": "custom", "void": "none", "image_size": (300, 320)} | options
    return facemask.trace_face(labels, POINTS, map_fit="stretch", **settings)


CASES: dict[str, Any] = {
    "sample": lambda **style: facemask.trace_face(sample.LABELS, sample.LANDMARKS, **style),
    "straight": lambda **style: facemask.trace_face(sample.LABELS, sample.LANDMARKS, curve="straight", **style),
    "exact, in the frame of the map": lambda **style: facemask.trace_face(
        sample.LABELS, sample.LANDMARKS, tolerance=0, **style
    ),
    "cut by the crop": lambda **style: map_case(label_maps.voronoi(80, 9), crop="face", **style),
    "zones": lambda **style: facemask.trace_face(sample.LABELS, sample.LANDMARKS, regions="zones", **style),
    "checkerboard": lambda **style: map_case(CHECKERBOARD, tolerance=0, **style),
    "four labels meet": lambda **style: map_case(label_maps.four_label_crosses(40, 7), **style),
    "specks": lambda **style: map_case(label_maps.specks(20), tolerance=0, **style),
    "one region with a hole": lambda **style: map_case(ONE, **style),
    "255 labels": lambda **style: map_case(NOISE, tolerance=0, **style),
    "nothing": lambda **style: map_case(np.zeros((40, 40), np.uint8), **style),
}


def segments(data: str) -> Iterator[Segment]:
    for line in parse_path_data(data):
        yield from line


def length(parts: list[Segment]) -> float:
    return sum(float(np.hypot(*np.diff([*flatten([part]), part[-1]], axis=0).T).sum()) for part in parts)


def region_arcs(svg: str) -> dict[Segment, list[str]]:
    """The segments of all regions, each once and in one direction, with the regions that have it."""
    arcs: dict[Segment, list[str]] = {}
    for path in ET.fromstring(svg).iter(f"{SVG}path"):
        if path.get("class") == "region":
            for segment in segments(path.get("d", "")):
                arcs.setdefault(min(segment, segment[::-1]), []).append(path.get("data-region", ""))
    return arcs


def border_lines(svg: str) -> dict[str, list[Segment]]:
    """The segments of each border by its regions, with references resolved."""
    root = ET.fromstring(svg)
    by_id = {element.get("id"): element for element in root.iter()}
    found: dict[str, list[Segment]] = {}
    for border in root.iter():
        if (regions := border.get("data-regions")) is None:
            continue
        assert regions not in found
        use = border.find(f"{SVG}use")
        path = border if use is None else by_id[use.attrib[HREF][1:]].find(f"{SVG}path")
        found[regions] = list(segments(path.get("d", "")))
    return found


@pytest.mark.parametrize("style", LINE_STYLES)
@pytest.mark.parametrize("case", CASES)
def test_every_border_is_drawn_once(case: str, style: str) -> None:
    """Segments are compared one by one but in exact mode, which joins straight ones; lengths always."""
    arcs = region_arcs(CASES[case](style="solid").svg)
    lines = border_lines(CASES[case](style=style).svg)
    drawn = [segment for line in lines.values() for segment in line]
    wanted, found = length(list(arcs)), length(drawn)
    is_exact = case in ("exact, in the frame of the map", "checkerboard", "specks", "255 labels")
    if not is_exact:
        assert found == pytest.approx(wanted, rel=1e-9)
        assert sorted(min(segment, segment[::-1]) for segment in drawn) == sorted(arcs)
        for regions, line in lines.items():
            assert {tuple(arcs[min(segment, segment[::-1])]) for segment in line} <= {tuple(regions.split())}
    # Regions join straight segments across the ends of their borders, so arcs of the same place may differ there.
    mask = CASES[case](style=style)
    assert found == pytest.approx(contour_arcs(mask) / map_scale(mask), rel=5e-3, abs=1e-9)


def contour_arcs(mask: facemask.FaceMask) -> float:
    """The length of all segments of the contours, each once: measured on points, so curves are a little longer."""
    unique = set()
    for rings in mask.mask_contours.values():
        for ring in rings:
            points = [tuple(point) for point in ring]
            unique |= {tuple(sorted(pair)) for pair in zip(points, [*points[1:], points[0]], strict=True)}
    return float(sum(np.hypot(a[0] - b[0], a[1] - b[1]) for a, b in unique))


def map_scale(mask: facemask.FaceMask) -> float:
    """The length of a pixel of the frame of the paths, in pixels of the document."""
    group = ET.fromstring(mask.svg).find(f"{SVG}g[@transform]")
    if group is None:
        return 1.0
    a, b, c, d, *_ = map(float, re.findall(r"-?[\d.]+", group.get("transform", "")))
    return abs(a * d - b * c) ** 0.5


@pytest.mark.parametrize("style", ["default", "numbered"])
def test_light_dashes_lie_on_all_borders_by_one_reference(style: str) -> None:
    root = ET.fromstring(CASES["sample"](style=style).svg)
    borders = root.find(f".//{SVG}g[@class='borders']")
    dark, dashes = borders
    (lines,) = dark
    assert dashes.attrib[HREF] == f"#{lines.get('id')}"
    assert "stroke-dasharray" not in dark.attrib
    assert {line.get("data-regions") for line in lines} == set(border_lines(ET.tostring(root, encoding="unicode")))


def test_borders_are_seen_on_white_and_on_black_paper() -> None:
    mask = CASES["sample"](style="default", colors={str(i): "white" for i in range(1, 11)})
    for paper, is_visible in (("#ffffff", lambda gray: gray < 180), ("#000000", lambda gray: gray > 200)):
        picture = render(mask.svg, mask.size, 2, paper)[..., :3].max(axis=-1)
        if paper == "#000000":  # fills of 40 per cent white are darker than a line
            assert is_visible(picture).sum() > 2000
        else:
            assert is_visible(picture).sum() > 1000


def test_a_border_has_the_colour_of_the_region_that_lies_on_the_other() -> None:
    svg = CASES["sample"](style="outline", colors={"skin": "#010203", "nose": "#040506", "hair": "#070809"}).svg
    colors = dict(re.findall(r'data-regions="([\d ]+)" stroke="(#\w+)"', svg))
    assert (colors["1"], colors["1 6"], colors["1 10"], colors["10"]) == ("#010203", "#040506", "#070809", "#070809")


@pytest.mark.parametrize("style", [*LINE_STYLES, "solid"])
def test_a_prefix_changes_the_ids_and_nothing_else(style: str) -> None:
    plain = facemask.trace_face(sample.LABELS, sample.LANDMARKS, style=style).svg
    svg = facemask.trace_face(sample.LABELS, sample.LANDMARKS, style=style, id_prefix="left.face_1").svg
    ids = re.findall(r' id="([^"]+)"', svg)
    assert ids
    assert all(name.startswith("left.face_1-") for name in ids)
    assert set(re.findall(r'(?:href="#|url\(#|labelledby=")([^")]+)', svg)) <= set(ids)
    assert 'id="left.face_1-region-6"' in svg or style == "cut"
    generated = re.compile(r"f[0-9a-f]{8}")
    assert generated.sub("", svg.replace("left.face_1-", "")) == generated.sub("", plain)


@pytest.mark.parametrize("prefix", ["1", "-a", "a b", 'a"', "a:b", "ä", "a\n", "<", "x" * 65])
def test_a_prefix_is_an_xml_name(prefix: str) -> None:
    with pytest.raises(facemask.FacemaskError, match="id_prefix: must start with a letter or _") as refused:
        facemask.trace_face(sample.LABELS, sample.LANDMARKS, id_prefix=prefix)
    assert (refused.value.code, refused.value.field) == ("option_invalid", "id_prefix")


def test_two_drawings_in_a_notebook_have_no_id_in_common() -> None:
    left, right = (facemask.trace_face(sample.LABELS, sample.LANDMARKS, crop=crop) for crop in ("face", "head"))
    ids = [set(re.findall(r' id="([^"]+)"', mask._repr_svg_())) for mask in (left, right)]
    assert not ids[0] & ids[1]
    for mask, own in zip((left, right), ids, strict=True):
        shown = mask._repr_svg_()
        assert set(re.findall(r'(?:href="#|url\(#|labelledby=")([^")]+)', shown)) <= own
        assert (render(shown, mask.size, 1) == render(mask.svg, mask.size, 1)).all()
    chosen = facemask.trace_face(sample.LABELS, sample.LANDMARKS, id_prefix="mine")
    assert chosen._repr_svg_() == chosen.svg


def test_a_name_that_looks_like_an_id_is_no_id() -> None:
    name = ' id="x" xlink:href="#y" clip-path="url(#z)'
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, label_names={6: name})
    paths = ET.fromstring(mask._repr_svg_()).iter(f"{SVG}path")
    assert name in [path.get("data-name") for path in paths]
