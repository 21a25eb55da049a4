"""Services as processes of their own, and what the processes cost."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

RIVAL = Path(__file__).parent / "rivals" / "service_opencv.py"
COMMAND = "another service: arguments of this Python, with {port} and {probe_port} in them"
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A service that runs."""

    pid: int
    port: int

    def _tree(self) -> list[int]:
        """The ids of the process and all below it."""
        found, parents = [], [self.pid]
        while parents:
            found.append(parent := parents.pop())
            for task in Path(f"/proc/{parent}/task").iterdir():
                parents += map(int, (task / "children").read_text().split())
        return found

    def cpu_seconds(self) -> float:
        """Processor time of all threads of all processes so far."""
        total = 0
        for pid in self._tree():
            user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
            total += int(user) + int(system)
        return total / _TICK

    def forget_peak(self) -> None:
        """Begin the peak of memory anew."""
        for pid in self._tree():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak_bytes(self) -> int:
        """The most memory that was resident, of all processes."""
        lines = [line for pid in self._tree() for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def busy_seconds() -> float:
    """Processor time of everything on this machine since its start."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    idle, waiting = map(int, fields[3:5])
    return (sum(map(int, fields)) - idle - waiting) / _TICK


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: list[str], port: int) -> Iterator[Server]:
    """Run a service until the block ends; inside it the service is ready."""
    # A file takes all that is told; a pipe that nobody reads would fill and hold the service up.
    with TemporaryFile() as told:
        process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, stderr=told)
        try:
            _await_ready(process, port, told)
            yield Server(process.pid, port)
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            finally:
                process.kill()  # does nothing to a process that has ended


def _await_ready(process: subprocess.Popen[bytes], port: int, told: IO[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            told.seek(0)
            raise RuntimeError(f"the service ended: {told.read().decode()[-500:]}")
        try:
            with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError("the service did not become ready within a minute")


def ours() -> tuple[list[str], int]:
    """Our command line with a free port, and the port."""
    port = free_port()
    return ["-m", "facemask", "serve", "--no-database", "--port", str(port)], port


def chosen(command: str | None, probe_port: int | None) -> tuple[list[str], int]:
    """A command line as `COMMAND` says, with a free port, and the port; ours when none is given."""
    if not command:
        return ours()
    port = free_port()
    return shlex.split(command.format(port=port, probe_port=probe_port)), port


def rival(photo: str) -> tuple[list[str], int]:
    """The rival's command line with a free port, and the port. `photo` is `full` or `header`."""
    port = free_port()
    return [str(RIVAL), str(port), photo], port
