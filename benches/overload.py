"""Goodput, latency and lost requests of the service under overload.

    python benches/overload.py [--rates 2 5] [--rounds 3] [--seconds 10] ...

Capacity C is the throughput of 8 clients in a closed loop, in jobs per second. Then an open loop sends requests at
multiples of C from 50 addresses of this machine. Liveness is probed 50 times a second by a process of its own. C is
measured before and after each rate; values are medians over rounds.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

import closed_loop
import processes
from bounds import BoundedValue, bounds_table, markdown_table
from liveness_probe import LIVENESS_PATH, start_probes
from open_loop import OpenLoopLoad, Outcomes, Parts, percentile
from request_bodies import RequestBody, face_bodies, sample_bodies

CLIENTS = 8
SOURCES = tuple(f"127.0.0.{2 + number}" for number in range(50))
REFUSALS = ("503", "429")
# Seconds until the queue is full and the load is steady.
_RAMP_UP = 1.0
_PHOTOS = "the sample as it is (150 kB, smooth curves), or a face of 1024 x 1023 (190 kB as jpg, 1.4 MB as png)"


@dataclass(frozen=True, slots=True)
class Measurement:
    """Measurements of one rate in one round. Times are seconds; shares are of C or of one CPU."""

    capacity: float
    goodput: float
    outcomes: Outcomes
    live: dict[str, list[float]]
    unanswered: Counter[str]
    server_cpu: float
    generator_cpu: float
    others_cpu: float
    peak_bytes: float

    def refusals(self) -> list[float]:
        """Seconds of each refusal."""
        return [seconds for status in REFUSALS for seconds in self.outcomes.times.get(status, [])]

    def lost(self) -> int:
        """Number of requests without a complete response."""
        return self.outcomes.lost.total()


class RequestGenerator:
    """Generator of distinct submissions as bytes."""

    def __init__(self, faces: tuple[RequestBody, ...]) -> None:
        self._faces = faces
        # Bodies of a face have the same length for all numbers.
        self._heads = [self._head(sum(map(len, face.parts(0)))) for face in faces]

    @staticmethod
    def _head(length: int) -> bytes:
        return (
            f"POST {closed_loop.SUBMIT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\n\r\n"
        ).encode()

    def __call__(self, _: int) -> Parts:
        """Next request: head and start of the body, and the shared rest, which is never copied."""
        number = next(closed_loop.NUMBERS)
        face = number % len(self._faces)
        front, rest = self._faces[face].parts(number)
        return self._heads[face] + front, rest


def measure_capacity(server: processes.ServerProcess, faces: tuple[RequestBody, ...], seconds: float) -> float:
    """Throughput of a closed loop, in jobs per second."""
    result = closed_loop.run_load(server.port, faces, CLIENTS, seconds)
    if not result.times:
        raise RuntimeError("no job was completed")
    return result.per_second


def measure_overload(
    server: processes.ServerProcess, faces: tuple[RequestBody, ...], rate: float, args: argparse.Namespace
) -> Measurement:
    """Measure one rate, between two measurements of C."""
    before = measure_capacity(server, faces, args.capacity_seconds)
    live_probes = start_probes(server.port, args.probe_port, args.seconds, args.probe_path)
    server.reset_peak()
    cpu, busy, started = server.cpu_seconds(), processes.machine_cpu_seconds(), time.perf_counter()
    for probe in live_probes.values():
        probe.begin()
    generator = OpenLoopLoad(server.port, RequestGenerator(faces), SOURCES, blocking=args.blocking)
    outcomes = generator.run(rate * before, args.seconds, poisson=args.poisson)
    took, cpu = time.perf_counter() - started, server.cpu_seconds() - cpu
    busy = processes.machine_cpu_seconds() - busy
    probed = {name: probe.result() for name, probe in live_probes.items()}
    peak = server.peak_bytes()
    after = measure_capacity(server, faces, args.capacity_seconds)
    ramp_up = min(_RAMP_UP, args.seconds / 4)
    completed = sum(ramp_up < moment <= args.seconds for moment in outcomes.finished) / (args.seconds - ramp_up)
    mean_capacity = (before + after) / 2
    return Measurement(
        capacity=mean_capacity,
        goodput=completed / mean_capacity,
        outcomes=outcomes,
        live={name: times for name, (times, _) in probed.items()},
        unanswered=Counter({name: lost for name, (_, lost) in probed.items()}),
        server_cpu=cpu / took,
        generator_cpu=outcomes.cpu / took,
        others_cpu=max(busy - cpu - outcomes.cpu, 0.0) / took,
        peak_bytes=peak,
    )


def percentile_ms(times: list[float], share: float) -> float | None:
    """Quantile in milliseconds, or None if there are no times."""
    found = percentile(times, share)
    return None if found is None else 1e3 * found


def median_of_known(rounds: list[float | None]) -> float | None:
    """Median of the rounds with a value."""
    found = [figure for figure in rounds if figure is not None]
    return median(found) if found else None


def report(found: dict[float, list[Measurement]]) -> str:
    """All measurements, one column per rate."""
    rows: list[tuple[str, ...]] = [("median of rounds", *(f"{rate:g} C" for rate in found))]

    def row(name: str, figure: object) -> None:
        values = [median_of_known([figure(one) for one in rounds]) for rounds in found.values()]
        rows.append((name, *("-" if value is None else f"{value:.4g}" for value in values)))

    row("C, jobs/s", lambda one: one.capacity)
    row("requests sent", lambda one: one.outcomes.sent)
    row("goodput, share of C", lambda one: one.goodput)
    row("finished jobs, p50 ms", lambda one: percentile_ms(one.outcomes.times.get("completed", []), 0.5))
    row("refusals (503, 429)", lambda one: len(one.refusals()))
    row("refusals, p50 ms", lambda one: percentile_ms(one.refusals(), 0.5))
    row("refusals, p99 ms", lambda one: percentile_ms(one.refusals(), 0.99))
    row("refusals, max ms", lambda one: percentile_ms(one.refusals(), 1.0))
    others = {s for rounds in found.values() for one in rounds for s in one.outcomes.times}
    for status in sorted(others - {"completed", *REFUSALS}):
        row(f"responses with {status}", lambda one, status=status: len(one.outcomes.times.get(status, [])))
    row("lost: no complete response", lambda one: one.lost())
    for why in sorted({why for rounds in found.values() for one in rounds for why in one.outcomes.lost}):
        row(f"  {why}", lambda one, why=why: one.outcomes.lost[why])
    row("reset after a complete response", lambda one: one.outcomes.reset_after_response)
    row("connections after more than 0.5 s", lambda one: one.outcomes.late_connects)
    for port in next(iter(found.values()))[0].live:
        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
            row(f"liveness, {port}, {name} ms", lambda one, p=port, s=share: percentile_ms(one.live[p], s))
        row(f"liveness, {port}, unanswered", lambda one, port=port: one.unanswered[port])
    row("server, CPUs", lambda one: one.server_cpu)
    row("generator, CPUs", lambda one: one.generator_cpu)
    row("all else on the machine, CPUs", lambda one: one.others_cpu)
    row("generator, largest lag ms", lambda one: 1e3 * one.outcomes.max_lag)
    row("peak resident MB", lambda one: one.peak_bytes / 1e6)
    return markdown_table(rows)


def check_bounds(found: dict[float, list[Measurement]]) -> list[BoundedValue]:
    """Bounds at 2 and 5 times the capacity. Lost requests and unanswered probes are sums over the rounds."""
    values = []
    for rate, rounds in found.items():
        at = f"at {rate:g} C"
        if rate in (2.0, 5.0):
            least = 1.0 if rate == 2.0 else 0.9
            values.append(
                BoundedValue(
                    f"goodput, {at}", median_of_known([one.goodput for one in rounds]), least, at_least=True, unit="C"
                )
            )
        refusals = median_of_known([percentile_ms(one.refusals(), 0.99) for one in rounds])
        values.append(BoundedValue(f"refusals p99, {at}", refusals, 250, unit="ms"))
        values.append(
            BoundedValue(f"no complete response, {at}", sum(one.lost() for one in rounds), 0, unit="requests")
        )
        for port in rounds[0].live:
            live = median_of_known([percentile_ms(one.live[port], 0.99) for one in rounds])
            values.append(BoundedValue(f"liveness p99, {port}, {at}", live, 100, unit="ms"))
            unanswered = sum(one.unanswered[port] for one in rounds)
            values.append(BoundedValue(f"liveness unanswered, {port}, {at}", unanswered, 0, unit="requests"))
    return values


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", type=float, nargs="+", default=[2.0, 5.0], help="multiples of C")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of load at each rate")
    parser.add_argument("--capacity-seconds", type=float, default=4.0)
    parser.add_argument("--photo", choices=("sample", "jpg", "png"), default="sample", help=_PHOTOS)
    parser.add_argument("--curve", choices=("straight", "smooth"), default="straight")
    parser.add_argument("--poisson", action="store_true", help="random intervals instead of equal ones")
    parser.add_argument("--blocking", action="store_true", help="clients that send their whole body before they read")
    parser.add_argument("--probe-port", type=int, help="probe liveness on this port too")
    parser.add_argument("--probe-path", default=LIVENESS_PATH)
    parser.add_argument("--command", help=processes.COMMAND_HELP)
    parser.add_argument("--url", help="a running service; needs --pid")
    parser.add_argument("--pid", type=int, help="its process")
    return parser.parse_args()


def running_service(args: argparse.Namespace) -> AbstractContextManager[processes.ServerProcess]:
    """Run the service that the arguments choose, or use a running one."""
    if args.url:
        if args.pid is None:
            raise SystemExit("--url needs --pid, to measure CPU time and memory")
        return nullcontext(processes.ServerProcess(args.pid, urlsplit(args.url).port or 80))
    return processes.server_process(*processes.parse_command(args.command, args.probe_port))


def main() -> None:
    """Measure and print."""
    args = parse_arguments()
    faces = sample_bodies() if args.photo == "sample" else face_bodies(args.photo, "none", args.curve)
    found: dict[float, list[Measurement]] = {rate: [] for rate in args.rates}
    with running_service(args) as server:
        closed_loop.run_load(server.port, faces, 2, 1.0)  # warm
        for _ in range(args.rounds):
            for rate, rounds in found.items():
                rounds.append(measure_overload(server, faces, rate, args))
    print(report(found))
    print()
    print(bounds_table(check_bounds(found)))


if __name__ == "__main__":
    main()
