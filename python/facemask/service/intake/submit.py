"""The desk where submissions are handed in: admission, reading, decoding, queueing, in this order."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from dataclasses import replace
from functools import partial

from facemask.service.access.owner import sharing_owner
from facemask.service.errors import ProblemError
from facemask.service.intake.body import AnyRequest, Body, BodyDigest, announced_length, read_body
from facemask.service.intake.content_type import Media, read_media
from facemask.service.intake.decoding import Decoder
from facemask.service.jobs.admission import Slot
from facemask.service.jobs.job import Key, Submission, Ticket
from facemask.service.jobs.protocol import JobEngine, KnownKey
from facemask.service.settings import LimitSettings
from facemask.service.telemetry.jobs import JobTelemetry
from facemask.service.thread_pool import ThreadPool

_log = logging.getLogger("facemask.service")

_MAX_KEY = 255
# Two bodies decoded at once keep two cores busy, and bound the memory for their copies.
_DECODING_THREADS = 2


class Desk:
    """Turns requests into jobs."""

    def __init__(
        self, jobs: JobEngine, decoder: Decoder, limits: LimitSettings, telemetry: JobTelemetry | None = None
    ) -> None:
        self._jobs = jobs
        self._telemetry = telemetry or JobTelemetry()
        self._decoder = decoder
        self._limits = limits
        self._threads = ThreadPool(_DECODING_THREADS)

    async def hand_in(
        self, request: AnyRequest, key: str | None, *, caller: Hashable = None, patient: bool = False
    ) -> Ticket:
        """The ticket for a request. What the headers tell is refused before anything is read; a body is read
        only when there is a slot for its job. `patient`: see `JobEngine.submit`.
        """
        media = read_media(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
        key = None if key is None else _checked(key)
        length = announced_length(request, self._limits.body_bytes)
        owner = sharing_owner(request)
        if key and (known := await self._jobs.known(key, owner)):
            return await self._replay(request, media, known)
        with await self._jobs.reserve(caller) as slot:
            submission, digest = await self._receive(request, media, (slot, length), digest=bool(key))
            if isinstance(submission, ProblemError):
                raise submission
            with self._telemetry.sending() as sending:
                submission = replace(submission, owner=owner, trace=sending.carrier)
                ticket = await self._jobs.submit(slot, submission, Key(key, digest) if key else None, patient=patient)
                sending.sent(ticket.id, replayed=ticket.replayed, repeated=ticket.ended is not None)
        return ticket

    async def _receive(
        self, request: AnyRequest, media: Media, place: tuple[Slot, int], *, digest: bool
    ) -> tuple[Submission | ProblemError, bytes]:
        """Reads and decodes. A problem is returned, not raised: its traceback would keep the body alive until the
        next garbage collection, for an exception that crosses threads refers to itself."""
        slot, announced = place
        body = Body(announced)
        hashed = BodyDigest(media.boundary)

        def lay(chunk: bytes) -> None:
            slot.add(len(chunk))
            body.add(chunk)
            if digest:
                hashed.update(chunk)

        await read_body(request, self._limits, lay)
        slot.take()
        decode = partial(self._decode, media, body.take())
        # The thread holds the body, also when the request is over: so it holds the slot too.
        return await self._threads.run(decode, slot), hashed.digest()

    def _decode(self, media: Media, body: memoryview) -> Submission | ProblemError:
        """Runs in a thread."""
        try:
            return self._decoder.decode(media, body)
        except ProblemError as problem:
            return problem.without_traceback()
        except BaseException:  # noqa: BLE001 - a panic of the compiled module is not an Exception
            _log.exception("a body could not be checked: a bug of ours")
            return ProblemError("internal_error", "the service failed; the request may be sent again")

    async def _replay(self, request: AnyRequest, media: Media, known: KnownKey) -> Ticket:
        """Compares the body with the first one's digest. Nothing is kept, so this needs no place in the
        queue.
        """
        hashed = BodyDigest(media.boundary)
        await read_body(request, self._limits, hashed.update)
        known.key.require(hashed.digest())
        return Ticket(known.job_id, replayed=True)


def _checked(key: str) -> str:
    if 1 <= len(key) <= _MAX_KEY and key.isascii() and key.isprintable():
        return key
    raise ProblemError("validation_failed", f"must be 1 to {_MAX_KEY} printable ASCII characters", "Idempotency-Key")
