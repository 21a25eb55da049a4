"""HTTP servers in front of the same application: which tests of `tests/http1` each passes, and its cost of a job.

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
import psutil
from request_bodies import bodies

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests" / "front"
# Each with the packages that it is.
FRONTS = {
    "facemask": ["facemask", "uvicorn", "httptools"],
    "uvicorn-httptools": ["uvicorn", "httptools"],
    "uvicorn-h11": ["uvicorn", "h11"],
    "hypercorn": ["hypercorn", "h11"],
    "granian": ["granian"],
}
JOBS, CLIENTS = 200, 8
MEBIBYTE = 2**20
# Seconds that a test waits for what does not come; the tests themselves are more patient.
PATIENCE = "4"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one round cost."""

    cpu_ms: float
    per_second: float


def versions(front: str) -> str:
    """The packages of a front with their versions. Raises `PackageNotFoundError`."""
    return ", ".join(f"{name} {version(name)}" for name in FRONTS[front])


def tested(front: str) -> dict[tuple[str, str], Counter[str]]:
    """For each file and test, how often it passed, failed and was skipped."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        files = sorted(str(path) for path in TESTS.glob("test_http1_*.py"))
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "8", "--dist", "worksteal"]
        subprocess.run(
            [*command, f"--junitxml={report}", *files],
            cwd=ROOT,
            env=os.environ | {"FACEMASK_TEST_FRONT": front, "FACEMASK_TEST_PATIENCE": PATIENCE},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - our own file
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for case in cases:
        name = case.attrib["name"].partition("[")[0]
        outcome = "skipped" if case.find("skipped") is not None else "passed"
        failed = case.find("failure") is not None or case.find("error") is not None
        found[case.attrib["classname"], name]["failed" if failed else outcome] += 1
    return found


def word(outcome: Counter[str]) -> str:
    """A cell of the table."""
    ran = outcome["passed"] + outcome["failed"]
    if not ran:
        return "not run"
    if not outcome["failed"]:
        return "yes"
    return "no" if not outcome["passed"] else f"{outcome['passed']} of {ran}"


def resident(server: processes.Server) -> float:
    """Megabytes of all processes, shared pages by their share."""
    root = psutil.Process(server.process.pid)
    return sum(each.memory_full_info().pss for each in (root, *root.children(recursive=True))) / MEBIBYTE


def measured(fronts: Sequence[str], rounds: int, seconds: float) -> dict[str, tuple[Cost, float]]:
    """Processor time of a PNG job, in interleaved rounds, and the memory after `JOBS` jobs on a fresh server."""
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(TESTS.parent)]))
    os.environ |= {"DB_USE_DATABASE": "false", "LOG_FORMAT": "json", "PYTHONPATH": path}
    faces = bodies("png", "none")
    memory, costs = {}, defaultdict(list)
    with ExitStack() as stack:
        running = {}
        for front in fronts:
            port = processes.free_port()
            command = ["-m", "support.http1.serve", front, "service", str(port)]
            running[front] = stack.enter_context(processes.serving(command, port))
        for front, server in running.items():
            done = 0
            while done < JOBS:
                done += len(closed_loop.run(server.port, faces, CLIENTS, 0.5).times)
            memory[front] = resident(server)
        for _ in range(rounds):
            for front, server in running.items():
                before = server.cpu_seconds()
                done = closed_loop.run(server.port, faces, CLIENTS, seconds)
                cpu = server.cpu_seconds() - before
                costs[front].append(Cost(1e3 * cpu / len(done.times), done.per_second))
    return {
        front: (Cost(*(median(getattr(c, f) for c in found) for f in ("cpu_ms", "per_second"))), memory[front])
        for front, found in costs.items()
    }


def table(rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    head, *others = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, f"|{' --- |' * len(rows[0])}", *others])


def main() -> None:
    """Tests, measures and prints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("fronts", nargs="*", help=f"of {', '.join(FRONTS)}; all by default")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--seconds", type=float, default=4.0)
    options.add_argument("--no-tests", action="store_true")
    given = options.parse_args()
    fronts = []
    for front in given.fronts or FRONTS:
        try:
            print(f"{front}: {versions(front)}")
            fronts.append(front)
        except PackageNotFoundError as error:
            print(f"{front}: left out, {error.name} is missing (pip install --group http-servers)")
    rows = [["what holds", *fronts]]
    if not given.no_tests:
        outcomes = {front: tested(front) for front in fronts}
        for file, name in outcomes[fronts[0]]:
            cells = [word(outcomes[front][file, name]) for front in fronts]
            rows.append([name.removeprefix("test_").replace("_", " "), *cells])
        held = [Counter(row[column] for row in rows[1:])["yes"] for column in range(1, len(fronts) + 1)]
        rows.append([f"of {len(rows) - 1} lines", *map(str, held)])
    figures = measured(fronts, given.rounds, given.seconds)
    first = figures[fronts[0]][0].cpu_ms
    rows.append(["CPU of a PNG job, ms", *(f"{figures[front][0].cpu_ms:.2f}" for front in fronts)])
    rows.append([f"the same beside {fronts[0]}", *(f"{figures[front][0].cpu_ms / first:.3f}" for front in fronts)])
    rows.append(["jobs a second, 8 clients", *(f"{figures[front][0].per_second:.0f}" for front in fronts)])
    rows.append([f"MB resident after {JOBS} jobs", *(f"{figures[front][1]:.0f}" for front in fronts)])
    print(table(rows))


if __name__ == "__main__":
    main()
