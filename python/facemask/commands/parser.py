"""The parser of all commands."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import facemask
from facemask import _core
from facemask.commands.arguments import protect_numbers
from facemask.commands.batch import add_batch_command
from facemask.commands.examples import examples_text
from facemask.commands.models import add_models_command
from facemask.commands.service import add_service_commands
from facemask.commands.trace import add_trace_command
from facemask.validation import make_error

_INTERRUPTED = 130  # 128 + SIGINT, the convention of shells


def run_command(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code.

    Args:
        arguments: the arguments after the program name.

    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a path may hold what the terminal's encoding lacks
    parsed = build_parser().parse_args(protect_numbers(arguments))
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


@cache
def _help_width() -> int:
    """Return the columns of the terminal, as argparse has them, without the codecs that `shutil` imports."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns) - 2
    with suppress(AttributeError, ValueError, OSError):  # standard output is closed, or no terminal
        return (os.get_terminal_size(sys.__stdout__.fileno()).columns or 80) - 2  # type: ignore[union-attr]
    return 78


class _CommandParser(argparse.ArgumentParser):
    """A parser that asks for the terminal's width once, and takes options by their whole names only.

    An abbreviation that is unique today would be taken for another option: `--landmarks` for `--landmarks-frame`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def _get_formatter(self) -> argparse.HelpFormatter:
        return argparse.RawDescriptionHelpFormatter(self.prog, width=_help_width())


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = _CommandParser(prog="facemask", description="Faces and label maps into upright vector contours.")
    parser.add_argument("--version", action="version", version=f"facemask {facemask.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_trace_command(commands)
    add_batch_command(commands)
    add_models_command(commands)
    add_service_commands(commands)
    schemes = commands.add_parser("schemes", help="list the landmark and label schemes: which index is what")
    schemes.add_argument("name", nargs="?", help="show this one only")
    schemes.set_defaults(run=_schemes)
    for name, command in commands.choices.items():
        command.epilog = "\n\n".join(filter(None, (examples_text(name), command.epilog)))
    return parser


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
