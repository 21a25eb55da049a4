"""Repeated signals: the process exits with 0 and without a traceback, whatever it is doing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest
from facemask.service.database.settings import DatabaseSettings
from support.ports import closed_port
from support.postgres_server import database_environment
from support.service.fake_tracer import API, body
from support.service.processes import ServiceProcess, process_group
from support.waiting import wait_until

# When the second signal comes, after the first: at once, while requests end, while the application is left.
PAUSES = [0.0, 0.1, 0.3]
MEMORY = {"DB_USE_DATABASE": "false", "JOB_WORKERS": "1"}
KINDS = {
    "memory": (["0"], MEMORY),
    "serve": (["0"], {}),
    "worker": (["worker"], {}),
    "processes": (["0"], {"FAKE_PROCESSES": "2"}),
}


def signal_twice(process: ServiceProcess, pause: float, second: signal.Signals = signal.SIGTERM) -> None:
    """Two signals, or as many as it takes to hit the process at its end."""
    process.popen.send_signal(signal.SIGTERM)
    time.sleep(pause)
    process.popen.send_signal(second)


def assert_clean_exit(process: ServiceProcess) -> None:
    assert process.popen.wait(60) == 0, process.output
    for word in ("Traceback", '"exception"'):
        assert word not in process.output, process.output


@pytest.mark.parametrize("pause", PAUSES)
@pytest.mark.parametrize("kind", KINDS)
def test_two_signals_leave_no_traceback(database: DatabaseSettings, tmp_path: Path, kind: str, pause: float) -> None:
    arguments, changes = KINDS[kind]
    with process_group(database, tmp_path) as group:
        process = group.start(arguments, **changes)
        if kind == "processes":
            wait_until(lambda: len(psutil.Process(process.popen.pid).children()) == 2)
        signal_twice(process, pause)
        assert_clean_exit(process)


@pytest.mark.parametrize("kind", KINDS)
def test_a_storm_of_signals_changes_nothing(database: DatabaseSettings, tmp_path: Path, kind: str) -> None:
    arguments, changes = KINDS[kind]
    with process_group(database, tmp_path) as group:
        process = group.start(arguments, **changes)
        while process.is_alive:
            for number in (signal.SIGTERM, signal.SIGINT):
                process.popen.send_signal(number)
            time.sleep(0.002)
        assert_clean_exit(process)


def wait_for_endless_job(url: str) -> None:
    """Somebody waits for a job that never ends."""
    httpx.post(f"{url}{API}/submit?wait=50", json=body(sleep=60), timeout=70)


def upload_without_end(url: str) -> None:
    """Somebody sends a body and never ends."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=70) as sock:
        about = "Host: x\r\nContent-Type: application/json\r\nContent-Length: 99"
        sock.sendall(f"POST {API}/submit HTTP/1.1\r\n{about}\r\n\r\n{{".encode())
        while sock.recv(65536):
            pass


def keep_idle_connection(url: str) -> None:
    """Somebody keeps a connection that had its answer."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=70) as sock:
        sock.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        while sock.recv(65536):
            pass


@pytest.mark.parametrize("pause", [0.0, 0.3])
@pytest.mark.parametrize("kind", ["memory"])
@pytest.mark.parametrize("busy", [wait_for_endless_job, upload_without_end, keep_idle_connection])
def test_requests_that_a_second_signal_cuts_off_leave_no_traceback(
    database: DatabaseSettings, tmp_path: Path, busy: Callable[[str], None], kind: str, pause: float
) -> None:
    arguments, changes = KINDS[kind]
    with process_group(database, tmp_path) as group, ThreadPoolExecutor() as pool:
        process = group.start(arguments, JOB_GRACE_SECONDS="60", **changes)
        begun = threading.Event()

        def ask() -> None:
            begun.set()
            with suppress(httpx.HTTPError, OSError):
                busy(process.url)

        pool.submit(ask)
        assert begun.wait(30)
        time.sleep(0.3)
        signal_twice(process, pause, signal.SIGINT)
        assert_clean_exit(process)


def test_a_request_that_outlives_the_patience_of_a_single_signal_leaves_no_traceback(
    database: DatabaseSettings, tmp_path: Path
) -> None:
    with process_group(database, tmp_path) as group, ThreadPoolExecutor() as pool:
        process = group.start(["0"], **MEMORY)
        pool.submit(upload_without_end, process.url)
        time.sleep(0.3)
        process.popen.send_signal(signal.SIGTERM)
        assert_clean_exit(process)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_start_that_waits_for_its_database_can_be_interrupted(number: signal.Signals, code: int) -> None:
    with closed_port() as port:
        nobody = DatabaseSettings(host="127.0.0.1", port=port)
        starting = subprocess.Popen(
            [sys.executable, "-m", "facemask", "worker"],
            env=os.environ | database_environment(nobody) | {"DB_START_SECONDS": "60", "LOG_FORMAT": "json"},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert starting.stderr
        assert "starts" in starting.stderr.readline()
        starting.send_signal(number)
        _, rest = starting.communicate(timeout=60)
    assert starting.returncode == code
    assert rest == ""


def test_children_that_are_being_started_hear_of_the_stop(database: DatabaseSettings, tmp_path: Path) -> None:
    """The parent may be told before it knows all of its children."""
    for pause in (0.0, 0.02, 0.05, 0.1):
        with process_group(database, tmp_path) as group:
            process = group.launch(["0"], FAKE_PROCESSES="8")
            parent = psutil.Process(process.popen.pid)
            wait_until(lambda: bool(parent.children()) or not process.is_alive)  # noqa: B023
            time.sleep(pause)
            process.popen.send_signal(signal.SIGTERM)
            # A signal that comes before anybody serves ends the process as the system does.
            assert process.popen.wait(60) in (0, -signal.SIGTERM), process.output
            assert "Traceback" not in process.output
