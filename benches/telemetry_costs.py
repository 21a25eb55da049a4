"""What watching costs: processor time a job with metrics and traces, beside a service that counts and traces nothing.

    python benches/telemetry_costs.py [ROUNDS] [SECONDS] [postgres|memory]

The services take turns. They are as they are by default, with Postgres and its cache, or `memory`: the least that a job
can cost, in memory and without a cache. Log lines are written in all of them. `off` has neither metrics nor
traces, `as installed` has metrics, `all` also sends its traces to a collector, here one that throws them away; what
that costs itself is not counted.
"""

from __future__ import annotations

import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests")]

from durable_costs import Shared, bodies, drive, service  # noqa: E402 - after the path
from postgres_server import environment, own_server  # noqa: E402 - after the path
from servers import free_port  # noqa: E402 - after the path

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


def main() -> None:
    """Print the table: medians, and the median of the ratios to `off` of the same round."""
    given = sys.argv[1:] + ["9", "3", "postgres"][len(sys.argv) - 1 :]
    rounds, seconds = (int(argument) for argument in given[:2])
    with ExitStack() as stack:
        url = stack.enter_context(collector())
        metrics = {"PROMETHEUS_ON_APP": "true", "PROMETHEUS_ENABLED": "true", "PROMETHEUS_PORT": str(free_port())}
        everything = metrics | {"OTEL_SDK_DISABLED": "false", "OTEL_EXPORTER_OTLP_ENDPOINT": url}
        off = _OFF | (_MEMORY if given[2] == "memory" else environment(stack.enter_context(own_server()).settings))
        services = [
            stack.enter_context(service("off", **off)),
            stack.enter_context(service("as installed", **off | {"PROMETHEUS_ON_APP": "true"})),
            stack.enter_context(service("all", **off | everything)),
        ]
        sent = Shared(bodies())
        for served in services:
            drive(served, 2, sent)
        costs: dict[str, list[float]] = {served.name: [] for served in services}
        for number in range(rounds):
            turn = number % len(services)
            for served in services[turn:] + services[:turn]:
                costs[served.name].append(drive(served, seconds, sent)[1])
        for name, column in costs.items():
            ratios = [cost / base for cost, base in zip(column, costs["off"], strict=True)]
            spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
            print(f"{name:14} {statistics.median(column):6.2f} ms a job  {statistics.median(ratios):.3f}x ({spread})")


if __name__ == "__main__":
    main()
