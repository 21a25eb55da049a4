"""Seams between regions in rendered SVG, by style and scale."""

import re
from xml.etree import ElementTree as ET

import facemask
import numpy as np
import pytest
from support.seams import (
    CASES,
    SVG,
    count_seam_pixels,
    fill_opacity,
    fills_alone,
    interior_mask,
    render,
    trace_case,
)
from support.synthetic_face import Face

FACE = Face(angle=20, scale=1.0, size=(150, 160))
HREF = "{http://www.w3.org/1999/xlink}href"
STYLES = ["default", "solid", "numbered", "outline", "cut"]


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("case", CASES)
def test_solid_hides_the_background(case: str, scale: int) -> None:
    assert interior_mask(case, scale).sum() > 10_000
    assert count_seam_pixels(case, scale) == 0


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize(("case", "style"), [*((case, "default") for case in CASES), ("slanted", "numbered")])
def test_translucent_fills_are_one_sheet(case: str, style: str, scale: int) -> None:
    """Forty per cent everywhere: never less (a hairline), and below the outlines never more (an overlap)."""
    mask = trace_case(case, style)
    deep = interior_mask(case, scale)
    assert render(mask.svg, mask.size, scale)[..., 3][deep].min() >= 101
    opacity = fill_opacity(case, style, scale)
    assert (opacity.min(), opacity.max()) == (102, 102)


def test_the_count_sees_hairlines() -> None:
    """Without the strokes below the fills there are hundreds of them."""
    mask = trace_case("sample", "solid")
    bare = fills_alone(mask.svg, underlay=False)
    assert bare.count("<use") == bare.count(":use") == 0 < mask.svg.count("<use")
    inside = render(bare, mask.size, 1)[..., 3][interior_mask("sample", 1)]
    assert (inside < 254).sum() > 500


@pytest.mark.parametrize("style", ["solid", "default"])
def test_nothing_bleeds_over_the_face(style: str) -> None:
    """The outer edge is that of one plain sheet cut along all regions' outline: not a pixel's shade more.

    Cut, not filled: resvg's coverage of a curved outline differs by some sixteenths between the two.
    """
    mask = trace_case("sample", style)
    sheet = fills_alone(mask.svg)
    clip = re.search(r'<clipPath id="[^"]+"><path d="([^"]+)"', mask.svg)
    assert clip is not None
    full = 255 if style == "solid" else 102
    box = " ".join(map(str, (0, 0, *mask.size)))
    outline = f'<clipPath id="cut"><path d="{clip[1]}"/></clipPath>'
    width, height = (side + 18 for side in mask.size)
    paper = f'<g clip-path="url(#cut)"><rect x="-9" y="-9" width="{width}" height="{height}"/></g>'
    plain = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{outline}{paper}</svg>'
    expected = render(plain, mask.size, 2)[..., 3] * full / 255
    assert np.abs(render(sheet, mask.size, 2)[..., 3] - expected).max() <= 2
    area = sum(region["area"] for region in mask.regions)
    assert expected.sum() / full / 4 == pytest.approx(area, rel=1e-3)


@pytest.mark.parametrize("style", STYLES)
def test_references_meet_one_id_each_and_only_of_this_face(style: str) -> None:
    documents = [ET.fromstring(trace_case(case, style).svg) for case in ("sample", "slanted")]
    referred = []
    for root in documents:
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))
        uses = {use.attrib[HREF].removeprefix("#") for use in root.iter(f"{SVG}use")}
        uses |= {clip[5:-1] for clip in (group.attrib.get("clip-path", "") for group in root.iter(f"{SVG}g")) if clip}
        assert uses <= set(ids)
        referred.append(uses)
    assert not referred[0] & referred[1]


@pytest.mark.parametrize("style", STYLES)
def test_references_are_those_of_svg_1_and_point_back(style: str) -> None:
    """Inkscape 1.2, Qt and picosvg know no plain `href`; fpdf2 and picosvg know no id that comes later."""
    options = {"image": FACE.photo, "embed_image": "crop"}
    svg = facemask.trace_face(FACE.labels, FACE.landmarks, style=style, **options).svg
    assert re.findall(r'(?<!:)href="', svg) == []
    assert svg.count("xlink:href=") == svg.count("<use") + svg.count("<image")
    for match in re.finditer(r'xlink:href="#([^"]+)"|url\(#([^)]+)\)', svg):
        assert f' id="{match[1] or match[2]}"' in svg[: match.start()]


@pytest.mark.parametrize("style", ["default", "solid", "numbered", "outline"])
def test_a_region_is_still_one_path_with_a_title(style: str) -> None:
    mask = trace_case("sample", style)
    paths = [path for path in ET.fromstring(mask.svg).iter(f"{SVG}path") if path.get("class") == "region"]
    assert [path.attrib["data-region"] for path in paths] == [str(region["id"]) for region in mask.regions]
    for path, region in zip(paths, mask.regions, strict=True):
        assert path.attrib["id"] == f"region-{region['id']}"
        assert path.attrib["fill-rule"] == "evenodd"
        assert path.findtext(f"{SVG}title") == path.attrib["data-name"] == region["name"]
    assert mask.svg == trace_case("sample", style).svg


def test_the_underlay_costs_less_than_a_third() -> None:
    svg = trace_case("sample", "solid").svg
    paths = sum(len(path) for path in re.findall(r'<path id="region-.*?</path>', svg))
    assert len(svg) < 1.33 * paths
