"""The options of a trace on the command line, of `trace` and of `batch`."""

import argparse
from typing import Any, Final

from facemask.commands.arguments import merge_pairs, parse_pair
from facemask.commands.inputs import parse_palette
from facemask.options.choices import CHOICES
from facemask.options.regions import parse_regions
from facemask.options.void import parse_void
from facemask.validation import check_palette, check_text

# The names of schemes are checked by the compiled module, whose error lists them.
_CHOICES: Final = {name: values for name, values in CHOICES.items() if not name.endswith("_scheme")}
_VALUES: Final = (
    "landmark_scheme", "label_scheme", "void", "map_box", "image_from_labels", "crop_margin", "crop_size",
    "tolerance", "min_area", "id_prefix",
)  # fmt: skip
_TEXTS: Final = ("label_names", "colors")


def add_trace_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a trace, but those of its crop and of a photo alone."""
    for name, values in _CHOICES.items():
        parser.add_argument(_flag(name), choices=values, default=values[0], help="default %(default)s")
    parser.add_argument(
        "--regions",
        action="append",
        metavar="NAMES",
        help="labels (default), zones, or names: lips,eye_r; NAME=A+B merges; may be repeated",
    )
    parser.add_argument("--measure-color", action="store_true", help="measure each region's colours in the photo")
    for name in ("landmark_scheme", "label_scheme"):
        parser.add_argument(_flag(name), default="auto", metavar="NAME", help="see `facemask schemes` (default auto)")
    parser.add_argument(
        "--tolerance", type=float, default=0.5, metavar="PX", help="default %(default)s; 0 keeps every vertex"
    )
    parser.add_argument("--min-area", type=float, default=0.0, metavar="PX2", help="smaller parts join a neighbour")
    parser.add_argument("--id-prefix", default="", metavar="NAME", help="what the ids of the SVG begin with")
    parser.add_argument("--palette", metavar="FILE|COLORS", help="colours of the map by id: #000000,#cc0000 or a file")
    parser.add_argument(
        "--void", type=parse_void, default="auto", metavar="ID", help="void pixels: auto, none or an id"
    )
    for name, numbers, help_text in (
        ("map_box", "XYWH", "the part of the photo that the map shows"),
        ("image_from_labels", "ABCDEF", "affine from pixels of the map to those of the photo"),
    ):
        what: dict[str, Any] = {"type": float, "nargs": len(numbers), "metavar": tuple(numbers)}
        parser.add_argument(_flag(name), help=help_text, **what)
    for name, value in zip(_TEXTS, ("ID=NAME", "ID=COLOR"), strict=True):
        parser.add_argument(_flag(name), type=parse_pair, action="append", metavar=value, help="may be repeated")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def read_trace_options(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the options as the compiled module takes them.

    Raises:
        FacemaskError: `option_invalid`.

    """
    values: dict[str, Any] = {name: getattr(parsed, name) for name in (*_CHOICES, *_VALUES)}
    values |= {name: merge_pairs(name, getattr(parsed, name)) for name in _TEXTS}
    values |= {"regions": parse_regions(parsed.regions or ["labels"]), "measure_color": parsed.measure_color}
    check_unicode(values)
    values["label_palette"] = None if parsed.palette is None else check_palette(parse_palette(parsed.palette))
    return values


def read_given_options(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return those options that differ from their defaults. Raises as `read_trace_options`."""
    parser = argparse.ArgumentParser()
    add_trace_arguments(parser)
    defaults = parser.parse_args([], argparse.Namespace(crop_margin=None, crop_size=None))
    unset = read_trace_options(defaults)
    return {name: value for name, value in read_trace_options(parsed).items() if value != unset[name]}


def check_unicode(values: dict[str, Any]) -> None:
    """Check the texts of options, of which the shell may have passed bytes that are no UTF-8."""
    for name, value in values.items():
        _check_unicode(name, value)


def _check_unicode(name: str, value: Any) -> None:
    if isinstance(value, str):
        check_text(name, value)
    elif isinstance(value, dict | list):
        for entry in value.items() if isinstance(value, dict) else value:
            _check_unicode(name, list(entry) if isinstance(entry, tuple) else entry)
