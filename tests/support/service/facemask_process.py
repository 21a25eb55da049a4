"""`facemask` commands in processes of their own, with everything they write inspected for leaks."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from support import leak_detector

_STARTED = re.compile(r"listens on (http://[^\s)]+)|works on jobs")
_START_SECONDS, _STOP_SECONDS = 60.0, 30.0


def memory_mb(pid: int, field: str) -> float:
    """A field of a process's status in MB: `VmRSS` (resident now) or `VmHWM` (peak since the last reset)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


@dataclass
class FacemaskProcess:
    """A running command. `url` is empty for a worker."""

    popen: subprocess.Popen[bytes]
    log: Path
    url: str = ""

    @property
    def output(self) -> str:
        """Everything written to stdout and stderr so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, port = self.url.removeprefix("http://").split(":")
        return host, int(port)

    def memory_mb(self, field: str) -> float:
        """Memory of the process, see `memory_mb`."""
        return memory_mb(self.popen.pid, field)

    def reset_peak(self) -> None:
        """Reset the peak `VmHWM`."""
        Path(f"/proc/{self.popen.pid}/clear_refs").write_text("5", encoding="utf-8")

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not (found := _STARTED.search(self.output)):
            assert self.popen.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)
        self.url = found[1] or ""


@contextmanager
def facemask_process(*arguments: str, log: Path | None = None, **environment: str) -> Iterator[FacemaskProcess]:
    """Run `facemask ARGUMENTS` until the block ends; then it has to stop with exit code 0.

    Its output goes to the file `log`, which stays, or to a temporary one.
    """
    with TemporaryDirectory() as folder:
        log = log or Path(folder) / "facemask.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, "-u", "-m", "facemask", *arguments],
                env=os.environ | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        process = FacemaskProcess(popen, log)
        try:
            process._wait_until_started()
            yield process
            if popen.poll() is None:  # the test may have ended it
                popen.send_signal(signal.SIGTERM)
                assert popen.wait(_STOP_SECONDS) == 0, process.output
        finally:
            popen.kill()
            popen.wait()
            leak_detector.inspect(process.output)


@contextmanager
def facemask_server(**environment: str) -> Iterator[FacemaskProcess]:
    """`facemask serve` on a free port of 127.0.0.1, with jobs in memory."""
    with facemask_process("serve", "--no-database", "--port", "0", **environment) as process:
        yield process
