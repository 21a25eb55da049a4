"""What watching costs: processor time a job with metrics and traces, beside a service that counts and traces nothing.

    python benches/telemetry_overhead.py [WINDOWS] [SECONDS] [postgres|memory]

All services run at once and get the jobs in turn, so whatever else the machine does costs all of them alike. They are
as they are by default, with Postgres and its cache, or `memory`: the least that a job can cost, in memory and without a
cache. Log lines are written in all of them. `off` has neither metrics nor traces, and is there twice: what the two
differ by is noise. `as installed` has metrics, `all` also sends its traces to a collector, here one that throws them
away; what that costs itself is not counted.
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

from durability_overhead import API, CLIENTS, Service, Shared, bodies, drive, service  # noqa: E402 - after the path
from processes import free_port  # noqa: E402 - after the path
from support.postgres_server import database_environment, postgres_server  # noqa: E402 - after the path

_OFF = {"PROMETHEUS_ON_APP": "false", "OTEL_SDK_DISABLED": "true"}
_MEMORY = {"DB_USE_DATABASE": "false", "CACHE_MODE": "off"}


@contextmanager
def collector() -> Iterator[str]:
    """Something that takes traces; it runs here, where it costs the services nothing."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Throw them away."""
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


class Load:
    """Clients that give each job to the next service. `done` counts the jobs of each."""

    def __init__(self, services: list[Service], sent: Shared) -> None:
        """Begin at once."""
        self.done = [0] * len(services)
        self._services = services
        self._sent = sent
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _client(self, first: int) -> None:
        https = [httpx.Client(base_url=f"http://{served.host}", timeout=60) for served in self._services]
        for number in itertools.count(first):
            if self._over.is_set():
                return
            place = number % len(https)
            content = next(self._sent)
            answer = https[place].post(
                f"{API}/submit?wait=30", content=content, headers={"content-type": "application/msgpack"}
            )
            with self._lock:
                self.done[place] += answer.json()["status"] == "completed"

    def so_far(self) -> list[tuple[float, int]]:
        """Return the processor seconds and the jobs of each service."""
        return [(served.cpu()[0], done) for served, done in zip(self._services, self.done, strict=True)]

    def end(self) -> None:
        """Wait for the last jobs."""
        self._over.set()
        for thread in self._threads:
            thread.join()


def main() -> None:
    """Print the table: milliseconds a job, and the mean ratio to `off` of the same window with its standard error."""
    given = sys.argv[1:] + ["24", "6", "postgres"][len(sys.argv) - 1 :]
    windows, seconds = int(given[0]), float(given[1])
    with ExitStack() as stack:
        url = stack.enter_context(collector())
        metrics = {"PROMETHEUS_ON_APP": "true", "PROMETHEUS_ENABLED": "true", "PROMETHEUS_PORT": str(free_port())}
        everything = metrics | {"OTEL_SDK_DISABLED": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": url}
        off = _OFF | (
            _MEMORY if given[2] == "memory" else database_environment(stack.enter_context(postgres_server()).settings)
        )
        services = [
            stack.enter_context(service("off", **off)),
            stack.enter_context(service("off again", **off)),
            stack.enter_context(service("as installed", **off | {"PROMETHEUS_ON_APP": "true"})),
            stack.enter_context(service("all", **off | everything)),
        ]
        sent = Shared(bodies())
        for served in services:
            drive(served, 2, sent)
        load = Load(services, sent)
        read = [load.so_far()]
        for _ in range(windows):
            time.sleep(seconds)
            read.append(load.so_far())
        load.end()
    columns = [[cost(*pair) for pair in itertools.pairwise(column)] for column in zip(*read, strict=True)]
    base = [statistics.mean(pair) for pair in zip(*columns[:2], strict=True)]
    for served, column in zip(services, columns, strict=True):
        ratios = [one / other for one, other in zip(column, base, strict=True)]
        error = statistics.stdev(ratios) / len(ratios) ** 0.5
        print(
            f"{served.name:14} {statistics.mean(column):6.2f} ms a job  {statistics.mean(ratios):.3f}x +- {error:.3f}"
        )


def cost(earlier: tuple[float, int], later: tuple[float, int]) -> float:
    """Return the processor milliseconds of each job between two readings."""
    return (later[0] - earlier[0]) * 1e3 / (later[1] - earlier[1])


if __name__ == "__main__":
    main()
