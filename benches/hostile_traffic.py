"""Service quality of a good client while others are hostile.

    python benches/hostile_traffic.py [--seconds 60] [--kinds NAME ...] [--short]

Each pattern of hostile traffic, and all of them together, run from 127.0.0.9 for some seconds. Meanwhile a good client
on 127.0.0.1 submits the sample and waits for the result, and liveness is probed 50 times a second.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from unittest.mock import patch

import closed_loop
import processes
from bounds import BoundedValue, bounds_table, markdown_table
from liveness_probe import start_probes
from open_loop import percentile
from request_bodies import sample_bodies
from traffic_patterns import MIXED, PATTERNS

KEY = "a key of the bench alone".replace(" ", "-")
_TIMEOUT = 60.0
_PAUSE = 0.05
_SHORT_SECONDS = 2.0


@dataclass(slots=True)
class GoodClient:
    """Submits variants of the sample, and retries refused ones after `Retry-After`.

    Attributes:
        times: seconds until each job was completed, retries included.
        refused: responses without a completed job.
        broken: connections that ended without a response.
        abandoned: jobs without a result after a minute.

    """

    port: int
    times: list[float] = field(default_factory=list)
    refused: int = 0
    broken: int = 0
    abandoned: int = 0

    def run(self, stop: threading.Event) -> None:
        """Submit until `stop` is set, and wait for the last job."""
        while not stop.is_set():
            started = time.perf_counter()
            body = sample_bodies()[0].numbered(next(closed_loop.NUMBERS))
            while (pause := self._attempt(body)) is not None:
                if time.perf_counter() - started > _TIMEOUT:
                    self.abandoned += 1
                    break
                time.sleep(pause)
            self.times.append(time.perf_counter() - started)
            time.sleep(_PAUSE)

    def _attempt(self, body: bytes) -> float | None:
        """Submit once. Returns None if the job is completed, else the seconds until the next attempt."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT, source_address=("127.0.0.1", 0))
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
        try:
            connection.request("POST", closed_loop.SUBMIT, body, headers)
            response = connection.getresponse()
            if response.status == 200 and b'"completed"' in response.read()[:1000]:
                return None
        except (OSError, HTTPException):
            self.broken += 1
            return _PAUSE
        finally:
            connection.close()
        self.refused += 1
        return float(response.headers.get("Retry-After", "1"))


@dataclass(frozen=True, slots=True)
class Measurement:
    """Measurements during one pattern. Times are seconds."""

    good: GoodClient
    live: dict[str, list[float]]
    unanswered: int
    peak_bytes: int
    server_cpu: float
    connections: int


@contextmanager
def running_service(
    *, needs_keys: bool, command: str | None = None, probe_port: int | None = None
) -> Iterator[processes.ServerProcess]:
    """Run a service that requires the good client's key, or no key."""
    with (
        patch.dict(os.environ, {"AUTH_API_KEYS": KEY if needs_keys else ""}),
        processes.server_process(*processes.parse_command(command, probe_port)) as server,
    ):
        yield server


def measure_pattern(
    server: processes.ServerProcess, name: str, seconds: float, probe_port: int | None = None
) -> Measurement:
    """Run one pattern for some seconds."""
    script = str(Path(__file__).with_name("traffic_patterns.py"))
    command = [sys.executable, script, str(server.port), name, str(seconds)]
    attacker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    attacker.stdout.readline()
    live_probes = start_probes(server.port, probe_port, seconds)
    good, stop = GoodClient(server.port), threading.Event()
    client = threading.Thread(target=good.run, args=(stop,))
    server.reset_peak()
    cpu, started = server.cpu_seconds(), time.perf_counter()
    attacker.stdin.write("\n")
    attacker.stdin.flush()
    for probe in live_probes.values():
        probe.begin()
    client.start()
    counts = json.loads(attacker.communicate(timeout=seconds + 120)[0])
    cpu = (server.cpu_seconds() - cpu) / (time.perf_counter() - started)
    probed = {port: probe.result() for port, probe in live_probes.items()}
    stop.set()
    client.join()
    live, unanswered = {port: times for port, (times, _) in probed.items()}, sum(lost for _, lost in probed.values())
    return Measurement(good, live, unanswered, server.peak_bytes(), cpu, counts.get("made", 0))


def report(found: dict[str, Measurement]) -> str:
    """All measurements, one row per pattern."""
    head = ("pattern", "connections", "peak MB", "good jobs", "slowest s", "refused", "broken", "abandoned")
    ports = next(iter(found.values())).live
    rows = [(*head, *(f"live p99, {port}, ms" for port in ports), "max ms", "unanswered", "processors")]
    for name, one in found.items():
        live = [percentile(times, 0.99) for times in one.live.values()]
        most = max((max(times, default=0.0) for times in one.live.values()), default=0.0)
        good = one.good
        rows.append(
            (
                name,
                str(one.connections),
                f"{one.peak_bytes / 1e6:.0f}",
                str(len(good.times) - good.abandoned),
                f"{max(good.times, default=0.0):.2f}",
                *map(str, (good.refused, good.broken, good.abandoned)),
                *("-" if value is None else f"{1e3 * value:.1f}" for value in (*live, most)),
                str(one.unanswered),
                f"{one.server_cpu:.2f}",
            )
        )
    return markdown_table(rows)


def check_bounds(found: dict[str, Measurement]) -> list[BoundedValue]:
    """Bounds with the values of the worst pattern for each."""
    values = []

    def worst(name: str, figures: dict[str, float], bound: float, unit: str) -> None:
        name_of_worst = max(figures, key=figures.__getitem__)
        values.append(BoundedValue(f"{name} ({name_of_worst})", figures[name_of_worst], bound, unit=unit))

    worst("peak resident memory", {name: one.peak_bytes / 1e6 for name, one in found.items()}, 300, "MB")
    worst("slowest submit", {name: max(one.good.times, default=0.0) for name, one in found.items()}, 2, "s")
    for port in next(iter(found.values())).live:
        live = {name: 1e3 * (percentile(one.live[port], 0.99) or _TIMEOUT) for name, one in found.items()}
        worst(f"liveness p99, {port}", live, 200, "ms")
    worst("liveness unanswered", {name: one.unanswered for name, one in found.items()}, 0, "requests")
    return values


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="of each pattern")
    parser.add_argument("--short", action="store_true", help=f"{_SHORT_SECONDS:g} seconds of each pattern")
    names = [*PATTERNS, MIXED]
    parser.add_argument("--kinds", nargs="+", choices=names, default=names, metavar="KIND", help=", ".join(names))
    parser.add_argument("--probe-port", type=int, help="probe liveness on this port too")
    parser.add_argument("--command", help=processes.COMMAND_HELP)
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_arguments()
    seconds = _SHORT_SECONDS if args.short else args.seconds
    found: dict[str, Measurement] = {}
    for name in args.kinds:
        needs_keys = name != MIXED and PATTERNS[name].needs_keys
        # A service for each, so that memory of one pattern does not count for another.
        with running_service(needs_keys=needs_keys, command=args.command, probe_port=args.probe_port) as server:
            closed_loop.run_load(server.port, sample_bodies(), 2, 0.5)
            found[name] = measure_pattern(server, name, seconds, args.probe_port)
    print(report(found))
    print()
    print(bounds_table(check_bounds(found)))


if __name__ == "__main__":
    main()
