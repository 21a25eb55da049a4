"""A request and its job share one trace, in one process and across two."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import httpx
import pytest
from facemask.service.app import build_telemetry
from facemask.service.cache.settings import CacheMode, CacheSettings
from facemask.service.core import native
from facemask.service.environment import SettingsError
from facemask.service.settings import read_settings
from instrumented_app import instrumented_app
from opentelemetry.trace import SpanKind, StatusCode
from otlp_collector import OtlpCollector
from support.paths import SAMPLE_FILES
from support.service.fake_tracer import API, TEST_ORIGIN, FakeTracer, body
from support.service.live_server import build_settings
from support.service.metrics import sample_value
from support.service.processes import ProcessGroup

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "vendor=1"}
SUBMIT = "POST /api/v1/frontal/crop/submit"


def test_a_request_and_its_job_are_one_trace() -> None:
    with instrumented_app(FakeTracer()) as service:
        answer = service.client.post("/submit?wait=5", json=body(), headers=TRACEPARENT)
        spans = service.spans()
    assert set(spans) == {SUBMIT, "send facemask.jobs", "process facemask.jobs", "decode", "trace", "store"}
    assert {f"{span.context.trace_id:032x}" for span in spans.values()} == {TRACE}
    request, send, process = (spans[name] for name in (SUBMIT, "send facemask.jobs", "process facemask.jobs"))
    assert [span.kind for span in (request, send, process)] == [SpanKind.SERVER, SpanKind.PRODUCER, SpanKind.CONSUMER]
    assert f"{request.parent.span_id:016x}" == CALLER
    assert send.parent.span_id == request.context.span_id
    assert process.parent.span_id == send.context.span_id
    assert [link.context.span_id for link in process.links] == [send.context.span_id]
    for name in ("decode", "trace", "store"):
        assert spans[name].parent.span_id == process.context.span_id
        assert process.start_time <= spans[name].start_time <= spans[name].end_time
    job = answer.json()["id"]
    assert send.attributes["messaging.message.id"] == process.attributes["messaging.message.id"] == job
    assert request.attributes["http.route"] == f"{API}/submit"
    assert request.attributes["http.response.status_code"] == 200
    assert (process.attributes["facemask.decode_ms"], process.attributes["facemask.trace_ms"]) == (0.5, 1.5)
    assert process.attributes["facemask.outcome"] == "completed"
    assert answer.headers["traceresponse"] == f"00-{TRACE}-{request.context.span_id:016x}-01"


def test_mistakes_of_the_client_are_no_errors_and_bugs_are() -> None:
    with instrumented_app(FakeTracer()) as service:
        service.client.post("/submit?wait=5", json=body(fail="no_face"))
        service.client.get("/status/unknown")
        assert all(span.status.status_code is not StatusCode.ERROR for span in service.spans().values())
        service.exporter.clear()
        service.client.post("/submit?wait=5", json=body(bug=True, name="private"))
        process = service.spans()["process facemask.jobs"]
        assert process.status.status_code is StatusCode.ERROR
        assert process.attributes["error.type"] == "internal_error"
        for span in service.exporter.get_finished_spans():
            assert not span.events
            assert "private" not in span.to_json()


def test_spans_have_the_route_and_not_the_path_as_name() -> None:
    with instrumented_app(FakeTracer()) as service:
        service.client.get("/status/0af76519-16cd-43dd-8448-eb211c80319c")
        service.client.get(f"{TEST_ORIGIN}/wp-login.php?secret=1")
        spans = service.spans()
    assert set(spans) == {"GET /api/v1/frontal/crop/status/{job_id}", "GET"}
    assert "http.route" not in spans["GET"].attributes
    assert "secret" not in spans["GET"].to_json()


def test_what_machines_ask_all_the_time_makes_no_spans() -> None:
    with instrumented_app(FakeTracer()) as service:
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert service.client.get(TEST_ORIGIN + path).status_code == 200
        assert not service.exporter.get_finished_spans()


def test_without_a_collector_there_are_no_spans_no_sdk_and_no_header() -> None:
    with instrumented_app(FakeTracer(), traced=False) as service:
        answer = service.client.post("/submit?wait=5", json=body(), headers=TRACEPARENT)
        assert answer.json()["status"] == "completed"
        assert "traceresponse" not in answer.headers
    code = "import sys; from facemask.service.app import create_app; create_app(); print(*sys.modules)"
    environ = {"DB_USE_DATABASE": "false", "PATH": ""}
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    ).stdout
    assert "opentelemetry.trace" in loaded.split()
    assert "opentelemetry.sdk" not in loaded


@pytest.mark.parametrize("deployment", ["api and worker", "one process"])
def test_a_trace_leads_through_the_queue_into_another_process(
    group: ProcessGroup, traces: OtlpCollector, deployment: str
) -> None:
    if deployment == "one process":
        api = group.serve(**traces.environment)
    else:
        api = group.api(**traces.environment)
        group.worker(**traces.environment)
    url = f"{api.url}{API}/submit?wait=20"
    job = httpx.post(url, json=body(), headers=TRACEPARENT, timeout=30).json()
    assert job["status"] == "completed"
    names = {SUBMIT, "send facemask.jobs", "process facemask.jobs", "decode", "trace", "store"}
    spans = {span.name: span for span in traces.wait_for_spans(lambda found: names <= set(found))}
    assert set(spans) == names
    assert {span.trace for span in spans.values()} == {TRACE}
    process, send = spans["process facemask.jobs"], spans["send facemask.jobs"]
    assert process.parent == send.id
    assert process.links == [TRACE + send.id]
    assert process.attributes["messaging.message.id"] == send.attributes["messaging.message.id"] == job["id"]
    assert not any(span.failed for span in spans.values())
    if deployment == "api and worker":
        deadline = time.monotonic() + 5
        while f'"trace_id":"{TRACE}"' not in group.processes[1].output:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_an_exporter_that_is_not_there_stops_the_start_with_advice() -> None:
    settings = read_settings({"DB_USE_DATABASE": "false", "OTEL_TRACES_EXPORTER": "nonesuch"})
    hint = r"pip install 'facemask-contours\[otel\]'$"
    with pytest.raises(SettingsError, match=rf"^OTEL_TRACES_EXPORTER='nonesuch': .*{hint}"):
        build_telemetry(settings)


def test_a_cache_has_a_span_and_is_counted() -> None:
    settings = replace(build_settings(), cache=CacheSettings(mode=CacheMode.EXACT))
    files = [file.read_bytes() for file in SAMPLE_FILES]
    parts = dict(zip(("image", "segmentation_map", "landmarks"), files, strict=True))
    with instrumented_app(native, settings) as service:
        for expected in ("miss", "exact"):
            service.exporter.clear()
            assert service.client.post("/submit?wait=20", files=parts).json()["cache"] == expected
            spans = service.spans()
            worked_on = {"process facemask.jobs", "decode", "cache", "trace", "store"}
            assert set(spans) == {SUBMIT, "send facemask.jobs"} | (worked_on if expected == "miss" else set())
            told = spans["process facemask.jobs" if expected == "miss" else "send facemask.jobs"].attributes
            assert told["facemask.cache"] == expected
            assert told["facemask.outcome"] == "completed"
            assert sample_value(service.metrics(), "facemask_cache_requests_total", result=expected) == 1
