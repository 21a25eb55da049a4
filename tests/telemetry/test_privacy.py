"""Nothing that a service emits contains the face that it was sent, whatever errors the input provokes."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from facemask.service.database.settings import DatabaseSettings
from otlp_collector import OtlpCollector
from support.leak_detector import PICTURES, POINTS, base64_fragments
from support.ports import free_port
from support.postgres_server import database_environment
from support.service.facemask_process import facemask_process
from support.service.fake_tracer import API

IMAGE, LABELS = PICTURES
# Values that no figure of a service can be by chance.
ODD = {"far": 987654.4321, "beyond": 7654321.1234}
STEPS = {"send facemask.jobs", "process facemask.jobs", "cache", "decode", "trace", "store"}


def submission_with(**changes: Any) -> dict[str, Any]:
    image, labels = (base64.b64encode(data).decode() for data in (IMAGE, LABELS))
    return {"image": image, "segmentation_map": labels, "landmarks": copy.deepcopy(POINTS)} | changes


def invalid_submissions() -> Iterator[dict[str, Any]]:
    """What clients get wrong, with their data in it."""
    for value in (ODD["beyond"], "0.4123567 px", None, 1e999):
        points = copy.deepcopy(POINTS)
        points[3] |= {"x": value}
        yield submission_with(landmarks=points)
    yield submission_with(landmarks=[[ODD["far"] + n, ODD["far"] * 0.5 - n] for n in range(68)])
    yield submission_with(landmarks=POINTS[:77])
    yield submission_with(landmarks={"heads": POINTS})
    whole = submission_with()
    yield whole | {"image": whole["image"][:5000] + "!" + whole["image"][5000:]}
    yield whole | {"image": whole["segmentation_map"], "segmentation_map": whole["image"]}
    yield whole | {"image": base64.b64encode(IMAGE[: len(IMAGE) // 2]).decode()}
    yield whole | {"segmentation_map": base64.b64encode(LABELS[:-40]).decode()}
    yield whole | {"options": {"tolerance": whole["image"][:200], "landmark_scheme": "ibug-68"}}
    yield whole | {"image": [whole["image"]]}


def provoke_errors(client: httpx.Client) -> list[str]:
    """Sends a face in every form, and mistakes; returns what came back where it was an error."""
    answers = [client.post(f"{API}/submit?wait=20", json=submission_with())]
    assert answers[0].json()["status"] == "completed"
    packed = {"image": IMAGE, "segmentation_map": LABELS, "landmarks": [[p["x"], p["y"]] for p in POINTS]}
    kind = {"content-type": "application/msgpack"}
    answers.append(client.post(f"{API}/submit?wait=20", content=msgspec.msgpack.encode(packed), headers=kind))
    files = {"image": IMAGE, "segmentation_map": LABELS, "landmarks": json.dumps(POINTS).encode()}
    answers.append(client.post(f"{API}/submit?wait=20", files=files))
    assert {answer.json()["status"] for answer in answers} == {"completed"}
    kind = {"content-type": "application/json"}
    errors = [
        client.post(f"{API}/submit?wait=20", content=json.dumps(body), headers=kind) for body in invalid_submissions()
    ]
    errors += [client.post(f"{API}/submit", content=json.dumps(submission_with())[:-9], headers=kind)]
    address = base64.urlsafe_b64encode(IMAGE[200:260]).decode()
    errors += [client.get(f"/{address}"), client.get(f"{API}/status/{address}"), client.get(f"/x?image={address}")]
    for answer in errors:
        assert answer.status_code >= 400 or answer.json()["status"] == "failed", answer.text[:300]
    return [answer.text for answer in errors]


def secret_fragments() -> Iterator[str]:
    """Pieces of the pictures in base64, and every landmark as it was written."""
    for data in (IMAGE, LABELS):
        yield from base64_fragments(data)
    for point in POINTS:
        yield from (written for value in point.values() if len(written := repr(value)) > 5)
    yield from (str(value)[:8] for value in ODD.values())
    yield "0.4123567"


@pytest.mark.parametrize("form", ["json", "console"])
def test_nothing_that_is_told_holds_the_face(
    form: str, database: DatabaseSettings, traces: OtlpCollector, tmp_path: Path
) -> None:
    ports = [str(free_port()), str(free_port())]
    shared = database_environment(database) | traces.environment | {"LOG_FORMAT": form, "PROMETHEUS_ENABLED": "true"}
    logs = [tmp_path / "api.log", tmp_path / "worker.log"]
    with (
        facemask_process("serve", "--no-worker", "--port", "0", log=logs[0], PROMETHEUS_PORT=ports[0], **shared) as api,
        facemask_process("worker", log=logs[1], PROMETHEUS_PORT=ports[1], **shared),
        httpx.Client(base_url=api.url, timeout=60) as client,
    ):
        errors = provoke_errors(client)
        pages = [httpx.get(f"http://127.0.0.1:{port}/metrics").text for port in ports]
        traces.wait_for_spans(lambda names: set(names) >= STEPS)
    written = [log.read_text(encoding="utf-8") for log in logs]
    everything = "\n".join([*errors, *pages, *written, traces.raw.decode("latin-1")])
    assert "job completed" in written[1]
    assert "job failed" in written[1]
    assert len(traces.spans) > 40
    found = [secret for secret in secret_fragments() if secret in everything]
    assert not found, (found[:5], everything[max(0, everything.index(found[0]) - 300) :][:500])
    for data in (IMAGE, LABELS):
        assert not any(data[at : at + 16].decode("latin-1") in everything for at in range(700, len(data) - 16, 16))
