"""The metrics. Every label has its values from a list that is fixed when the process starts.

`prometheus_client` decides when it is imported, by the variable `PROMETHEUS_MULTIPROC_DIR`, whether numbers live in
this process or in files that several processes share; see `together.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector

from facemask.service.negotiation import best_match
from facemask.service.telemetry.gauges import Readings
from facemask.service.telemetry.multiprocess import gathered, join, together

OUTCOMES: Final = ("completed", "failed", "error", "erased")
STAGES: Final = ("cache", "decode", "trace", "store")
CACHE_RESULTS: Final = ("exact", "similar", "miss")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"
UNMATCHED: Final = "unmatched"

_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_JOB_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)

# What prometheus_client writes, under its own names; a client's words would come back in the answer's header.
_PAGES = (
    "text/plain;version=0.0.4;charset=utf-8",
    *(
        f"{name};version=1.0.0;charset=utf-8;escaping={escaping}"
        for name in ("application/openmetrics-text", "text/plain")
        for escaping in ("underscores", "allow-utf-8", "dots", "values")
    ),
)


class Metrics:
    """All of them in a registry of their own, so that two applications in one process do not meet."""

    def __init__(self, version: str, reasons: Iterable[str], *, shared_queue: bool = False) -> None:
        join()
        self.registry = CollectorRegistry()
        given: dict[str, Any] = {"namespace": "facemask", "registry": self.registry}
        self.requests = Counter("http_requests", "Requests that were answered.", ["method", "route", "status"], **given)
        self.request_seconds = Histogram(
            "http_request_duration_seconds",
            "Time from a request's head to the end of its answer, waiting for a job included.",
            ["method", "route"],
            buckets=_REQUEST_BUCKETS,
            **given,
        )
        self.rejected = Counter(
            "rejected", "Requests that were refused, by the code of the problem.", ["reason"], **given
        )
        self.jobs = Counter(
            "jobs",
            "Jobs that ended: failed is the fault of the input, error is ours, erased is by the client.",
            ["outcome"],
            **given,
        )
        self.queue_seconds = Histogram(
            "job_queue_seconds", "Time from the submission to the start of the work.", buckets=_JOB_BUCKETS, **given
        )
        self.job_seconds = Histogram(
            "job_duration_seconds",
            "Time from the start of the work to the stored result.",
            buckets=_JOB_BUCKETS,
            **given,
        )
        self.stage_seconds = Histogram(
            "stage_duration_seconds", "Time of a step of a job.", ["stage"], buckets=_STAGE_BUCKETS, **given
        )
        self.cache = Counter("cache_requests", "Inputs that were looked up, by what was found.", ["result"], **given)
        self._gauges(given, shared_queue=shared_queue)
        self._begin(version, reasons)

    def _gauges(self, given: dict[str, Any], *, shared_queue: bool) -> None:
        live: dict[str, Any] = {"multiprocess_mode": "livesum", **given}
        self.workers = Gauge("workers", "Jobs that may run at once.", **live)
        self.busy = Gauge("workers_busy", "Jobs that run.", **live)
        # What all processes read from one table is not added up.
        queue = live | ({"multiprocess_mode": "livemostrecent"} if shared_queue else {})
        self._queue = Gauge("jobs_in_queue", "Jobs that wait for a worker; those of all processes.", **queue)
        self._pool = Gauge("pool_connections", "Connections to the database.", ["state"], **live)
        self._pool_waiting = Gauge("pool_waiting", "Requests that wait for a connection.", **live)
        self._build = Gauge("build_info", "Always 1.", ["version"], multiprocess_mode="max", **given)

    def _begin(self, version: str, reasons: Iterable[str]) -> None:
        """Every series with a fixed label is there from the start: a rate can be taken of its first event."""
        if not together():
            ProcessCollector(registry=self.registry)
        self._build.labels(version).set(1)
        for reason in reasons:
            self.rejected.labels(reason)
        self.requests.labels("GET", UNMATCHED, "404")
        self.request_seconds.labels("GET", UNMATCHED)
        for state in ("idle", "used"):
            self._pool.labels(state)
        for outcome in OUTCOMES:
            self.jobs.labels(outcome)
        for stage in STAGES:
            self.stage_seconds.labels(stage)
        for result in CACHE_RESULTS:
            self.cache.labels(result)

    def read(self, readings: Readings) -> None:
        """Sets what is not counted."""
        self._queue.set(math.nan if readings.in_queue is None else readings.in_queue)
        if pool := readings.pool:
            self._pool.labels("idle").set(pool.idle)
            self._pool.labels("used").set(pool.size - pool.idle)
            self._pool_waiting.set(pool.waiting)

    def page(self, accept: str) -> tuple[bytes, str]:
        """All metrics as text, and its media type: OpenMetrics, with exemplars, for those who like it more. Who takes
        neither gets plain text: a scrape without numbers helps nobody.
        """
        encode, media_type = choose_encoder(best_match(accept, _PAGES) or _PAGES[0])
        return encode(gathered() if together() else self.registry), media_type
