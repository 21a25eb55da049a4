"""The command `facemask batch`: a data set into drawings, data sets of other tools, and a report."""

import argparse
import re
import sys
from pathlib import Path
from typing import Any, Final

from facemask.commands.arguments import parse_margin, parse_size
from facemask.commands.detection import add_search_arguments, parse_face
from facemask.commands.formats import add_single_options, read_single_options
from facemask.commands.trace_options import add_trace_arguments, check_unicode, read_given_options
from facemask.validation import check_index, make_error

_SOME_FAILED: Final = 3
_INTERRUPTED: Final = 130
_LAYOUTS: Final = ("auto", "pairs", "celebamask-hq", "lapa", "webdataset", "coco", "parquet", "photos")
_OUTPUTS: Final = (
    "svg", "coco", "yolo", "geoparquet", "label-studio", "label-maps", "crops", "contact-sheet", "animation",
)  # fmt: skip
_SEQUENCE: Final = {
    "fps": "frames a second (default 30)",
    "min_cutoff": "hertz of the filter at rest; smaller is steadier (default 1)",
    "beta": "hertz for each face size a second; larger lags less (default 20)",
}
_JOURNAL: Final = "journal.sqlite"


def add_batch_command(commands: Any) -> None:
    """Add `batch`."""
    batch = commands.add_parser(
        "batch",
        help="trace a data set: a folder, tar shards, Parquet, COCO, CelebAMask-HQ, LaPa, or photos alone",
        description="Trace every face of a data set. A run that was interrupted goes on where it was.",
        epilog="exit code: 0 all faces are done, 3 some failed (report.json lists them),\n1 error, 130 interrupted",
    )
    batch.add_argument("source", metavar="SRC", help="folder, .tar, .parquet or COCO .json; or s3://... (by fsspec)")
    batch.add_argument("-o", "--output", required=True, metavar="OUT", help="folder of the outputs, or its address")
    batch.add_argument("--layout", choices=_LAYOUTS, default="auto", help="of SRC (default: by its files)")
    batch.add_argument("--images", metavar="DIR", help="layout coco: where the pictures are, if not beside SRC")
    batch.add_argument(
        "--outputs", default="svg", metavar="NAMES", help=f"with commas between: {','.join(_OUTPUTS)} (default svg)"
    )
    batch.add_argument("--workers", type=_parse_positive, metavar="N", help="threads (default: the CPUs)")
    batch.add_argument("--limit", type=_parse_positive, metavar="N", help="the first N faces only")
    batch.add_argument("--shard", type=_parse_shard, default=(1, 1), metavar="I/N", help="every N-th face, from I on")
    batch.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="keep faces that are done with the same input and options (default)",
    )
    batch.add_argument("--retry-errors", action="store_true", help="trace those that failed again, too")
    batch.add_argument("--journal", type=Path, metavar="FILE", help=f"default: OUT/{_JOURNAL}; needed with s3://...")
    batch.add_argument("--quiet", action="store_true", help="no progress; errors only")
    add_single_options(batch)
    batch.add_argument("--val", type=float, metavar="SHARE", help="of yolo: share of faces in val (default 0.1)")
    batch.add_argument("--crop-margin", type=parse_margin, metavar="L,T,R,B", help="shares of the face or head")
    batch.add_argument("--crop-size", type=parse_size, metavar="WxH", help="scale the crop to so many pixels")
    add_trace_arguments(batch)
    batch.add_argument("--parser", metavar="FILE.onnx", help="label photos by this network; described in FILE.toml")
    batch.add_argument("--face", type=parse_face, metavar="N|X,Y", help="which of several faces; X,Y: photos alone")
    add_search_arguments(batch)
    batch.add_argument("--sequence", action="store_true", help="the faces are frames of one face, in this order")
    for name, help_text in _SEQUENCE.items():
        batch.add_argument(f"--{name.replace('_', '-')}", type=float, metavar="X", help=f"of --sequence: {help_text}")
    batch.set_defaults(run=_batch)


def _parse_positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"must be a number from 1 on, got {text!r}")
    return int(text)


def _parse_shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text, re.ASCII)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"must be I/N with I from 1 to N, such as 1/4, got {text!r}")
    return int(match[1]), int(match[2])


def _batch(parsed: argparse.Namespace) -> int:
    # Databases, archives and threads are for this command only.
    from facemask.batch.outputs.target import TargetError  # noqa: PLC0415
    from facemask.batch.run.runner import run_plan  # noqa: PLC0415
    from facemask.commands.progress import choose_progress  # noqa: PLC0415

    plan = _make_plan(parsed)
    try:
        summary = run_plan(plan, choose_progress(quiet=parsed.quiet))
    except TargetError as error:
        print(f"facemask: {error}; what is done is kept, and the same command goes on from there", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("facemask: interrupted; the same command goes on from there", file=sys.stderr)
        return _INTERRUPTED
    _print_summary(parsed, plan, summary)
    return _SOME_FAILED if summary.failed or summary.problems else 0


def _make_plan(parsed: argparse.Namespace) -> Any:
    """Return the plan, checked before the first face.

    Raises:
        FacemaskError: `option_invalid` or `format_impossible`.

    """
    from facemask.batch.layouts.file_tree import is_remote  # noqa: PLC0415
    from facemask.batch.layouts.source import Source  # noqa: PLC0415
    from facemask.batch.outputs.catalog import create_outputs  # noqa: PLC0415
    from facemask.batch.outputs.target import open_target  # noqa: PLC0415
    from facemask.batch.run.plan import Plan, Shard  # noqa: PLC0415
    from facemask.batch.threads import usable_cpus  # noqa: PLC0415
    from facemask.detection.networks import face_networks  # noqa: PLC0415

    check_unicode({"source": parsed.source, "output": parsed.output, "outputs": parsed.outputs})
    workers = parsed.workers or usable_cpus()
    source = Source(parsed.source, layout=parsed.layout, images=parsed.images)
    options = _read_options(parsed, source.layout, workers)
    format_options = read_single_options(parsed)
    if parsed.val is not None:
        if not 0.0 <= parsed.val < 1.0:
            raise make_error("option_invalid", "val", f"must be a share from 0 to below 1, got {parsed.val}")
        format_options["validation_share"] = parsed.val
    names = [name.strip() for name in parsed.outputs.split(",")]
    smoothing = _read_smoothing(parsed, names)
    if smoothing is not None and "animation" in names:
        format_options["fps"] = smoothing.fps
    outputs = create_outputs(names, format_options)
    shard = Shard(*parsed.shard)
    journal = parsed.journal
    if journal is None:
        if is_remote(parsed.output):
            detail = f"is a file of this machine, and {parsed.output} is not; name one: --journal FILE"
            raise make_error("option_invalid", "journal", detail)
        name = Path(_JOURNAL)
        journal = Path(parsed.output) / f"{name.stem}{shard.suffix}{name.suffix}"
    if source.layout == "photos" and source.count():
        with face_networks():
            pass  # one error in place of one for each photo
    return Plan(
        source,
        open_target(parsed.output),
        journal,
        outputs,
        options,
        workers,
        shard,
        parsed.limit,
        parsed.resume,
        parsed.retry_errors,
        smoothing,
    )


def _read_options(parsed: argparse.Namespace, layout: str, workers: int) -> dict[str, Any]:
    """Return the options of every trace, checked as far as the layout tells to which faces they apply.

    Raises:
        FacemaskError: `option_invalid`, `model_missing` or `model_invalid`.

    """
    from facemask.batch.item import check_common_options  # noqa: PLC0415
    from facemask.batch.layouts.source import DETECTED_LAYOUTS, LABELED_LAYOUTS  # noqa: PLC0415
    from facemask.batch.threads import usable_cpus  # noqa: PLC0415

    options = read_given_options(parsed)
    for name in ("crop_size", "crop_margin"):  # a square, and one margin for all sides
        if len(options.get(name, ())) == 1:
            options[name] = options[name][0]
    options |= {
        name: getattr(parsed, name) for name in ("face", "min_size", "tiles") if getattr(parsed, name) is not None
    }
    check_common_options(options)
    if layout not in DETECTED_LAYOUTS:
        for name in ("min_size", "tiles"):
            if name in options:
                raise make_error("option_invalid", name, f"applies to photos alone, not to the layout {layout}")
        check_index("face", options.get("face"))
    if parsed.parser is not None:
        from facemask.parsing.face_parser import FaceParser  # noqa: PLC0415

        if layout in LABELED_LAYOUTS:
            detail = f"labels photos, and faces of the layout {layout} have label maps"
            raise make_error("option_invalid", "parser", detail)
        # Each worker runs the network by itself, so the CPUs are shared among them.
        options["parser"] = FaceParser(parsed.parser, threads=max(1, usable_cpus() // workers))
    return options


def _read_smoothing(parsed: argparse.Namespace, outputs: list[str]) -> Any:
    """Return the filter of `--sequence`, or None. Raises `option_invalid`."""
    from facemask.batch.run.sequence_entries import Smoothing  # noqa: PLC0415

    given = {name: getattr(parsed, name) for name in _SEQUENCE if getattr(parsed, name) is not None}
    if parsed.sequence:
        smoothing = Smoothing(**given)
        smoothing.smoother()  # checks the ranges
        return smoothing
    for name in given:
        raise make_error("option_invalid", name, "applies to frames of one face in order: --sequence")
    if "animation" in outputs:
        raise make_error("option_invalid", "outputs", "animation shows frames of one face in order: --sequence")
    return None


def _print_summary(parsed: argparse.Namespace, plan: Any, summary: Any) -> None:
    report = f"{parsed.output.rstrip('/')}/report{plan.shard.suffix}.json"
    if summary.retraced and not parsed.quiet:
        print(f"facemask: {summary.retraced:,} were traced again: their files or the options changed", file=sys.stderr)
    for problem in summary.problems:
        print(f"facemask: {problem['output']}: {problem['field']}: {problem['detail']}", file=sys.stderr)
    if summary.failed:
        print(f"facemask: {summary.failed:,} failed; {report} lists each with code and field", file=sys.stderr)
    if not parsed.quiet:
        kept = f", {summary.kept:,} of them kept from before" if summary.kept else ""
        noun = "face" if summary.done == 1 else "faces"
        print(f"{parsed.output}: {summary.done:,} {noun}{kept}, {summary.failed:,} failed, {summary.seconds:.1f} s")
