"""The result of a finished job in the format that a request takes."""

from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

from facemask.arguments import shown
from facemask.formats import FORMATS, Format
from facemask.service.core.exports import render_export, trace_from_body
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import Outcome
from facemask.service.negotiation import best_match
from facemask.service.thread_pool import ThreadPool

# Pictures and long outlines: two at once keep two cores busy, and bound the memory.
_THREADS = 2
# Bytes of an answer whose SVG is read in less time than a thread is waited for.
_SHORT = 2**20
# Of formats that share a media type, the one that a request for that type gets, unless the job asked for another.
_ORDER = ("svg", "geojson", "coco", "yolo", "label-studio", "png")


@dataclass(frozen=True, slots=True)
class File:
    """Finished bytes with their digest."""

    data: bytes
    media_type: str
    etag: str


class Press:
    """Makes files from kept results, off the event loop. Nothing is kept: a format costs less than a trace."""

    def __init__(self, file_bytes: int = 64 * 2**20) -> None:
        self._most = file_bytes
        self._threads = ThreadPool(_THREADS)

    async def file(self, outcome: Outcome, accept: str, name: str | None) -> File:
        """The format called `name`, else the best that `accept` allows. Raises `not_acceptable`,
        `format_impossible` where the format cannot hold this result, and `result_too_large`.
        """
        form = _chosen(outcome.format, accept, name)
        if form.name == "svg":
            is_short = outcome.size < _SHORT
            svg = outcome.svg if is_short else await self._threads.run(partial(_svg, outcome))
            return File(svg, form.media_type, outcome.etag)
        data = await self._threads.run(partial(_made, outcome, form.name))
        if len(data) > self._most:
            detail = f"as {form.name} the result has {len(data)} bytes, it may have {self._most}"
            raise ProblemError("result_too_large", detail)
        return File(data, form.media_type, f'"{blake2b(data, digest_size=16).hexdigest()}"')


def _svg(outcome: Outcome) -> bytes:
    return outcome.svg


def _made(outcome: Outcome, name: str) -> bytes:
    return render_export(name, trace_from_body(outcome.answer, outcome.svg))


def _chosen(asked: str, accept: str, name: str | None) -> Format:
    """A job's own format goes first among those that are as good."""
    if name is not None:
        if name not in FORMATS:
            raise ProblemError(
                "not_acceptable", f"there is no format {shown(name)}; there are {', '.join(FORMATS)}", "format"
            )
        return FORMATS[name]
    order = [FORMATS[form] for form in (asked, *_ORDER)]
    best = best_match(accept, [_offer(form) for form in order])
    if best is None:
        possible = ", ".join(dict.fromkeys(form.media_type for form in order))
        raise ProblemError("not_acceptable", f"the result comes as {possible}", "Accept")
    return next(form for form in order if _offer(form) == best)


def _offer(form: Format) -> str:
    """The media type with the parameter that clients ask for: all text of ours is UTF-8."""
    return form.media_type if form.name == "png" else f"{form.media_type};charset=utf-8"
