"""Contact sheet output: a picture of many faces at once, for a look at a data set."""

import base64
import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from xml.sax.saxutils import escape

from facemask.batch.outputs.protocol import Record, Records, Rendered, TracedEntry
from facemask.batch.outputs.target import Target
from facemask.batch.outputs.yolo_folder import share_of
from facemask.formats.protocol import TracedFace
from facemask.formats.raster.png import render_png

FACES: Final = 120
_COLUMNS: Final = 12
_SIDE: Final = 128  # pixels of a drawing
_GAP: Final = 8
_CAPTION: Final = 16
_MAX_CAPTION: Final = 20  # characters
# resvg takes `sans-serif` for Arial, and draws no text where a machine lacks it.
_FONTS: Final = "DejaVu Sans, Liberation Sans, Noto Sans, Arial, Helvetica, sans-serif"


class ContactSheet:
    """`contact-sheet.png`: up to 120 faces, chosen by the hashes of their keys, in the order of the source."""

    name = "contact-sheet"
    needs_crop = False

    def __init__(self) -> None:
        self._taken: list[float] = []
        render_png(cast(TracedFace, _Drawing('<svg xmlns="http://www.w3.org/2000/svg"/>', (1, 1))))  # needs resvg-py

    def describe(self) -> Mapping[str, Any]:
        """Return the options that its file depends on: none."""
        return {}

    def takes(self, key: str) -> bool:
        """Whether a face may be among those with the lowest hashes, by the keys before it.

        Few faces of a large set are drawn in vain: about 120 ln(n / 120) of n.
        """
        rank = share_of(key)
        if len(self._taken) < FACES:
            heapq.heappush(self._taken, -rank)
            return True
        return -heapq.heappushpop(self._taken, -rank) != rank

    def render(self, face: TracedEntry) -> Rendered:
        """Return a record: the drawing as a small PNG."""
        if not face.is_sampled:
            return Rendered()
        scale = _SIDE / max(face.mask.size)
        return Rendered(record=render_png(face.mask, scale=scale))

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:
        """Write the sheet; without a face there is none."""
        chosen = sorted(
            heapq.nsmallest(FACES, records(), key=lambda record: share_of(record.key)), key=lambda each: each.position
        )
        if not chosen:
            return []
        path = f"contact-sheet{suffix}.png"
        target.write(path, render_png(cast(TracedFace, _draw(chosen))))
        return [path]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A drawing with its size, which is all that the renderer reads of a face."""

    svg: str
    size: tuple[int, int]


def _draw(records: list[Record]) -> _Drawing:
    columns = min(_COLUMNS, len(records))
    rows = -(-len(records) // columns)
    width = columns * (_SIDE + _GAP) + _GAP
    height = rows * (_SIDE + _CAPTION + _GAP) + _GAP
    cells = []
    for number, record in enumerate(records):
        x = _GAP + number % columns * (_SIDE + _GAP)
        y = _GAP + number // columns * (_SIDE + _CAPTION + _GAP)
        picture = base64.b64encode(record.content).decode()
        caption = record.key if len(record.key) <= _MAX_CAPTION else f"…{record.key[1 - _MAX_CAPTION :]}"
        cells.append(
            f'<image x="{x}" y="{y}" width="{_SIDE}" height="{_SIDE}" href="data:image/png;base64,{picture}"/>'
            f'<text x="{x + _SIDE / 2:g}" y="{y + _SIDE + 12}">{escape(caption)}</text>'
        )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    style = f'font-family="{_FONTS}" font-size="10" text-anchor="middle" fill="#333333"'
    paper = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return _Drawing(f"{head} {style}>{paper}{''.join(cells)}</svg>", (width, height))
