"""Logging: all records of this process go through one formatter.

A line contains its trace and job ids. An exception's message is left out unless `APP_DEBUG` is set, because it may
quote input; its frames are logged.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from traceback import walk_tb
from typing import Any, Final, TextIO

import msgspec

from facemask.service.telemetry.log_context import log_fields
from facemask.service.telemetry.repeat_filter import RepeatFilter
from facemask.service.telemetry.settings import LogFormat

# Attributes of every record; others are fields that the caller has added.
_RECORD_ATTRIBUTES: Final = frozenset(logging.makeLogRecord({}).__dict__)
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


def formatter(log_format: LogFormat, stream: TextIO, *, debug: bool) -> logging.Formatter:
    """Return the formatter of a log format."""
    return console_formatter(stream, debug) if is_for_console(log_format, stream) else JsonFormatter(debug)


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, debug: bool) -> None:
        super().__init__()
        self._debug = debug

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, the message last: the fields before it are short."""
        event: dict[str, Any] = {**log_fields(), "level": record.levelname.lower(), "logger": record.name}
        event |= {name: value for name, value in record.__dict__.items() if name not in _RECORD_ATTRIBUTES}
        event["timestamp"] = datetime.fromtimestamp(record.created, UTC)
        if error := record.exc_info and record.exc_info[1]:
            event["exception"] = _exception_text(error, self._debug)
        event["message"] = record.getMessage()
        return msgspec.json.encode(event, enc_hook=repr).decode()


def console_formatter(stream: TextIO, debug: bool) -> logging.Formatter:
    """Return a formatter of aligned, colored lines."""
    # Imports Rich, a sixth of a start, which only a person's terminal needs.
    import structlog  # noqa: PLC0415
    from structlog.stdlib import ProcessorFormatter  # noqa: PLC0415

    def add_log_fields(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {**log_fields(), **event}

    def format_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        exc_info = event.pop("exc_info", None)
        error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
        if isinstance(error, BaseException):
            event["exception"] = _exception_text(error, debug)
        return event

    return ProcessorFormatter(
        foreign_pre_chain=[
            add_log_fields,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            format_exception,
            structlog.dev.ConsoleRenderer(colors=has_colors(stream), pad_event_to=44),
        ],
    )


def _exception_text(error: BaseException, debug: bool) -> str:
    """Return an exception's frames, and with `debug` its message."""
    return "\n".join(_exception_lines(error, debug=debug))


def _exception_lines(error: BaseException, *, debug: bool) -> Iterator[str]:
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _exception_lines(cause, debug=debug)
        yield "then:"
    for frame, line in walk_tb(error.__traceback__):
        yield f"  {frame.f_code.co_filename}:{line} in {frame.f_code.co_qualname}"
    kind = type(error).__qualname__
    yield f"{kind}: {error}" if debug else kind
