"""Figures of the outlines beside their bounds. The exit code is 1 if a bound is not held.

    python benches/figures [straight|smooth]

The default curve is the last one that the library offers.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "benches"), str(ROOT / "tests")]


from bounds import BoundedValue  # noqa: E402 - after the path

from figures.curves import available_curves  # noqa: E402
from figures.groups import GROUPS  # noqa: E402


def table_row(figure: BoundedValue) -> str:
    """One row of the table."""
    value, bound = (f"{number:.4f}".rstrip("0").rstrip(".") for number in (figure.value, figure.bound))
    return f"{figure.name:<58} {value:>10} {bound:>10} {figure.unit:<6} {'yes' if figure.is_met else 'NO'}"


def main() -> int:
    """Print the table. Returns the exit code."""
    (curve,) = sys.argv[1:] or available_curves()[-1:]
    print(f"{f'curve: {curve}':<58} {'found':>10} {'at most':>10} {'':<6} held")
    missed = 0
    for group in GROUPS.values():
        for figure in group(curve):
            print(table_row(figure), flush=True)
            missed += not figure.is_met
    print(f"{missed} not held" if missed else "all held")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
