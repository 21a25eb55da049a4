"""One job from submission to response. Read this module first.

    submission -> (simulated delay) -> fingerprint -> cache, otherwise one call of the compiled module -> response

The compiled module is called in a thread. `run` always returns an outcome: an error in the input fails the job with its
own code; any other exception is a bug, is logged, and fails the job with `internal_error`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic, time_ns
from typing import Any, TypeVar

import anyio

from facemask.service.cache.entry import Cache, CacheEntry, SharedResponse
from facemask.service.cache.key import options_key, request_digest
from facemask.service.cache.lookup import CacheLookup, LookupResult
from facemask.service.cache.settings import CacheMode
from facemask.service.core.parser import ServiceParser, core_options
from facemask.service.core.protocol import CoreModule, Fingerprint, TraceResult, translate_core_errors
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import Outcome, RunningJob, Submission, shows_photo
from facemask.service.jobs.outcomes import (
    cache_result,
    completed_outcome,
    failed_outcome,
    internal_error_outcome,
    response_head,
    shared_response,
)
from facemask.service.jobs.photo_faces import FacesResponse, detect_faces, trace_faces
from facemask.service.telemetry.jobs import JobSpan
from facemask.service.thread_pool import ThreadPool

_log = logging.getLogger("facemask.service")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RequestLookup:
    """The digest of a request, and the head to put before a cached tail."""

    request: bytes
    head: bytes
    max_tail_bytes: int


class Runner:
    """Runs jobs in at most `workers` threads. Without a cache every job is traced."""

    def __init__(  # noqa: PLR0913 - all settings by name
        self,
        core: CoreModule,
        limits: Any,
        *,
        workers: int,
        simulated_delay: float,
        cache: Cache | None = None,
        max_response_bytes: int = 64 * 2**20,
        parser: ServiceParser | None = None,
    ) -> None:
        self._core = core
        self._parser = parser
        self._limits = limits
        self._delay = simulated_delay
        self._max_response_bytes = max_response_bytes
        self._threads = ThreadPool(workers)
        self._lookup = CacheLookup(cache, self._thumbnail, self._threads) if cache else None

    async def run(self, job: RunningJob, span: JobSpan) -> Outcome:
        """Return the outcome of a job; never raises.

        A job that is erased while it sleeps is not traced.
        """
        submission = job.submission
        timings = {"queue": _ms_since(job.accepted_at)}
        if submission is None or await self._sleep(job, submission):
            return failed_outcome(job.id, "job_not_found", "the job was erased")
        if submission.detection is not None:
            return await self._run_detection(job, submission, timings, span)
        if self._lookup is None or submission.cache_mode is CacheMode.OFF:
            started_ns = time_ns()
            outcome = await self._in_thread(job, partial(self._trace, job, submission, timings))
            span.add_core_steps(started_ns, timings, "decode", "trace")
            return outcome
        key = self._options_key(submission)
        started_ns = time_ns()
        fingerprint = await self._in_thread(job, partial(self._fingerprint_or_trace, job, submission, timings, key))
        if isinstance(fingerprint, Outcome):
            if "cache" in timings:
                self._lookup.count_miss()
                span.record_lookup("miss")
            span.add_core_steps(started_ns, timings, "decode", "cache", "trace")
            return fingerprint
        span.add_core_steps(started_ns, timings, "decode")
        del timings["decode"]
        started = monotonic()
        mode = CacheMode.EXACT if shows_photo(submission.options) else submission.cache_mode
        with span.step("cache"):
            lookup = await self._lookup.look_up(fingerprint, submission.image, mode)
        span.record_lookup(cache_result(lookup.hit))
        timings |= {"request": submission.decode_ms, "cache": _ms_since(started)}
        if lookup.hit and len(lookup.hit.response.tail) <= self._max_response_bytes:
            timings["total"] = _ms_since(job.accepted_at)
            return completed_outcome(job.id, lookup.hit.response, timings, lookup.hit)
        started_ns = time_ns()
        outcome = await self._in_thread(
            job, partial(self._trace_after_miss, job, submission, timings, fingerprint, lookup)
        )
        span.add_core_steps(started_ns, timings, "trace")
        return outcome

    async def _run_detection(
        self, job: RunningJob, submission: Submission, timings: dict[str, float], span: JobSpan
    ) -> Outcome:
        """Return the outcome of a job whose face is detected.

        Only a request of the same bytes shares its result: nothing else is known of it before the face is detected.
        """
        request = b""
        if self._lookup is not None and submission.cache_mode is not CacheMode.OFF:
            started = monotonic()
            request = self._request_digest(submission)
            with span.step("cache"):
                hit = await self._lookup.look_up_request(request)
            span.record_lookup(cache_result(hit))
            timings |= {"request": submission.decode_ms, "cache": _ms_since(started)}
            if hit and len(hit.response.tail) <= self._max_response_bytes:
                timings["total"] = _ms_since(job.accepted_at)
                return completed_outcome(job.id, hit.response, timings, hit)
        started_ns = time_ns()
        outcome = await self._in_thread(job, partial(self._detect_and_trace, job, submission, timings, request))
        span.add_core_steps(started_ns, timings, "detect", "trace")
        return outcome

    def request_lookup(self, job_id: str, submission: Submission) -> RequestLookup | None:
        """Return how to answer a repeated request without decoding its files.

        None where the cache may not answer, or where that would undercut the simulated delay.
        """
        if self._lookup is None or not submission.content_digest or (self._delay and not submission.loadtest_mode):
            return None
        timings = {"queue": 0.0, "request": submission.decode_ms, "cache": 0.0, "total": submission.decode_ms}
        head = response_head(job_id, timings, "exact")
        return RequestLookup(self._request_digest(submission), head, self._max_response_bytes)

    def _request_digest(self, submission: Submission) -> bytes:
        content = submission.content_digest
        return request_digest(self._options_key(submission), content) if content else b""

    def _options_key(self, submission: Submission) -> bytes:
        export = (submission.format, submission.export_options)
        options = submission.options if self._parser is None else self._parser.key_options(submission.options)
        detection = {} if submission.detection is None else {"detect": submission.detection}
        return options_key(options | detection, *export, submission.owner, self._core.__version__)

    def _core_options(self, submission: Submission) -> Any:
        return self._core.Options(**core_options(submission.options, self._parser))

    async def _sleep(self, job: RunningJob, submission: Submission) -> bool:
        """Sleep the simulated delay on the event loop.

        Returns whether the job was erased in the meantime.
        """
        if self._delay and not submission.loadtest_mode:
            with anyio.move_on_after(self._delay):
                await job.ended.wait()
        return job.is_erased

    async def _in_thread(self, job: RunningJob, step: Callable[[], T]) -> T | Outcome:
        """Run a step in a thread, which is abandoned only when the whole process ends."""
        return await self._threads.run(partial(_catch_errors, job.id, step))

    def _fingerprint_or_trace(
        self, job: RunningJob, submission: Submission, timings: dict[str, float], key: bytes
    ) -> Fingerprint | Outcome:
        """Return the fingerprint for a lookup, or the outcome after a certain miss.

        A miss so needs no second thread.
        """
        started = monotonic()
        try:
            fingerprint = self._fingerprint(submission, key)
        finally:
            timings["decode"] = _ms_since(started)
        if self._lookup is None or not self._lookup.certainly_missing(fingerprint.exact):
            return fingerprint
        timings |= {"request": submission.decode_ms, "cache": 0.0}
        return self._trace_after_miss(job, submission, timings, fingerprint, LookupResult(None))

    def _fingerprint(self, submission: Submission, key: bytes) -> Fingerprint:
        with translate_core_errors(self._core):
            options = self._core_options(submission)
            return self._core.fingerprint(*submission.core_inputs, options, self._limits, key)

    def _thumbnail(self, image: bytes) -> bytes:
        with translate_core_errors(self._core):
            return self._core.luma_thumbnail(image, self._limits)

    def _trace(self, job: RunningJob, submission: Submission, timings: dict[str, float]) -> Outcome:
        """Trace without a cache."""
        started = monotonic()
        with translate_core_errors(self._core):
            options = self._core_options(submission)
            result = self._core.trace_bytes(*submission.core_inputs, options, self._limits, with_response=True)
        response = self._build_response(result, submission)
        timings |= {"request": submission.decode_ms, "trace": _ms_since(started), **result.timings_ms}
        timings["total"] = _ms_since(job.accepted_at)
        return replace(completed_outcome(job.id, response, timings), crop_image=result.crop_jpeg)

    def _detect_and_trace(
        self, job: RunningJob, submission: Submission, timings: dict[str, float], request: bytes
    ) -> Outcome:
        """Detect the faces and trace those that are asked for, into one response."""
        started = monotonic()
        with translate_core_errors(self._core):
            found = detect_faces(self._core, self._limits, submission)
            timings |= {"request": submission.decode_ms, "detect": _ms_since(started)}
            started = monotonic()
            results = trace_faces(self._core, self._limits, submission, found, self._parser)
            response = FacesResponse(self._max_response_bytes)
            for face, result in results:
                response.add(face, self._build_response(result, submission))
                response.crop_image = response.crop_image or result.crop_jpeg
        timings |= {"trace": _ms_since(started), "total": _ms_since(job.accepted_at)}
        entry = CacheEntry(request, response.shared, request=request) if request else None
        outcome = completed_outcome(job.id, response.shared, timings, entry=entry)
        return replace(outcome, crop_image=response.crop_image)

    def _trace_after_miss(
        self,
        job: RunningJob,
        submission: Submission,
        timings: dict[str, float],
        fingerprint: Fingerprint,
        lookup: LookupResult,
    ) -> Outcome:
        """Trace the decoded input, for a new cache entry."""
        started = monotonic()
        with translate_core_errors(self._core):
            options = self._core_options(submission)
            result = fingerprint.trace(submission.core_inputs[0], options, self._limits)
        response = self._build_response(result, submission)
        timings |= {"trace": _ms_since(started), **result.timings_ms, "total": _ms_since(job.accepted_at)}
        entry = CacheEntry(fingerprint.exact, response, lookup.similarity, self._request_digest(submission))
        return completed_outcome(job.id, response, timings, entry=entry)

    def _build_response(self, result: TraceResult, submission: Submission) -> SharedResponse:
        """Return the response. Raises `result_too_large` for one that no client could get."""
        response = shared_response(result, submission.format, submission.export_options)
        if len(response.tail) > self._max_response_bytes:
            detail = f"the answer has {len(response.tail)} bytes, it may have {self._max_response_bytes}"
            raise ProblemError("result_too_large", f"{detail}; a tolerance makes it smaller")
        if len(result.crop_jpeg) > self._max_response_bytes:
            detail = f"the crop image has {len(result.crop_jpeg)} bytes, it may have {self._max_response_bytes}"
            raise ProblemError("result_too_large", f"{detail}; leave crop_image out, or crop to the face")
        return response


def _catch_errors(job_id: str, step: Callable[[], T]) -> T | Outcome:
    """Run a step in a thread.

    Errors end here: one that crossed to the event loop would keep the pictures alive.
    """
    try:
        return step()
    except ProblemError as problem:
        return failed_outcome(job_id, problem.code, problem.detail, problem.field)
    except BaseException:  # noqa: BLE001 - the worker survives every bug; a panic is not an Exception
        _log.exception("job %s failed: a bug of ours", job_id)
        return internal_error_outcome(job_id)


def _ms_since(moment: float) -> float:
    return (monotonic() - moment) * 1000.0
