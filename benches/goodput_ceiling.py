"""The goodput that any front could reach on this machine: nginx refuses what is beyond the capacity.

    python benches/goodput_ceiling.py [--rates 2 5] [--rounds 6] [--seconds 6]

The load is that of overload.py, from the same generator on the same processors. In one measurement the service gets all
of it. In the other one it gets 1.1 times the capacity C, and a process of nginx (Debian's nginx-light) refuses the
rest. So the service spends nothing on refusals there. A closed loop over new connections shows what connections cost
without any refusal. Values are shares of C, which is measured before and after each of them; medians of rounds.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import closed_loop
import processes
from bounds import markdown_table
from open_loop import OpenLoopLoad, Parts
from overload import CLIENTS, SOURCES, RequestGenerator, measure_capacity
from request_bodies import RequestBody, sample_bodies
from support.ports import free_port

# What the service is offered while nginx refuses the rest, in multiples of C.
_OFFERED = 1.1
_RAMP_UP = 1.0
_CONFIGURATION = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 4000; multi_accept on; }}
http {{
  access_log off; keepalive_timeout 0; client_body_temp_path {folder};
  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ client_max_body_size 64m; return 503 '{{}}'; }} }}
}}
"""


@contextmanager
def refusing_server(nginx: str) -> Iterator[int]:
    """Run nginx, which refuses every request with 503. Yields its port."""
    with TemporaryDirectory() as folder:
        port = free_port()
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(_CONFIGURATION.format(folder=folder, port=port))
        process = subprocess.Popen([nginx, "-c", str(configuration)], stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait()


class DividedLoad(OpenLoopLoad):
    """Open-loop load of which the service gets a share, and another port the rest."""

    def __init__(
        self, ports: tuple[int, int], share: float, make_request: Callable[[int], Parts], sources: tuple[str, ...]
    ) -> None:
        super().__init__(ports[0], make_request, sources)
        self._ports = ports
        self._share = share
        self._due = 0.0

    def _start_request(self) -> None:
        self._due += self._share
        is_for_service = self._due >= 1.0
        self._due -= is_for_service
        self._port = self._ports[0 if is_for_service else 1]
        super()._start_request()


def measure_goodput(
    server: processes.ServerProcess, faces: tuple[RequestBody, ...], rate: float, refusing_port: int, seconds: float
) -> tuple[float, float]:
    """Goodput as a share of C: with refusals by the service, and with refusals by nginx."""
    goodput = []
    for share in (1.0, _OFFERED / rate):
        before = measure_capacity(server, faces, seconds / 2)
        load = DividedLoad((server.port, refusing_port), share, RequestGenerator(faces), SOURCES)
        outcomes = load.run(rate * before, seconds)
        after = measure_capacity(server, faces, seconds / 2)
        ramp_up = min(_RAMP_UP, seconds / 4)
        completed = sum(ramp_up < moment <= seconds for moment in outcomes.finished) / (seconds - ramp_up)
        goodput.append(2 * completed / (before + after))
    return goodput[0], goodput[1]


def measure_new_connections(server: processes.ServerProcess, faces: tuple[RequestBody, ...], seconds: float) -> float:
    """Throughput of a closed loop with a new connection for each request, as a share of C."""
    before = measure_capacity(server, faces, seconds / 2)
    started = time.perf_counter()

    def run_client(_: int) -> int:
        completed = 0
        make_request = RequestGenerator(faces)
        while time.perf_counter() < started + seconds:
            with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
                for part in make_request(0):
                    connection.sendall(part)
                completed += closed_loop.read_response(connection).startswith(b"HTTP/1.1 200 ")
        return completed

    with ThreadPoolExecutor(CLIENTS) as pool:
        completed = sum(pool.map(run_client, range(CLIENTS)))
    per_second = completed / (time.perf_counter() - started)
    return 2 * per_second / (before + measure_capacity(server, faces, seconds / 2))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", type=float, nargs="+", default=[2.0, 5.0], help="multiples of C")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=6.0, help="of load at each rate")
    args = parser.parse_args()
    nginx = shutil.which("nginx")
    if nginx is None:
        sys.exit("nginx is needed: apt-get install nginx-light")
    faces = sample_bodies()
    found: dict[str, list[float]] = {}
    command, port = processes.parse_command(None, None)
    with processes.server_process(command, port) as server, refusing_server(nginx) as refusing_port:
        closed_loop.run_load(server.port, faces, 2, 1.0)  # warm
        for _ in range(args.rounds):
            for rate in args.rates:
                ours, ceiling = measure_goodput(server, faces, rate, refusing_port, args.seconds)
                found.setdefault(f"{rate:g} C, the service refuses", []).append(ours)
                found.setdefault(f"{rate:g} C, nginx refuses", []).append(ceiling)
            connections = measure_new_connections(server, faces, args.seconds)
            found.setdefault("closed loop, new connections", []).append(connections)
    rows = [("share of C", "median", "least", "most")]
    rows += [
        (name, f"{median(values):.2f}", f"{min(values):.2f}", f"{max(values):.2f}") for name, values in found.items()
    ]
    print(markdown_table(rows))


if __name__ == "__main__":
    main()
