"""Liveness as an orchestrator sees it: asked 50 times a second on new connections, by a process of its own.

A probe shares no interpreter with what loads the server, so delays of the load are not taken for the server's.

    python liveness_probe.py PORT PATH SECONDS
"""

from __future__ import annotations

import json
import subprocess
import sys

from open_loop import OpenLoop

LIVE = "/health/live"
_RATE = 50.0


class Probe:
    """`GET path` for so many seconds from `begin` on. Other processes are started and heard by then."""

    def __init__(self, port: int, seconds: float, path: str = LIVE) -> None:
        command = [sys.executable, __file__, str(port), path, str(seconds)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._process.stdout.readline()

    def begin(self) -> None:
        """Ask from now on."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def result(self) -> tuple[list[float], int]:
        """The times of all answers with 200, in seconds, and how many requests had none."""
        found = json.loads(self._process.communicate(timeout=120)[0])
        times = found["times"].pop("200", [])
        return times, sum(found["lost"].values()) + sum(map(len, found["times"].values()))


def probes(port: int, probe_port: int | None, seconds: float, path: str = LIVE) -> dict[str, Probe]:
    """One for the port that everybody asks, and one for a port that liveness has for itself, where there is one."""
    ports = {"main port": port} | ({"probe port": probe_port} if probe_port else {})
    return {name: Probe(number, seconds, path) for name, number in ports.items()}


def main() -> None:
    """Wait for a line, ask, and write the times of the answers and how many never came."""
    port, path, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    loop = OpenLoop(port, lambda _: (request, b""))
    print("ready", flush=True)
    sys.stdin.readline()
    found = loop.run(_RATE, seconds)
    print(json.dumps({"times": found.times, "lost": found.lost}))


if __name__ == "__main__":
    main()
