"""Tables of figures, and promises held or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """A figure beside its bound; `figure` is None where it could not be taken."""

    name: str
    figure: float | None
    bound: float
    least: bool = False
    unit: str = "x"

    @property
    def verdict(self) -> str:
        """`held`, `not held` or `not measured`."""
        if self.figure is None:
            return "not measured"
        return "held" if (self.figure >= self.bound if self.least else self.figure <= self.bound) else "NOT HELD"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a Markdown table; the first is its head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |".rstrip() for row in rows
    ]
    return "\n".join((lines[0], f"|{'|'.join('-' * (width + 2) for width in widths)}|", *lines[1:]))


def show(promises: Sequence[Held]) -> str:
    """Promises as a table."""
    rows = [("must hold", "bound", "measured", "")]
    for held in promises:
        sign = "at least" if held.least else "at most"
        figure = "-" if held.figure is None else f"{held.figure:.3g} {held.unit}"
        rows.append((held.name, f"{sign} {held.bound:g} {held.unit}", figure, held.verdict))
    return table(rows)
