"""Times of ways that do the same job, taken in turn, so that whatever else the machine does is shared by all."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

Way = Callable[[], object]


def interleaved(ways: Mapping[str, Way], rounds: int, least: float = 0.02) -> dict[str, float]:
    """The median processor seconds of a call of each way over `rounds` rounds. In every round each way runs until it
    has taken `least` seconds; every way has run once before, so buffers are warm.
    """
    for way in ways.values():
        way()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    gc.disable()
    try:
        for _ in range(rounds):
            for name, way in ways.items():
                calls, started = 0, time.thread_time()
                while (spent := time.thread_time() - started) < least:
                    way()
                    calls += 1
                taken[name].append(spent / calls)
            gc.collect()
    finally:
        gc.enable()
    return {name: median(found) for name, found in taken.items()}


_ALONE = """
import sys
from pathlib import Path
import facemask, numpy as np
def status(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))
labels = np.load(sys.argv[1])
facemask.find_contours(labels[:64, :64].copy(), tolerance=0.5)
Path("/proc/self/clear_refs").write_text("5")
before = status("VmRSS")
facemask.find_contours(labels, tolerance=0.5)
print(status("VmHWM") - before)
"""


def extra_bytes(labels: NDArray[np.uint8]) -> int:
    """The most memory that becomes resident while a map is outlined, in a process that has done none before."""
    with TemporaryDirectory() as folder:
        np.save(file := Path(folder) / "labels.npy", labels)
        run = subprocess.run([sys.executable, "-c", _ALONE, str(file)], check=True, capture_output=True, text=True)
    return int(run.stdout)


def two_threads(way: Way, rounds: int, calls: int = 40) -> float:
    """How many times as many calls two threads make in the same time as one: the median of `rounds`."""

    def run(_: int) -> None:
        for _ in range(calls):
            way()

    gains = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            started = time.perf_counter()
            list(pool.map(run, range(1)))
            one = time.perf_counter()
            list(pool.map(run, range(2)))
            gains.append(2 * (one - started) / (time.perf_counter() - one))
    return median(gains)
