"""Export formats of a traced face: one module per format, pure functions of `TracedFace`.

The input has two decimals, so library, command line and service export the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from facemask.formats import coco, geojson, label_studio, plain_svg, png, yolo
from facemask.formats.json import encode_json
from facemask.formats.protocol import TracedFace
from facemask.validation import make_error

__all__ = ["FORMATS", "ExportFormat", "TracedFace", "render"]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """An export format: its name, its media type, its file name suffix, and its encoder."""

    name: str
    media_type: str
    suffix: str
    encode: Callable[[TracedFace], bytes]


FORMATS: Final = {
    form.name: form
    for form in (
        ExportFormat("svg", "image/svg+xml", "svg", lambda face: face.svg.encode()),
        ExportFormat(
            "geojson", "application/geo+json", "geojson", lambda face: encode_json(geojson.to_feature_collection(face))
        ),
        ExportFormat("coco", "application/json", "json", lambda face: encode_json(coco.to_dataset(face))),
        ExportFormat("yolo", "text/plain", "txt", lambda face: yolo.to_lines(face).encode()),
        ExportFormat("label-studio", "application/json", "json", lambda face: encode_json(label_studio.to_task(face))),
        ExportFormat("svg-plain", "image/svg+xml", "svg", lambda face: plain_svg.to_document(face).encode()),
        ExportFormat("png", "image/png", "png", png.render_png),
    )
}


def render(name: str, face: TracedFace) -> bytes:
    """Render a face in a format of `FORMATS` with its default options.

    Raises:
        FacemaskError: `option_invalid` for an unknown name, `format_impossible` if the format cannot hold the face.

    """
    if name not in FORMATS:
        raise make_error("option_invalid", "format", f"must be {' or '.join(FORMATS)}, got {name!r}")
    return FORMATS[name].encode(face)
