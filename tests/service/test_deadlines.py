"""Deadlines of requests hold while a thread runs on, and its resources stay reserved until it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest
from facemask.formats import FORMATS
from facemask.service.errors import ProblemError
from facemask.service.http import exports
from facemask.service.telemetry import exposition as page_module
from facemask.service.telemetry.exposition import MetricsExposition
from facemask.service.telemetry.gauges import GaugeValues
from facemask.service.telemetry.metrics import Metrics
from support.service.fake_tracer import API, FakeTracer, body
from support.service.live_server import LiveServer
from support.waiting import wait_until

REQUEST_SECONDS = 0.5


class Latch:
    """Where threads stand until it opens."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.standing = 0

    def hold(self) -> None:
        self.standing += 1
        assert self.opened.wait(60)
        self.standing -= 1


@pytest.fixture
def latch() -> Iterator[Latch]:
    latch = Latch()
    yield latch
    latch.opened.set()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def is_timeout(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["code"]) == (503, "request_timeout")


def submit_until_accepted(client: httpx.Client) -> str:
    """The id of a job that has completed, however often a slow machine has to be asked."""
    accepted: list[str] = []

    def submit() -> bool:
        answer = client.post("/submit", json=body())
        accepted.extend([answer.json()["id"]] if answer.status_code == 202 else [])
        return bool(accepted)

    wait_until(submit)
    wait_until(lambda: client.get(f"/status/{accepted[0]}").json().get("status") == "completed")
    return accepted[0]


def test_a_body_whose_check_does_not_end_is_answered_in_time_and_keeps_its_slot(
    make_live: Callable[..., LiveServer], tracer: FakeTracer, latch: Latch, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = tracer.check_input

    def held(*given: Any, **named: Any) -> Any:
        latch.hold()
        return check(*given, **named)

    monkeypatch.setattr(tracer, "check_input", held)
    live = make_live(request_seconds=REQUEST_SECONDS, workers=1, queue_size=2)
    for number in (1, 2):
        assert is_timeout(httpx.post(f"{live.url}{API}/submit", json=body(), timeout=50))
        assert latch.standing == number
        assert live.load().slots == number
    # Both threads are gone: this one waits for a thread, holds its body no more, and gives its slot back.
    assert is_timeout(httpx.post(f"{live.url}{API}/submit", json=body(), timeout=50))
    live.wait_for_load(lambda load: load.slots == 2)
    assert live.load().slot_bytes > 0
    assert httpx.get(live.url + "/health/live").status_code == 200
    latch.opened.set()
    assert live.wait_for_load(lambda load: load.slots == 0).slot_bytes == 0
    wait_until(lambda: httpx.post(f"{live.url}{API}/submit", json=body(), timeout=50).status_code == 202)


def test_a_file_that_is_never_made_is_answered_in_time_and_its_threads_do_not_pile_up(
    make_live: Callable[..., LiveServer], latch: Latch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def preview(_: Any) -> bytes:
        latch.hold()
        return b"\x89PNG"

    monkeypatch.setitem(FORMATS, "png", FORMATS["png"].__class__("png", "image/png", "png", preview))
    live = make_live(request_seconds=REQUEST_SECONDS)
    with httpx.Client(base_url=live.url + API, timeout=50) as client:
        job_id = submit_until_accepted(client)
        for _ in range(exports._THREADS + 2):
            assert is_timeout(client.get(f"/result/{job_id}?format=png"))
        assert latch.standing == exports._THREADS
        wait_until(lambda: client.get(f"/result/{job_id}.svg").status_code == 200)
        latch.opened.set()
        wait_until(lambda: latch.standing == 0)
        wait_until(lambda: client.get(f"/result/{job_id}?format=png").status_code == 200)


@pytest.mark.anyio
async def test_a_page_of_metrics_that_is_never_written_is_given_up(
    latch: Latch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the folder that processes share lies on a disk that does not answer."""
    monkeypatch.setattr(page_module, "_RENDER_SECONDS", 0.1)
    metrics = Metrics("0", [], shared_queue=False)
    written = metrics.render

    def held(accept: str) -> Any:
        latch.hold()
        return written(accept)

    async def readings() -> GaugeValues:
        return GaugeValues(in_queue=0)

    monkeypatch.setattr(metrics, "render", held)
    page = MetricsExposition(metrics, readings)
    for _ in range(3):
        with pytest.raises(ProblemError, match="request_timeout"):
            await page.render("")
    assert latch.standing == 1
    latch.opened.set()
    monkeypatch.setattr(page_module, "_RENDER_SECONDS", 60.0)
    with anyio.fail_after(60):
        text, _ = await page.render("")
    assert b"facemask_build_info" in text
