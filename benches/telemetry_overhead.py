"""Overhead of telemetry: CPU time of a job with metrics and traces, beside a service without.

    python benches/telemetry_overhead.py [WINDOWS] [SECONDS] [postgres|memory]

All services run at once and get jobs in turn, so that other load affects all of them alike. They have default settings
with PostgreSQL and its cache, or with `memory` neither, where a job is cheapest. All of them write log lines. `off` has
neither metrics nor traces and runs twice: the difference of the two is noise. `as installed` has metrics; `all` also
exports its traces to a collector, whose own CPU time is not counted.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

sys.path[:0] = [str(Path(__file__).parents[1] / "tests")]

from durability_overhead import (  # noqa: E402 - after the path
    API,
    CLIENTS,
    ServiceUnderTest,
    ThreadSafeIterator,
    run_clients,
    running_service,
    submission_bodies,
)
from support.ports import free_port  # noqa: E402 - after the path
from support.postgres_server import database_environment, postgres_server  # noqa: E402 - after the path

_OFF = {"PROMETHEUS_ON_APP": "false", "OTEL_SDK_DISABLED": "true"}
_MEMORY = {"DB_USE_DATABASE": "false", "CACHE_MODE": "off"}


@contextmanager
def collector() -> Iterator[str]:
    """URL of a collector of traces that runs in this process."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Discard the traces."""
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


class Load:
    """Clients that send each job to the next service. `done` counts the completed jobs of each."""

    def __init__(self, services: list[ServiceUnderTest], bodies: ThreadSafeIterator) -> None:
        """Start the clients."""
        self.done = [0] * len(services)
        self._services = services
        self._bodies = bodies
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _client(self, first: int) -> None:
        https = [httpx.Client(base_url=f"http://{service.host}", timeout=60) for service in self._services]
        for number in itertools.count(first):
            if self._stopped.is_set():
                return
            index = number % len(https)
            content = next(self._bodies)
            response = https[index].post(
                f"{API}/submit?wait=30", content=content, headers={"content-type": "application/msgpack"}
            )
            with self._lock:
                self.done[index] += response.json()["status"] == "completed"

    def readings(self) -> list[tuple[float, int]]:
        """CPU seconds and completed jobs of each service so far."""
        return [(service.cpu()[0], done) for service, done in zip(self._services, self.done, strict=True)]

    def stop(self) -> None:
        """Stop the clients and wait for the last jobs."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()


def main() -> None:
    """Print milliseconds per job, and the mean ratio to `off` in the same window with its standard error."""
    arguments = sys.argv[1:] + ["24", "6", "postgres"][len(sys.argv) - 1 :]
    windows, seconds = int(arguments[0]), float(arguments[1])
    with ExitStack() as stack:
        url = stack.enter_context(collector())
        metrics = {"PROMETHEUS_ON_APP": "true", "PROMETHEUS_ENABLED": "true", "PROMETHEUS_PORT": str(free_port())}
        everything = metrics | {"OTEL_SDK_DISABLED": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": url}
        off = _OFF | (
            _MEMORY
            if arguments[2] == "memory"
            else database_environment(stack.enter_context(postgres_server()).settings)
        )
        services = [
            stack.enter_context(running_service("off", **off)),
            stack.enter_context(running_service("off again", **off)),
            stack.enter_context(running_service("as installed", **off | {"PROMETHEUS_ON_APP": "true"})),
            stack.enter_context(running_service("all", **off | everything)),
        ]
        bodies = ThreadSafeIterator(submission_bodies())
        for service in services:
            run_clients(service, 2, bodies)
        load = Load(services, bodies)
        readings = [load.readings()]
        for _ in range(windows):
            time.sleep(seconds)
            readings.append(load.readings())
        load.stop()
    columns = [[ms_per_job(*pair) for pair in itertools.pairwise(column)] for column in zip(*readings, strict=True)]
    base = [statistics.mean(pair) for pair in zip(*columns[:2], strict=True)]
    for service, column in zip(services, columns, strict=True):
        ratios = [one / other for one, other in zip(column, base, strict=True)]
        error = statistics.stdev(ratios) / len(ratios) ** 0.5
        mean_ms, mean_ratio = statistics.mean(column), statistics.mean(ratios)
        print(f"{service.name:14} {mean_ms:6.2f} ms per job  {mean_ratio:.3f}x +- {error:.3f}")


def ms_per_job(earlier: tuple[float, int], later: tuple[float, int]) -> float:
    """CPU milliseconds per job between two readings."""
    return (later[0] - earlier[0]) * 1e3 / (later[1] - earlier[1])


if __name__ == "__main__":
    main()
