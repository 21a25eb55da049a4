"""Path data of our drawings: relative lines and curves, as points."""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)")
# Points of a curve between its ends: equal ones, to rounding, in both directions.
_STEPS = np.linspace(0, 1, 9)[1:, None]
_ARGUMENTS = {"M": 2, "h": 1, "v": 1, "l": 2, "c": 6, "s": 4, "z": 0}

Points = NDArray[np.float64]


def lines(data: str) -> list[Points]:
    """Return each connected line, curves as eight steps. A closed line ends at its first point."""
    found: list[list[Points]] = []
    handle: Points | None = None
    for command, numbers in _commands(data):
        if command == "M":
            found.append([numbers])
            continue
        line = found[-1]
        here = line[-1]
        if command == "z":
            line.append(line[0])
            continue
        if command in "cs":
            points = here + numbers.reshape(-1, 2)
            if command == "s":
                assert handle is not None
                points = np.vstack([2 * here - handle, points])
            a, b, end = points
            t = _STEPS
            line.extend((1 - t) ** 3 * here + 3 * t * (1 - t) ** 2 * a + 3 * t**2 * (1 - t) * b + t**3 * end)
            handle = b
            continue
        step = {"h": [numbers[0], 0.0], "v": [0.0, numbers[0]]}.get(command, numbers)
        line.append(here + step)
    return [np.array(line) for line in found]


def _commands(data: str) -> Iterator[tuple[str, Points]]:
    """Yield each command with its numbers. A command that is not repeated goes on."""
    tokens = _TOKEN.findall(data)
    position, command = 0, ""
    while position < len(tokens):
        if tokens[position].isalpha():
            command = tokens[position]
            position += 1
        count = _ARGUMENTS[command]
        yield command, np.array([float(number) for number in tokens[position : position + count]])
        position += count
