"""HTTP servers in name of the same application: which tests of `tests/http1` each passes, and its cost of a job.

    python benches/http_servers.py [SERVER ...]

`pip install --group http-servers` installs the other servers; a missing one is left out. Only ratios carry over to
another machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import closed_loop
import processes
from bounds import markdown_table
from request_bodies import face_bodies
from support.ports import free_port

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests" / "name"
# Packages of each server.
SERVERS = {
    "facemask": ["facemask", "uvicorn", "httptools"],
    "uvicorn-httptools": ["uvicorn", "httptools"],
    "uvicorn-h11": ["uvicorn", "h11"],
    "hypercorn": ["hypercorn", "h11"],
    "granian": ["granian"],
}
JOBS, CLIENTS = 200, 8
MEBIBYTE = 2**20
# Timeout of the tests in seconds; their default is longer.
TEST_TIMEOUT = "4"


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of one round."""

    cpu_ms: float
    per_second: float


def package_versions(server: str) -> str:
    """Packages of a server with their versions. Raises `PackageNotFoundError`."""
    return ", ".join(f"{name} {version(name)}" for name in SERVERS[server])


def run_tests(server: str) -> dict[tuple[str, str], Counter[str]]:
    """Counts of passed, failed and skipped cases for each file and test."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        files = sorted(str(path) for path in TESTS.glob("test_http1_*.py"))
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "8", "--dist", "worksteal"]
        subprocess.run(
            [*command, f"--junitxml={report}", *files],
            cwd=ROOT,
            env=os.environ | {"FACEMASK_TEST_FRONT": server, "FACEMASK_TEST_PATIENCE": TEST_TIMEOUT},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - our own file
    outcomes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for case in cases:
        name = case.attrib["name"].partition("[")[0]
        outcome = "skipped" if case.find("skipped") is not None else "passed"
        failed = case.find("failure") is not None or case.find("error") is not None
        outcomes[case.attrib["classname"], name]["failed" if failed else outcome] += 1
    return outcomes


def outcome_cell(outcome: Counter[str]) -> str:
    """Cell of the table for one test."""
    ran = outcome["passed"] + outcome["failed"]
    if not ran:
        return "not run"
    if not outcome["failed"]:
        return "yes"
    return "no" if not outcome["passed"] else f"{outcome['passed']} of {ran}"


def measure_servers(names: Sequence[str], rounds: int, seconds: float) -> dict[str, tuple[Cost, float]]:
    """CPU time of a PNG job in interleaved rounds, and memory of a new server after `JOBS` jobs."""
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(TESTS.parent)]))
    os.environ |= {"DB_USE_DATABASE": "false", "LOG_FORMAT": "json", "PYTHONPATH": path}
    faces = face_bodies("png", "none")
    memory, costs = {}, defaultdict(list)
    with ExitStack() as stack:
        running = {}
        for name in names:
            port = free_port()
            command = ["-m", "support.http1.serve", name, "service", str(port)]
            running[name] = stack.enter_context(processes.server_process(command, port))
        for name, server in running.items():
            completed = 0
            while completed < JOBS:
                completed += len(closed_loop.run_load(server.port, faces, CLIENTS, 0.5).times)
            memory[name] = server.resident_bytes() / MEBIBYTE
        for _ in range(rounds):
            for name, server in running.items():
                before = server.cpu_seconds()
                result = closed_loop.run_load(server.port, faces, CLIENTS, seconds)
                cpu = server.cpu_seconds() - before
                costs[name].append(Cost(1e3 * cpu / len(result.times), result.per_second))
    return {
        name: (Cost(*(median(getattr(c, f) for c in found) for f in ("cpu_ms", "per_second"))), memory[name])
        for name, found in costs.items()
    }


def main() -> None:
    """Test, measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("servers", nargs="*", help=f"of {', '.join(SERVERS)}; all by default")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--seconds", type=float, default=4.0)
    options.add_argument("--no-tests", action="store_true")
    arguments = options.parse_args()
    names = []
    for name in arguments.servers or SERVERS:
        try:
            print(f"{name}: {package_versions(name)}")
            names.append(name)
        except PackageNotFoundError as error:
            print(f"{name}: left out, {error.name} is missing (pip install --group http-servers)")
    rows = [["test", *names]]
    if not arguments.no_tests:
        outcomes = {name: run_tests(name) for name in names}
        for file, test in outcomes[names[0]]:
            cells = [outcome_cell(outcomes[name][file, test]) for name in names]
            rows.append([test.removeprefix("test_").replace("_", " "), *cells])
        passed = [Counter(row[column] for row in rows[1:])["yes"] for column in range(1, len(names) + 1)]
        rows.append([f"of {len(rows) - 1} tests", *map(str, passed)])
    results = measure_servers(names, arguments.rounds, arguments.seconds)
    first = results[names[0]][0].cpu_ms
    rows.append(["CPU of a PNG job, ms", *(f"{results[name][0].cpu_ms:.2f}" for name in names)])
    rows.append([f"relative to {names[0]}", *(f"{results[name][0].cpu_ms / first:.3f}" for name in names)])
    rows.append(["jobs per second, 8 clients", *(f"{results[name][0].per_second:.0f}" for name in names)])
    rows.append([f"MB resident after {JOBS} jobs", *(f"{results[name][1]:.0f}" for name in names)])
    print(markdown_table(rows))


if __name__ == "__main__":
    main()
