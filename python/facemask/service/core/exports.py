"""What is kept of a traced face, as the formats read it, and formats made of it. Runs in threads."""

from __future__ import annotations

import msgspec

from facemask import FacemaskError
from facemask.formats import Traced, render
from facemask.service.core.protocol import Mask, wire_field
from facemask.service.errors import Refusal


class _Kept(msgspec.Struct):
    """The fields of a job's answer that formats need; the SVG comes from where it lies unpacked."""

    mask_contours: dict[str, list[list[list[float]]]]
    regions: list[dict[str, object]]
    size: list[int]
    crop_from_image: list[float]
    svg: str = ""


_answer = msgspec.json.Decoder(_Kept)


def of_answer(answer: bytes, svg: bytes) -> Traced:
    """The face of a finished job's answer."""
    found = _answer.decode(answer)
    found.svg = svg.decode()
    return found


def of_mask(mask: Mask) -> Traced:
    """The face of a trace."""
    return _Kept(
        msgspec.json.decode(mask.mask_contours_json),
        msgspec.json.decode(mask.regions_json),
        list(mask.size),
        list(mask.crop_from_image),
        mask.svg_bytes.decode(),
    )


def rendered(name: str, traced: Traced) -> bytes:
    """The bytes of a format. Raises `format_impossible`."""
    try:
        return render(name, traced)
    except FacemaskError as error:
        raise Refusal(error.code, error.detail, wire_field(error.field)) from error
