"""One of the HTTP fronts in a process of its own, as `FACEMASK_TEST_FRONT` names it; without that the project's own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import psutil

from support import leak_detector
from support.paths import PYTHON_PATH

FRONT = os.environ.get("FACEMASK_TEST_FRONT") or "facemask"
_ENVIRONMENT = {
    "DB_USE_DATABASE": "false",
    "CACHE_MODE": "off",
    "JOB_WORKERS": "1",
    "JOB_GRACE_SECONDS": "0.2",
    "LOG_FORMAT": "console",
    "NO_COLOR": "1",
    "PYTHONPATH": PYTHON_PATH,
}
_START_SECONDS = 60.0


@dataclass
class FrontServer:
    """A front that runs."""

    port: int
    process: subprocess.Popen[bytes]

    def memory(self) -> int:
        """Resident bytes of all processes of the server."""
        return sum(each.memory_info().rss for each in self._processes())

    def connections(self) -> int:
        """Connections of clients that the server holds."""
        held = [each for process in self._processes() for each in process.net_connections("tcp")]
        return sum(each.laddr.port == self.port and each.status != psutil.CONN_LISTEN for each in held)

    def _processes(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def front_server(app: str = "fake", front: str = FRONT, **environment: str) -> Iterator[FrontServer]:
    """Runs a front on a free port of 127.0.0.1 until the block ends. `environment` are settings of the service."""
    port = _free_port()
    command = [sys.executable, "-m", "support.http1.serve", front, app, str(port)]
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            command, env=os.environ | _ENVIRONMENT | environment, stdout=told, stderr=told, start_new_session=True
        )
        try:
            _await(process, port, told)
            yield FrontServer(port, process)
        finally:
            _end(process)
            told.seek(0)
            leak_detector.told(told.read())


def _await(process: subprocess.Popen[bytes], port: int, told: IO[str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
                    probe.sendall(b"GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    if b" 200 " in probe.recv(4096)[:20]:
                        return
            except OSError:
                pass
            time.sleep(0.05)
            continue
        break
    told.seek(0)
    raise AssertionError(f"the server did not get ready:\n{told.read()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks, then insists; the server's own children live in its session."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
