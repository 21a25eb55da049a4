"""Report of our times beside those of the rivals.

    python benches/report.py [--quick] [--no-service] [--plot FILE]

Times are medians over interleaved rounds of this run. Only ratios carry over to another machine.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import body_forms
import command_line
import facemask
import inputs
import numpy as np
import service_start
import service_throughput
from bounds import BoundedValue, bounds_table, markdown_table
from rivals import facemask_itself, installed
from timing import interleaved_medians, peak_extra_bytes, speedups_of_two

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import sample

BINCOUNT, EXACT, STRAIGHT, SMOOTH = "np.bincount", "facemask, exact", "facemask, 0.5 px", "facemask, smooth 0.5 px"
# Largest side for rivals with a call for each label or pixel, which take seconds on larger maps.
LARGEST = {"scikit-image": 2048, "contourpy": 1024, "vtracer": 1024}
PLOT = Path(__file__).parents[1] / "target" / "bench" / "time_against_pixels.png"
Drawing = Callable[[np.ndarray], str]


def has_smooth() -> bool:
    """Whether this version offers smooth curves."""
    try:
        facemask.find_contours(np.zeros((2, 2), np.uint8), curve="smooth")
    except facemask.FacemaskError:
        return False
    return True


def drawings_to_compare() -> tuple[dict[str, Drawing], list[str]]:
    """Functions that draw a map, ours first, and messages about missing rivals."""
    own: dict[str, Drawing] = {
        EXACT: partial(facemask_itself.svg, tolerance=0.0),
        STRAIGHT: partial(facemask_itself.svg, tolerance=0.5),
    }
    if has_smooth():
        own[SMOOTH] = partial(facemask_itself.svg, tolerance=0.5, curve="smooth")
    found, missing = installed()
    return own | {rival.NAME: rival.svg for rival in found}, missing


def time_on_map(drawings: dict[str, Drawing], labels: np.ndarray, rounds: int) -> dict[str, float]:
    """Seconds of `np.bincount` and of each drawing on one map."""
    calls = {BINCOUNT: partial(np.bincount, labels.ravel(), minlength=256)}
    return interleaved_medians(calls | {name: partial(draw, labels) for name, draw in drawings.items()}, rounds)


def time_over_sizes(drawings: dict[str, Drawing], sides: list[int], rounds: int) -> dict[int, dict[str, float]]:
    """Seconds by the side of the map; slow rivals get only the smaller maps."""
    found = {}
    for side in sides:
        included = {name: draw for name, draw in drawings.items() if side <= LARGEST.get(name, _largest(name))}
        found[side] = time_on_map(included, inputs.sample(side), rounds)
    return found


def _largest(name: str) -> int:
    return 8192 if "facemask" in name else 4096


def exponent(seconds: dict[int, float]) -> float:
    """Exponent of time over the side of the map, by regression of the logarithms."""
    sides = sorted(seconds)
    return float(np.polyfit(np.log(sides), np.log([seconds[side] for side in sides]), 1)[0])


def ratio_table(found: dict[str, float]) -> str:
    """Table of one map: times beside those of a count of the labels, and beside ours."""
    rows = [("1024 x 1023, 11 labels", "ms", "of np.bincount", "facemask 0.5 px is faster by")]
    for name, seconds in found.items():
        cells = (f"{1e3 * seconds:.3g}", f"{seconds / found[BINCOUNT]:.3g}", f"{seconds / found[STRAIGHT]:.3g} x")
        rows.append((name, *cells))
    return markdown_table(rows)


def contour_bounds(found: dict[str, float]) -> list[BoundedValue]:
    """Bounds for one map."""

    def faster(ours: str, rival: str) -> float | None:
        return found[rival] / found[ours] if rival in found and ours in found else None

    nets = "VTK SurfaceNets2D, stitched"
    smooth = found[SMOOTH] / found[BINCOUNT] if SMOOTH in found else None
    return [
        BoundedValue("straight 0.5 px, of np.bincount", found[STRAIGHT] / found[BINCOUNT], 0.35, unit="x"),
        BoundedValue("smooth, of np.bincount", smooth, 0.8, unit="x"),
        BoundedValue("straight faster than OpenCV", faster(STRAIGHT, "OpenCV"), 10, at_least=True, unit="x"),
        BoundedValue("straight faster than rasterio", faster(STRAIGHT, "rasterio"), 40, at_least=True, unit="x"),
        BoundedValue(
            "straight faster than scikit-image", faster(STRAIGHT, "scikit-image"), 100, at_least=True, unit="x"
        ),
        BoundedValue(
            "straight faster than fastlabelcontours", faster(STRAIGHT, "fastlabelcontours"), 10, at_least=True, unit="x"
        ),
        BoundedValue("straight faster than contourrs", faster(STRAIGHT, "contourrs"), 10, at_least=True, unit="x"),
        BoundedValue("straight faster than SurfaceNets2D", faster(STRAIGHT, nets), 10, at_least=True, unit="x"),
        BoundedValue("smooth faster than SurfaceNets2D, stitched", faster(SMOOTH, nets), 20, at_least=True, unit="x"),
    ]


def face_bounds(rounds: int) -> list[BoundedValue]:
    """Bounds for a whole `trace_face` with its drawing, beside OpenCV's outlines and their text."""
    labels, points = sample.reference_like()
    calls: dict[str, Callable[[], object]] = {
        curve: partial(facemask.trace_face, labels, points, curve=curve) for curve in ("straight", "smooth")
    }
    found, _ = installed()
    rival = next((rival for rival in found if rival.NAME == "OpenCV"), None)
    if rival is not None:
        calls["OpenCV"] = partial(rival.svg, labels)
    seconds = interleaved_medians(calls, rounds)

    def faster(curve: str) -> float | None:
        return seconds["OpenCV"] / seconds[curve] if "OpenCV" in seconds else None

    return [
        BoundedValue("trace_face, straight, faster than OpenCV", faster("straight"), 4.6, at_least=True, unit="x"),
        BoundedValue("trace_face, smooth, faster than OpenCV", faster("smooth"), 1.45, at_least=True, unit="x"),
    ]


def scaling_bounds(sizes: dict[int, dict[str, float]], rounds: int) -> list[BoundedValue]:
    """Bounds for large maps and for two threads."""
    largest = max(side for side in sizes if side <= 4096)
    labels = inputs.sample(largest, largest - 4)
    big = time_on_map({STRAIGHT: partial(facemask_itself.svg, tolerance=0.5)}, labels, rounds)
    extra = peak_extra_bytes(labels) / labels.size
    slope = exponent({side: found[STRAIGHT] for side, found in sizes.items() if side >= 1024})
    threads, processes = speedups_of_two(inputs.sample(1024, 1023), 8 * rounds)
    print(f"speedup of two threads: {threads:.2f}; of two processes, which share nothing: {processes:.2f}\n")
    return [
        BoundedValue(f"exponent over the side, 1024 to {max(sizes)}", slope, 1.8, unit=""),
        BoundedValue(
            "4096 x 4092, of np.bincount", big[STRAIGHT] / big[BINCOUNT] if largest == 4096 else None, 0.2, unit="x"
        ),
        BoundedValue(f"{largest} x {largest - 4}, extra memory", extra, 4, unit="bytes per pixel"),
        BoundedValue("two threads", threads, 1.8, at_least=True, unit="x"),
    ]


def noise_bounds(rounds: int) -> list[BoundedValue]:
    """Bounds for noise, which are times, not ratios."""
    labels = inputs.noise(512)
    calls = {STRAIGHT: partial(facemask.find_contours, labels, tolerance=0.5)}
    if has_smooth():
        calls[SMOOTH] = partial(facemask.find_contours, labels, tolerance=0.5, curve="smooth")
    found = interleaved_medians(calls, rounds)
    smooth = 1e3 * found[SMOOTH] if SMOOTH in found else None
    return [
        BoundedValue("512 x 512 noise, straight", 1e3 * found[STRAIGHT], 60, unit="ms"),
        BoundedValue("512 x 512 noise, smooth", smooth, 150, unit="ms"),
    ]


def plot(sizes: dict[int, dict[str, float]], file: Path) -> str:
    """Plot time over pixels. Returns a message with the file, or the reason for none."""
    if find_spec("matplotlib") is None:
        return "no plot: matplotlib is not installed (pip install --group bench)"
    import matplotlib as mpl  # noqa: PLC0415 - only the full benchmarks install it

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
    parser.add_argument("--plot", type=Path, default=PLOT)
    arguments = parser.parse_args()
    drawings, missing = drawings_to_compare()
    print(*missing, sep="\n")
    print(f"load of the machine before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} CPUs\n")
    rounds, sides = (5, [1024, 2048]) if arguments.quick else (7, [512, 1024, 2048, 4096, 8192])
    one = time_on_map(drawings, sample.reference_like()[0], rounds)
    print(ratio_table(one), "\n")
    sizes = time_over_sizes(drawings, sides, 3 if arguments.quick else 5)
    bounds = contour_bounds(one) + face_bounds(rounds) + scaling_bounds(sizes, rounds) + noise_bounds(rounds)
    bounds += command_line.check_bounds(command_line.measure(rounds))
    if not arguments.no_service and not service_throughput.missing_packages():
        bounds += service_start.check_bounds(service_start.measure(rounds))
        bounds += body_forms.check_bounds(body_forms.measure(*((2, 0.8) if arguments.quick else (5, 2.0))))
        services = service_throughput.run_rounds(*((1, 0.8) if arguments.quick else (5, 3.0)))
        print(service_throughput.results_table(services), "\n")
        bounds += service_throughput.check_bounds(services)
    print(bounds_table(bounds), "\n")
    print(plot(sizes, arguments.plot))
    not_held = sum(value.verdict == "NOT HELD" for value in bounds)
    print(f"{not_held} of {len(bounds)} not held; load of the machine after: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
