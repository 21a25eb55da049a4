"""The Prometheus metrics.

The values of every label are fixed when the process starts.

`prometheus_client` decides at import, by the variable `PROMETHEUS_MULTIPROC_DIR`, whether numbers live in this process
or in files that several processes share; see `multiprocess.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector

from facemask.service.negotiation import best_match
from facemask.service.telemetry.gauges import GaugeValues
from facemask.service.telemetry.multiprocess import collect_group, is_multiprocess, join_group

OUTCOMES: Final = ("completed", "failed", "error", "erased")
STAGES: Final = ("cache", "decode", "trace", "store")
CACHE_RESULTS: Final = ("exact", "similar", "miss")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"
UNMATCHED: Final = "unmatched"

_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_JOB_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)

# The exposition formats under prometheus_client's own names: a client's spelling would be repeated in the response.
_EXPOSITION_FORMATS = (
    "text/plain;version=0.0.4;charset=utf-8",
    *(
        f"{name};version=1.0.0;charset=utf-8;escaping={escaping}"
        for name in ("application/openmetrics-text", "text/plain")
        for escaping in ("underscores", "allow-utf-8", "dots", "values")
    ),
)


class Metrics:
    """All metrics of an application, in a registry of its own."""

    def __init__(self, version: str, reasons: Iterable[str], *, shared_queue: bool = False) -> None:
        join_group()
        self.registry = CollectorRegistry()
        options: dict[str, Any] = {"namespace": "facemask", "registry": self.registry}
        self.requests = Counter(
            "http_requests", "Requests that were answered.", ["method", "route", "status"], **options
        )
        self.request_seconds = Histogram(
            "http_request_duration_seconds",
            "Time from a request's head to the end of its answer, waiting for a job included.",
            ["method", "route"],
            buckets=_REQUEST_BUCKETS,
            **options,
        )
        self.rejected = Counter(
            "rejected", "Requests that were refused, by the code of the problem.", ["reason"], **options
        )
        self.jobs = Counter(
            "jobs",
            "Jobs that ended: failed is the fault of the input, error is ours, erased is by the client.",
            ["outcome"],
            **options,
        )
        self.queue_seconds = Histogram(
            "job_queue_seconds", "Time from the submission to the start of the work.", buckets=_JOB_BUCKETS, **options
        )
        self.job_seconds = Histogram(
            "job_duration_seconds",
            "Time from the start of the work to the stored result.",
            buckets=_JOB_BUCKETS,
            **options,
        )
        self.stage_seconds = Histogram(
            "stage_duration_seconds", "Time of a step of a job.", ["stage"], buckets=_STAGE_BUCKETS, **options
        )
        self.cache = Counter("cache_requests", "Inputs that were looked up, by what was found.", ["result"], **options)
        self._create_gauges(options, shared_queue=shared_queue)
        self._create_series(version, reasons)

    def _create_gauges(self, options: dict[str, Any], *, shared_queue: bool) -> None:
        live: dict[str, Any] = {"multiprocess_mode": "livesum", **options}
        self.workers = Gauge("workers", "Jobs that may run at once.", **live)
        self.busy = Gauge("workers_busy", "Jobs that run.", **live)
        # All processes read the queue from one table, so their values are not summed.
        queue = live | ({"multiprocess_mode": "livemostrecent"} if shared_queue else {})
        self._queue = Gauge("jobs_in_queue", "Jobs that wait for a worker; those of all processes.", **queue)
        self._pool = Gauge("pool_connections", "Connections to the database.", ["state"], **live)
        self._pool_waiting = Gauge("pool_waiting", "Requests that wait for a connection.", **live)
        self._build = Gauge("build_info", "Always 1.", ["version"], multiprocess_mode="max", **options)

    def _create_series(self, version: str, reasons: Iterable[str]) -> None:
        """Create every series with fixed labels.

        Rates then include its first event.
        """
        if not is_multiprocess():
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

    def set_gauges(self, values: GaugeValues) -> None:
        """Set the gauges that are read on request."""
        self._queue.set(math.nan if values.in_queue is None else values.in_queue)
        if pool := values.pool:
            self._pool.labels("idle").set(pool.idle)
            self._pool.labels("used").set(pool.size - pool.idle)
            self._pool_waiting.set(pool.waiting)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics as text, and its media type.

        That is OpenMetrics, with exemplars, where `accept` prefers it. Without an acceptable format it is plain text,
        rather than a scrape without metrics.
        """
        encode, media_type = choose_encoder(best_match(accept, _EXPOSITION_FORMATS) or _EXPOSITION_FORMATS[0])
        return encode(collect_group() if is_multiprocess() else self.registry), media_type
