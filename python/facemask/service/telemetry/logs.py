"""Log lines: everything that this process logs, ours or a library's, goes through one formatter.

A line has the trace and the job it belongs to. What an exception says is left out unless `APP_DEBUG` is set: it may
quote what was sent. Where it was raised is told.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from traceback import walk_tb
from typing import Any, TextIO

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

from facemask.service.telemetry.repeat_filter import RepeatFilter
from facemask.service.telemetry.settings import LogFormat

_LEVELS = {"uvicorn": logging.WARNING, "uvicorn.error": logging.WARNING}


def configure_logging(form: LogFormat, *, debug: bool, stream: TextIO | None = None) -> None:
    """Takes over the logging of this process; lines go to `stream`, default standard error."""
    stream = stream or sys.stderr
    # No line tells them, and to look them up takes a fifth of a line's time.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(form, stream, debug=debug))
    if not debug:
        handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO if debug else logging.WARNING)
    logging.getLogger("facemask").setLevel(logging.DEBUG if debug else logging.INFO)
    for name, level in _LEVELS.items():
        logging.getLogger(name).setLevel(logging.DEBUG if debug else level)


def for_people(form: LogFormat, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the lines are for a person: on a terminal, or where colours are forced."""
    if form is not LogFormat.AUTO:
        return form is LogFormat.CONSOLE
    return (stream or sys.stderr).isatty() or bool(environ.get("FORCE_COLOR"))


def coloured(stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to use colours: NO_COLOR goes before FORCE_COLOR, and both before what the stream is."""
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or (stream or sys.stderr).isatty()


def _renderer(form: LogFormat, stream: TextIO) -> list[Processor]:
    if for_people(form, stream):
        return [structlog.dev.ConsoleRenderer(colors=coloured(stream), pad_event_to=44)]
    return [structlog.processors.EventRenamer("message"), structlog.processors.JSONRenderer(_json)]


def formatter(form: LogFormat, stream: TextIO, *, debug: bool) -> logging.Formatter:
    """What makes a line of a record, for people or for machines."""
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return ProcessorFormatter(
        foreign_pre_chain=first,
        processors=[ProcessorFormatter.remove_processors_meta, _Traceback(debug), *_renderer(form, stream)],
    )


def _json(event: EventDict, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


class _Traceback:
    """Where an exception was raised, and with `debug` what it says."""

    def __init__(self, debug: bool) -> None:
        self._debug = debug

    def __call__(self, _: Any, __: str, event: EventDict) -> EventDict:
        found = event.pop("exc_info", None)
        error = found[1] if isinstance(found, tuple) else found
        if isinstance(error, BaseException):
            event["exception"] = "\n".join(_told(error, debug=self._debug))
        return event


def _told(error: BaseException, *, debug: bool) -> Iterator[str]:
    if before := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _told(before, debug=debug)
        yield "then:"
    for frame, line in walk_tb(error.__traceback__):
        yield f"  {frame.f_code.co_filename}:{line} in {frame.f_code.co_qualname}"
    kind = type(error).__qualname__
    yield f"{kind}: {error}" if debug else kind
