"""Logging: all records of this process go through one formatter.

A line contains its trace and job ids. An exception's message is left out unless `APP_DEBUG` is set, because it may
quote input; its frames are logged.
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


def configure_logging(log_format: LogFormat, *, debug: bool, stream: TextIO | None = None) -> None:
    """Configure the root logger; lines go to `stream`, by default standard error."""
    stream = stream or sys.stderr
    # No line contains them, and their look-up takes a fifth of a line's time.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(log_format, stream, debug=debug))
    if not debug:
        handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO if debug else logging.WARNING)
    logging.getLogger("facemask").setLevel(logging.DEBUG if debug else logging.INFO)
    for name, level in _LEVELS.items():
        logging.getLogger(name).setLevel(logging.DEBUG if debug else level)


def is_for_console(
    log_format: LogFormat, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ
) -> bool:
    """Return whether lines are for a person: on a terminal, or with forced colors."""
    if log_format is not LogFormat.AUTO:
        return log_format is LogFormat.CONSOLE
    return (stream or sys.stderr).isatty() or bool(environ.get("FORCE_COLOR"))


def has_colors(stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether to use colors.

    NO_COLOR precedes FORCE_COLOR, and both precede the kind of stream.
    """
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or (stream or sys.stderr).isatty()


def _renderers(log_format: LogFormat, stream: TextIO) -> list[Processor]:
    if is_for_console(log_format, stream):
        return [structlog.dev.ConsoleRenderer(colors=has_colors(stream), pad_event_to=44)]
    return [structlog.processors.EventRenamer("message"), structlog.processors.JSONRenderer(_encode_json)]


def formatter(log_format: LogFormat, stream: TextIO, *, debug: bool) -> logging.Formatter:
    """Return the formatter of a log format."""
    pre_chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return ProcessorFormatter(
        foreign_pre_chain=pre_chain,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            _ExceptionProcessor(debug),
            *_renderers(log_format, stream),
        ],
    )


def _encode_json(event: EventDict, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


class _ExceptionProcessor:
    """Adds an exception's frames to the event, and with `debug` its message."""

    def __init__(self, debug: bool) -> None:
        self._debug = debug

    def __call__(self, _: Any, __: str, event: EventDict) -> EventDict:
        exc_info = event.pop("exc_info", None)
        error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
        if isinstance(error, BaseException):
            event["exception"] = "\n".join(_exception_lines(error, debug=self._debug))
        return event


def _exception_lines(error: BaseException, *, debug: bool) -> Iterator[str]:
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _exception_lines(cause, debug=debug)
        yield "then:"
    for frame, line in walk_tb(error.__traceback__):
        yield f"  {frame.f_code.co_filename}:{line} in {frame.f_code.co_qualname}"
    kind = type(error).__qualname__
    yield f"{kind}: {error}" if debug else kind
