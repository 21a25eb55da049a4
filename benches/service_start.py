"""CPU and memory of a service from its start until it is ready, beside one built on OpenCV.

    python benches/service_start.py [--rounds 9]

Each round starts both once, in turn; the figures are medians, and only ratios carry over to another machine.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from statistics import median

import processes
from bounds import BoundedValue, bounds_table, markdown_table
from service_throughput import missing_packages

OURS, RIVAL = "facemask serve --no-database", "the service with FastAPI and OpenCV"


@dataclass(frozen=True, slots=True)
class Start:
    """Cost of a start, from the new process to the answer of `/health/ready`."""

    cpu_seconds: float
    wall_seconds: float
    resident_bytes: float


def measure_start(command: list[str], port: int) -> Start:
    """Start a service, and end it."""
    started = time.perf_counter()
    with processes.server_process(command, port) as server:
        return Start(server.cpu_seconds(), time.perf_counter() - started, server.resident_bytes())


def measure(rounds: int) -> dict[str, Start]:
    """Medians of each service, after a first round that writes bytecode and fills the disk's cache."""
    commands = {OURS: processes.facemask_command, RIVAL: lambda: processes.rival_command("header")}
    starts: dict[str, list[Start]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            start = measure_start(*command())
            if number:
                starts[name].append(start)
    fields = Start.__dataclass_fields__
    return {
        name: Start(*(median(getattr(start, field) for start in found) for field in fields))
        for name, found in starts.items()
    }


def check_bounds(found: dict[str, Start]) -> list[BoundedValue]:
    """Bounds relative to the rival."""
    ours, rival = found[OURS], found[RIVAL]
    return [
        BoundedValue("start to ready, CPU, of the rival", ours.cpu_seconds / rival.cpu_seconds, 1.0, unit="x"),
        BoundedValue("memory when ready, of the rival", ours.resident_bytes / rival.resident_bytes, 0.85, unit="x"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    if missing_packages():
        print(f"skipped: the rival service needs {', '.join(missing_packages())} (pip install --group bench)")
        return
    found = measure(arguments.rounds)
    rows = [("service", "CPU, s", "wall, s", "MB")]
    for name, start in found.items():
        rows.append(
            (name, f"{start.cpu_seconds:.3g}", f"{start.wall_seconds:.3g}", f"{start.resident_bytes / 1e6:.3g}")
        )
    print(markdown_table(rows), "\n")
    print(bounds_table(check_bounds(found)))


if __name__ == "__main__":
    main()
