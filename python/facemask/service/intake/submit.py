"""Submissions: admission, reading, decoding and queueing, in this order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial

from facemask.service.access.owner import sharing_owner
from facemask.service.errors import ProblemError
from facemask.service.intake.body import AnyRequest, BodyChunks, BodyDigest, check_declared_length, read_body
from facemask.service.intake.content_type import ContentType, parse_content_type
from facemask.service.intake.decoding import Decoder
from facemask.service.jobs.admission import Slot
from facemask.service.jobs.job import IdempotencyKey, Submission, SubmissionReceipt
from facemask.service.jobs.protocol import JobEngine, KeyedJob
from facemask.service.settings import LimitSettings
from facemask.service.telemetry.jobs import JobTelemetry
from facemask.service.thread_pool import ThreadPool

_log = logging.getLogger("facemask.service")

_MAX_KEY = 255
# Two decoders keep two cores busy and bound the memory for copies of bodies.
_DECODING_THREADS = 2


class SubmissionService:
    """Turns requests into jobs."""

    def __init__(
        self, jobs: JobEngine, decoder: Decoder, limits: LimitSettings, telemetry: JobTelemetry | None = None
    ) -> None:
        self._jobs = jobs
        self._telemetry = telemetry or JobTelemetry()
        self._decoder = decoder
        self._limits = limits
        self._threads = ThreadPool(_DECODING_THREADS)

    async def submit(
        self, request: AnyRequest, key: str | None, *, caller: Hashable = None, defer_persist: bool = False
    ) -> SubmissionReceipt:
        """Queue the job of a request.

        Errors in the headers are raised before anything is read; a body is read only when there is a slot for its job.
        `defer_persist`: see `JobEngine.submit`.
        """
        content_type = parse_content_type(
            request.headers.get("content-type", ""), request.headers.get("content-encoding", "")
        )
        key = None if key is None else _validated_key(key)
        check_declared_length(request, self._limits.body_bytes)
        owner = sharing_owner(request)
        if key and (keyed_job := await self._jobs.find_key(key, owner)):
            return await self._replay(request, content_type, keyed_job)
        with await self._jobs.reserve(caller) as slot:
            digest = BodyDigest(content_type.boundary) if key else None
            submission = await self._receive(request, content_type, slot, digest)
            if isinstance(submission, ProblemError):
                raise submission
            with self._telemetry.enqueue_span() as span:
                submission = replace(submission, owner=owner, trace_context=span.carrier)
                idempotency_key = IdempotencyKey(key, digest.digest()) if key and digest else None
                receipt = await self._jobs.submit(slot, submission, idempotency_key, defer_persist=defer_persist)
                span.mark_enqueued(receipt.id, replayed=receipt.replayed, repeated=receipt.finished is not None)
        return receipt

    async def _receive(
        self, request: AnyRequest, content_type: ContentType, slot: Slot, digest: BodyDigest | None
    ) -> Submission | ProblemError:
        """Read and decode a body, and add it to `digest`.

        A decoding problem is returned, not raised: an exception that crosses threads refers to itself, so its traceback
        would keep the body alive until the next garbage collection.
        """
        body = BodyChunks()

        def sink(chunk: bytes) -> None:
            slot.add(len(chunk))
            body.add(chunk)
            if digest:
                digest.update(chunk)

        await read_body(request, self._limits, sink)
        slot.take()
        # In the thread: joining the chunks copies them.
        decode = partial(self._decode, content_type, body.content)
        # The thread holds the body even after the request has ended, so it also holds the slot.
        return await self._threads.run(decode, slot)

    def _decode(self, content_type: ContentType, read_content: Callable[[], bytes]) -> Submission | ProblemError:
        """Run in a thread."""
        try:
            return self._decoder.decode(content_type, read_content())
        except ProblemError as problem:
            return problem.without_traceback()
        except BaseException:  # noqa: BLE001 - a panic of the compiled module is not an Exception
            _log.exception("a body could not be checked: a bug of ours")
            return ProblemError("internal_error", "the service failed; the request may be sent again")

    async def _replay(self, request: AnyRequest, content_type: ContentType, keyed_job: KeyedJob) -> SubmissionReceipt:
        """Compare the body's digest with the first one's.

        The body is not stored, so this needs no slot.
        """
        digest = BodyDigest(content_type.boundary)
        await read_body(request, self._limits, digest.update)
        keyed_job.key.require_digest(digest.digest())
        return SubmissionReceipt(keyed_job.job_id, replayed=True)


def _validated_key(key: str) -> str:
    if 1 <= len(key) <= _MAX_KEY and key.isascii() and key.isprintable():
        return key
    raise ProblemError("validation_failed", f"must be 1 to {_MAX_KEY} printable ASCII characters", "Idempotency-Key")
