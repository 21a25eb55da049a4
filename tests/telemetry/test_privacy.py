"""A service with a real face, mistakes of every kind, and everything that it tells: the face is in none of it."""

from __future__ import annotations

import base64
import copy
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from facemask.service.database.settings import DatabaseSettings
from fake_engine import API
from otlp import Collector
from overheard import PICTURES, POINTS, pieces
from postgres_server import environment

IMAGE, LABELS = PICTURES
# Values that no figure of a service can be by chance.
ODD = {"far": 987654.4321, "beyond": 7654321.1234}
STEPS = {"send facemask.jobs", "process facemask.jobs", "cache", "decode", "trace", "store"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(log: Path, *arguments: str, **environ: str) -> Iterator[str]:
    """A real process of ours until the block ends; where it listens."""
    with log.open("wb") as output:
        command = [sys.executable, "-m", "facemask", *arguments]
        popen = subprocess.Popen(command, env=os.environ | environ, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(r"listens on (http://[^\s)]+)|works on jobs", log.read_text("utf-8"))):
            assert popen.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield found[1] or ""
        popen.send_signal(signal.SIGTERM)
        assert popen.wait(20) == 0
    finally:
        popen.kill()
        popen.wait()


def sent(**changes: Any) -> dict[str, Any]:
    image, labels = (base64.b64encode(data).decode() for data in (IMAGE, LABELS))
    return {"image": image, "segmentation_map": labels, "landmarks": copy.deepcopy(POINTS)} | changes


def mistakes() -> Iterator[dict[str, Any]]:
    """What clients get wrong, with their data in it."""
    for value in (ODD["beyond"], "0.4123567", None, 1e999):
        points = copy.deepcopy(POINTS)
        points[3] |= {"x": value}
        yield sent(landmarks=points)
    yield sent(landmarks=[[ODD["far"] + n, ODD["far"] * 0.5 - n] for n in range(68)])
    yield sent(landmarks=POINTS[:77])
    yield sent(landmarks={"points": POINTS})
    whole = sent()
    yield whole | {"image": whole["image"][:5000] + "!" + whole["image"][5000:]}
    yield whole | {"image": whole["segmentation_map"], "segmentation_map": whole["image"]}
    yield whole | {"image": base64.b64encode(IMAGE[: len(IMAGE) // 2]).decode()}
    yield whole | {"segmentation_map": base64.b64encode(LABELS[:-40]).decode()}
    yield whole | {"options": {"tolerance": whole["image"][:200], "landmark_scheme": "ibug-68"}}
    yield whole | {"image": [whole["image"]]}


def told_to(client: httpx.Client) -> list[str]:
    """Sends a face in every form, and mistakes; returns what came back where it was an error."""
    answers = [client.post(f"{API}/submit?wait=20", json=sent())]
    assert answers[0].json()["status"] == "completed"
    packed = {"image": IMAGE, "segmentation_map": LABELS, "landmarks": [[p["x"], p["y"]] for p in POINTS]}
    kind = {"content-type": "application/msgpack"}
    answers.append(client.post(f"{API}/submit?wait=20", content=msgspec.msgpack.encode(packed), headers=kind))
    files = {"image": IMAGE, "segmentation_map": LABELS, "landmarks": json.dumps(POINTS).encode()}
    answers.append(client.post(f"{API}/submit?wait=20", files=files))
    assert {answer.json()["status"] for answer in answers} == {"completed"}
    kind = {"content-type": "application/json"}
    errors = [client.post(f"{API}/submit?wait=20", content=json.dumps(body), headers=kind) for body in mistakes()]
    errors += [client.post(f"{API}/submit", content=json.dumps(sent())[:-9], headers=kind)]
    address = base64.urlsafe_b64encode(IMAGE[200:260]).decode()
    errors += [client.get(f"/{address}"), client.get(f"{API}/status/{address}"), client.get(f"/x?image={address}")]
    for answer in errors:
        assert answer.status_code >= 400 or answer.json()["status"] == "failed", answer.text[:300]
    return [answer.text for answer in errors]


def secrets() -> Iterator[str]:
    """Pieces of the pictures in base64, and every landmark as it was written."""
    for data in (IMAGE, LABELS):
        yield from pieces(data)
    for point in POINTS:
        yield from (written for value in point.values() if len(written := repr(value)) > 5)
    yield from (str(value)[:8] for value in ODD.values())
    yield "0.4123567"


@pytest.mark.parametrize("form", ["json", "console"])
def test_nothing_that_is_told_holds_the_face(
    form: str, database: DatabaseSettings, traces: Collector, tmp_path: Path
) -> None:
    ports = [str(free_port()), str(free_port())]
    shared = environment(database) | traces.environment | {"LOG_FORMAT": form, "PROMETHEUS_ENABLED": "true"}
    logs = [tmp_path / "api.log", tmp_path / "worker.log"]
    with (
        process(logs[0], "serve", "--no-worker", "--port", "0", PROMETHEUS_PORT=ports[0], **shared) as url,
        process(logs[1], "worker", PROMETHEUS_PORT=ports[1], **shared),
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        errors = told_to(client)
        pages = [httpx.get(f"http://127.0.0.1:{port}/metrics").text for port in ports]
        traces.until(lambda names: set(names) >= STEPS)
    written = [log.read_text(encoding="utf-8") for log in logs]
    everything = "\n".join([*errors, *pages, *written, traces.raw.decode("latin-1")])
    assert "job completed" in written[1]
    assert "job failed" in written[1]
    assert len(traces.spans) > 40
    found = [secret for secret in secrets() if secret in everything]
    assert not found, (found[:5], everything[max(0, everything.index(found[0]) - 300) :][:500])
    for data in (IMAGE, LABELS):
        assert not any(data[at : at + 16].decode("latin-1") in everything for at in range(700, len(data) - 16, 16))
