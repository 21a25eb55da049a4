"""An HTTP server in a process of its own: the one that `FACEMASK_TEST_FRONT` names, or ours."""

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
from support.ports import free_port

SERVER = os.environ.get("FACEMASK_TEST_FRONT") or "facemask"
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
class ServerProcess:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    def memory(self) -> int:
        """Resident memory of all processes of the server in bytes."""
        return sum(process.memory_info().rss for process in self._processes())

    def connections(self) -> int:
        """Number of open client connections."""
        sockets = [entry for process in self._processes() for entry in process.net_connections("tcp")]
        return sum(entry.laddr.port == self.port and entry.status != psutil.CONN_LISTEN for entry in sockets)

    def _processes(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]


@contextmanager
def server_process(app: str = "fake", server: str = SERVER, **environment: str) -> Iterator[ServerProcess]:
    """Run a server on a free port of 127.0.0.1 until the block ends; `environment` holds settings of the service."""
    port = free_port()
    command = [sys.executable, "-m", "support.http1.serve", server, app, str(port)]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, env=os.environ | _ENVIRONMENT | environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_until_ready(process, port, output)
            yield ServerProcess(port, process)
        finally:
            _stop(process)
            output.seek(0)
            leak_detector.inspect(output.read())


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, output: IO[str]) -> None:
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
    output.seek(0)
    raise AssertionError(f"the server did not get ready:\n{output.read()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Send SIGTERM, then SIGKILL to the session, which includes child processes."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
