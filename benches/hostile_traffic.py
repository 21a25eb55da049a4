"""Service quality of a good client while others are hostile.

    python benches/hostile_traffic.py [--seconds 60] [--kinds NAME ...] [--short]

Each kind of hostile connection alone and all of them mixed come from 127.0.0.9 for so many seconds. Meanwhile a good
client on 127.0.0.1 submits the sample and waits for the drawing, and liveness is asked 50 times a second.
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
from bounds import Held, show, table
from liveness_probe import probes
from open_loop import percentile
from request_bodies import sample_bodies
from traffic_patterns import KINDS, MIXED

KEY = "a key of the bench alone".replace(" ", "-")
_PATIENCE = 60.0
_PAUSE = 0.05
_SHORT_SECONDS = 2.0


@dataclass(slots=True)
class GoodClient:
    """Submits the sample again and again, each time another; what is refused is sent again as `Retry-After` says.

    Attributes:
        times: seconds until each job was done, further attempts included.
        refused: answers that were no finished job.
        broken: connections that ended without an answer.
        undone: jobs that were given up after a minute.

    """

    port: int
    times: list[float] = field(default_factory=list)
    refused: int = 0
    broken: int = 0
    undone: int = 0

    def run(self, over: threading.Event) -> None:
        """Until `over`; a job that was begun is waited for."""
        while not over.is_set():
            started = time.perf_counter()
            body = sample_bodies()[0].numbered(next(closed_loop.NUMBERS))
            while (pause := self._attempt(body)) is not None:
                if time.perf_counter() - started > _PATIENCE:
                    self.undone += 1
                    break
                time.sleep(pause)
            self.times.append(time.perf_counter() - started)
            time.sleep(_PAUSE)

    def _attempt(self, body: bytes) -> float | None:
        """Submit once; None when the job is done, else the seconds after which to try again."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE, source_address=("127.0.0.1", 0))
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
        try:
            connection.request("POST", closed_loop.SUBMIT, body, headers)
            answer = connection.getresponse()
            if answer.status == 200 and b'"completed"' in answer.read()[:1000]:
                return None
        except (OSError, HTTPException):
            self.broken += 1
            return _PAUSE
        finally:
            connection.close()
        self.refused += 1
        return float(answer.headers.get("Retry-After", "1"))


@dataclass(frozen=True, slots=True)
class Figures:
    """What was seen during one kind. Times are seconds."""

    good: GoodClient
    live: dict[str, list[float]]
    unanswered: int
    peak_bytes: int
    server_cpu: float
    connections: int


@contextmanager
def service(*, keyed: bool, command: str | None = None, probe_port: int | None = None) -> Iterator[processes.Server]:
    """A service with the good client's key, or open to all."""
    with (
        patch.dict(os.environ, {"AUTH_API_KEYS": KEY if keyed else ""}),
        processes.serving(*processes.chosen(command, probe_port)) as server,
    ):
        yield server


def attacked(server: processes.Server, name: str, seconds: float, probe_port: int | None = None) -> Figures:
    """One kind for so long."""
    script = str(Path(__file__).with_name("traffic_patterns.py"))
    command = [sys.executable, script, str(server.port), name, str(seconds)]
    attacker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    attacker.stdout.readline()
    asking = probes(server.port, probe_port, seconds)
    good, over = GoodClient(server.port), threading.Event()
    client = threading.Thread(target=good.run, args=(over,))
    server.forget_peak()
    cpu, started = server.cpu_seconds(), time.perf_counter()
    attacker.stdin.write("\n")
    attacker.stdin.flush()
    for probe in asking.values():
        probe.begin()
    client.start()
    seen = json.loads(attacker.communicate(timeout=seconds + 120)[0])
    cpu = (server.cpu_seconds() - cpu) / (time.perf_counter() - started)
    asked = {port: probe.result() for port, probe in asking.items()}
    over.set()
    client.join()
    live, unanswered = {port: times for port, (times, _) in asked.items()}, sum(lost for _, lost in asked.values())
    return Figures(good, live, unanswered, server.peak_bytes(), cpu, seen.get("made", 0))


def report(found: dict[str, Figures]) -> str:
    """Everything that was seen, a line a kind."""
    head = ("kind", "connections", "peak MB", "good jobs", "slowest s", "refused", "broken", "undone")
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
                str(len(good.times) - good.undone),
                f"{max(good.times, default=0.0):.2f}",
                *map(str, (good.refused, good.broken, good.undone)),
                *("-" if value is None else f"{1e3 * value:.1f}" for value in (*live, most)),
                str(one.unanswered),
                f"{one.server_cpu:.2f}",
            )
        )
    return table(rows)


def must_hold(found: dict[str, Figures]) -> list[Held]:
    """What is promised, each with the kind that comes nearest to breaking it."""
    held = []

    def worst(name: str, figures: dict[str, float], bound: float, unit: str) -> None:
        kind = max(figures, key=figures.__getitem__)
        held.append(Held(f"{name} ({kind})", figures[kind], bound, unit=unit))

    worst("peak resident memory", {name: one.peak_bytes / 1e6 for name, one in found.items()}, 300, "MB")
    worst("slowest submit", {name: max(one.good.times, default=0.0) for name, one in found.items()}, 2, "s")
    for port in next(iter(found.values())).live:
        live = {name: 1e3 * (percentile(one.live[port], 0.99) or _PATIENCE) for name, one in found.items()}
        worst(f"liveness p99, {port}", live, 200, "ms")
    worst("liveness unanswered", {name: one.unanswered for name, one in found.items()}, 0, "requests")
    return held


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="of each kind")
    parser.add_argument("--short", action="store_true", help=f"{_SHORT_SECONDS:g} seconds of each kind")
    names = [*KINDS, MIXED]
    parser.add_argument("--kinds", nargs="+", choices=names, default=names, metavar="KIND", help=", ".join(names))
    parser.add_argument("--probe-port", type=int, help="ask for liveness on this port too")
    parser.add_argument("--command", help=processes.COMMAND)
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args = arguments()
    seconds = _SHORT_SECONDS if args.short else args.seconds
    found: dict[str, Figures] = {}
    for name in args.kinds:
        keyed = name != MIXED and KINDS[name].keyed
        # A service for each: no kind's memory is counted as another's.
        with service(keyed=keyed, command=args.command, probe_port=args.probe_port) as server:
            closed_loop.run(server.port, sample_bodies(), 2, 0.5)
            found[name] = attacked(server, name, seconds, args.probe_port)
    print(report(found))
    print()
    print(show(must_hold(found)))


if __name__ == "__main__":
    main()
