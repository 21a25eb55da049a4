"""The option `--format` of the command line, and the options of single formats."""

import argparse
import sys
from pathlib import Path
from typing import Any

from facemask.commands.arguments import STANDARD_STREAM
from facemask.formats import FORMATS, OPTIONS, check_options
from facemask.formats.options import KEYPOINTS, check_classes
from facemask.validation import make_error

_MAX_FILE_BYTES = 2**20


def add_format_options(parser: argparse.ArgumentParser) -> None:
    """Add `--format` and the options of formats."""
    parser.add_argument("--format", choices=list(FORMATS), help="of the drawing (default: by OUT's suffix, else svg)")
    add_single_options(parser)


def add_single_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of formats."""
    parser.add_argument(
        "--segmentation",
        metavar="KIND",
        help="of coco, cvat and label-studio: auto, polygons or rle; of coco also rle_compressed",
    )
    parser.add_argument(
        "--classes",
        metavar="FILE|NAMES",
        help="of yolo and label-studio-config: names in the order of their numbers, skin,nose or a file, a name a line",
    )
    parser.add_argument(
        "--inset", type=float, metavar="PX", help="of yolo: move outlines inwards, 0 to 0.5; 0.5 for Ultralytics"
    )
    parser.add_argument(
        "--keypoints",
        choices=KEYPOINTS,
        help="of coco, cvat and label-studio: landmarks too; auto is 68, or all of schemes without these",
    )
    parser.add_argument(
        "--y-up", action="store_const", const=True, help="of geojson and topojson: y grows upwards from the bottom"
    )


def resolve_format(name: str | None, output: Path | str | None) -> str:
    """Return `--format`, or the format whose files have the suffix of `-o`.

    Raises:
        FacemaskError: `option_invalid`, where the suffix is that of several formats or of none, and for pictures on a
            terminal.

    """
    file_name = output.name if isinstance(output, Path) else ""
    suffix = Path(file_name).suffix.lower().removeprefix(".")
    if name is not None or not suffix:
        name = name or "svg"
        if output == STANDARD_STREAM and not FORMATS[name].is_text and sys.stdout and sys.stdout.isatty():
            raise make_error("option_invalid", "format", f"{name} is no text for a terminal; name a file with -o")
        return name
    if suffix in FORMATS:
        return suffix  # svg and png, which are suffixes of label maps and other drawings too
    names = [form.name for form in FORMATS.values() if form.suffix == suffix]
    if len(names) != 1:
        rule = f"{file_name} may be {', '.join(names)}" if names else f"no format has files like {file_name}"
        raise make_error("option_invalid", "format", f"{rule}; choose one of {', '.join(names or FORMATS)}")
    return names[0]


def read_format_options(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the options of the format that were given, checked."""
    options = read_single_options(parsed)
    check_options(parsed.format, options)
    return options


def read_single_options(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the options of formats that were given; which format has which is not checked."""
    options = {name: getattr(parsed, name) for name in OPTIONS if getattr(parsed, name) is not None}
    if "classes" in options:
        options["classes"] = _read_classes(options["classes"])
    return options


def _read_classes(text: str) -> list[str]:
    """Return the names in a text with commas, or in the lines of the file of that name.

    Raises:
        OSError: there is no such file, though the text looks like the name of one.

    """
    path = Path(text)
    is_path = path.exists() or bool(path.suffix) or path.name != text
    if text and "," not in text and is_path:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            names = file.read(_MAX_FILE_BYTES).splitlines()
    else:
        names = text.split(",")
    return check_classes([name.strip() for name in names if name.strip()]) or []
