"""One job from bytes to answer. The page to read first.

    submission -> (simulated delay) -> fingerprint -> the cache, else one call into the core -> the finished answer

The core is called in a thread. Whatever happens, `run` returns an outcome: a mistake in the input makes the job fail
with the code of that mistake, anything else is a bug of ours, is logged, and makes it fail with `internal_error`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic, time_ns
from typing import Any, TypeVar

import anyio
import msgspec

from facemask.formats import FORMATS
from facemask.service.cache.entry import Cache, Entry, Found, Made
from facemask.service.cache.key import request_of, salt_of
from facemask.service.cache.lookup import Looked, Tiers
from facemask.service.cache.settings import CacheMode
from facemask.service.core.exports import render_export, trace_from_result
from facemask.service.core.protocol import CoreModule, Fingerprint, TraceResult, translate_core_errors
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import Outcome, Status, Submission, Work
from facemask.service.schemas import ErrorBody, FailedBody
from facemask.service.telemetry.jobs import Seen
from facemask.service.thread_pool import ThreadPool

_log = logging.getLogger("facemask.service")
_encode = msgspec.json.Encoder().encode
# How the core ends an answer without a file in another format.
_NO_FILE = b"null}"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Repeat:
    """What a submission needs to be answered by an earlier one of the same bytes: the digest of them all, and its
    answer up to where the kept one goes on, which may have `most` bytes.
    """

    request: bytes
    head: bytes
    most: int


class Runner:
    """Runs jobs, at most `workers` threads at a time. Without a cache every job is traced."""

    def __init__(
        self,
        core: CoreModule,
        limits: Any,
        *,
        workers: int,
        simulated_delay: float,
        cache: Cache | None = None,
        answer_bytes: int = 64 * 2**20,
    ) -> None:
        self._core = core
        self._limits = limits
        self._delay = simulated_delay
        self._most = answer_bytes
        self._threads = ThreadPool(workers)
        self._tiers = Tiers(cache, self._grey, self._threads) if cache else None

    async def run(self, work: Work, seen: Seen) -> Outcome:
        """The outcome of a job; never raises. A job that is erased while it sleeps is not traced. `seen` is told the
        steps.
        """
        submission = work.submission
        timings = {"queue": _ms_since(work.accepted)}
        if submission is None or await self._sleep(work, submission):
            return failed(work.id, "job_not_found", "the job was erased")
        if self._tiers is None or submission.cache is CacheMode.OFF:
            began = time_ns()
            outcome = await self._in_thread(work, partial(self._trace, work, submission, timings))
            seen.engine(began, timings, "decode", "trace")
            return outcome
        salt = self._salt(submission)
        began = time_ns()
        fingerprint = await self._in_thread(work, partial(self._begin, work, submission, timings, salt))
        if isinstance(fingerprint, Outcome):
            if "cache" in timings:
                self._tiers.missed()
                seen.looked_up("miss")
            seen.engine(began, timings, "decode", "cache", "trace")
            return fingerprint
        seen.engine(began, timings, "decode")
        del timings["decode"]
        started = monotonic()
        mode = submission.cache if submission.options.get("embed_image", "none") == "none" else CacheMode.EXACT
        with seen.step("cache"):
            looked = await self._tiers.look_up(fingerprint, submission.image, mode)
        seen.looked_up(result_of(looked.found))
        timings |= {"request": submission.decode_ms, "cache": _ms_since(started)}
        if looked.found and len(looked.found.made.tail) <= self._most:
            timings["total"] = _ms_since(work.accepted)
            return answered(work.id, looked.found.made, timings, looked.found)
        began = time_ns()
        outcome = await self._in_thread(work, partial(self._trace_new, work, submission, timings, fingerprint, looked))
        seen.engine(began, timings, "trace")
        return outcome

    def repeat(self, job_id: str, submission: Submission) -> Repeat | None:
        """How to answer a submission that was sent before, byte by byte, without looking at its files again. None where
        the cache may not answer, or where it would be quicker than it is meant to be.
        """
        if self._tiers is None or not submission.content or (self._delay and not submission.loadtest_mode):
            return None
        timings = {"queue": 0.0, "request": submission.decode_ms, "cache": 0.0, "total": submission.decode_ms}
        return Repeat(self._request(submission), head_of(job_id, timings, "exact"), self._most)

    def _request(self, submission: Submission) -> bytes:
        return request_of(self._salt(submission), submission.content) if submission.content else b""

    def _salt(self, submission: Submission) -> bytes:
        return salt_of(submission.options, submission.format, submission.owner, self._core.__version__)

    async def _sleep(self, work: Work, submission: Submission) -> bool:
        """Sleeps the simulated delay on the event loop; whether the job was erased meanwhile."""
        if self._delay and not submission.loadtest_mode:
            with anyio.move_on_after(self._delay):
                await work.ended.wait()
        return work.erased

    async def _in_thread(self, work: Work, step: Callable[[], T]) -> T | Outcome:
        """A step in a thread, which is only abandoned when the whole process ends."""
        return await self._threads.run(partial(_guarded, work.id, step))

    def _begin(
        self, work: Work, submission: Submission, timings: dict[str, float], salt: bytes
    ) -> Fingerprint | Outcome:
        """The fingerprint, under which the cache may have the answer; where it surely has none, the answer itself:
        then a second thread need not be waited for.
        """
        started = monotonic()
        try:
            fingerprint = self._fingerprint(submission, salt)
        finally:
            timings["decode"] = _ms_since(started)
        if self._tiers is None or not self._tiers.lacks(fingerprint.exact):
            return fingerprint
        timings |= {"request": submission.decode_ms, "cache": 0.0}
        return self._trace_new(work, submission, timings, fingerprint, Looked(None))

    def _fingerprint(self, submission: Submission, salt: bytes) -> Fingerprint:
        with translate_core_errors(self._core):
            options = self._core.Options(**submission.options)
            return self._core.fingerprint(*submission.files, options, self._limits, salt)

    def _grey(self, image: bytes) -> bytes:
        with translate_core_errors(self._core):
            return self._core.grey_raster(image, self._limits)

    def _trace(self, work: Work, submission: Submission, timings: dict[str, float]) -> Outcome:
        """The heavy part, without a cache."""
        started = monotonic()
        with translate_core_errors(self._core):
            options = self._core.Options(**submission.options)
            result = self._core.trace_bytes(*submission.files, options, self._limits, answer=True)
        made = self._made(result, submission.format)
        timings |= {"request": submission.decode_ms, "trace": _ms_since(started), **result.timings_ms}
        timings["total"] = _ms_since(work.accepted)
        return answered(work.id, made, timings)

    def _trace_new(
        self,
        work: Work,
        submission: Submission,
        timings: dict[str, float],
        fingerprint: Fingerprint,
        looked: Looked,
    ) -> Outcome:
        """The heavy part, after a miss."""
        started = monotonic()
        with translate_core_errors(self._core):
            options = self._core.Options(**submission.options)
            result = fingerprint.trace(submission.files[0], options, self._limits)
        made = self._made(result, submission.format)
        timings |= {"trace": _ms_since(started), **result.timings_ms, "total": _ms_since(work.accepted)}
        entry = Entry(fingerprint.exact, made, looked.marks, self._request(submission))
        return answered(work.id, made, timings, entry=entry)

    def _made(self, result: TraceResult, form: str) -> Made:
        """The answer, unless it is too large to be sent to anybody. The SVG is part of it."""
        made = made_of(result, form)
        if len(made.tail) > self._most:
            detail = f"the answer has {len(made.tail)} bytes, it may have {self._most}; a tolerance makes it smaller"
            raise ProblemError("result_too_large", detail)
        return made


def _guarded(job_id: str, step: Callable[[], T]) -> T | Outcome:
    """Runs in a thread. Errors end here: one that crossed to the event loop would keep the pictures alive."""
    try:
        return step()
    except ProblemError as problem:
        return failed(job_id, problem.code, problem.detail, problem.field)
    except BaseException:  # noqa: BLE001 - the worker survives every bug; a panic is not an Exception
        _log.exception("job %s failed: a bug of ours", job_id)
        return broken(job_id)


def made_of(result: TraceResult, form: str) -> Made:
    """The part of an answer that every job with the same input gets."""
    tail = result.answer_json
    if form != "svg":
        tail = tail.removesuffix(_NO_FILE) + _encode(_file(form, result)) + b"}"
    return Made(tail, f'"{result.svg_digest}"', form)


def answered(
    job_id: str, made: Made, timings: dict[str, float], found: Found | None = None, *, entry: Entry | None = None
) -> Outcome:
    """The outcome of a job whose answer was made now or found in the cache."""
    head = head_of(job_id, timings, result_of(found), found.distance if found else None)
    cached = found.digest if found else entry.digest if entry else None
    return Outcome(Status.COMPLETED, head, made.etag, made.format, cached, entry, tail=made.tail)


def head_of(job_id: str, timings: dict[str, float], cache: str, distance: int | None = None) -> bytes:
    """The JSON of a completed job up to what every job with the same input gets."""
    head = {
        "id": job_id,
        "status": Status.COMPLETED,
        "cache": cache,
        "cache_distance": distance,
        "timings_ms": {name: round(value, 3) for name, value in timings.items()},
    }
    return _encode(head)[:-1] + b","


def result_of(found: Found | None) -> str:
    """What the cache had: `exact`, `similar` or `miss`."""
    return "miss" if found is None else "exact" if found.distance is None else "similar"


def _file(name: str, result: TraceResult) -> dict[str, Any]:
    """The result in another format."""
    return {
        "format": name,
        "media_type": FORMATS[name].media_type,
        "data": render_export(name, trace_from_result(result)),
    }


def failed(job_id: str, code: str, detail: str, field: str = "") -> Outcome:
    """The answer of a job that could not be done."""
    return Outcome(Status.FAILED, _encode(FailedBody(job_id, "failed", ErrorBody(code, detail, field))), code=code)


def broken(job_id: str) -> Outcome:
    """The answer of a job that met a bug of ours."""
    return failed(job_id, "internal_error", "the service failed; the job may be submitted again")


def _ms_since(moment: float) -> float:
    return (monotonic() - moment) * 1000.0
