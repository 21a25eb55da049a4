"""What a process prints or logs when it starts."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from facemask.service.telemetry.logs import has_colors, is_for_console
from facemask.service.telemetry.settings import LogFormat

_log = logging.getLogger("facemask.start")
_MASK = "***"


def print_banner(log_format: LogFormat, title: str, settings: Any) -> None:
    """Print name, version and effective settings; secrets are masked."""
    values = dict(flatten_settings(settings))
    if not is_for_console(log_format):
        _log.info("%s starts", title, extra={"settings": values})
        return
    # A terminal's start may take the time.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(title=f"[bold]{title}[/bold]", title_justify="left", box=None, show_header=False, padding=(0, 1))
    table.add_column(style="cyan")
    table.add_column(overflow="fold")
    for name, value in values.items():
        table.add_row(name, str(value))
    Console(file=sys.stderr, no_color=not has_colors(), force_terminal=has_colors() or None).print(table)


def announce(log_format: LogFormat, line: str, details: str = "") -> None:
    """Print one fact of the start; a terminal gets `details` too."""
    if is_for_console(log_format):
        print(line, details, sep="\n" if details else "", flush=True)  # noqa: T201 - for the person at the terminal
    else:
        _log.info("%s", line)


def flatten_settings(settings: Any, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield the fields of nested settings by dotted name.

    A field without `repr` is a secret.
    """
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            yield from flatten_settings(value, f"{prefix}{field.name}.")
        elif field.repr:
            is_plain = value is None or isinstance(value, bool | int | float | str)
            shown = value.name.lower() if isinstance(value, Enum) else value if is_plain else str(value)
            yield prefix + field.name, shown
        else:
            yield prefix + field.name, _MASK if value else ""
