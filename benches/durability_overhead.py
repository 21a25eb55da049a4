"""Overhead of durable jobs: throughput and CPU time of a job in memory and in PostgreSQL, with each cache.

    python benches/durability_overhead.py [ROUNDS] [SECONDS]

Services take turns in each round; values are medians. CPU time is that of the service plus that of PostgreSQL, and both
are compared with memory and the same cache, which has no mode `similar`. Tolerances differ between requests, so that no
cache hits, except in `hit`, whose requests are all equal. Clients of `polled` services get the id of their job at once,
so that it is stored before it starts, and poll for its end; the others wait in their submit request.
"""

import http.client
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from threading import Lock

import msgspec
import psutil
from bounds import BoundedValue, bounds_table
from processes import server_process

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from facemask.service.database.settings import DatabaseSettings
from support.paths import LANDMARKS_FILE, MAP_FILE, PHOTO_FILE
from support.ports import free_port
from support.postgres_server import database_environment, execute, postgres_server

API = "/api/v1/frontal/crop"
CLIENTS = 8
# The default mode with a database, and what a service without one does for the same requests.
DEFAULT, DEFAULT_BASELINE = "postgres, similar", "memory, exact"


@dataclass
class ServiceUnderTest:
    """A service with one kind of job storage, and its processes."""

    name: str
    host: str
    processes: list[psutil.Process]
    baseline: str = ""
    vary: bool = True
    polled: bool = False

    def cpu(self) -> tuple[float, float]:
        """CPU seconds so far of the service, and of PostgreSQL with its children."""
        service, *postgres = self.processes
        children = [child for process in postgres for child in (process, *process.children(recursive=True))]
        return cpu_seconds(service), sum(cpu_seconds(process) for process in children)


def cpu_seconds(process: psutil.Process) -> float:
    """CPU seconds of one process."""
    times = process.cpu_times()
    return float(times.user + times.system)


def submission_bodies() -> Iterator[bytes]:
    """Endless submissions, each with another tolerance."""
    points = [[p["x"], p["y"]] for p in json.loads(LANDMARKS_FILE.read_bytes())]
    sent = {
        "image": PHOTO_FILE.read_bytes(),
        "segmentation_map": MAP_FILE.read_bytes(),
        "landmarks": msgspec.Raw(msgspec.msgpack.encode(points)),
    }
    for number in itertools.count():
        yield msgspec.msgpack.encode(sent | {"options": {"tolerance": 0.5 + number * 1e-9}})


@contextmanager
def running_service(name: str, postmaster: int = 0, **environment: str) -> Iterator[ServiceUnderTest]:
    """Run a service on a free port."""
    port = free_port()
    with server_process(["-m", "facemask", "serve", "--port", str(port)], port, **environment) as server:
        processes = [psutil.Process(server.pid)] + ([psutil.Process(postmaster)] if postmaster else [])
        yield ServiceUnderTest(name, f"127.0.0.1:{port}", processes)


def send_request(connection: http.client.HTTPConnection, method: str, path: str, content: bytes | None = None) -> bytes:
    """Send a request. Returns the body of the response."""
    connection.request(method, path, content, {"content-type": "application/msgpack"} if content else {})
    return connection.getresponse().read()


@dataclass(frozen=True)
class JobCost:
    """Jobs per second, CPU milliseconds per job of the service and of PostgreSQL, and the median response time."""

    per_second: float
    service_ms: float
    postgres_ms: float
    p50_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU of both."""
        return self.service_ms + self.postgres_ms


def run_clients(service: ServiceUnderTest, seconds: float, bodies: Iterator[bytes], clients: int = CLIENTS) -> JobCost:
    """Keep clients waiting for their jobs."""
    same = next(submission_bodies())
    end = time.monotonic() + seconds

    def client(_: int) -> list[float]:
        times = []
        # A client of httpx would take as much CPU time as a job.
        with closing(http.client.HTTPConnection(service.host, timeout=60)) as connection:
            while time.monotonic() < end:
                content = next(bodies) if service.vary else same
                sent = time.monotonic()
                response = send_request(connection, "POST", f"{API}/submit?wait={0 if service.polled else 30}", content)
                if service.polled:
                    response = send_request(connection, "GET", f"{API}/status/{json.loads(response)['id']}?wait=30")
                if b'"status":"completed"' in response[:200]:
                    times.append(time.monotonic() - sent)
        return times

    before, started = service.cpu(), time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        times = [seconds for found in pool.map(client, range(clients)) for seconds in found]
    elapsed = time.monotonic() - started
    service_ms, postgres_ms = (
        (after - earlier) * 1e3 / len(times) for after, earlier in zip(service.cpu(), before, strict=True)
    )
    return JobCost(len(times) / elapsed, service_ms, postgres_ms, 1e3 * statistics.median(times))


class ThreadSafeIterator:
    """An iterator that threads can share."""

    def __init__(self, inner: Iterator[bytes]) -> None:
        """Wrap an iterator."""
        self._inner = inner
        self._lock = Lock()

    def __iter__(self) -> "ThreadSafeIterator":
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next value."""
        with self._lock:
            return next(self._inner)


def median_cost(costs: list[JobCost]) -> JobCost:
    """Medians of rounds."""
    return JobCost(*(statistics.median(getattr(cost, field.name) for cost in costs) for field in fields(JobCost)))


def check_bounds(medians: dict[tuple[str, int], JobCost]) -> list[BoundedValue]:
    """Bounds of the default mode with a database, every request new, relative to memory."""
    many, base = medians[DEFAULT, CLIENTS], medians[DEFAULT_BASELINE, CLIENTS]
    one, base_one = medians[DEFAULT, 1], medians[DEFAULT_BASELINE, 1]
    return [
        BoundedValue("CPU a job, of memory", many.cpu_ms / base.cpu_ms, 1.4, unit="x"),
        BoundedValue("jobs/s with 8 clients", many.per_second / base.per_second, 0.7, at_least=True, unit="x"),
        BoundedValue("p50 with one client", one.p50_ms / base_one.p50_ms, 1.6, unit="x"),
    ]


def postmaster_pid(settings: DatabaseSettings) -> int:
    """Process id of the PostgreSQL server."""
    pids = [c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == settings.port]
    return pids[0] or 0


def main() -> None:
    """Print the table."""
    rounds, seconds = (int(argument) for argument in (sys.argv[1:] + ["3", "5"][len(sys.argv) - 1 :]))
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server(fsync=True))
        execute(server.settings, "create database {}", "costs")
        execute(server.settings, "create database {}", "costs_cached")
        database, cached = (
            database_environment(replace(server.settings, database=name)) for name in ("costs", "costs_cached")
        )
        pid = postmaster_pid(server.settings)
        plain = {"DB_USE_DATABASE": "false"}
        off, exact, similar = ({"CACHE_MODE": mode} for mode in ("off", "exact", "similar"))
        services = [
            stack.enter_context(running_service("memory", **plain, **off)),
            stack.enter_context(running_service("memory, exact", **plain, **exact)),
            stack.enter_context(running_service("postgres", pid, **database, **off)),
            stack.enter_context(running_service("postgres, exact", pid, **cached, **exact)),
            stack.enter_context(running_service("postgres, similar", pid, **cached, **similar)),
        ]
        for service, baseline in zip(services[2:], ("memory", "memory, exact", "memory, exact"), strict=True):
            service.baseline = baseline
        services += [
            replace(services[0], name="memory, polled", polled=True),
            replace(services[2], name="postgres, polled", baseline="memory, polled", polled=True),
            replace(services[3], name="postgres, exact hit", baseline="postgres, exact", vary=False),
        ]
        bodies = ThreadSafeIterator(submission_bodies())
        for service in services:
            run_clients(service, 1, bodies)
        alone = [service for service in services if service.name in (DEFAULT, DEFAULT_BASELINE)]
        figures: dict[tuple[str, int], list[JobCost]] = {}
        for number in range(rounds):
            turn = number % len(services)
            for service in services[turn:] + services[:turn]:
                figures.setdefault((service.name, CLIENTS), []).append(run_clients(service, seconds, bodies))
            for service in alone:
                figures.setdefault((service.name, 1), []).append(run_clients(service, seconds, bodies, 1))
        medians = {key: median_cost(costs) for key, costs in figures.items()}
        for service in services:
            cost = medians[service.name, CLIENTS]
            line = (
                f"{service.name:20} {cost.per_second:6.1f} jobs/s {cost.service_ms:6.2f} + {cost.postgres_ms:5.2f} ms"
            )
            if service.baseline:
                base = medians[service.baseline, CLIENTS]
                line += f"; of {service.baseline}: {cost.per_second / base.per_second:4.2f}x jobs/s, "
                line += f"{cost.cpu_ms - base.cpu_ms:+5.2f} ms, {cost.cpu_ms / base.cpu_ms:4.2f}x"
            print(line)
        print()
        print(bounds_table(check_bounds(medians)))


if __name__ == "__main__":
    main()
