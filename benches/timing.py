"""Times of ways that do the same job, taken in turn, so that whatever else the machine does is shared by all."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import facemask
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


_PARTNER = """
import sys
import facemask, numpy as np
labels = np.load(sys.argv[1])
for calls in sys.stdin:
    for _ in range(int(calls)):
        facemask.find_contours(labels, tolerance=0.5)
    print(flush=True)
"""


def two_at_once(labels: NDArray[np.uint8], rounds: int, calls: int = 60) -> tuple[float, float]:
    """How many times as many outlines two threads make in the same time as one, and two processes: medians of `rounds`
    taken in turn. Processes share no interpreter: what they do not gain, the machine does not have.
    """

    gains: tuple[list[float], list[float]] = ([], [])
    with _threads(labels, calls) as threads, _processes(labels, calls) as processes:
        threads(2)
        processes(2)
        for _ in range(rounds):
            for found, work in zip(gains, (threads, processes), strict=True):
                started = time.perf_counter()
                work(1)
                one = time.perf_counter()
                work(2)
                found.append(2 * (one - started) / (time.perf_counter() - one))
    return median(gains[0]), median(gains[1])


@contextmanager
def _threads(labels: NDArray[np.uint8], calls: int) -> Iterator[Callable[[int], object]]:
    """What makes so many threads work at once and waits for them."""

    def run(_: int) -> None:
        for _ in range(calls):
            facemask.find_contours(labels, tolerance=0.5)

    with ThreadPoolExecutor(2) as pool:
        yield lambda count: list(pool.map(run, range(count)))


@contextmanager
def _processes(labels: NDArray[np.uint8], calls: int) -> Iterator[Callable[[int], object]]:
    """The same with processes."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        np.save(file := Path(folder) / "labels.npy", labels)
        command = [sys.executable, "-c", _PARTNER, str(file)]
        pipe = subprocess.PIPE
        partners = [stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe)) for _ in range(2)]
        talks = [(partner.stdin, partner.stdout) for partner in partners if partner.stdin and partner.stdout]

        def run(count: int) -> None:
            for ask, _ in talks[:count]:
                ask.write(b"%d\n" % calls)
                ask.flush()
            for _, answer in talks[:count]:
                answer.readline()

        yield run
        for ask, _ in talks:
            ask.close()
