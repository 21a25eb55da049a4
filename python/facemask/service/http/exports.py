"""The result of a completed job in the format that a request asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Final

from facemask import FacemaskError
from facemask.formats import FORMATS, ExportFormat, check_options
from facemask.service.core.exports import render_export, trace_from_body
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import Outcome
from facemask.service.negotiation import best_match
from facemask.service.thread_pool import ThreadPool
from facemask.validation import short_repr

# Rendered images and long contours: two threads keep two cores busy and bound the memory.
_THREADS = 2
# Bytes of a response body whose SVG is decoded faster than a thread starts.
_INLINE_BYTES = 2**20
# The upright crop of a job that kept it: the suffix of its address, and its media type.
CROP_IMAGE: Final = "jpg"
_CROP_MEDIA_TYPE: Final = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Representation:
    """Bytes with media type and ETag, as RFC 9110 calls what a response transfers."""

    data: bytes
    media_type: str
    etag: str


class ResultRenderer:
    """Renders files of stored results in threads.

    Nothing is cached: a format costs less than a trace.
    """

    def __init__(self, max_bytes: int = 64 * 2**20) -> None:
        self._max_bytes = max_bytes
        self._threads = ThreadPool(_THREADS)

    async def render(
        self, outcome: Outcome, accept: str, format_name: str | None, options: Mapping[str, Any]
    ) -> Representation:
        """Return the result in the named format, or in the best one for `accept`, with the format's options.

        Raises `not_acceptable`, `option_invalid`, `format_impossible` where the format cannot represent this result,
        and `result_too_large`.
        """
        chosen = _negotiate(outcome, accept, format_name)
        if chosen is None:
            return _representation(outcome.crop_image, _CROP_MEDIA_TYPE)
        _check_parameters(chosen.name, options)
        if chosen.name == "svg":
            is_short = outcome.size < _INLINE_BYTES
            svg = outcome.svg if is_short else await self._threads.run(partial(_svg, outcome))
            return Representation(svg, chosen.media_type, outcome.etag)
        data = await self._threads.run(partial(_render, outcome, chosen.name, options))
        if len(data) > self._max_bytes:
            detail = f"as {chosen.name} the result has {len(data)} bytes, it may have {self._max_bytes}"
            raise ProblemError("result_too_large", detail)
        return _representation(data, chosen.media_type)


def _representation(data: bytes, media_type: str) -> Representation:
    return Representation(data, media_type, f'"{blake2b(data, digest_size=16).hexdigest()}"')


def _svg(outcome: Outcome) -> bytes:
    return outcome.svg


def _render(outcome: Outcome, format_name: str, options: Mapping[str, Any]) -> bytes:
    try:
        return render_export(format_name, trace_from_body(outcome.body, outcome.svg), options)
    except ProblemError as problem:
        # In an address a field is called by its bare name.
        field = problem.field.removeprefix("options.")
        raise ProblemError(problem.code, problem.detail, field) from problem


def _check_parameters(format_name: str, options: Mapping[str, Any]) -> None:
    """Check the options of a format in an address, where a field is called by its bare name."""
    try:
        check_options(format_name, options)
    except FacemaskError as error:
        raise ProblemError(error.code, error.detail, error.field) from error


def _negotiate(outcome: Outcome, accept: str, format_name: str | None) -> ExportFormat | None:
    """Return the format to send; None is the crop image.

    Among equally acceptable ones the job's own comes first, and the crop image last.
    """
    if format_name == CROP_IMAGE:
        if not outcome.crop_image:
            detail = "the job has no crop image; submit the photo again with the option crop_image"
            raise ProblemError("not_acceptable", detail)
        return None
    if format_name is not None:
        if format_name not in FORMATS:
            detail = f"there is no format {short_repr(format_name)}; there are {', '.join(FORMATS)}"
            raise ProblemError("not_acceptable", detail, "format")
        return FORMATS[format_name]
    candidates = [FORMATS[outcome.format], *FORMATS.values()]
    offers = [_offer(candidate) for candidate in candidates] + [_CROP_MEDIA_TYPE] * bool(outcome.crop_image)
    best = best_match(accept, offers)
    if best is None:
        media_types = ", ".join(dict.fromkeys(offer.partition(";")[0] for offer in offers))
        raise ProblemError("not_acceptable", f"the result comes as {media_types}", "Accept")
    return next((candidate for candidate in candidates if _offer(candidate) == best), None)


def _offer(candidate: ExportFormat) -> str:
    """Return the media type, for text with its charset, which is always UTF-8."""
    return f"{candidate.media_type};charset=utf-8" if candidate.is_text else candidate.media_type
