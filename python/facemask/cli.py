"""The command line: `facemask trace | batch | models | serve | worker | migrate | schemes | health`.

Exit codes: 0 success, 1 invalid input (one line on stderr with the field and the reason), 2 usage, 3 some faces of a
batch failed, 130 interrupted from the keyboard.
"""

import argparse
import io
import json
import sys
from collections.abc import Sequence
from typing import Any

import facemask
from facemask import _core
from facemask.commands.arguments import (
    PICTURE_FORMATS,
    STANDARD_STREAM,
    add_crop_arguments,
    parse_path,
    protect_numbers,
)
from facemask.commands.batch import add_batch_command
from facemask.commands.detection import add_detection_arguments, check_given_face, detect_face
from facemask.commands.formats import add_format_options, read_format_options
from facemask.commands.inputs import (
    check_single_streams,
    read_face_inputs,
    read_input,
    write_output,
)
from facemask.commands.models import add_models_command
from facemask.commands.service import add_service_commands
from facemask.commands.trace_options import add_trace_arguments, check_unicode, read_trace_options
from facemask.face_mask import FaceMask
from facemask.formats import FORMATS, render
from facemask.validation import make_error

_INTERRUPTED = 130  # 128 + SIGINT, the convention of shells


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: the arguments after the program name. Default: those of the process.

    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a path may hold what the terminal's encoding lacks
    parsed = _parser().parse_args(protect_numbers(sys.argv[1:] if arguments is None else arguments))
    try:
        return int(parsed.run(parsed))
    except facemask.FacemaskError as error:
        print(f"facemask: {error}", file=sys.stderr)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"facemask: {where}{error.strerror or error}", file=sys.stderr)
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="facemask", description="Faces and label maps into upright vector contours.")
    parser.add_argument("--version", action="version", version=f"facemask {facemask.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_trace(commands)
    add_batch_command(commands)
    add_models_command(commands)
    add_service_commands(commands)
    schemes = commands.add_parser("schemes", help="list the landmark and label schemes: which index is what")
    schemes.add_argument("name", nargs="?", help="show this one only")
    schemes.set_defaults(run=_schemes)
    return parser


def _add_trace(commands: Any) -> None:
    trace = commands.add_parser("trace", help="trace one face from files")
    trace.add_argument("photo", type=parse_path, metavar="PHOTO", help="PNG, JPEG or WebP; - is standard input")
    trace.add_argument(
        "map",
        type=parse_path,
        nargs="?",
        metavar="MAP",
        help="label map: a file, a folder of parts, or -; or LANDMARKS alone; without both the face is detected",
    )
    trace.add_argument("landmarks", type=parse_path, nargs="?", metavar="LANDMARKS", help="JSON, .pts, CSV ... or none")
    trace.add_argument(
        "-o",
        "--output",
        type=parse_path,
        metavar="OUT.svg",
        help="where the drawing goes (default: -, standard output)",
    )
    add_format_options(trace)
    trace.add_argument(
        "--contours", type=parse_path, metavar="OUT.json", help="write contours, regions and frames as JSON; or -"
    )
    add_crop_arguments(trace)
    add_trace_arguments(trace)
    add_detection_arguments(trace)
    trace.set_defaults(run=_trace)


def _trace(parsed: argparse.Namespace) -> int:
    values = read_trace_options(parsed)
    format_options = read_format_options(parsed)
    check_unicode(format_options)
    values["face"] = check_given_face(parsed)
    options = _core.Options(**values)
    check_single_streams([parsed.photo, parsed.map, parsed.landmarks], [parsed.output, parsed.contours])
    photo = read_input(parsed.photo)
    if parsed.map is None:
        inputs, detected = detect_face(photo, parsed)
        options = _core.Options(**values | detected)
    else:
        inputs = read_face_inputs(parsed.map, parsed.landmarks, parsed.photo, photo)
        if (units := inputs.faces.resolve_units(parsed.landmark_units)) != parsed.landmark_units:
            options = _core.Options(**values | {"landmark_units": units})
    core = _core.trace_bytes(photo, inputs.label_map, inputs.faces.core_argument(), options, _core.Limits())
    mask = FaceMask.from_core(core)
    for warning in [*inputs.map_warnings, *(warning["detail"] for warning in mask.warnings)]:
        print(f"facemask: warning: {warning}", file=sys.stderr)
    if parsed.contours is not None:
        fields = {name: value for name, value in mask.to_dict().items() if name != "svg"}
        write_output(parsed.contours, f"{json.dumps(fields)}\n".encode())
    if parsed.crop_image is not None:
        crop = core.cut_photo(_core.decode_image(photo, _core.Limits()), _core.Limits())
        parsed.crop_image.write_bytes(_core.encode_image(crop, PICTURE_FORMATS[parsed.crop_image.suffix.lower()]))
    output = parsed.output
    if output is None and parsed.contours is None and parsed.crop_image is None:
        output = STANDARD_STREAM
    if output is not None:
        data = render(parsed.format, mask, format_options)
        is_open = FORMATS[parsed.format].is_text and data[-1:] not in (b"\n", b"")
        write_output(output, data + b"\n" if output == STANDARD_STREAM and is_open else data)
    if output is not None and STANDARD_STREAM not in (output, parsed.contours):
        width, height = mask.size
        print(f"{output}: {width} x {height}, {len(mask.regions)} regions, roll {mask.roll_degrees:.2f} degrees")
    return 0


def _schemes(parsed: argparse.Namespace) -> int:
    landmarks, labels = _core.landmark_schemes(), _core.label_schemes()
    if parsed.name is not None and parsed.name not in landmarks | labels:
        known = ", ".join([*landmarks, *labels])
        raise make_error("option_invalid", "name", f"no scheme is called {parsed.name!r}; there are {known}")
    for name, (counts, parts) in landmarks.items():
        if parsed.name in (None, name):
            print(f"{name}: {' or '.join(map(str, counts))} landmarks")
            for part, indices in parts.items():
                print(f"  {part:14} {' '.join(map(str, indices))}")
    for name, regions in labels.items():
        if parsed.name in (None, name):
            print(f"{name}: labels")
            for index, region in enumerate(regions):
                print(f"  {index:<4} {region}")
    return 0
