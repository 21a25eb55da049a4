"""Draw the pictures of docs/contours.md from the library's own outlines, and from those of others.

python docs/make_contour_pictures.py        # writes docs/contours/*.png; needs the development dependencies
"""

import io
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import facemask
import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benches")]

from figures.curves import available_curves  # noqa: E402
from rivals import opencv, scikit_image  # noqa: E402
from support import label_maps, sample, seams  # noqa: E402  (maps and sample stand with the tests)

Map = NDArray[np.uint8]
Box = tuple[int, int, int, int]
Outlines = dict[int, list[NDArray[np.float64]]]
Paths = dict[int, str]

PALE = ["#f8f9fa", "#a5d8ff", "#ffd8a8", "#b2f2bb", "#eebefa", "#ffc9c9"]
FACE = {1: "#ffe0c2", 4: "#74c0fc", 7: "#f06595", 8: "#91a7ff", 9: "#c2255c"}
INK = "#212529"
# The corner of the mouth: left, top, width, height, pixels of the sample.
MOUTH: Box = (374, 408, 44, 31)
LIPS: Box = (374, 408, 27, 20)
EYE: Box = (355, 288, 27, 20)


def exact_path(rings: Iterable[NDArray[np.float64]]) -> str:
    """Write rings as path data, as they are."""
    return "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in ring) + "z" for ring in rings)


def traced(labels: Map, **options: float | str) -> Paths:
    """Give the path data of the library's own SVG, in the map's frame: the landmarks are level and nothing is cut."""
    mask = facemask.trace_face(labels, seams.LEVEL_POINTS, crop="none", label_scheme="custom", **options)
    found = re.findall(r'<path id="region-(\d+)"[^>]* d="([^"]*)"', mask.svg)
    return {int(key): data for key, data in found}


def of_opencv(labels: Map) -> Outlines:
    """Move OpenCV's points, which are numbers of pixels, to the centres of those pixels."""
    return {label: [ring + 0.5 for ring in rings] for label, rings in opencv.outline(labels).items()}


def of_scikit_image(labels: Map) -> Outlines:
    """Move scikit-image's points, x and y of pixel centres in a padded map, to the corners of pixels."""
    return {label: [ring[:-1] - 0.5 for ring in rings] for label, rings in scikit_image.outline(labels).items()}


def of_facemask(labels: Map, **options: float | str) -> Outlines:
    """Give the library's rings."""
    return {label: contour.rings() for label, contour in facemask.find_contours(labels, **options).items()}


def count(outlines: Outlines, labels: Map) -> str:
    """Say how many points there are, and how many pixels get another label when they are rasterised back."""
    contours = {
        label: facemask.Contour(np.concatenate(rings), np.cumsum([0, *map(len, rings)]).astype(np.uint32))
        for label, rings in outlines.items()
    }
    points = sum(len(contour.points) for contour in contours.values())
    wrong = label_maps.rasterize(contours, labels.shape) != np.where(labels == 0, -1, labels.astype(int))
    return f"{points} points, {wrong.sum()} wrong pixels"


def pixels(labels: Map, box: Box, colors: dict[int, str], opacity: float = 1.0) -> str:
    """Draw the pixels as squares."""
    left, top, width, height = box
    squares = [
        f'<rect x="{x}" y="{y}" width="1.02" height="1.02" fill="{colors.get(int(labels[y, x]), "#fff")}"/>'
        for y in range(top, min(top + height, labels.shape[0]))
        for x in range(left, min(left + width, labels.shape[1]))
    ]
    return f'<g shape-rendering="crispEdges" opacity="{opacity}">{"".join(squares)}</g>'


def centres(box: Box, radius: float) -> str:
    """Draw a dot at the centre of each pixel."""
    left, top, width, height = box
    dots = [f'<circle cx="{x + 0.5}" cy="{y + 0.5}" r="{radius}"/>' for y in range(top, top + height)
            for x in range(left, left + width)]  # fmt: skip
    return f'<g fill="#868e96">{"".join(dots)}</g>'


def strokes(paths: Iterable[str], width: float, color: str = INK) -> str:
    """Draw outlines as lines."""
    drawn = "".join(f'<path d="{data}"/>' for data in paths)
    return f'<g fill="none" stroke="{color}" stroke-width="{width}" stroke-linejoin="round">{drawn}</g>'


def fills(paths: Paths, colors: dict[int, str]) -> str:
    """Draw regions as areas."""
    return "".join(
        f'<path d="{data}" fill="{colors.get(label, "#dee2e6")}" fill-rule="evenodd"/>' for label, data in paths.items()
    )


def panel(content: str, box: Box, scale: int, caption: str = "", margin: float = 0.0) -> Image.Image:
    """Render a piece of a picture, with a caption above."""
    left, top, width, height = (*(side - margin for side in box[:2]), *(side + 2 * margin for side in box[2:]))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}">{content}</svg>'
    size = round(width * scale), round(height * scale)
    data = resvg_py.svg_to_bytes(svg_string=svg, width=size[0], height=size[1], background="white")
    drawn = Image.open(io.BytesIO(bytes(data))).convert("RGB")
    if not caption:
        return drawn
    above = 8 + 18 * len(caption.splitlines())
    framed = Image.new("RGB", (drawn.width, drawn.height + above), "white")
    ImageDraw.Draw(framed).text((2, 4), caption, INK, ImageFont.load_default(15))
    framed.paste(drawn, (0, above))
    return framed


def sheet(panels: list[Image.Image], columns: int, gap: int = 12) -> Image.Image:
    """Lay panels of one size side by side."""
    width, height = panels[0].size
    rows = -(-len(panels) // columns)
    found = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), "white")
    for place, one in enumerate(panels):
        found.paste(one, (place % columns * (width + gap), place // columns * (height + gap)))
    return found


def small_map(labels: Map, scale: int, caption: str = "", margin: float = 0.0) -> Image.Image:
    """Draw the pixels of a small map, their centres, and the traced borders."""
    box = (0, 0, labels.shape[1], labels.shape[0])
    paths = [exact_path(c.rings()) for c in facemask.find_contours(labels, background=True).values()]
    content = pixels(labels, box, dict(enumerate(PALE))) + centres(box, 0.05) + strokes(paths, 3 / scale)
    return panel(content, box, scale, caption, margin)


def pixel_convention() -> Image.Image:
    """Draw a map with numbered axes."""
    rows = ["000000000", "011110000", "011111000", "001111030", "222211000", "222221000", "222222000"]
    labels = np.array([[int(digit) for digit in row] for row in rows], np.uint8)
    scale, margin = 56, 0.5
    drawn = small_map(labels, scale, margin=margin)
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(15)
    for x in range(labels.shape[1] + 1):
        pen.text(((x + margin) * scale, 13), str(x), INK, font, anchor="mm")
    for y in range(labels.shape[0] + 1):
        pen.text((13, (y + margin) * scale), str(y), INK, font, anchor="mm")
    return drawn


def junctions() -> Image.Image:
    """Draw every kind of cell in which borders meet or pass."""
    cells = {
        "a corner": "1112", "a side": "1122", "a saddle": "1221", "three: a T": "1123", "three: a diagonal": "1231",
        "four": "1234",
    }  # fmt: skip
    panels = []
    for name, (a, b, c, d) in cells.items():
        labels = np.array([[a, b], [c, d]], int).astype(np.uint8).repeat(2, axis=0).repeat(2, axis=1)
        panels.append(small_map(labels, 44, name))
    return sheet(panels, 6)


def saddles() -> Image.Image:
    """Draw a diagonal of single pixels and a checkerboard."""
    diagonal = np.zeros((6, 9), np.uint8)
    diagonal[[1, 2, 3, 4], [1, 2, 3, 4]] = 1
    diagonal[[1, 2, 2, 3], [6, 6, 7, 7]] = 2
    board = (np.indices((6, 9)).sum(axis=0) % 2 + 1).astype(np.uint8)
    return sheet([small_map(diagonal, 40), small_map(board, 40)], 2)


def tolerances() -> Image.Image:
    """Draw the corner of the mouth at rising tolerances, over its pixels."""
    labels, box = sample.LABELS, MOUTH
    panels = []
    for tolerance in (0.0, 0.5, 1.5, 4.0):
        paths = traced(labels, tolerance=tolerance, curve="straight")
        points = sum(
            len(ring) for c in facemask.find_contours(labels, tolerance=tolerance).values() for ring in c.rings()
        )
        content = pixels(labels, box, FACE, 0.6) + strokes(paths.values(), 0.25)
        panels.append(panel(content, box, 11, f"tolerance {tolerance:g}: {points} points in the whole map"))
    return sheet(panels, 2)


def areas() -> Image.Image:
    """Draw a disc and a box as pixels, as the traced border and in straight lines, each with the areas of both."""
    y, x = np.mgrid[:12, :21] + 0.5
    labels = (np.hypot(x - 6, y - 6) < 4).astype(np.uint8)
    labels[4:8, 13:18] = 2
    box, colors = (1, 1, 19, 10), dict(enumerate(PALE))
    counts = np.bincount(labels.ravel())
    panels = [panel(pixels(labels, box, colors) + centres(box, 0.06), box, 20, f"pixels: {counts[1]} and {counts[2]}")]
    for name, tolerance in (("traced", 0.0), ("drawn", 0.5)):
        found = facemask.find_contours(labels, tolerance=tolerance)
        paths = {label: exact_path(contour.rings()) for label, contour in found.items()}
        content = pixels(labels, box, colors, 0.35) + fills(paths, colors) + strokes(paths.values(), 0.1)
        caption = f"{name}: {found[1].area:g} and {found[2].area:g}"
        panels.append(panel(content + centres(box, 0.06), box, 20, caption))
    return sheet(panels, 3)


def exact_and_smooth() -> Image.Image:
    """Draw what the library offers, from exact to smooth: a corner of the mouth, a corner of an eye."""
    ways = {"exact: straight, tolerance 0": {"curve": "straight", "tolerance": 0.0}}
    ways |= {f"{curve}, tolerance 0.5": {"curve": curve, "tolerance": 0.5} for curve in available_curves()}
    panels = []
    for box in (LIPS, EYE):
        for name, options in ways.items():
            content = pixels(sample.LABELS, box, FACE, 0.35) + strokes(traced(sample.LABELS, **options).values(), 0.2)
            panels.append(panel(content, box, 16 if len(ways) == 2 else 11, name))
    return sheet(panels, len(ways))


def beside_others() -> Image.Image:
    """Draw the corner of the mouth at 8x as OpenCV, scikit-image and the library outline it."""
    labels, best = sample.LABELS, {"curve": available_curves()[-1], "tolerance": 0.5}
    others = {"OpenCV findContours": of_opencv(labels), "scikit-image find_contours": of_scikit_image(labels)}
    ours = {
        "facemask, exact": {"curve": "straight", "tolerance": 0.0},
        f"facemask, {best['curve']}, tolerance 0.5": best,
    }
    drawn = {
        f"{name}\n{count(outlines, labels)}": {label: exact_path(rings) for label, rings in outlines.items()}
        for name, outlines in others.items()
    } | {
        f"{name}\n{count(of_facemask(labels, **options), labels)}": traced(labels, **options)
        for name, options in ours.items()
    }
    panels = [
        panel(fills(paths, FACE) + strokes(paths.values(), 0.08), MOUTH, 8, name) for name, paths in drawn.items()
    ]
    return sheet(panels, 2)


PICTURES = {
    "pixels": pixel_convention,
    "junctions": junctions,
    "saddles": saddles,
    "tolerance": tolerances,
    "areas": areas,
    "exact-and-smooth": exact_and_smooth,
    "beside-others": beside_others,
}


def main() -> None:
    """Write the pictures."""
    folder = ROOT / "docs" / "contours"
    folder.mkdir(exist_ok=True)
    for name, picture in PICTURES.items():
        picture().quantize(64, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
