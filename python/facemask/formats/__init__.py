"""A traced face in the forms that other programs read: one module each, pure functions from what was traced.

All of them work on the wire form of the outlines (two decimals, crop frame), so that the library, the command line and
the service give the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from facemask.arguments import fault
from facemask.formats import coco, geojson, label_studio, png, yolo
from facemask.formats.text import json_bytes
from facemask.formats.traced import Traced

__all__ = ["FORMATS", "Format", "Traced", "render"]


@dataclass(frozen=True, slots=True)
class Format:
    """A form of the answer: its name, its media type, the ending of its files and how its bytes are made."""

    name: str
    media_type: str
    suffix: str
    make: Callable[[Traced], bytes]


FORMATS: Final = {
    found.name: found
    for found in (
        Format("svg", "image/svg+xml", "svg", lambda traced: traced.svg.encode()),
        Format("geojson", "application/geo+json", "geojson", lambda traced: json_bytes(geojson.features(traced))),
        Format("coco", "application/json", "json", lambda traced: json_bytes(coco.dataset(traced))),
        Format("yolo", "text/plain", "txt", lambda traced: yolo.lines(traced).encode()),
        Format("label-studio", "application/json", "json", lambda traced: json_bytes(label_studio.task(traced))),
        Format("png", "image/png", "png", png.preview),
    )
}


def render(name: str, traced: Traced) -> bytes:
    """Make the bytes of a format of `FORMATS` with its defaults.

    Raises:
        FacemaskError: `option_invalid` for another name, `format_impossible` where the format cannot be made.

    """
    if name not in FORMATS:
        raise fault("option_invalid", "format", f"must be {' or '.join(FORMATS)}, got {name!r}")
    return FORMATS[name].make(traced)
