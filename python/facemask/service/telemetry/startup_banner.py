"""What a process says when it starts."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from rich.console import Console
from rich.table import Table

from facemask.service.telemetry.logs import coloured, for_people
from facemask.service.telemetry.settings import LogFormat

_log = logging.getLogger("facemask.start")
_MASK = "***"


def greet(form: LogFormat, title: str, settings: Any) -> None:
    """Name, version and the settings that hold; secrets are masked."""
    told = dict(effective(settings))
    if not for_people(form):
        _log.info("%s starts", title, extra={"settings": told})
        return
    table = Table(title=f"[bold]{title}[/bold]", title_justify="left", box=None, show_header=False, padding=(0, 1))
    table.add_column(style="cyan")
    table.add_column(overflow="fold")
    for name, value in told.items():
        table.add_row(name, str(value))
    Console(file=sys.stderr, no_color=not coloured(), force_terminal=coloured() or None).print(table)


def say(form: LogFormat, line: str, more: str = "") -> None:
    """One fact of the start; a person at a terminal gets `more`."""
    if for_people(form):
        print(line, more, sep="\n" if more else "", flush=True)  # noqa: T201 - for the person at the terminal
    else:
        _log.info("%s", line)


def effective(settings: Any, prefix: str = "") -> Iterator[tuple[str, object]]:
    """The fields of nested settings by their dotted names. A field that is not in its class's `repr` is a secret."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            yield from effective(value, f"{prefix}{field.name}.")
        elif field.repr:
            plain = value is None or isinstance(value, bool | int | float | str)
            shown = value.name.lower() if isinstance(value, Enum) else value if plain else str(value)
            yield prefix + field.name, shown
        else:
            yield prefix + field.name, _MASK if value else ""
