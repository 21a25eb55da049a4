"""Metrics: counters and labels, and the ports that expose them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from facemask.commands import service as service_commands
from facemask.service.app import create_app
from facemask.service.asgi_server import monitoring_server
from facemask.service.asgi_server.monitoring_server import open_monitoring_socket, serve_monitoring
from facemask.service.database.settings import DatabaseSettings
from facemask.service.environment import SettingsError
from facemask.service.settings import read_settings
from facemask.service.telemetry.settings import TelemetrySettings
from instrumented_app import instrumented_app
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from support.ports import free_port
from support.postgres_server import database_environment
from support.service.fake_tracer import FakeTracer, body
from support.service.live_server import build_settings, live_server
from support.service.metrics import parse_samples, sample_value
from support.waiting import wait_until

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}")
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


def test_a_job_is_counted_once_with_its_steps_and_its_requests() -> None:
    with instrumented_app(FakeTracer()) as service:
        done = service.client.post("/submit?wait=5", json=body()).json()
        failed = service.client.post("/submit?wait=5", json=body(fail="no_face")).json()
        bug = service.client.post("/submit?wait=5", json=body(bug=True)).json()
        assert [done["status"], failed["error"]["code"], bug["error"]["code"]] == [
            "completed",
            "no_face",
            "internal_error",
        ]
        page = service.metrics()
    for outcome in ("completed", "failed", "error"):
        assert sample_value(page, "facemask_jobs_total", outcome=outcome) == 1
    assert sample_value(page, "facemask_jobs_total", outcome="erased") == 0
    assert (
        sample_value(page, "facemask_job_duration_seconds_count")
        == sample_value(page, "facemask_job_queue_seconds_count")
        == 3
    )
    assert sample_value(page, "facemask_stage_duration_seconds_count", stage="trace") == 1
    assert sample_value(page, "facemask_stage_duration_seconds_sum", stage="trace") == pytest.approx(0.0015)
    assert sample_value(page, "facemask_stage_duration_seconds_count", stage="store") == 3
    route = "/api/v1/frontal/crop/submit"
    assert sample_value(page, "facemask_http_requests_total", method="POST", route=route, status="200") == 3
    assert sample_value(page, "facemask_workers_busy") == sample_value(page, "facemask_jobs_in_queue") == 0
    assert sample_value(page, "facemask_workers") == build_settings().jobs.workers


def test_workers_and_queue_are_seen_while_jobs_run() -> None:
    tracer = FakeTracer()
    with instrumented_app(tracer, build_settings(workers=1)) as service:
        for _ in range(3):
            service.client.post("/submit", json=body(hold=True))
        deadline = time.monotonic() + 5
        while not tracer.running:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        page = service.metrics()
        tracer.release.set()
    assert (sample_value(page, "facemask_workers_busy"), sample_value(page, "facemask_jobs_in_queue")) == (1, 2)


def test_refusals_are_counted_by_their_code() -> None:
    with instrumented_app(FakeTracer()) as service:
        service.client.post("/submit", json=body() | {"image": "!"})
        service.client.get("/status/nothing")
        service.client.put("/submit")
        page = service.metrics()
    for reason in ("base64_invalid", "job_not_found", "method_not_allowed"):
        assert sample_value(page, "facemask_rejected_total", reason=reason) == 1


def test_route_labels_never_contain_an_id() -> None:
    with instrumented_app(FakeTracer()) as service:
        job = service.client.post("/submit?wait=5", json=body()).json()["id"]
        for path in (f"/status/{job}", f"/result/{job}.svg", f"/result/{job}?format=geojson", f"/status/{job}/more"):
            service.client.get(path)
        service.client.delete(f"/{job}")
        page = service.metrics()
        templates = {route.path_format for route in service.app.routes} | {"unmatched"}
    assert job not in page
    assert not UUID.search(page)
    routes = {dict(labels)["route"] for name, labels in parse_samples(page) if "http_request" in name}
    assert "/api/v1/frontal/crop/status/{job_id}" in routes
    assert routes <= templates


@pytest.mark.anyio
async def test_ten_thousand_unknown_paths_add_no_series() -> None:
    app = create_app(build_settings(), FakeTracer())

    async def nothing(*_: Any) -> Any:
        return {"type": "http.disconnect"}

    async def ask(path: str, method: str = "GET") -> None:
        scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
        scope |= {"headers": [], "http_version": "1.1", "scheme": "http", "server": None, "client": None}
        await app(scope, nothing, nothing)  # type: ignore[arg-type]

    page = app.state.exposition
    before = parse_samples((await page.render(""))[0].decode())
    for number in range(10_000):
        await ask(f"/wp-{number}/{number:x}")
    after = parse_samples((await page.render(""))[0].decode())
    assert set(after) == set(before)
    labels = (("method", "GET"), ("route", "unmatched"), ("status", "404"))
    assert after["facemask_http_requests_total", labels] == 10_000
    for number in range(100):
        await ask("/health/live", method=f"M{number}")
    once = parse_samples((await page.render(""))[0].decode())
    methods = {dict(labels)["method"] for name, labels in once if name == "facemask_http_requests_total"}
    assert methods == {"GET", "other"}


def test_exemplars_carry_the_trace() -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    with instrumented_app(FakeTracer()) as service:
        parent = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
        service.client.post("/submit?wait=5", json=body(), headers=parent)
        open_metrics, plain = service.metrics(OPEN_METRICS), service.metrics()
    for name in ("facemask_http_request_duration_seconds", "facemask_job_duration_seconds"):
        assert re.search(rf'{name}_bucket.* # {{trace_id="{trace_id}"}}', open_metrics)
    assert open_metrics.endswith("# EOF\n")
    assert trace_id not in plain


@pytest.mark.anyio
async def test_the_port_answers_metrics_and_health_checks_and_nothing_else() -> None:
    app = create_app(build_settings(), FakeTracer())
    port = open_monitoring_socket(TelemetrySettings(prometheus_enabled=True, prometheus_port=0))
    assert port
    url = "http://{}:{}".format(*port.getsockname())
    jobs = app.state.jobs
    async with serve_monitoring(port, app.state.exposition, jobs.ready), httpx.AsyncClient() as client:
        for path in ("/", "/api/v1/frontal/crop/status/x", "/health", "/docs"):
            assert (await client.get(url + path)).status_code == 404
        assert (await client.post(f"{url}/metrics")).status_code == 404
        assert (await client.get(f"{url}/health/live")).json() == {"status": "live"}
        not_ready = await client.get(f"{url}/health/ready")
        assert (not_ready.status_code, not_ready.json()) == (503, {"status": "shutting_down"})
        async with jobs.running():
            assert (await client.get(f"{url}/health/ready")).json() == {"status": "ready"}
        head = await client.head(f"{url}/metrics", headers={"accept": OPEN_METRICS})
        assert (head.status_code, head.content, head.headers["vary"]) == (200, b"", "Accept")
        assert int(head.headers["content-length"]) > 1000
        assert sample_value((await client.get(f"{url}/metrics")).text, "facemask_workers_busy") == 0
    with anyio.fail_after(5):
        while True:
            try:
                await (await anyio.connect_tcp("127.0.0.1", int(url.rpartition(":")[2]))).aclose()
            except OSError:
                break


@pytest.mark.anyio
async def test_the_port_answers_while_the_loop_is_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so when that takes too long."""
    monkeypatch.setattr(monitoring_server, "STUCK_SECONDS", 1.5)
    app = create_app(build_settings(), FakeTracer())
    port = open_monitoring_socket(TelemetrySettings(prometheus_enabled=True, prometheus_port=0))
    assert port
    url = "http://{}:{}".format(*port.getsockname())
    seen: list[tuple[int, int]] = []

    def look() -> None:
        with httpx.Client(base_url=url, timeout=10) as client:
            while (503, 503) not in seen:
                seen.append((client.get("/health/live").status_code, client.get("/health/ready").status_code))
            assert client.get("/metrics").status_code == 200

    async with app.state.jobs.running(), serve_monitoring(port, app.state.exposition, app.state.jobs.ready):
        looking = threading.Thread(target=look)
        looking.start()
        looking.join(30)  # the loop is held up as long as this takes
        assert not looking.is_alive()
    assert (200, 503) in seen


PLAIN = "text/plain; version=0.0.4; charset=utf-8"
NEW = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping="
# What scrapers send, what people send, and what nobody should.
ASKED = {
    "": PLAIN,
    "*/*": PLAIN,
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": PLAIN,
    "text/plain": PLAIN,
    "application/openmetrics-text": NEW + "underscores",
    OPEN_METRICS: NEW + "underscores",
    # Prometheus 2
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2": NEW + "underscores",
    # Prometheus 3
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;"
    "q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2": NEW
    + "allow-utf-8",
    "text/plain;version=1.0.0;escaping=values,text/plain;version=0.0.4;q=0.5": "text/plain; version=1.0.0; "
    "charset=utf-8; escaping=values",
    "application/openmetrics-text;q=0.1, text/plain": PLAIN,
    "application/openmetrics-text;q=0, */*": PLAIN,
    # These are refused by prometheus_client's own choice with an error, or come back in its answer.
    "text/plain;version=abc": PLAIN,
    "application/openmetrics-text;version=1.x": PLAIN,
    "application/openmetrics-text;version=99.0.0": PLAIN,
    "application/json": PLAIN,
    ",;=/": PLAIN,
}


@pytest.fixture(scope="module")
def both_ports() -> Iterator[list[httpx.Client]]:
    """The application over a socket, and the port of its own."""
    with live_server(build_settings(), FakeTracer()) as live, start_blocking_portal("asyncio") as portal:
        port = open_monitoring_socket(TelemetrySettings(prometheus_enabled=True, prometheus_port=0))
        assert port
        url = "http://{}:{}".format(*port.getsockname())
        page = live.app.state.exposition
        with (
            portal.wrap_async_context_manager(serve_monitoring(port, page, live.jobs.ready)),
            httpx.Client(base_url=live.url) as app,
            httpx.Client(base_url=url) as own,
        ):
            yield [app, own]


@pytest.mark.parametrize("asked", ASKED)
def test_both_pages_say_once_and_truly_what_they_are(both_ports: list[httpx.Client], asked: str) -> None:
    for client in both_ports:
        answer = client.get("/metrics", headers={"accept": asked})
        assert (answer.status_code, answer.headers["content-type"]) == (200, ASKED[asked])
        assert answer.headers["vary"] == "Accept"
        is_new = ASKED[asked].startswith(NEW)
        parse = openmetrics.text_string_to_metric_families if is_new else text_string_to_metric_families
        names = {family.name for family in parse(answer.text)}
        assert {"facemask_workers", "facemask_http_requests"} <= names
        assert answer.text.endswith("# EOF\n") is is_new


def test_an_accept_in_several_lines_is_one(both_ports: list[httpx.Client]) -> None:
    lines = [("accept", "text/plain;version=0.0.4;q=0.5"), ("accept", OPEN_METRICS)]
    for client in both_ports:
        assert client.get("/metrics", headers=lines).headers["content-type"] == NEW + "underscores"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="NOT READ by promtool: install Debian's `prometheus`")
def test_promtool_reads_the_plain_page(both_ports: list[httpx.Client]) -> None:
    for client in both_ports:
        page = client.get("/metrics").content
        done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_taken_port_stops_the_start_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        environ = {"PROMETHEUS_ENABLED": "true", "PROMETHEUS_PORT": str(number), "DB_USE_DATABASE": "false"}
        with pytest.raises(SettingsError, match=rf"^PROMETHEUS_PORT='{number}': .*choose another one$"):
            open_monitoring_socket(read_settings(environ).telemetry)
        done = subprocess.run(
            [sys.executable, "-m", "facemask", "serve", "--port", "0"],
            env=os.environ | environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("facemask: PROMETHEUS_PORT=")
    assert done.stderr.count("\n") == 1


def test_off_means_that_nothing_is_counted_or_served() -> None:
    assert open_monitoring_socket(TelemetrySettings()) is None
    settings = build_settings()
    off = type(settings)(jobs=settings.jobs, telemetry=TelemetrySettings(prometheus_on_app=False))
    with instrumented_app(FakeTracer(), off) as service:
        assert service.client.get("http://testserver.local/metrics").status_code == 404
        assert service.app.state.exposition is None


@contextmanager
def two_processes(folder: Path) -> Iterator[str]:
    """Two server processes behind one socket, started as an operator would."""
    port = free_port()
    environ = {"DB_USE_DATABASE": "false", "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = ["-m", "uvicorn", "--factory", "facemask.service.app:create_app", "--workers", "2", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, *command], env=os.environ | environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def test_several_processes_have_one_page(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "by-us"
    folder.mkdir(parents=True)
    (folder / "counter_1.db").write_bytes(b"left by another run")
    with two_processes(folder) as url:
        deadline = time.monotonic() + 60
        while len(list(folder.glob("counter_*.db"))) < 2 or (folder / "counter_1.db").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        while True:
            try:
                httpx.get(f"{url}/health/live")
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: httpx.get(f"{url}/nothing").status_code, range(200))) == {404}
        pages = [httpx.get(f"{url}/metrics").text for _ in range(6)]
    for page in pages:
        assert sample_value(page, "facemask_http_requests_total", method="GET", route="unmatched", status="404") == 200
        assert sample_value(page, "facemask_workers") == 2 * (len(os.sched_getaffinity(0)) + 1)


def test_the_processes_of_serve_have_one_page_and_greet_once(database: DatabaseSettings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "facemask", "serve", "--port", "0", "--processes", "2", "--workers", "1"],
            env=os.environ | database_environment(database),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + 60
        while not (found := re.search(r"listens on (http://\S+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        url = found[1]
        wait_until(lambda: sample_value(httpx.get(f"{url}/metrics").text, "facemask_workers") == 2)
        for _ in range(40):
            assert httpx.get(f"{url}/nothing").status_code == 404
        for _ in range(6):
            page = httpx.get(f"{url}/metrics").text
            assert (
                sample_value(page, "facemask_http_requests_total", method="GET", route="unmatched", status="404") == 40
            )
    finally:
        process.terminate()
    assert process.wait(30) == 0
    assert log.read_text().count("listens on") == 1


@pytest.mark.parametrize(("free", "parent"), [(2**30, service_commands._MEMORY_FOLDER), (2**20, None), (None, None)])
def test_the_shared_folder_is_in_memory_where_that_is_large_enough(
    free: int | None, parent: Path | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_usage(path: Path) -> SimpleNamespace:
        assert path == service_commands._MEMORY_FOLDER
        if free is None:
            raise FileNotFoundError(path)  # a system without such a folder
        return SimpleNamespace(free=free)

    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("shutil.disk_usage", disk_usage)
    with service_commands._shared_metrics():
        folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        assert folder.is_dir()
        assert folder.parent == (parent or tmp_path)
    assert not folder.exists()
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
