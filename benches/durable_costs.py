"""What a database costs: `python benches/durable_costs.py [ROUNDS] [SECONDS]`.

Serves the sample from memory and from Postgres, with each cache, in turns in each round, and prints the medians: jobs a
second, processor time a job (the service's and Postgres's), and both against memory with the same cache, which has no
`similar` one. Each request's tolerance is a little different, so that no cache answers; but for `hit`, whose requests
are all the same. `told` are clients that are told their job's id at once, so that it is stored before it begins, and
ask for its end then; the others wait for it where they submit.
"""

import http.client
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import httpx
import msgspec
import psutil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from facemask.service.database.settings import DatabaseSettings  # noqa: E402 - after the path
from postgres_server import environment, own_server, run  # noqa: E402 - after the path

SAMPLE = ROOT / "samples" / "astronaut"
API = "/api/v1/frontal/crop"
CLIENTS = 8


@dataclass
class Service:
    """A served way of keeping jobs, and the processes that it costs."""

    name: str
    host: str
    processes: list[psutil.Process]
    base: str = ""
    vary: bool = True
    told: bool = False

    def cpu(self) -> tuple[float, float]:
        """Return the processor seconds so far: the service's, and those of Postgres with all its children."""
        own, *server = self.processes
        every = [child for process in server for child in (process, *process.children(recursive=True))]
        return seconds_of(own), sum(seconds_of(process) for process in every)


def seconds_of(process: psutil.Process) -> float:
    """Return the processor seconds of one process."""
    times = process.cpu_times()
    return float(times.user + times.system)


def bodies() -> Iterator[bytes]:
    """Return submissions without end, each with another tolerance."""
    points = [[p["x"], p["y"]] for p in json.loads((SAMPLE / "landmarks.json").read_bytes())]
    sent = {
        "image": (SAMPLE / "image.jpg").read_bytes(),
        "segmentation_map": (SAMPLE / "segmentation.png").read_bytes(),
        "landmarks": msgspec.Raw(msgspec.msgpack.encode(points)),
    }
    for number in itertools.count():
        yield msgspec.msgpack.encode(sent | {"options": {"tolerance": 0.5 + number * 1e-9}})


@contextmanager
def service(name: str, postmaster: int = 0, **changes: str) -> Iterator[Service]:
    """Run a service on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "facemask", "serve", "--port", str(port)]
    popen = subprocess.Popen(command, env=os.environ | changes, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    processes = [psutil.Process(popen.pid)] + ([psutil.Process(postmaster)] if postmaster else [])
    try:
        for _ in range(400):
            try:
                if httpx.get(f"{url}/health/ready").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        yield Service(name, f"127.0.0.1:{port}", processes)
    finally:
        popen.terminate()
        popen.wait(30)


def ask(line: http.client.HTTPConnection, method: str, path: str, content: bytes | None = None) -> bytes:
    """Return the answer's body."""
    line.request(method, path, content, {"content-type": "application/msgpack"} if content else {})
    return line.getresponse().read()


def drive(served: Service, seconds: float, sent: Iterator[bytes]) -> tuple[float, float, float]:
    """Return jobs a second, and processor milliseconds a job of the service and of Postgres."""
    same = next(bodies())
    end = time.monotonic() + seconds

    def client(_: int) -> int:
        done = 0
        # A client of httpx would take as much of the processors as a job.
        with closing(http.client.HTTPConnection(served.host, timeout=60)) as line:
            while time.monotonic() < end:
                content = next(sent) if served.vary else same
                answer = ask(line, "POST", f"{API}/submit?wait={0 if served.told else 30}", content)
                if served.told:
                    answer = ask(line, "GET", f"{API}/status/{json.loads(answer)['id']}?wait=30")
                done += b'"status":"completed"' in answer[:200]
        return done

    before, started = served.cpu(), time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        done = sum(pool.map(client, range(CLIENTS)))
    took = time.monotonic() - started
    own, theirs = ((after - earlier) * 1e3 / max(done, 1) for after, earlier in zip(served.cpu(), before, strict=True))
    return done / took, own, theirs


class Shared:
    """An iterator that threads may share."""

    def __init__(self, inner: Iterator[bytes]) -> None:
        """Wrap a generator."""
        self._inner = inner
        self._lock = Lock()

    def __iter__(self) -> "Shared":
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next value."""
        with self._lock:
            return next(self._inner)


def postmaster(settings: DatabaseSettings) -> int:
    """Return the process of the server."""
    found = [c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == settings.port]
    return found[0] or 0


def main() -> None:
    """Print the table."""
    rounds, seconds = (int(argument) for argument in (sys.argv[1:] + ["3", "5"][len(sys.argv) - 1 :]))
    with ExitStack() as stack:
        server = stack.enter_context(own_server(fsync=True))
        run(server.settings, "create database {}", "costs")
        run(server.settings, "create database {}", "costs_cached")
        database, cached = (environment(replace(server.settings, database=name)) for name in ("costs", "costs_cached"))
        pid = postmaster(server.settings)
        plain = {"DB_USE_DATABASE": "false"}
        off, exact, similar = ({"CACHE_MODE": mode} for mode in ("off", "exact", "similar"))
        services = [
            stack.enter_context(service("memory", **plain, **off)),
            stack.enter_context(service("memory, exact", **plain, **exact)),
            stack.enter_context(service("postgres", pid, **database, **off)),
            stack.enter_context(service("postgres, exact", pid, **cached, **exact)),
            stack.enter_context(service("postgres, similar", pid, **cached, **similar)),
        ]
        for served, base in zip(services[2:], ("memory", "memory, exact", "memory, exact"), strict=True):
            served.base = base
        services += [
            replace(services[0], name="memory, told", told=True),
            replace(services[2], name="postgres, told", base="memory, told", told=True),
            replace(services[3], name="postgres, exact hit", base="postgres, exact", vary=False),
        ]
        sent = Shared(bodies())
        for served in services:
            drive(served, 1, sent)
        figures: dict[str, list[tuple[float, float, float]]] = {served.name: [] for served in services}
        for number in range(rounds):
            turn = number % len(services)
            for served in services[turn:] + services[:turn]:
                figures[served.name].append(drive(served, seconds, sent))
        medians = {
            name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in figures.items()
        }
        for served in services:
            rate, own, theirs = medians[served.name]
            line = f"{served.name:20} {rate:6.1f} jobs/s {own:6.2f} + {theirs:5.2f} ms"
            if served.base:
                base_rate, *base_cost = medians[served.base]
                more = own + theirs - sum(base_cost)
                ratio = (own + theirs) / sum(base_cost)
                line += f"; of {served.base}: {rate / base_rate:4.2f}x jobs/s, {more:+5.2f} ms, {ratio:4.2f}x"
            print(line)


if __name__ == "__main__":
    main()
