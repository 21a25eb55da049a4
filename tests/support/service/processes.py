"""Processes of the service that share a database, for tests that kill and stop them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from facemask.service.database.settings import DatabaseSettings

from support import leak_detector
from support.paths import PYTHON_PATH
from support.postgres_server import database_environment

# `FACEMASK_TEST_LONG=1`: longer faults, more jobs, and the default heartbeat.
LONG_RUN = bool(os.environ.get("FACEMASK_TEST_LONG"))
_ENVIRONMENT = {
    "CACHE_MODE": "off",
    "JOB_WORKERS": "2",
    "JOB_QUEUE_SIZE": "500",
    "JOB_GRACE_SECONDS": "5",
    "PYTHONPATH": PYTHON_PATH,
} | ({} if LONG_RUN else {"JOB_HEARTBEAT_SECONDS": "1"})


class ServiceProcess:
    """One process of the service; `url` is empty for a worker."""

    def __init__(self, arguments: list[str], database: DatabaseSettings, log: Path, **changes: str) -> None:
        self._log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                [sys.executable, "-u", "-m", "support.service.serve_fake", *arguments],
                env=os.environ | _ENVIRONMENT | database_environment(database) | changes,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.url = ""

    def wait_until_started(self, pattern: str = r"listens on (http://\S+)|works on jobs") -> ServiceProcess:
        """Wait until the process has written its startup message."""
        end = time.monotonic() + 30
        while not (found := re.search(pattern, self.output)):
            assert self.popen.poll() is None, self.output
            assert time.monotonic() < end, self.output
            time.sleep(0.05)
        self.url = found.group(1) or ""
        return self

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def get(self, path: str, seconds: float = 10) -> httpx.Response:
        return httpx.get(self.url + path, timeout=seconds)

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return httpx.post(self.url + path, json=body, headers=headers, timeout=10)

    def kill(self) -> None:
        """Send SIGKILL and wait."""
        self.popen.kill()
        self.popen.wait()

    def stop(self, seconds: float = 20) -> int:
        """Send SIGTERM, as a deployment does. Returns the exit code."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(seconds)


class ProcessGroup:
    """Processes over one database, all killed at the end."""

    def __init__(self, database: DatabaseSettings, folder: Path) -> None:
        self.database = database
        self._folder = folder
        self.processes: list[ServiceProcess] = []

    def launch(self, arguments: list[str], **changes: str) -> ServiceProcess:
        """Launch a process without waiting for it."""
        log = self._folder / f"process-{len(self.processes)}.log"
        process = ServiceProcess(arguments, self.database, log, **changes)
        self.processes.append(process)
        return process

    def start(self, arguments: list[str], **changes: str) -> ServiceProcess:
        """Launch a process and wait until it has started."""
        return self.launch(arguments, **changes).wait_until_started()

    def serve(self, **changes: str) -> ServiceProcess:
        """Start a server with workers."""
        return self.start(["0"], **changes)

    def api(self, **changes: str) -> ServiceProcess:
        """Start a server without workers."""
        return self.start(["0", "--no-worker"], **changes)

    def worker(self, **changes: str) -> ServiceProcess:
        """Start a worker."""
        return self.start(["worker"], **changes)


@contextmanager
def process_group(database: DatabaseSettings, folder: Path) -> Iterator[ProcessGroup]:
    """Run a group of processes until the block ends."""
    group = ProcessGroup(database, folder)
    try:
        yield group
    finally:
        for process in group.processes:
            process.kill()
            leak_detector.inspect(process.output)
