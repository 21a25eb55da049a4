"""One job from bytes to answer. The page to read first.

    submission -> (simulated delay) -> one call into the engine, in a thread -> the finished answer

Whatever happens, `run` returns an outcome: a mistake in the input makes the job fail with the code of that
mistake, anything else is a bug of ours, is logged, and makes it fail with `internal_error`.
"""

from __future__ import annotations

import logging
from functools import partial
from hashlib import blake2b
from time import monotonic
from typing import Any

import anyio
import anyio.to_thread
import msgspec

from facemask.formats import FORMATS
from facemask.service.engine import Engine, Mask, refusals_of
from facemask.service.jobs.job import Outcome, Status, Submission, Work
from facemask.service.kept import of_mask, rendered
from facemask.service.refusal import Refusal
from facemask.service.schemas import ErrorBody, FailedBody

_log = logging.getLogger("facemask.service")
_encode = msgspec.json.Encoder().encode


class Runner:
    """Runs jobs, at most `workers` threads at a time."""

    def __init__(self, engine: Engine, limits: Any, *, workers: int, simulated_delay: float) -> None:
        self._engine = engine
        self._limits = limits
        self._delay = simulated_delay
        self._threads = anyio.CapacityLimiter(workers)

    async def run(self, job: Work) -> Outcome:
        """The outcome of a job; never raises. A job that is erased while it sleeps is not traced."""
        submission = job.submission
        timings = {"queue": _ms_since(job.accepted)}
        if submission is None or await self._sleep(job, submission):
            return failed(job.id, "job_not_found", "the job was erased")
        work = partial(self._work, job, submission, timings)
        # A thread cannot be stopped. It is only abandoned when the whole process ends.
        return await anyio.to_thread.run_sync(work, limiter=self._threads, abandon_on_cancel=True)

    async def _sleep(self, job: Work, submission: Submission) -> bool:
        """Sleeps the simulated delay on the event loop; whether the job was erased meanwhile."""
        if self._delay and not submission.loadtest_mode:
            with anyio.move_on_after(self._delay):
                await job.ended.wait()
        return job.erased

    def _work(self, job: Work, submission: Submission, timings: dict[str, float]) -> Outcome:
        """Runs in a thread. Errors end here: one that crossed to the event loop would keep the pictures alive."""
        try:
            return self._trace(job, submission, timings)
        except Refusal as refusal:
            return failed(job.id, refusal.code, refusal.detail, refusal.field)
        except BaseException:  # noqa: BLE001 - the worker survives every bug; a panic is not an Exception
            _log.exception("job %s failed: a bug of ours", job.id)
            return failed(job.id, "internal_error", "the service failed; the job may be submitted again")

    def _trace(self, job: Work, submission: Submission, timings: dict[str, float]) -> Outcome:
        """The heavy part."""
        started = monotonic()
        with refusals_of(self._engine):
            options = self._engine.Options(**submission.options)
            mask = self._engine.trace_bytes(
                submission.image, submission.label_map, submission.landmarks, options, self._limits
            )
        file = None if submission.format == "svg" else _file(submission.format, mask)
        timings |= {"request": submission.decode_ms, "trace": _ms_since(started), **mask.timings_ms}
        timings["total"] = _ms_since(job.accepted)
        return completed(job.id, mask, timings, file)


def completed(job_id: str, mask: Mask, timings: dict[str, float], file: dict[str, Any] | None = None) -> Outcome:
    """The answer of a traced job. The engine's JSON goes in as it is; `svg` becomes base64."""
    svg = mask.svg_bytes
    answer = {
        "id": job_id,
        "status": Status.COMPLETED,
        "svg": svg,
        "mask_contours": msgspec.Raw(mask.mask_contours_json),
        "regions": msgspec.Raw(mask.regions_json),
        "symmetry": msgspec.Raw(mask.symmetry_json),
        "connectivity": mask.connectivity,
        "crop_from_image": mask.crop_from_image,
        "size": mask.size,
        "roll_degrees": mask.roll_degrees,
        "roll_from": mask.roll_from,
        "mirrored": mask.mirrored,
        "schemes": msgspec.Raw(mask.schemes_json),
        "warnings": mask.warnings,
        "timings_ms": {name: round(value, 3) for name, value in timings.items()},
        "file": file,
    }
    etag = f'"{blake2b(svg, digest_size=16).hexdigest()}"'
    return Outcome(Status.COMPLETED, _encode(answer), svg, etag, file["format"] if file else "svg")


def _file(name: str, mask: Mask) -> dict[str, Any]:
    """The result in another format."""
    return {"format": name, "media_type": FORMATS[name].media_type, "data": rendered(name, of_mask(mask))}


def failed(job_id: str, code: str, detail: str, field: str = "") -> Outcome:
    """The answer of a job that could not be done."""
    return Outcome(Status.FAILED, _encode(FailedBody(job_id, "failed", ErrorBody(code, detail, field))))


def _ms_since(moment: float) -> float:
    return (monotonic() - moment) * 1000.0
