"""Animation output: the frames of a sequence in one SVG, shown one after the other."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from facemask.batch.outputs.protocol import Records, Rendered, TracedEntry
from facemask.batch.outputs.target import Target
from facemask.formats.json import encode_json
from facemask.formats.svg_ids import add_prefix

# The drawing of a face as the core writes it: its root and its title, and what they hold.
_DRAWING: Final = re.compile(r"<svg [^>]*><title[^>]*>([^<]*)</title>(.*)</svg>\s*", re.DOTALL)


class AnimatedSvg:
    """`animation.svg`: each frame is a group, which CSS shows for its time. It runs without an end.

    Each frame is visible from its delay on, for its share of the whole. Programs without animations show the first
    frame, as do readers who asked their system for less motion.
    """

    name = "animation"
    needs_crop = False

    def __init__(self, fps: float = 30.0) -> None:
        self._fps = fps

    def describe(self) -> Mapping[str, Any]:
        """Return the options that its file depends on: none of a record; the frame rate is that of the sequence."""
        return {}

    def render(self, face: TracedEntry) -> Rendered:
        """Return a record: size and title on one line, then what is inside the root of the drawing."""
        drawing = _DRAWING.fullmatch(face.mask.svg)
        if drawing is None:
            raise ValueError("the drawing of a face is none that this output knows")
        head = {"size": face.mask.size, "title": drawing[1]}
        return Rendered(record=encode_json(head) + b"\n" + drawing[2].encode())

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:
        """Write the document, a frame at a time; without a frame there is none."""
        heads = [json.loads(record.content.partition(b"\n")[0]) for record in records()]
        if not heads:
            return []
        path = f"animation{suffix}.svg"
        width, height = (max(head["size"][axis] for head in heads) for axis in (0, 1))
        seconds = len(heads) / self._fps
        style = (
            f".frame{{animation:frame {seconds:.6g}s step-end infinite}}"
            f"@keyframes frame{{0%{{visibility:visible}}{100 / len(heads):.6g}%{{visibility:hidden}}}}"
            "@media(prefers-reduced-motion:reduce){.frame{animation:none}}"
        )
        root = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
            f' viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
            f' aria-labelledby="animation-title"><title id="animation-title">{heads[0]["title"]}</title>'
            f"<style>{style}</style>"
        )
        with target.stream(path) as file:
            file.write(root.encode())
            for number, record in enumerate(records()):
                hidden = ' visibility="hidden"' if number else ""
                group = f'\n<g class="frame"{hidden} style="animation-delay:{number / self._fps:.6g}s">'
                inside = add_prefix(record.content.partition(b"\n")[2].decode(), f"frame{number}-")
                file.write(f"{group}{inside}</g>".encode())
            file.write(b"\n</svg>\n")
        return [path]
