"""Measured values beside their bounds, and Markdown tables of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BoundedValue:
    """A measured value and its bound, an upper one unless `at_least`; `value` is None if it could not be measured."""

    name: str
    value: float | None
    bound: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the value is within the bound; NaN never is."""
        return self.value is not None and (self.value >= self.bound if self.at_least else self.value <= self.bound)

    @property
    def verdict(self) -> str:
        """`held`, `NOT HELD` or `not measured`."""
        if self.value is None:
            return "not measured"
        return "held" if self.is_met else "NOT HELD"


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as an aligned Markdown table; the first row is the header."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |".rstrip() for row in rows
    ]
    return "\n".join((lines[0], f"|{'|'.join('-' * (width + 2) for width in widths)}|", *lines[1:]))


def bounds_table(values: Sequence[BoundedValue]) -> str:
    """Values, bounds and verdicts as a Markdown table."""
    rows = [("must hold", "bound", "measured", "")]
    for value in values:
        sign = "at least" if value.at_least else "at most"
        measured = "-" if value.value is None else f"{value.value:.3g} {value.unit}"
        rows.append((value.name, f"{sign} {value.bound:g} {value.unit}", measured, value.verdict))
    return markdown_table(rows)
