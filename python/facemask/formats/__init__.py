"""Export formats of a traced face: one module per format, pure functions of `TracedFace`.

The input has two decimals and the frame of the result, so library, command line and service export the same bytes.
The module of a format is imported when a face is rendered in it: the list of formats needs none of them.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from facemask.formats.json import encode_json
from facemask.formats.options import (
    BRUSHES,
    COCO_KINDS,
    CVAT_KINDS,
    check_classes,
    check_inset,
    check_keypoints,
    check_segmentation,
    check_y_up,
)
from facemask.formats.protocol import TracedFace
from facemask.validation import make_error

__all__ = ["FORMATS", "OPTIONS", "ExportFormat", "TracedFace", "check_options", "render"]


# Checks of options by name.
_Checks: TypeAlias = dict[str, Callable[[Any], object]]


class ExportFormat(NamedTuple):
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
    options: Mapping[str, Callable[[Any], object]] = MappingProxyType({})

    @property
    def is_text(self) -> bool:
        """Whether its files are UTF-8 text."""
        return self.media_type != "image/png"


def _call(module: str, function: str) -> Callable[..., Any]:
    """Return a function of a module of this package, which its first call imports."""

    def call(face: TracedFace, **options: Any) -> Any:
        return getattr(import_module(f"{__name__}.{module}"), function)(face, **options)

    return call


def _json(module: str, function: str) -> Callable[..., bytes]:
    build = _call(module, function)
    return lambda face, **options: encode_json(build(face, **options))


def _text(module: str, function: str) -> Callable[..., bytes]:
    build = _call(module, function)
    return lambda face, **options: build(face, **options).encode()


def _segmentation(allowed: tuple[str, ...]) -> _Checks:
    return {"segmentation": lambda value: check_segmentation(value, allowed)}


_CLASSES: Final[_Checks] = {"classes": check_classes}
_Y_UP: Final[_Checks] = {"y_up": check_y_up}
_INSET: Final[_Checks] = {"inset": check_inset}
_KEYPOINTS: Final[_Checks] = {"keypoints": check_keypoints}
_JSON: Final = "application/json"
_XML: Final = "application/xml"
_BRUSH: Final = _segmentation(BRUSHES)
_TASK, _CONFIG = _json("annotation.label_studio", "to_task"), _text("annotation.label_studio", "to_config")

# In the order in which a service prefers them for one media type, and where a client takes anything.
FORMATS: Final = {
    form.name: form
    for form in (
        ExportFormat("svg", "image/svg+xml", "svg", lambda face: face.svg.encode()),
        ExportFormat("svg-plain", "image/svg+xml", "svg", _text("plain_svg", "to_document")),
        ExportFormat(
            "geojson", "application/geo+json", "geojson", _json("vector.geojson", "to_feature_collection"), _Y_UP
        ),
        ExportFormat(
            "coco", _JSON, "json", _json("annotation.coco", "to_dataset"), _segmentation(COCO_KINDS) | _KEYPOINTS
        ),
        ExportFormat("yolo", "text/plain", "txt", _text("annotation.yolo", "to_lines"), _CLASSES | _INSET),
        ExportFormat("label-studio", _JSON, "json", _TASK, _BRUSH | _KEYPOINTS),
        ExportFormat("png", "image/png", "png", _call("raster.png", "render_png")),
        ExportFormat("label-map", "image/png", "png", _call("raster.label_map", "encode")),
        ExportFormat("topojson", _JSON, "topojson", _json("vector.topojson", "to_topology"), _Y_UP),
        ExportFormat("labelme", _JSON, "json", _json("annotation.labelme", "to_document")),
        ExportFormat(
            "cvat", _XML, "xml", _text("annotation.cvat", "to_document"), _segmentation(CVAT_KINDS) | _KEYPOINTS
        ),
        ExportFormat("label-studio-config", _XML, "xml", _CONFIG, _BRUSH | _CLASSES | _KEYPOINTS),
        ExportFormat("yolo-data", "application/yaml", "yaml", _text("annotation.yolo", "to_data"), _CLASSES),
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
