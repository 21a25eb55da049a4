"""The server process: its output, its shutdown, and errors at startup."""

from __future__ import annotations

import base64
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import leak_detector
from support.paths import PYTHON_PATH
from support.service.facemask_process import memory_mb
from support.service.fake_tracer import API, body
from support.service.metrics import sample_value
from support.waiting import wait_until

SERVE = ["-m", "support.service.serve_fake", "0"]
ENVIRONMENT = os.environ | {"PYTHONPATH": PYTHON_PATH, "DB_USE_DATABASE": "false"}


@dataclass
class Process:
    """A served fake tracer."""

    popen: subprocess.Popen[str]
    url: str
    hello: str

    def stop(self, sig: signal.Signals = signal.SIGTERM, seconds: float = 10) -> tuple[int, str]:
        """Exit code and the rest of the output."""
        self.popen.send_signal(sig)
        rest, _ = self.popen.communicate(timeout=seconds)
        leak_detector.inspect(rest)
        return self.popen.returncode, rest


@contextmanager
def process(**environ: str) -> Iterator[Process]:
    popen = subprocess.Popen(
        [sys.executable, "-u", *SERVE],
        env=ENVIRONMENT | {"CACHE_MODE": "off", "LOG_FORMAT": "console"} | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        hello = ""
        assert popen.stdout is not None
        while not (found := re.search(r"listens on (http://\S+)", hello)):
            line = popen.stdout.readline()
            assert line, hello
            hello += line
        while "landmarks.json" not in hello:
            hello += popen.stdout.readline()
        yield Process(popen, found.group(1), hello)
        leak_detector.inspect(hello)
    finally:
        popen.kill()
        popen.wait()


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    with ExitStack() as stack:
        yield lambda **environ: stack.enter_context(process(**environ))


def test_it_says_where_it_is_and_how_to_send_a_face_and_stops_with_0(start: Any) -> None:
    served = start()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", served.url)
    assert f"curl -sS '{served.url}{API}/submit?wait=10'" in served.hello
    assert httpx.get(served.url + "/health/ready").json() == {"status": "ready"}
    code, rest = served.stop()
    assert code == 0
    assert "Traceback" not in rest


def test_ctrl_c_stops_it_with_0(start: Any) -> None:
    assert start().stop(signal.SIGINT)[0] == 0


def test_sigterm_stops_intake_finishes_the_queue_and_exits_with_0(start: Any, tmp_path: Path) -> None:
    served = start(JOB_WORKERS="1", JOB_GRACE_SECONDS="60")
    goal = tmp_path / "goal"
    with httpx.Client(base_url=served.url, timeout=30) as client, concurrent.futures.ThreadPoolExecutor() as pool:
        for _ in range(2):
            assert client.post(f"{API}/submit", json=body(until=str(goal))).status_code == 202
        waiting = pool.submit(httpx.post, f"{served.url}{API}/submit?wait=30", json=body(), timeout=40)
        wait_until(lambda: counts(client) == (2, 1))
        served.popen.send_signal(signal.SIGTERM)
        wait_until(lambda: client.get("/health/ready").status_code == 503)
        refused = client.post(f"{API}/submit", json=body())
        assert refused.status_code == 503
        assert refused.json()["code"] == "shutting_down"
        assert refused.headers["retry-after"]
        assert httpx.get(served.url + "/health/ready").status_code == 503
        assert httpx.get(served.url + "/health/live").status_code == 200
        goal.touch()
        answer = waiting.result(30)
        assert answer.status_code == 200
        assert answer.json()["status"] == "completed"
    assert served.popen.wait(30) == 0


def counts(client: httpx.Client) -> tuple[float, float]:
    """How many jobs wait and run."""
    page = client.get("/metrics").text
    return sample_value(page, "facemask_jobs_in_queue"), sample_value(page, "facemask_workers_busy")


def test_jobs_that_outlive_the_grace_fail_and_their_threads_do_not_hold_the_process(start: Any) -> None:
    served = start(JOB_WORKERS="1", JOB_GRACE_SECONDS="0.3")
    with httpx.Client(base_url=served.url) as client, concurrent.futures.ThreadPoolExecutor() as pool:
        url = f"{served.url}{API}/submit?wait=60"
        waiting = [pool.submit(httpx.post, url, json=body(sleep=50), timeout=70) for _ in range(2)]
        wait_until(lambda: counts(client) == (1, 1))
        code, _ = served.stop(seconds=30)
        assert code == 0
        for answer in waiting:
            assert answer.result(5).json()["error"]["code"] == "shutting_down"


def test_a_second_signal_does_not_wait(start: Any) -> None:
    served = start(JOB_WORKERS="1", JOB_GRACE_SECONDS="60")
    httpx.post(f"{served.url}{API}/submit", json=body(sleep=50))
    served.popen.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert served.popen.poll() is None
    assert served.stop(signal.SIGINT, 30)[0] == 0


def test_the_log_never_holds_what_was_sent(start: Any) -> None:
    served = start()
    sent = body(name="very-private-name", bug=True)
    httpx.post(f"{served.url}{API}/submit?wait=5", json=sent)
    httpx.post(f"{served.url}{API}/submit", json=sent | {"landmarks": [{"x": "private", "y": 1}]})
    _, log = served.stop()
    assert "a bug of ours" in log
    assert not any(secret in log for secret in ("very-private", sent["image"], "private"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_big_bodies_are_forgotten_at_once_and_cost_little(start: Any) -> None:
    """Without waiting for the garbage collector: refused, failed or finished, what was sent goes."""
    served = start(JOB_WORKERS="2")
    json_headers = {"content-type": "application/json"}
    form_headers = {"content-type": "multipart/form-data; boundary=b"}
    image = base64.b64encode(b"FAKE{}" + b" " * 10_000_000).decode()
    part = b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\n'
    sent = [
        (json.dumps(body() | {"image": image}), json_headers, 200),
        (json.dumps(body() | {"image": image, "segmentation_map": "AAAA"}), json_headers, 422),
        (json.dumps(body() | {"image": image, "options": {"tolerance": -1}}), json_headers, 422),
        (json.dumps(body(name="x" * 10_000_000, bug=True)), json_headers, 200),
        (json.dumps(body(name="x" * 10_000_000, fail="no_face")), json_headers, 200),
        (part + b"\r\n--b" * 3_000_000, form_headers, 400),
    ]
    at_rest = memory_mb(served.popen.pid, "VmRSS")
    for content, headers, status in sent:
        for _ in range(3):
            response = httpx.post(f"{served.url}{API}/submit?wait=9", content=content, headers=headers, timeout=20)
            assert response.status_code == status
        assert memory_mb(served.popen.pid, "VmRSS") - at_rest < 32, content[:100]
    assert memory_mb(served.popen.pid, "VmHWM") - at_rest < 150


@pytest.mark.parametrize(("name", "value"), [("JOB_TTL", "soon"), ("DB_USE_DATABASE", "perhaps"), ("JOB_WORKERS", "0")])
def test_a_bad_setting_stops_the_start_and_is_named(name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, *SERVE],
        env=ENVIRONMENT | {name: value},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"{name}='{value}': ")
    assert done.stderr.count("\n") == 1
