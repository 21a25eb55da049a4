"""Plain SVG: the drawing for editors such as Inkscape and Illustrator.

Each layer has a name, each region and each border is a path of its own. References, clip paths and opacities of groups,
which editors and small readers show wrongly or not at all, are resolved.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from facemask.formats.protocol import TracedFace
from facemask.formats.svg_ids import TITLE_ID

_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_NAMESPACES: Final = (
    'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
)
_LAYERS: Final = ("Photo", "Regions", "Borders", "Numbers")
# Characters that no XML name holds (XML 1.0, section 2.3, production 4a, without the colon of namespaces).
_NO_NAME_CHARACTER: Final = re.compile(
    "[^-.0-9A-Z_a-z\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u200c\u200d\u203f\u2040\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
)
# Characters that no XML document holds (production 2).
_NO_XML_CHARACTER: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_NAME_START: Final = re.compile("[-.0-9\u00b7\u0300-\u036f\u203f\u2040]")
# Lines to cut are hairlines in Inkscape, at any zoom and in what it prints.
_HAIRLINE: Final = "-inkscape-stroke:hairline"
# What a digit is moved down by, in font sizes, to be centered: the `dy` of the drawing, which few editors know.
_TEXT_SHIFT: Final = 0.35


def to_document(face: TracedFace) -> str:
    """Convert a face's SVG document."""
    return _PlainDocument(face.svg, {str(region["id"]): str(region["name"]) for region in face.regions}).text


class _PlainDocument:
    """A document that is converted. `names` maps region ids as text to names."""

    def __init__(self, svg: str, names: Mapping[str, str]) -> None:
        self._root = ET.fromstring(svg)  # noqa: S314 - our own document, which has no entities
        self._names = names
        self._prefix = self._root.get("aria-labelledby", "").removesuffix(TITLE_ID)
        self._ids = {f"{self._prefix}{name}" for name in (TITLE_ID, *_LAYERS)}
        self._paths = {
            group.get("id"): group.find(f"{_SVG}path") for group in self._root.iter(f"{_SVG}g") if group.get("id")
        }
        self.text = self._document()

    def _document(self) -> str:
        title = self._root.find(f"{_SVG}title")
        title_text = "" if title is None or title.text is None else title.text
        title_id = f"{self._prefix}{TITLE_ID}"
        shared = {name: self._root.get(name) for name in ("viewBox", "width", "height", "role")}
        head = _attributes(shared | {"aria-labelledby": title_id})
        layers = (*self._photo(), *self._regions(), *self._borders(), *self._numbers())
        title_element = _element("title", {"id": title_id}, escape(title_text))
        return f"<svg {_NAMESPACES}{head}>{title_element}{''.join(layers)}</svg>"

    def _photo(self) -> Iterator[str]:
        image = self._root.find(f"{_SVG}image")
        if image is not None:
            attributes = {name: image.get(name) for name in ("width", "height")} | {"xlink:href": image.get(_HREF)}
            yield self._layer("Photo", {}, _element("image", {"id": self._unique_id("Upright-crop")} | attributes))

    def _regions(self) -> Iterator[str]:
        group = self._group("regions")
        if group is None:
            return
        opacity = group.get("opacity")
        paths = []
        for path in group.iter(f"{_SVG}path"):
            region = path.get("data-region", "")
            name = self._name(region)
            attributes = {
                "id": self._unique_id(name),
                "inkscape:label": name,
                "data-region": region,
                "fill": path.get("fill"),
                "fill-opacity": opacity,
                "fill-rule": path.get("fill-rule"),
                "d": path.get("d"),
            }
            paths.append(_element("path", attributes, _element("title", {}, escape(name))))
        yield self._layer("Regions", {"fill": group.get("fill"), **self._transform()}, *paths)

    def _borders(self) -> Iterator[str]:
        group = self._group("borders")
        if group is None:
            return
        # The dashes refer to all lines at once. What is left is the line below them.
        style = group.find(f"{_SVG}g[@stroke]")
        lines = group if style is None or style.get("data-regions") else style
        names = ("stroke", "stroke-width", "stroke-linejoin", "stroke-linecap")
        line = {name: lines.get(name) or group.get(name) for name in names}
        if self._group("regions") is None:
            line["style"] = _HAIRLINE
        paths = []
        for border in group.iter():
            regions = border.get("data-regions")
            if regions is None:
                continue
            path = border if border.tag == f"{_SVG}path" else self._referenced_path(border)
            sides = [self._name(region) for region in regions.split()]
            attributes = {
                "id": self._unique_id("border-" + "-".join(sides)),
                "inkscape:label": " | ".join(sides if len(sides) > 1 else [*sides, "outside"]),
                "data-regions": regions,
                "stroke": border.get("stroke"),
                "d": path.get("d"),
            }
            paths.append(_element("path", attributes))
        yield self._layer("Borders", {"fill": "none", **line, **self._transform()}, *paths)

    def _numbers(self) -> Iterator[str]:
        group = self._group("numbers")
        if group is None:
            return
        size = float(group.get("font-size", "0"))
        names = ("font-family", "font-size", "text-anchor", "fill")
        texts = []
        for text in group.iter(f"{_SVG}text"):
            y = f"{float(text.get('y', '0')) + _TEXT_SHIFT * size:.2f}"
            region = text.text or ""
            name = self._unique_id(f"number-{region}")
            texts.append(_element("text", {"id": name, "x": text.get("x"), "y": y}, escape(region)))
        # Without the halo: where `paint-order` is unknown, it would cover the digits.
        yield self._layer("Numbers", {name: group.get(name) for name in names}, *texts)

    def _group(self, name: str) -> ET.Element | None:
        return self._root.find(f".//{_SVG}g[@class='{name}']")

    def _transform(self) -> dict[str, str | None]:
        """Return the transformation of exact outlines, which are in the frame of the label map."""
        group = self._root.find(f"{_SVG}g[@transform]")
        return {} if group is None else {"transform": group.get("transform")}

    def _referenced_path(self, border: ET.Element) -> ET.Element:
        """Return the path of the region whose outline a border is."""
        use = border.find(f"{_SVG}use")
        path = None if use is None else self._paths.get(use.get(_HREF, "").removeprefix("#"))
        return border if path is None else path

    def _name(self, region: str) -> str:
        return _NO_XML_CHARACTER.sub("\ufffd", self._names.get(region, region))

    def _layer(self, name: str, attributes: Mapping[str, str | None], *children: str) -> str:
        """Return a group that Inkscape shows as a layer; Illustrator shows the ids of groups."""
        layer = {"id": f"{self._prefix}{name}", "inkscape:groupmode": "layer", "inkscape:label": name}
        return _element("g", {**layer, **attributes}, *children)

    def _unique_id(self, name: str) -> str:
        """Return a readable id that no other element has."""
        clean = _NO_NAME_CHARACTER.sub("_", name)
        if not self._prefix and (not clean or _NO_NAME_START.match(clean)):
            clean = f"_{clean}"
        unique, number = f"{self._prefix}{clean}", 1
        while unique in self._ids:
            number += 1
            unique = f"{self._prefix}{clean}-{number}"
        self._ids.add(unique)
        return unique


def _element(tag: str, attributes: Mapping[str, str | None], *children: str) -> str:
    content = "".join(children)
    return f"<{tag}{_attributes(attributes)}>{content}</{tag}>" if content else f"<{tag}{_attributes(attributes)}/>"


def _attributes(values: Mapping[str, str | None]) -> str:
    """Return the attributes that have a value, each after a space."""
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)
