"""`python report.py [--quick] [--no-service] [--plot FILE]`: our times beside those of the rivals, in one table.

Every time is a median over interleaved rounds of this run; only ratios mean anything on another machine.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import facemask
import inputs
import numpy as np
import service_throughput
from bounds import Held, show, table
from rivals import facemask_itself, installed
from timing import extra_bytes, interleaved, two_at_once

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import sample

BINCOUNT, EXACT, STRAIGHT, SMOOTH = "np.bincount", "facemask, exact", "facemask, 0.5 px", "facemask, smooth 0.5 px"
# The rivals that make a call for every label or pixel take seconds on maps larger than this.
LARGEST = {"scikit-image": 2048, "contourpy": 1024, "vtracer": 1024}
Drawing = Callable[[np.ndarray], str]


def has_smooth() -> bool:
    """Whether this version draws smooth curves."""
    try:
        facemask.find_contours(np.zeros((2, 2), np.uint8), curve="smooth")
    except facemask.FacemaskError:
        return False
    return True


def ways() -> tuple[dict[str, Drawing], list[str]]:
    """All that draw a map, ours first, and who is left out."""
    own: dict[str, Drawing] = {
        EXACT: partial(facemask_itself.svg, tolerance=0.0),
        STRAIGHT: partial(facemask_itself.svg, tolerance=0.5),
    }
    if has_smooth():
        own[SMOOTH] = partial(facemask_itself.svg, tolerance=0.5, curve="smooth")
    found, missing = installed()
    return own | {rival.NAME: rival.svg for rival in found}, missing


def on_one_map(drawings: dict[str, Drawing], labels: np.ndarray, rounds: int) -> dict[str, float]:
    """Seconds of `np.bincount` and of every drawing of a map."""
    calls = {BINCOUNT: partial(np.bincount, labels.ravel(), minlength=256)}
    return interleaved(calls | {name: partial(draw, labels) for name, draw in drawings.items()}, rounds)


def over_sizes(drawings: dict[str, Drawing], sides: list[int], rounds: int) -> dict[int, dict[str, float]]:
    """Seconds by the side of the map; the slow rivals on the smaller maps only."""
    found = {}
    for side in sides:
        able = {name: draw for name, draw in drawings.items() if side <= LARGEST.get(name, _largest(name))}
        found[side] = on_one_map(able, inputs.sample(side), rounds)
    return found


def _largest(name: str) -> int:
    return 8192 if "facemask" in name else 4096


def exponent(seconds: dict[int, float]) -> float:
    """The slope of log time over log side."""
    sides = sorted(seconds)
    return float(np.polyfit(np.log(sides), np.log([seconds[side] for side in sides]), 1)[0])


def ratios(found: dict[str, float]) -> str:
    """The table of one map: what each costs beside a count of the labels, and beside ours."""
    rows = [("1024 x 1023, 11 labels", "ms", "of np.bincount", "facemask 0.5 px is faster by")]
    for name, seconds in found.items():
        cells = (f"{1e3 * seconds:.3g}", f"{seconds / found[BINCOUNT]:.3g}", f"{seconds / found[STRAIGHT]:.3g} x")
        rows.append((name, *cells))
    return table(rows)


def contour_promises(found: dict[str, float]) -> list[Held]:
    """What is promised of one map."""

    def faster(ours: str, rival: str) -> float | None:
        return found[rival] / found[ours] if rival in found and ours in found else None

    nets = "VTK SurfaceNets2D, stitched"
    smooth = found[SMOOTH] / found[BINCOUNT] if SMOOTH in found else None
    return [
        Held("straight 0.5 px, of np.bincount", found[STRAIGHT] / found[BINCOUNT], 0.35),
        Held("smooth, of np.bincount", smooth, 0.8),
        Held("straight faster than OpenCV", faster(STRAIGHT, "OpenCV"), 10, least=True),
        Held("straight faster than rasterio", faster(STRAIGHT, "rasterio"), 40, least=True),
        Held("straight faster than scikit-image", faster(STRAIGHT, "scikit-image"), 100, least=True),
        Held("straight faster than fastlabelcontours", faster(STRAIGHT, "fastlabelcontours"), 10, least=True),
        Held("straight faster than contourrs", faster(STRAIGHT, "contourrs"), 10, least=True),
        Held("straight faster than SurfaceNets2D", faster(STRAIGHT, nets), 10, least=True),
        Held("smooth faster than SurfaceNets2D, stitched", faster(SMOOTH, nets), 20, least=True),
    ]


def growth_promises(sizes: dict[int, dict[str, float]], rounds: int) -> list[Held]:
    """What is promised of large maps and of two threads."""
    largest = max(side for side in sizes if side <= 4096)
    labels = inputs.sample(largest, largest - 4)
    big = on_one_map({STRAIGHT: partial(facemask_itself.svg, tolerance=0.5)}, labels, rounds)
    extra = extra_bytes(labels) / labels.size
    slope = exponent({side: found[STRAIGHT] for side, found in sizes.items() if side >= 1024})
    threads, processes = two_at_once(inputs.sample(1024, 1023), 8 * rounds)
    print(f"two threads do {threads:.2f} times the work of one; two processes, which share nothing, {processes:.2f}\n")
    return [
        Held(f"exponent over the side, 1024 to {max(sizes)}", slope, 1.8, unit=""),
        Held("4096 x 4092, of np.bincount", big[STRAIGHT] / big[BINCOUNT] if largest == 4096 else None, 0.2),
        Held(f"{largest} x {largest - 4}, extra memory", extra, 4, unit="bytes per pixel"),
        Held("two threads", threads, 1.8, least=True),
    ]


def noise_promises(rounds: int) -> list[Held]:
    """What is promised of noise. These two bounds are times, not ratios."""
    labels = inputs.noise(512)
    calls = {STRAIGHT: partial(facemask.find_contours, labels, tolerance=0.5)}
    if has_smooth():
        calls[SMOOTH] = partial(facemask.find_contours, labels, tolerance=0.5, curve="smooth")
    found = interleaved(calls, rounds)
    smooth = 1e3 * found[SMOOTH] if SMOOTH in found else None
    return [
        Held("512 x 512 noise, straight", 1e3 * found[STRAIGHT], 60, unit="ms"),
        Held("512 x 512 noise, smooth", smooth, 150, unit="ms"),
    ]


def plot(sizes: dict[int, dict[str, float]], file: Path) -> str:
    """Draw time against pixels and say where, or why not."""
    if find_spec("matplotlib") is None:
        return "no plot: matplotlib is not installed (pip install --group bench)"
    import matplotlib as mpl  # noqa: PLC0415 - a heavy part that only the full benches have

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(8, 5.5), layout="constrained")
    for name in dict.fromkeys(name for found in sizes.values() for name in found):
        sides = [side for side, found in sizes.items() if name in found]
        style = {"linewidth": 2.5, "marker": "o"} if "facemask" in name else {"linewidth": 1, "marker": "."}
        style |= {"linestyle": "--", "color": "black"} if name == BINCOUNT else {}
        axes.loglog([s * s for s in sides], [1e3 * sizes[s][name] for s in sides], label=name, **style)
    axes.set(
        xlabel="pixels of the label map", ylabel="milliseconds on one thread", title="All outlines and their SVG text"
    )
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize="small")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
    return f"the plot is {file}"


def main() -> None:
    """Measure, print, plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer sizes, one round of the services: under a minute")
    parser.add_argument("--no-service", action="store_true")
    parser.add_argument("--plot", type=Path, default=Path("target/bench/time_against_pixels.png"))
    asked = parser.parse_args()
    drawings, missing = ways()
    print(*missing, sep="\n")
    print(f"load of the machine before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors\n")
    rounds, sides = (5, [1024, 2048]) if asked.quick else (7, [512, 1024, 2048, 4096, 8192])
    one = on_one_map(drawings, sample.reference_like()[0], rounds)
    print(ratios(one), "\n")
    sizes = over_sizes(drawings, sides, 3 if asked.quick else 5)
    promises = contour_promises(one) + growth_promises(sizes, rounds) + noise_promises(rounds)
    if not asked.no_service and not service_throughput.missing():
        services = service_throughput.rounds(*((1, 0.8) if asked.quick else (5, 3.0)))
        print(service_throughput.report(services), "\n")
        promises += service_throughput.must_hold(services)
    print(show(promises), "\n")
    print(plot(sizes, asked.plot))
    not_held = sum(held.verdict == "NOT HELD" for held in promises)
    print(f"{not_held} of {len(promises)} not held; load of the machine after: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
