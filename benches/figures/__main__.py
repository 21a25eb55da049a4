"""`python benches/figures [straight|smooth]`: every figure beside its bound; exit code 1 if one is not held.

The curve is the last one that the library offers, unless one is named.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "benches"), str(ROOT / "tests")]

from figures.figure import Figure, curves  # noqa: E402  (the maps and measures stand with the tests)
from figures.groups import GROUPS  # noqa: E402


def line(figure: Figure) -> str:
    """Write one row of the table."""
    found, most = (f"{value:.4f}".rstrip("0").rstrip(".") for value in (figure.found, figure.most))
    return f"{figure.name:<58} {found:>10} {most:>10} {figure.unit:<6} {'yes' if figure.held else 'NO'}"


def main() -> int:
    """Print the table."""
    (curve,) = sys.argv[1:] or curves()[-1:]
    print(f"{f'curve: {curve}':<58} {'found':>10} {'at most':>10} {'':<6} held")
    missed = 0
    for group in GROUPS.values():
        for figure in group(curve):
            print(line(figure), flush=True)
            missed += not figure.held
    print(f"{missed} not held" if missed else "all held")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
