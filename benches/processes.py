"""Services in processes of their own, with the CPU time and memory of all their processes."""

from __future__ import annotations

import os
import shlex
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

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.ports import free_port

RIVAL = Path(__file__).parent / "rivals" / "service_opencv.py"
COMMAND_HELP = "another service: arguments of this Python, with {port} and {probe_port} in them"
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running service."""

    pid: int
    port: int

    def _tree(self) -> list[int]:
        """Ids of the process and all its descendants."""
        pids, parents = [], [self.pid]
        while parents:
            pids.append(parent := parents.pop())
            for task in Path(f"/proc/{parent}/task").iterdir():
                parents += map(int, (task / "children").read_text().split())
        return pids

    def cpu_seconds(self) -> float:
        """CPU time of all processes so far."""
        total = 0
        for pid in self._tree():
            user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
            total += int(user) + int(system)
        return total / _TICK

    def resident_bytes(self) -> int:
        """Memory of all processes now, pages that several share divided among them."""
        lines = [line for pid in self._tree() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

    def reset_peak(self) -> None:
        """Reset the peak of resident memory."""
        for pid in self._tree():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak_bytes(self) -> int:
        """Peak of resident memory, summed over all processes."""
        lines = [line for pid in self._tree() for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def machine_cpu_seconds() -> float:
    """CPU time of all processes on this machine since its start."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    idle, waiting = map(int, fields[3:5])
    return (sum(map(int, fields)) - idle - waiting) / _TICK


@contextmanager
def server_process(command: list[str], port: int, **environment: str) -> Iterator[ServerProcess]:
    """Run a service from when it is ready until the block ends."""
    # A file never fills up; an unread pipe would block the service.
    with TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, *command], env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=errors
        )
        try:
            _wait_until_ready(process, port, errors)
            yield ServerProcess(process.pid, port)
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            finally:
                process.kill()  # no effect on an ended process


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, errors: IO[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            errors.seek(0)
            raise RuntimeError(f"the service ended: {errors.read().decode()[-500:]}")
        try:
            with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError("the service did not become ready within a minute")


def facemask_command() -> tuple[list[str], int]:
    """Our command line with a free port, and that port."""
    port = free_port()
    return ["-m", "facemask", "serve", "--no-database", "--port", str(port)], port


def parse_command(command: str | None, probe_port: int | None) -> tuple[list[str], int]:
    """A command line in the form of `COMMAND_HELP`, or ours, with a free port, and that port."""
    if not command:
        return facemask_command()
    port = free_port()
    return shlex.split(command.format(port=port, probe_port=probe_port)), port


def rival_command(photo: str) -> tuple[list[str], int]:
    """The rival's command line with a free port, and that port; it decodes the `full` photo or its `header`."""
    port = free_port()
    return [str(RIVAL), str(port), photo], port
