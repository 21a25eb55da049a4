"""A service in a process of its own, and what it answers less what differs from run to run."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

PREFIX: Final = "/api/v1/frontal/crop"
_START_SECONDS = 60
# The service ends a connection that is idle for five seconds.
_IDLE_SECONDS = 2
_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIMINGS = re.compile(rb'"timings_ms":\{[^}]*\}')
# The service lists the methods of an address in the order of a set.
_METHODS = re.compile(rb"((?:^[Aa]llow|possible): )([A-Z]+(?:, [A-Z]+)+)", re.MULTILINE)
_NUMBER = re.compile(rb":[0-9.e+-]+")
# A date says when, and not what.
_VOLATILE_HEADERS = {"date"}
# Settings of a developer's shell must not change answers.
_OWN_PREFIXES = ("APP_", "AUTH_", "CACHE_", "DB_", "JOB_", "LIMIT_", "LOG_", "OTEL_", "PROMETHEUS_")


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without settings of the service, changed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_PREFIXES)}
    return kept | {"APP_VERSION": "0", "COLUMNS": "100", "NO_COLOR": "1"} | changes


def comparable(text: bytes) -> bytes:
    """Return a response without what differs between runs: ids, durations (not which there are), order of methods."""
    text = _TIMINGS.sub(lambda found: _NUMBER.sub(b":0", found.group()), text)
    text = _METHODS.sub(lambda found: found[1] + b", ".join(sorted(found[2].split(b", "))), text)
    return _ID.sub(b"ID", text)


@dataclass(frozen=True)
class Answer:
    """One response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def content(self) -> bytes:
        """Return what is hashed: status, headers in their order, body."""
        # The length of durations differs, and the body's with it.
        volatile = _VOLATILE_HEADERS | ({"content-length"} if _TIMINGS.search(self.body) else set())
        lines = [f"{name}: {value}" for name, value in self.headers if name.lower() not in volatile]
        return f"{self.status}\n".encode() + comparable("\n".join(lines).encode() + b"\n\n" + self.body)

    def job_id(self) -> str:
        """Return the first id of the body."""
        found = _ID.search(self.body)
        if found is None:
            raise ValueError(f"no id in a response of status {self.status}: {self.body[:200]!r}")
        return found.group().decode()


@dataclass
class Service:
    """A running service and one connection to it."""

    port: int
    log: Path
    _connection: http.client.HTTPConnection = field(init=False)
    _used: float = 0.0

    def __post_init__(self) -> None:
        """Prepare the connection; the first request opens it."""
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send a request; underscores in names of headers become dashes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if time.monotonic() - self._used > _IDLE_SECONDS:
            self.close()
        self._connection.request(method, path, body, sent)
        response = self._connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
        self._used = time.monotonic()
        return answer

    def raw(self, data: bytes) -> bytes:
        """Send bytes on a connection of their own and return all that comes back, without dates."""
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=30)) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            parts = []
            with suppress(ConnectionResetError):
                while part := connection.recv(65536):
                    parts.append(part)
        return comparable(re.sub(rb"(?im)^date: .*\r\n", b"", b"".join(parts)))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def serving(**settings: str) -> Iterator[Service]:
    """Run a service with jobs in memory until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "facemask", "serve", "--no-database", "--port", str(port)]
    with TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                command, env=environment(LOG_FORMAT="json", **settings), stdout=stream, stderr=stream
            )
        service = Service(port, log)
        try:
            _wait_until_ready(process, service)
            yield service
        finally:
            service.close()
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            finally:
                process.kill()


def _wait_until_ready(process: subprocess.Popen[bytes], service: Service) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended: {service.log.read_text()[-500:]}")
        try:
            if service.request("GET", "/health/ready").status == 200:
                return
        except OSError:
            service.close()
            time.sleep(0.05)
    raise TimeoutError(f"the service was not ready within {_START_SECONDS} seconds")
