"""Throughput, latency, CPU time and memory of our service beside one built on OpenCV, in interleaved rounds.

python benches/service_throughput.py [ROUNDS [SECONDS]]
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median

import closed_loop
import processes
from bounds import Held, show, table
from request_bodies import bodies

NEEDED = ("fastapi", "orjson", "pybase64", "cv2", "PIL")
OURS, FULL, HEADER = "facemask", "OpenCV, full decode", "OpenCV, header only"


@dataclass(frozen=True, slots=True)
class Case:
    """What is sent and how."""

    name: str
    photo_format: str
    embed: str
    clients: int
    curve: str = "straight"


@dataclass(frozen=True, slots=True)
class Figures:
    """One round, or the medians of all."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    peak_mb: float


CASES = {
    "png-1": Case("PNG, 1 client", "png", "none", 1),
    "png-8": Case("PNG, 8 clients", "png", "none", 8),
    "smooth-8": Case("PNG, 8 clients, smooth curves (the default)", "png", "none", 8, "smooth"),
    "png-32": Case("PNG, 32 clients", "png", "none", 32),
    "jpeg-8": Case("JPEG, 8 clients", "jpg", "none", 8),
    "embed-8": Case("PNG, crop embedded, 8 clients", "png", "crop", 8),
}
Results = dict[tuple[str, str], Figures]


def measured(server: processes.Server, case: Case, seconds: float) -> Figures:
    """One round of one service."""
    server.forget_peak()
    before = server.cpu_seconds()
    done = closed_loop.run(server.port, bodies(case.photo_format, case.embed, case.curve), case.clients, seconds)
    if not done.times or done.refused:
        raise RuntimeError(f"{case.name}: {len(done.times)} jobs done and {done.refused} refused")
    cpu = server.cpu_seconds() - before
    return Figures(
        done.per_second,
        1e3 * done.percentile(0.5),
        1e3 * done.percentile(0.99),
        1e3 * cpu / len(done.times),
        server.peak_bytes() / 1e6,
    )


def rounds(count: int, seconds: float) -> Results:
    """The medians of `count` rounds, in each of which every service gets every case. Crops have services of their own:
    ours keeps its last answers, the rival none, and what crops leave behind is no memory of the jobs without one.
    """
    taken: dict[tuple[str, str], list[Figures]] = {}
    with ExitStack() as stack:
        running: dict[str, dict[str, processes.Server]] = {}
        for embed in sorted({case.embed for case in CASES.values()}):
            commands = {
                OURS: processes.ours(),
                FULL: processes.rival("full"),
                HEADER: processes.rival("header"),
            }
            running[embed] = {n: stack.enter_context(processes.serving(*command)) for n, command in commands.items()}
            for server in running[embed].values():
                closed_loop.run(server.port, bodies("png", embed), 2, 0.5)  # warm
        for _ in range(count):
            for key, case in CASES.items():
                for name, server in running[case.embed].items():
                    taken.setdefault((key, name), []).append(measured(server, case, seconds))
    fields = Figures.__dataclass_fields__
    return {key: Figures(*(median(getattr(f, name) for f in found) for name in fields)) for key, found in taken.items()}


def must_hold(found: Results) -> list[Held]:
    """What the service promises beside the rival."""

    def ratio(case: str, rival: str, figure: str) -> float:
        return float(getattr(found[case, OURS], figure) / getattr(found[case, rival], figure))

    return [
        Held("jobs/s, PNG, 8 clients, against full decode", ratio("png-8", FULL, "per_second"), 4, least=True),
        Held("CPU per job, the same", ratio("png-8", FULL, "cpu_ms"), 0.2),
        Held("jobs/s, PNG, 8 clients, against header only", ratio("png-8", HEADER, "per_second"), 2, least=True),
        Held("CPU per job, the same", ratio("png-8", HEADER, "cpu_ms"), 0.45),
        Held("p99, PNG, 8 clients, against full decode", ratio("png-8", FULL, "p99_ms"), 0.35),
        Held("peak RSS, PNG, 32 clients, against full decode", ratio("png-32", FULL, "peak_mb"), 1.0),
        Held("peak RSS, PNG, 32 clients, against header only", ratio("png-32", HEADER, "peak_mb"), 1.0),
        Held("jobs/s, JPEG, 8 clients, against full decode", ratio("jpeg-8", FULL, "per_second"), 2, least=True),
        Held("jobs/s, crop embedded, 8 clients", ratio("embed-8", FULL, "per_second"), 3, least=True),
    ]


def report(found: Results) -> str:
    """The table of the services."""
    rows = [("case", "service", "jobs/s", "p50 ms", "p99 ms", "CPU ms/job", "peak MB")]
    for (key, name), figures in found.items():
        values = (figures.per_second, figures.p50_ms, figures.p99_ms, figures.cpu_ms, figures.peak_mb)
        rows.append((CASES[key].name, name, *(f"{value:.4g}" for value in values)))
    return table(rows)


def missing() -> list[str]:
    """What the rival service needs and is not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def main() -> None:
    """Measure and print."""
    if missing():
        print(f"skipped: the rival service needs {', '.join(missing())} (pip install --group bench)")
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
    found = rounds(count, seconds)
    print(report(found))
    print()
    print(show(must_hold(found)))


if __name__ == "__main__":
    main()
