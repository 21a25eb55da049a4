"""`python overload.py [--rates 2 5] [--rounds 3] [--seconds 10] ...`: what becomes of the work when far more comes in.

Capacity C is the jobs a second of 8 clients that each wait for their answer. Then requests come in at multiples of C
from 50 addresses of this machine, each on a new connection and whatever became of those before; liveness is asked 50
times a second by a process of its own. C is measured before and after each rate; figures are medians over rounds.
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
from bounds import Held, show, table
from liveness_probe import LIVE, probes
from open_loop import OpenLoop, Outcomes, Parts, percentile
from request_bodies import Body, bodies, sample_bodies

CLIENTS = 8
SOURCES = tuple(f"127.0.0.{2 + number}" for number in range(50))
REFUSED = ("503", "429")
# The first second fills the queue: from then on the load is what it stays.
_RISE = 1.0
_PHOTOS = "the sample as it is (150 kB, smooth curves), or a face of 1024 x 1023 (190 kB as jpg, 1.4 MB as png)"


@dataclass(frozen=True, slots=True)
class Figures:
    """One rate in one round. Times are seconds, shares are of C or of one processor."""

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
        """How long each refusal took."""
        return [seconds for status in REFUSED for seconds in self.outcomes.times.get(status, [])]

    def lost(self) -> int:
        """Connections that ended without a whole answer."""
        return self.outcomes.lost.total()


class Requests:
    """Submissions as bytes, none like another."""

    def __init__(self, faces: tuple[Body, ...]) -> None:
        self._faces = faces
        # Bodies of a face are of one length, whatever their number.
        self._heads = [self._head(sum(map(len, face.parts(0)))) for face in faces]

    @staticmethod
    def _head(length: int) -> bytes:
        return (
            f"POST {closed_loop.SUBMIT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\n\r\n"
        ).encode()

    def __call__(self, _: int) -> Parts:
        """The next: head and a body's beginning, and the rest, which is shared and never copied."""
        number = next(closed_loop.NUMBERS)
        face = number % len(self._faces)
        front, rest = self._faces[face].parts(number)
        return self._heads[face] + front, rest


def capacity(server: processes.Server, faces: tuple[Body, ...], seconds: float) -> float:
    """Jobs a second of clients that wait."""
    done = closed_loop.run(server.port, faces, CLIENTS, seconds)
    if not done.times:
        raise RuntimeError("no job was done")
    return done.per_second


def overloaded(server: processes.Server, faces: tuple[Body, ...], rate: float, args: argparse.Namespace) -> Figures:
    """One rate, between two measurements of C."""
    before = capacity(server, faces, args.capacity_seconds)
    asking = probes(server.port, args.probe_port, args.seconds, args.probe_path)
    server.forget_peak()
    cpu, busy, started = server.cpu_seconds(), processes.busy_seconds(), time.perf_counter()
    for probe in asking.values():
        probe.begin()
    generator = OpenLoop(server.port, Requests(faces), SOURCES, blocking=args.blocking)
    outcomes = generator.run(rate * before, args.seconds, poisson=args.poisson)
    took, cpu = time.perf_counter() - started, server.cpu_seconds() - cpu
    busy = processes.busy_seconds() - busy
    asked = {name: probe.result() for name, probe in asking.items()}
    peak = server.peak_bytes()
    after = capacity(server, faces, args.capacity_seconds)
    rise = min(_RISE, args.seconds / 4)
    within = sum(rise < moment <= args.seconds for moment in outcomes.finished) / (args.seconds - rise)
    both = (before + after) / 2
    return Figures(
        capacity=both,
        goodput=within / both,
        outcomes=outcomes,
        live={name: times for name, (times, _) in asked.items()},
        unanswered=Counter({name: lost for name, (_, lost) in asked.items()}),
        server_cpu=cpu / took,
        generator_cpu=outcomes.cpu / took,
        others_cpu=max(busy - cpu - outcomes.cpu, 0.0) / took,
        peak_bytes=peak,
    )


def milliseconds(times: list[float], share: float) -> float | None:
    """A percentile in milliseconds."""
    found = percentile(times, share)
    return None if found is None else 1e3 * found


def middle(rounds: list[float | None]) -> float | None:
    """The median of the rounds that have a figure."""
    found = [figure for figure in rounds if figure is not None]
    return median(found) if found else None


def report(found: dict[float, list[Figures]]) -> str:
    """Everything that was seen, a column a rate."""
    rows: list[tuple[str, ...]] = [("median of rounds", *(f"{rate:g} C" for rate in found))]

    def row(name: str, figure: object) -> None:
        values = [middle([figure(one) for one in rounds]) for rounds in found.values()]
        rows.append((name, *("-" if value is None else f"{value:.4g}" for value in values)))

    row("C, jobs/s", lambda one: one.capacity)
    row("requests sent", lambda one: one.outcomes.sent)
    row("goodput, share of C", lambda one: one.goodput)
    row("finished jobs, p50 ms", lambda one: milliseconds(one.outcomes.times.get("completed", []), 0.5))
    row("refusals (503, 429)", lambda one: len(one.refusals()))
    row("refusals, p50 ms", lambda one: milliseconds(one.refusals(), 0.5))
    row("refusals, p99 ms", lambda one: milliseconds(one.refusals(), 0.99))
    row("refusals, max ms", lambda one: milliseconds(one.refusals(), 1.0))
    others = {s for rounds in found.values() for one in rounds for s in one.outcomes.times}
    for status in sorted(others - {"completed", *REFUSED}):
        row(f"answers with {status}", lambda one, status=status: len(one.outcomes.times.get(status, [])))
    row("lost: no whole answer", lambda one: one.lost())
    for why in sorted({why for rounds in found.values() for one in rounds for why in one.outcomes.lost}):
        row(f"  {why}", lambda one, why=why: one.outcomes.lost[why])
    row("reset behind a whole answer", lambda one: one.outcomes.reset_behind)
    row("connections made after 0.5 s", lambda one: one.outcomes.late_connects)
    for port in next(iter(found.values()))[0].live:
        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
            row(f"liveness, {port}, {name} ms", lambda one, p=port, s=share: milliseconds(one.live[p], s))
        row(f"liveness, {port}, unanswered", lambda one, port=port: one.unanswered[port])
    row("server, processors", lambda one: one.server_cpu)
    row("generator, processors", lambda one: one.generator_cpu)
    row("all else on the machine, processors", lambda one: one.others_cpu)
    row("generator, most behind ms", lambda one: 1e3 * one.outcomes.behind)
    row("peak resident MB", lambda one: one.peak_bytes / 1e6)
    return table(rows)


def must_hold(found: dict[float, list[Figures]]) -> list[Held]:
    """What is promised at 2 and 5 times the capacity; lost connections and unanswered probes are summed, not halved."""
    held = []
    for rate, rounds in found.items():
        at = f"at {rate:g} C"
        if rate in (2.0, 5.0):
            least = 1.0 if rate == 2.0 else 0.9
            held.append(Held(f"goodput, {at}", middle([one.goodput for one in rounds]), least, least=True, unit="C"))
        refusals = middle([milliseconds(one.refusals(), 0.99) for one in rounds])
        held.append(Held(f"refusals p99, {at}", refusals, 250, unit="ms"))
        held.append(Held(f"no whole answer, {at}", sum(one.lost() for one in rounds), 0, unit="requests"))
        for port in rounds[0].live:
            live = middle([milliseconds(one.live[port], 0.99) for one in rounds])
            held.append(Held(f"liveness p99, {port}, {at}", live, 100, unit="ms"))
            unanswered = sum(one.unanswered[port] for one in rounds)
            held.append(Held(f"liveness unanswered, {port}, {at}", unanswered, 0, unit="requests"))
    return held


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", type=float, nargs="+", default=[2.0, 5.0], help="multiples of C")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of load at each rate")
    parser.add_argument("--capacity-seconds", type=float, default=4.0)
    parser.add_argument("--photo", choices=("sample", "jpg", "png"), default="sample", help=_PHOTOS)
    parser.add_argument("--curve", choices=("straight", "smooth"), default="straight")
    parser.add_argument("--poisson", action="store_true", help="requests at random moments instead of regular ones")
    parser.add_argument("--blocking", action="store_true", help="clients that send their whole body before they read")
    parser.add_argument("--probe-port", type=int, help="ask for liveness on this port too")
    parser.add_argument("--probe-path", default=LIVE)
    parser.add_argument("--command", help=processes.COMMAND)
    parser.add_argument("--url", help="a service that runs; needs --pid")
    parser.add_argument("--pid", type=int, help="its process")
    return parser.parse_args()


def service(args: argparse.Namespace) -> AbstractContextManager[processes.Server]:
    """The service that was asked for."""
    if args.url:
        if args.pid is None:
            raise SystemExit("--url needs --pid: the processor time and the memory are the process's")
        return nullcontext(processes.Server(args.pid, urlsplit(args.url).port or 80))
    return processes.serving(*processes.chosen(args.command, args.probe_port))


def main() -> None:
    """Measure and print."""
    args = arguments()
    faces = sample_bodies() if args.photo == "sample" else bodies(args.photo, "none", args.curve)
    found: dict[float, list[Figures]] = {rate: [] for rate in args.rates}
    with service(args) as server:
        closed_loop.run(server.port, faces, 2, 1.0)  # warm
        for _ in range(args.rounds):
            for rate, rounds in found.items():
                rounds.append(overloaded(server, faces, rate, args))
    print(report(found))
    print()
    print(show(must_hold(found)))


if __name__ == "__main__":
    main()
