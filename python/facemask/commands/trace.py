"""The command `facemask trace`: one face from files, or from a photo alone."""

import argparse
import json
import sys
from typing import Any

from facemask import _core
from facemask.commands.arguments import (
    PICTURE_FORMATS,
    STANDARD_STREAM,
    add_crop_arguments,
    parse_path,
)
from facemask.commands.detection import (
    add_detection_arguments,
    check_given_face,
    check_numbered_outputs,
    detect_faces_to_trace,
    number_outputs,
)
from facemask.commands.formats import add_format_options, read_format_options, resolve_format
from facemask.commands.inputs import (
    check_paths,
    read_face_inputs,
    read_input,
    write_output,
)
from facemask.commands.trace_options import add_trace_arguments, check_unicode, read_trace_options
from facemask.formats import FORMATS, render
from facemask.options.face import ALL_FACES


def add_trace_command(commands: Any) -> None:
    """Add the command and its options."""
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
        metavar="OUT",
        help="where the drawing goes, as face.svg or face.geojson (default: -, standard output)",
    )
    add_format_options(trace)
    trace.add_argument(
        "--contours", type=parse_path, metavar="OUT.json", help="write contours, regions and frames as JSON; or -"
    )
    add_crop_arguments(trace)
    add_trace_arguments(trace)
    add_detection_arguments(trace)
    trace.add_argument("--with-landmarks", action="store_true", help="write the landmarks into --contours too")
    trace.add_argument(
        "--parser", metavar="FILE.onnx", help="label the face by this network; its description is FILE.toml"
    )
    trace.set_defaults(run=_trace)


def _trace(parsed: argparse.Namespace) -> int:
    values = read_trace_options(parsed)
    if not any((parsed.output, parsed.contours, parsed.crop_image)):
        parsed.output = STANDARD_STREAM
    parsed.format = resolve_format(parsed.format, parsed.output)
    format_options = read_format_options(parsed)
    check_unicode(format_options)
    values["face"] = check_given_face(parsed)
    values["parser"] = None if parsed.parser is None else _load_parser(parsed.parser)
    _core.Options(**values)  # so that a wrong option ends this before a file is read
    check_numbered_outputs(parsed)
    check_paths([parsed.photo, parsed.map, parsed.landmarks], [parsed.output, parsed.contours, parsed.crop_image])
    photo = read_input(parsed.photo)
    if parsed.map is None:
        inputs, options = detect_faces_to_trace(photo, parsed)
    else:
        inputs = read_face_inputs(parsed.map, parsed.landmarks, parsed.photo, photo)
        options = [{"landmark_units": inputs.resolve_units(parsed.landmark_units)}]
    for warning in inputs.map_warnings:
        print(f"facemask: warning: {warning}", file=sys.stderr)
    for number, own_options in enumerate(options, 1):
        core = _core.trace_bytes(
            photo, inputs.label_map, inputs.landmarks, _core.Options(**values | own_options), _core.Limits()
        )
        outputs = number_outputs(parsed, number) if parsed.face == ALL_FACES else parsed
        _write_outputs(core, photo, outputs, format_options)
    return 0


def _write_outputs(
    core: _core.FaceMask, photo: bytes, parsed: argparse.Namespace, format_options: dict[str, Any]
) -> None:
    """Write a traced face to the files that the arguments name, and its warnings to standard error."""
    with_landmarks = parsed.with_landmarks or parsed.map is None
    for warning in core.warnings:
        print(f"facemask: warning: {warning['detail']}", file=sys.stderr)
    if parsed.contours is not None:
        face_mask = _face_mask(core, with_landmarks=with_landmarks)
        fields = {name: value for name, value in face_mask.to_dict().items() if name != "svg"}
        write_output(parsed.contours, f"{json.dumps(fields)}\n".encode())
    if parsed.crop_image is not None:
        crop = core.cut_photo(_core.decode_image(photo, _core.Limits()), _core.Limits())
        parsed.crop_image.write_bytes(_core.encode_image(crop, PICTURE_FORMATS[parsed.crop_image.suffix.lower()]))
    output = parsed.output
    if output is not None:
        # The compiled result has the drawing, without a class around it.
        face: Any = core if parsed.format == "svg" else _face_mask(core, with_landmarks=with_landmarks)
        data = render(parsed.format, face, format_options)
        is_open = FORMATS[parsed.format].is_text and data[-1:] not in (b"\n", b"")
        write_output(output, data + b"\n" if output == STANDARD_STREAM and is_open else data)
    if output is not None and STANDARD_STREAM not in (output, parsed.contours):
        width, height = core.size
        count = len(json.loads(core.regions_json))
        print(f"{output}: {width} x {height}, {count} regions, roll {core.roll_degrees:.2f} degrees")


def _load_parser(path: str) -> Any:
    """Return the network that labels the face, as the compiled module takes it."""
    from facemask.parsing.face_parser import FaceParser  # noqa: PLC0415 - loads NumPy

    return FaceParser(path).core


def _face_mask(core: _core.FaceMask, *, with_landmarks: bool) -> Any:
    """Return the result with its exports, whose arrays need NumPy."""
    from facemask.face_mask import FaceMask  # noqa: PLC0415

    return FaceMask(core, with_landmarks=with_landmarks)
