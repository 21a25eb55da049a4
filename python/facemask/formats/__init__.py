"""Export formats of a traced face: one module per format, pure functions of `TracedFace`.

The input has two decimals and the frame of the result, so library, command line and service export the same bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from facemask.formats import plain_svg
from facemask.formats.annotation import coco, cvat, label_studio, labelme, yolo
from facemask.formats.annotation.keypoints import check_keypoints
from facemask.formats.json import encode_json
from facemask.formats.options import check_classes, check_inset, check_segmentation, check_y_up
from facemask.formats.protocol import TracedFace
from facemask.formats.raster import label_map, png
from facemask.formats.vector import geojson, topojson
from facemask.validation import make_error

__all__ = ["FORMATS", "OPTIONS", "ExportFormat", "TracedFace", "check_options", "render"]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """An export format.

    Attributes:
        name: its name.
        media_type: its media type.
        suffix: its file name suffix.
        encode: its encoder, which takes a face and the format's options by name.
        options: the check of each option that it has.

    """

    name: str
    media_type: str
    suffix: str
    encode: Callable[..., bytes]
    options: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        """Whether its files are UTF-8 text."""
        return self.media_type != "image/png"


def _json(build: Callable[..., Any]) -> Callable[..., bytes]:
    return lambda face, **options: encode_json(build(face, **options))


def _text(build: Callable[..., str]) -> Callable[..., bytes]:
    return lambda face, **options: build(face, **options).encode()


def _segmentation(allowed: tuple[str, ...]) -> dict[str, Callable[[Any], object]]:
    return {"segmentation": lambda value: check_segmentation(value, allowed)}


_CLASSES: Final = {"classes": check_classes}
_Y_UP: Final = {"y_up": check_y_up}
_KEYPOINTS: Final = {"keypoints": check_keypoints}
_JSON: Final = "application/json"
_XML: Final = "application/xml"
_BRUSH: Final = _segmentation(label_studio.SEGMENTATIONS)

# In the order in which a service prefers them for one media type, and where a client takes anything.
FORMATS: Final = {
    form.name: form
    for form in (
        ExportFormat("svg", "image/svg+xml", "svg", lambda face: face.svg.encode()),
        ExportFormat("svg-plain", "image/svg+xml", "svg", _text(plain_svg.to_document)),
        ExportFormat("geojson", "application/geo+json", "geojson", _json(geojson.to_feature_collection), _Y_UP),
        ExportFormat("coco", _JSON, "json", _json(coco.to_dataset), _segmentation(coco.SEGMENTATIONS) | _KEYPOINTS),
        ExportFormat("yolo", "text/plain", "txt", _text(yolo.to_lines), _CLASSES | {"inset": check_inset}),
        ExportFormat("label-studio", _JSON, "json", _json(label_studio.to_task), _BRUSH | _KEYPOINTS),
        ExportFormat("png", "image/png", "png", png.render_png),
        ExportFormat("label-map", "image/png", "png", label_map.encode),
        ExportFormat("topojson", _JSON, "topojson", _json(topojson.to_topology), _Y_UP),
        ExportFormat("labelme", _JSON, "json", _json(labelme.to_document)),
        ExportFormat("cvat", _XML, "xml", _text(cvat.to_document), _segmentation(cvat.SEGMENTATIONS) | _KEYPOINTS),
        ExportFormat("label-studio-config", _XML, "xml", _text(label_studio.to_config), _BRUSH | _CLASSES | _KEYPOINTS),
        ExportFormat("yolo-data", "application/yaml", "yaml", _text(yolo.to_data), _CLASSES),
    )
}
# The options of all formats.
OPTIONS: Final = tuple(dict.fromkeys(name for form in FORMATS.values() for name in form.options))


def render(name: str, face: TracedFace, options: Mapping[str, Any] | None = None) -> bytes:
    """Render a face in a format of `FORMATS`.

    Args:
        name: the format's name.
        face: the traced face.
        options: options of the format by name. Default: none.

    Raises:
        FacemaskError: `option_invalid` for an unknown name and as `check_options`, `format_impossible` if the format
            cannot hold the face.

    """
    if name not in FORMATS:
        raise make_error("option_invalid", "format", f"must be {' or '.join(FORMATS)}, got {name!r}")
    check_options(name, options or {})
    return FORMATS[name].encode(face, **options or {})


def check_options(name: str, options: Mapping[str, Any]) -> None:
    """Check the options of a format of `FORMATS`.

    Raises:
        FacemaskError: `option_invalid` for an option that the format does not have, or an invalid value.

    """
    for option, value in options.items():
        check = FORMATS[name].options.get(option)
        if check is None:
            owners = ", ".join(form.name for form in FORMATS.values() if option in form.options)
            raise make_error("option_invalid", option, f"the format {name} does not have it; these have: {owners}")
        check(value)
