"""Timing of alternative calls in interleaved rounds, so that other load on the machine affects all of them alike."""

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

Call = Callable[[], object]


def interleaved_medians(calls: Mapping[str, Call], rounds: int, min_seconds: float = 0.02) -> dict[str, float]:
    """Median CPU seconds of each call over `rounds` rounds.

    In a round each one repeats for at least `min_seconds`. Each has run once before, so that caches are warm.
    """
    for call in calls.values():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in calls.items():
                repetitions, started = 0, time.thread_time()
                while (elapsed := time.thread_time() - started) < min_seconds:
                    call()
                    repetitions += 1
                seconds[name].append(elapsed / repetitions)
            gc.collect()
    finally:
        gc.enable()
    return {name: median(samples) for name, samples in seconds.items()}


_MEASURE_MEMORY = """
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


def peak_extra_bytes(labels: NDArray[np.uint8]) -> int:
    """Peak increase of resident memory while a new process traces a map."""
    with TemporaryDirectory() as folder:
        np.save(file := Path(folder) / "labels.npy", labels)
        run = subprocess.run(
            [sys.executable, "-c", _MEASURE_MEMORY, str(file)], check=True, capture_output=True, text=True
        )
    return int(run.stdout)


_TRACE_REPEATEDLY = """
import sys
import facemask, numpy as np
labels = np.load(sys.argv[1])
for calls in sys.stdin:
    for _ in range(int(calls)):
        facemask.find_contours(labels, tolerance=0.5)
    print(flush=True)
"""


def speedups_of_two(labels: NDArray[np.uint8], rounds: int, calls: int = 60) -> tuple[float, float]:
    """Speedup of two threads over one, and of two processes over one: medians of interleaved rounds.

    Processes share no interpreter, so their speedup is what the machine permits.
    """
    speedups: tuple[list[float], list[float]] = ([], [])
    with _threads(labels, calls) as threads, _processes(labels, calls) as processes:
        threads(2)
        processes(2)
        for _ in range(rounds):
            for samples, work in zip(speedups, (threads, processes), strict=True):
                started = time.perf_counter()
                work(1)
                one = time.perf_counter()
                work(2)
                samples.append(2 * (one - started) / (time.perf_counter() - one))
    return median(speedups[0]), median(speedups[1])


@contextmanager
def _threads(labels: NDArray[np.uint8], calls: int) -> Iterator[Callable[[int], object]]:
    """A function that traces in a number of threads and waits for them."""

    def run(_: int) -> None:
        for _ in range(calls):
            facemask.find_contours(labels, tolerance=0.5)

    with ThreadPoolExecutor(2) as pool:
        yield lambda count: list(pool.map(run, range(count)))


@contextmanager
def _processes(labels: NDArray[np.uint8], calls: int) -> Iterator[Callable[[int], object]]:
    """A function that traces in a number of processes and waits for them."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        np.save(file := Path(folder) / "labels.npy", labels)
        command = [sys.executable, "-c", _TRACE_REPEATEDLY, str(file)]
        pipe = subprocess.PIPE
        workers = [stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe)) for _ in range(2)]
        pipes = [(worker.stdin, worker.stdout) for worker in workers if worker.stdin and worker.stdout]

        def run(count: int) -> None:
            for stdin, _ in pipes[:count]:
                stdin.write(b"%d\n" % calls)
                stdin.flush()
            for _, stdout in pipes[:count]:
                stdout.readline()

        yield run
        for stdin, _ in pipes:
            stdin.close()
