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
from bounds import BoundedValue, bounds_table, markdown_table
from request_bodies import face_bodies

REQUIRED_PACKAGES = ("fastapi", "orjson", "pybase64", "cv2", "PIL")
OURS, FULL, HEADER = "facemask", "OpenCV, full decode", "OpenCV, header only"


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request and its number of concurrent clients."""

    name: str
    photo_format: str
    embed: str
    clients: int
    curve: str = "straight"


@dataclass(frozen=True, slots=True)
class Measurement:
    """Measurements of one round, or their medians."""

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
Results = dict[tuple[str, str], Measurement]


def measure_case(server: processes.ServerProcess, case: Case, seconds: float) -> Measurement:
    """Measure one case with one service in one round."""
    server.reset_peak()
    before = server.cpu_seconds()
    result = closed_loop.run_load(
        server.port, face_bodies(case.photo_format, case.embed, case.curve), case.clients, seconds
    )
    if not result.times or result.refused:
        raise RuntimeError(f"{case.name}: {len(result.times)} jobs done and {result.refused} refused")
    cpu = server.cpu_seconds() - before
    return Measurement(
        result.per_second,
        1e3 * result.percentile(0.5),
        1e3 * result.percentile(0.99),
        1e3 * cpu / len(result.times),
        server.peak_bytes() / 1e6,
    )


def run_rounds(count: int, seconds: float) -> Results:
    """Medians of `count` rounds, in each of which every service gets every case.

    Cases with embedded crops have services of their own: ours caches results, the rival does not, and cached crops must
    not count as memory of the other cases.
    """
    measurements: dict[tuple[str, str], list[Measurement]] = {}
    with ExitStack() as stack:
        running: dict[str, dict[str, processes.ServerProcess]] = {}
        for embed in sorted({case.embed for case in CASES.values()}):
            commands = {
                OURS: processes.facemask_command(),
                FULL: processes.rival_command("full"),
                HEADER: processes.rival_command("header"),
            }
            running[embed] = {
                n: stack.enter_context(processes.server_process(*command)) for n, command in commands.items()
            }
            for server in running[embed].values():
                closed_loop.run_load(server.port, face_bodies("png", embed), 2, 0.5)  # warm
        for _ in range(count):
            for key, case in CASES.items():
                for name, server in running[case.embed].items():
                    measurements.setdefault((key, name), []).append(measure_case(server, case, seconds))
    fields = Measurement.__dataclass_fields__
    return {
        key: Measurement(*(median(getattr(f, name) for f in found) for name in fields))
        for key, found in measurements.items()
    }


def check_bounds(found: Results) -> list[BoundedValue]:
    """Bounds relative to the rival."""

    def ratio(case: str, rival: str, figure: str) -> float:
        return float(getattr(found[case, OURS], figure) / getattr(found[case, rival], figure))

    return [
        BoundedValue(
            "jobs/s, PNG, 8 clients, against full decode",
            ratio("png-8", FULL, "per_second"),
            4,
            at_least=True,
            unit="x",
        ),
        BoundedValue("CPU per job, the same", ratio("png-8", FULL, "cpu_ms"), 0.2, unit="x"),
        BoundedValue(
            "jobs/s, PNG, 8 clients, against header only",
            ratio("png-8", HEADER, "per_second"),
            2,
            at_least=True,
            unit="x",
        ),
        BoundedValue("CPU per job, the same", ratio("png-8", HEADER, "cpu_ms"), 0.45, unit="x"),
        BoundedValue("p99, PNG, 8 clients, against full decode", ratio("png-8", FULL, "p99_ms"), 0.35, unit="x"),
        BoundedValue("peak RSS, PNG, 32 clients, against full decode", ratio("png-32", FULL, "peak_mb"), 1.0, unit="x"),
        BoundedValue(
            "peak RSS, PNG, 32 clients, against header only", ratio("png-32", HEADER, "peak_mb"), 1.0, unit="x"
        ),
        BoundedValue(
            "jobs/s, JPEG, 8 clients, against full decode",
            ratio("jpeg-8", FULL, "per_second"),
            2,
            at_least=True,
            unit="x",
        ),
        BoundedValue(
            "jobs/s, crop embedded, 8 clients", ratio("embed-8", FULL, "per_second"), 3, at_least=True, unit="x"
        ),
    ]


def results_table(found: Results) -> str:
    """Table of all cases and services."""
    rows = [("case", "service", "jobs/s", "p50 ms", "p99 ms", "CPU ms/job", "peak MB")]
    for (key, name), figures in found.items():
        values = (figures.per_second, figures.p50_ms, figures.p99_ms, figures.cpu_ms, figures.peak_mb)
        rows.append((CASES[key].name, name, *(f"{value:.4g}" for value in values)))
    return markdown_table(rows)


def missing_packages() -> list[str]:
    """Packages of the rival service that are not installed."""
    return [name for name in REQUIRED_PACKAGES if find_spec(name) is None]


def main() -> None:
    """Measure and print."""
    if missing_packages():
        print(f"skipped: the rival service needs {', '.join(missing_packages())} (pip install --group bench)")
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
    found = run_rounds(count, seconds)
    print(results_table(found))
    print()
    print(bounds_table(check_bounds(found)))


if __name__ == "__main__":
    main()
