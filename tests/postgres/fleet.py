"""Processes of the service over one database, to be killed and stopped."""

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
import overheard
from facemask.service.database.settings import DatabaseSettings
from postgres_server import environment

SERVICE = Path(__file__).parents[1] / "service"
# The long form uses the heartbeat that users have.
LONG = bool(os.environ.get("FACEMASK_TEST_LONG"))
_ENVIRONMENT = {
    "CACHE_MODE": "off",
    "JOB_WORKERS": "2",
    "JOB_QUEUE_SIZE": "500",
    "JOB_GRACE_SECONDS": "5",
    # What the tests run with, a checkout beside the installed one perhaps, is what their processes run with.
    "PYTHONPATH": os.pathsep.join([str(SERVICE), str(SERVICE.parent), os.environ.get("PYTHONPATH", "")]).rstrip(
        os.pathsep
    ),
} | ({} if LONG else {"JOB_HEARTBEAT_SECONDS": "1"})


class Member:
    """One process; `url` is empty for a worker."""

    def __init__(self, arguments: list[str], database: DatabaseSettings, log: Path, **changes: str) -> None:
        self._log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                [sys.executable, "-u", str(SERVICE / "serve_fake.py"), *arguments],
                env=os.environ | _ENVIRONMENT | environment(database) | changes,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.url = ""

    def started(self, pattern: str = r"listens on (http://\S+)|works on jobs") -> Member:
        """Waits until the process has said that it is there."""
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
    def alive(self) -> bool:
        return self.popen.poll() is None

    def get(self, path: str, seconds: float = 10) -> httpx.Response:
        return httpx.get(self.url + path, timeout=seconds)

    def post(self, path: str, sent: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return httpx.post(self.url + path, json=sent, headers=headers, timeout=10)

    def kill(self) -> None:
        """As kill -9."""
        self.popen.kill()
        self.popen.wait()

    def stop(self, seconds: float = 20) -> int:
        """As a deployment does it; returns the exit code."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(seconds)


class Fleet:
    """Starts processes and ends them all."""

    def __init__(self, database: DatabaseSettings, folder: Path) -> None:
        self.database = database
        self._folder = folder
        self.members: list[Member] = []

    def launch(self, arguments: list[str], **changes: str) -> Member:
        """A process that may not be there yet."""
        log = self._folder / f"process-{len(self.members)}.log"
        member = Member(arguments, self.database, log, **changes)
        self.members.append(member)
        return member

    def start(self, arguments: list[str], **changes: str) -> Member:
        return self.launch(arguments, **changes).started()

    def serve(self, **changes: str) -> Member:
        return self.start(["0"], **changes)

    def api(self, **changes: str) -> Member:
        return self.start(["0", "--no-worker"], **changes)

    def worker(self, **changes: str) -> Member:
        return self.start(["worker"], **changes)


@contextmanager
def fleet(database: DatabaseSettings, folder: Path) -> Iterator[Fleet]:
    ships = Fleet(database, folder)
    try:
        yield ships
    finally:
        for member in ships.members:
            member.kill()
            overheard.told(member.output)
