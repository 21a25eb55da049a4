"""Latency of /health/live while 32 clients keep the workers busy; the extra info has the 99th percentile."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from processes import facemask_command, server_process
from pytest_benchmark.fixture import BenchmarkFixture

CLIENTS = Path(__file__).with_name("sample_clients.py")


@pytest.fixture
def busy_server() -> Iterator[str]:
    """URL of a service that 32 clients keep busy."""
    with server_process(*facemask_command()) as server:
        url = f"http://127.0.0.1:{server.port}"
        clients = subprocess.Popen([sys.executable, str(CLIENTS), url, "32", "6"])
        time.sleep(1.5)
        yield url
        assert clients.wait(60) == 0


@pytest.mark.benchmark(group="liveness under load")
def test_liveness(benchmark: BenchmarkFixture, busy_server: str):
    times = []
    with httpx.Client(base_url=busy_server) as http:

        def probe() -> int:
            started = time.perf_counter()
            status = http.get("/health/live").status_code
            times.append(time.perf_counter() - started)
            return status

        assert benchmark.pedantic(probe, rounds=300) == 200
    times.sort()
    benchmark.extra_info["p99_ms"] = round(1e3 * times[int(0.99 * (len(times) - 1))], 2)
    print(f"p99 of {len(times)}: {benchmark.extra_info['p99_ms']} ms")
