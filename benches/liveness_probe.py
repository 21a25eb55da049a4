"""A liveness probe as of an orchestrator: 50 requests a second, each on a new connection.

It runs in a process of its own, so that delays in the load generator do not count as delays of the server.

    python liveness_probe.py PORT PATH SECONDS
"""

from __future__ import annotations

import json
import subprocess
import sys

from open_loop import OpenLoopLoad

LIVENESS_PATH = "/health/live"
_RATE = 50.0


class LivenessProbe:
    """`GET path` for some seconds from `begin` on; the constructor waits until the process is ready."""

    def __init__(self, port: int, seconds: float, path: str = LIVENESS_PATH) -> None:
        command = [sys.executable, __file__, str(port), path, str(seconds)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._process.stdout.readline()

    def begin(self) -> None:
        """Start to probe."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def result(self) -> tuple[list[float], int]:
        """Seconds of all responses with status 200, and the number of requests without one."""
        found = json.loads(self._process.communicate(timeout=120)[0])
        times = found["times"].pop("200", [])
        return times, sum(found["lost"].values()) + sum(map(len, found["times"].values()))


def start_probes(
    port: int, probe_port: int | None, seconds: float, path: str = LIVENESS_PATH
) -> dict[str, LivenessProbe]:
    """Probes of the main port, and of a separate port for liveness if there is one."""
    ports = {"main port": port} | ({"probe port": probe_port} if probe_port else {})
    return {name: LivenessProbe(number, seconds, path) for name, number in ports.items()}


def main() -> None:
    """Wait for a line on stdin, probe, and print the times of responses and the lost requests as JSON."""
    port, path, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    loop = OpenLoopLoad(port, lambda _: (request, b""))
    print("ready", flush=True)
    sys.stdin.readline()
    found = loop.run(_RATE, seconds)
    print(json.dumps({"times": found.times, "lost": found.lost}))


if __name__ == "__main__":
    main()
