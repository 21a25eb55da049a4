"""Two runs beside each other."""

from typing import Final

GROWTH_BOUND: Final = 0.01


def compare_hashes(expected: dict[str, str], found: dict[str, str]) -> tuple[list[str], bool]:
    """Return lines that name each case that differs or is missing, and whether there is none. New cases only count."""
    differing = sorted(name for name in expected.keys() & found.keys() if expected[name] != found[name])
    missing, new = sorted(expected.keys() - found.keys()), found.keys() - expected.keys()
    lines = [f"differs: {name}" for name in differing] + [f"missing: {name}" for name in missing]
    compared = len(expected) - len(missing)
    lines.append(f"{compared} cases compared: {len(differing)} differ; {len(missing)} missing, {len(new)} new")
    return lines, compared > 0 and not differing and not missing


def compare_counts(expected: dict[str, int], found: dict[str, int]) -> tuple[list[str], bool]:
    """Return a table of counts, and whether none grew by more than the bound and none is missing."""
    lines, is_held = [f"{'step':34} {'before':>14} {'now':>14} {'change':>8}"], True
    for name in sorted(expected):
        if name not in found:
            lines.append(f"{name:34} {expected[name]:14,} missing")
            is_held = False
            continue
        change = found[name] / expected[name] - 1
        within = change <= GROWTH_BOUND
        is_held &= within
        lines.append(
            f"{name:34} {expected[name]:14,} {found[name]:14,} {change:+8.2%}{'' if within else ' above the bound'}"
        )
    compared = len(expected.keys() & found.keys())
    lines.append(f"{compared} steps compared; bound {GROWTH_BOUND:.0%}")
    return lines, is_held and compared > 0
