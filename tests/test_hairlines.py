"""No background shines through between flat neighbours, however the picture is scaled."""

import io
import re
from functools import cache
from xml.etree import ElementTree as ET

import facemask
import numpy as np
import pytest
import resvg_py
import sample
from facemask import FaceMask
from maps import blobs, crosses
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.draw import polygon2mask

SVG = "{http://www.w3.org/2000/svg}"
MAGENTA, GREEN = "#ff00ff", "#00ff00"
# A five-point face, level and tilted: the slanted borders are those of another grid than the pixels'.
LEVEL = np.array([(80, 80), (160, 80), (120, 130), (90, 170), (150, 170)], float)
TILTED = np.array([(80, 80), (160, 100), (115, 130), (80, 170), (140, 185)], float)
PAIR = np.repeat([[1, 2]], 240, axis=0).repeat(120, axis=1).astype(np.uint8)
CASES = {
    "sample": (sample.LABELS, sample.LANDMARKS, "face"),
    "two labels": (PAIR, TILTED, "none"),
    "three labels meet": (blobs(240, 7), LEVEL, "none"),
    "slanted": (blobs(240, 5, 3), TILTED, "none"),
    "four labels meet": (crosses(240, 37), TILTED, "none"),
}


@cache
def traced(case: str, style: str) -> FaceMask:
    labels, landmarks, crop = CASES[case]
    return facemask.trace_face(labels, landmarks, crop=crop, style=style, landmark_scheme="auto")


def painted(svg: str, size: tuple[int, int], scale: int, background: str | None = None) -> NDArray[np.int64]:
    width, height = (side * scale for side in size)
    data = resvg_py.svg_to_bytes(
        svg_string=svg, width=width, height=height, background=background, skip_system_fonts=True
    )
    return np.array(Image.open(io.BytesIO(bytes(data))).convert("RGBA")).astype(int)


@cache
def deep_inside(case: str, scale: int) -> NDArray[np.bool_]:
    """Pixels two or more away from anything outside of all regions."""
    mask = traced(case, "solid")
    width, height = mask.size
    inside = np.zeros((height * scale, width * scale), int)
    for contour in mask.contours.values():
        for polygon in contour.polygons():
            for place, ring in enumerate(polygon):
                inside += (-1 if place else 1) * polygon2mask(inside.shape, ring[:, ::-1] * scale - 0.5)
    return np.asarray(ndimage.binary_erosion(inside > 0, iterations=2))


def shining_through(case: str, scale: int) -> int:
    """Count pixels that change with the background where the painting should hide it."""
    mask = traced(case, "solid")
    over = [painted(mask.svg, mask.size, scale, color) for color in (MAGENTA, GREEN)]
    apart = np.abs(over[0] - over[1])[..., :3].max(axis=-1)
    return int((apart[deep_inside(case, scale)] > 1).sum())


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("case", CASES)
def test_solid_hides_the_background(case: str, scale: int) -> None:
    assert deep_inside(case, scale).sum() > 10_000
    assert shining_through(case, scale) == 0


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize(("case", "style"), [*((case, "default") for case in CASES), ("slanted", "numbered")])
def test_translucent_fills_are_one_sheet(case: str, style: str, scale: int) -> None:
    """Forty per cent everywhere: never less (a hairline), and below the outlines never more (an overlap)."""
    mask = traced(case, style)
    deep = deep_inside(case, scale)
    assert painted(mask.svg, mask.size, scale)[..., 3][deep].min() >= 101
    sheet = re.sub(r'<g class="(outlines|numbers)".*?</g>', "", mask.svg)
    opacity = painted(sheet, mask.size, scale)[..., 3][deep]
    assert (opacity.min(), opacity.max()) == (102, 102)


def test_the_count_sees_hairlines() -> None:
    """Without what is painted below the fills there are hundreds of them."""
    mask = traced("sample", "solid")
    bare = re.sub(r'<g stroke-width="[^"]*" stroke-linejoin="round" aria-hidden="true">.*?</g>', "", mask.svg, count=1)
    assert bare != mask.svg
    inside = painted(bare, mask.size, 1)[..., 3][deep_inside("sample", 1)]
    assert (inside < 254).sum() > 500


@pytest.mark.parametrize("style", ["solid", "default"])
def test_nothing_bleeds_over_the_face(style: str) -> None:
    """The outer edge is that of one plain fill of all regions together: not a pixel's shade more."""
    mask = traced("sample", style)
    sheet = re.sub(r'<g class="outlines".*?</g>', "", mask.svg)
    clip = re.search(r'<clipPath id="[^"]+"><path d="([^"]+)"', sheet)
    assert clip is not None
    full = 255 if style == "solid" else 102
    box = " ".join(map(str, (0, 0, *mask.size)))
    plain = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><path d="{clip[1]}"/></svg>'
    expected = painted(plain, mask.size, 2)[..., 3] * full / 255
    assert np.abs(painted(sheet, mask.size, 2)[..., 3] - expected).max() <= 2
    area = sum(region["area"] for region in mask.regions)
    assert expected.sum() / full / 4 == pytest.approx(area, rel=1e-3)


@pytest.mark.parametrize("style", ["default", "solid", "numbered", "outline"])
def test_references_meet_one_id_each_and_only_of_this_face(style: str) -> None:
    documents = [ET.fromstring(traced(case, style).svg) for case in ("sample", "slanted")]
    referred = []
    for root in documents:
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))
        uses = {use.attrib["href"].removeprefix("#") for use in root.iter(f"{SVG}use")}
        uses |= {clip[5:-1] for clip in (group.attrib.get("clip-path", "") for group in root.iter(f"{SVG}g")) if clip}
        assert uses <= set(ids)
        referred.append(uses)
    assert not referred[0] & referred[1]


@pytest.mark.parametrize("style", ["default", "solid", "numbered", "outline"])
def test_a_region_is_still_one_path_with_a_title(style: str) -> None:
    mask = traced("sample", style)
    paths = [path for path in ET.fromstring(mask.svg).iter(f"{SVG}path") if path.get("class") == "region"]
    assert [path.attrib["data-region"] for path in paths] == [str(region["id"]) for region in mask.regions]
    for path, region in zip(paths, mask.regions, strict=True):
        assert path.attrib["id"] == f"region-{region['id']}"
        assert path.attrib["fill-rule"] == "evenodd"
        assert path.findtext(f"{SVG}title") == path.attrib["data-name"] == region["name"]
    assert mask.svg == traced("sample", style).svg


def test_the_underlay_costs_less_than_a_third() -> None:
    svg = traced("sample", "solid").svg
    paths = sum(len(path) for path in re.findall(r'<path id="region-.*?</path>', svg))
    assert len(svg) < 1.33 * paths
