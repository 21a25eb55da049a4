"""How long /health/live takes while 32 clients keep the workers busy; the 99th percentile is in the extra info."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

CLIENTS = Path(__file__).with_name("sample_clients.py")


@pytest.fixture
def busy_server() -> Iterator[str]:
    """Run the service on a free port of 127.0.0.1 with 32 clients at work."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "facemask", "serve", "--no-database", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(f"{url}/health/ready")
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        clients = subprocess.Popen([sys.executable, str(CLIENTS), url, "32", "6"])
        time.sleep(1.5)
        yield url
        assert clients.wait(60) == 0
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.benchmark(group="liveness under load")
def test_liveness(benchmark: BenchmarkFixture, busy_server: str):
    times = []
    with httpx.Client(base_url=busy_server) as http:

        def ask() -> int:
            started = time.perf_counter()
            status = http.get("/health/live").status_code
            times.append(time.perf_counter() - started)
            return status

        assert benchmark.pedantic(ask, rounds=300) == 200
    times.sort()
    benchmark.extra_info["p99_ms"] = round(1e3 * times[int(0.99 * (len(times) - 1))], 2)
    print(f"p99 of {len(times)}: {benchmark.extra_info['p99_ms']} ms")
