"""CPU of whole processes: the command line beside a script with OpenCV, and beside an interpreter that does nothing.

    python benches/command_line.py [--rounds 15]

Each round runs every command once, in turn; the figures are medians of user and system time, and only ratios carry over
to another machine. The script draws as `rivals.opencv` does, which is the same work without landmarks and crop.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bounds import BoundedValue, bounds_table, markdown_table

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples" / "astronaut"
FILES = [str(SAMPLE / name) for name in ("image.jpg", "segmentation.png", "landmarks.json")]
NOTHING, VERSION = "python -c pass", "facemask --version"
TRACE, STRAIGHT, OPENCV = "facemask trace", "facemask trace, straight", "script with OpenCV"
# What the installed command does.
_ENTRY = "import sys; from facemask.cli import main; sys.exit(main())"
# An installed package has its bytecode; the first round writes it.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_SCRIPT = f"""import sys
sys.path.insert(0, {str(ROOT / "benches")!r})
import cv2
from rivals.opencv import svg
labels = cv2.imread(sys.argv[1], cv2.IMREAD_UNCHANGED)
open(sys.argv[2], "w").write(svg(labels))"""


def cpu_seconds(command: list[str]) -> float:
    """User and system time of a process that succeeds."""
    process = os.posix_spawn(
        command[0],
        command,
        _ENVIRONMENT,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(process, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} failed with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def commands(folder: Path) -> dict[str, list[str]]:
    """The processes by name."""
    python = [sys.executable]
    trace = [*python, "-c", _ENTRY, "trace", *FILES, "-o", str(folder / "face.svg")]
    return {
        NOTHING: [*python, "-c", "pass"],
        VERSION: [*python, "-c", _ENTRY, "--version"],
        TRACE: trace,
        STRAIGHT: [*trace, "--curve", "straight"],
        OPENCV: [*python, "-c", _SCRIPT, FILES[1], str(folder / "opencv.svg")],
    }


def measure(rounds: int) -> dict[str, float]:
    """Median CPU seconds of each command, after a first round that fills the disk's cache."""
    with TemporaryDirectory() as folder:
        found = commands(Path(folder))
        seconds: dict[str, list[float]] = {name: [] for name in found}
        for number in range(rounds + 1):
            for name, command in found.items():
                elapsed = cpu_seconds(command)
                if number:
                    seconds[name].append(elapsed)
    return {name: median(samples) for name, samples in seconds.items()}


def check_bounds(found: dict[str, float]) -> list[BoundedValue]:
    """What the command line promises."""
    return [
        BoundedValue("facemask trace, of a script with OpenCV", found[TRACE] / found[OPENCV], 0.3, unit="x"),
        BoundedValue("facemask --version, of python -c pass", found[VERSION] / found[NOTHING], 3, unit="x"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    found = measure(parser.parse_args().rounds)
    rows = [("process", "CPU, ms", "of python -c pass", "of OpenCV")]
    for name, seconds in found.items():
        ratios = (f"{seconds / found[NOTHING]:.3g} x", f"{seconds / found[OPENCV]:.3g} x")
        rows.append((name, f"{1e3 * seconds:.3g}", *ratios))
    print(markdown_table(rows), "\n")
    print(bounds_table(check_bounds(found)))


if __name__ == "__main__":
    main()
