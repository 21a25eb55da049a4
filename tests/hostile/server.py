"""A real server in a process of its own, and what it costs."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from support import leak_detector

SUBMIT = "/api/v1/frontal/crop/submit"


@dataclass
class Server:
    """A running service."""

    url: str
    pid: int

    def memory_mb(self, name: str) -> float:
        """Return VmRSS (now) or VmHWM (the most since the last reset)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024

    def reset_peak(self) -> None:
        """Start to measure VmHWM anew."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")


@contextmanager
def serving(**environment: str) -> Iterator[Server]:
    """Run `facemask serve` on a free port of 127.0.0.1 until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "facemask", "serve", "--no-database", "--port", str(port)]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=said, stderr=said)
        server = Server(f"http://127.0.0.1:{port}", process.pid)
        try:
            wait_until_ready(server, process)
            yield server
        finally:
            process.terminate()
            code = process.wait(timeout=30)
            said.seek(0)
            leak_detector.told(said.read())
    assert code == 0, f"the server ended with {code}"


def wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the server ended at its start"
        try:
            if httpx.get(f"{server.url}/health/ready").status_code == 200:
                return
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("the server does not get ready")
