"""A PNG preview of the drawing, by resvg."""

import math

from facemask.arguments import fault, number
from facemask.formats.traced import Traced

# What a photo may have that is decoded; four bytes each while it is drawn, and as much again for a group.
MAX_PIXELS = 24_000_000


def preview(traced: Traced, *, scale: float = 1.0) -> bytes:
    """Draw the SVG at `scale` pixels per pixel of the crop, transparent where it paints nothing.

    Raises:
        FacemaskError: `format_impossible` without the package resvg-py (`pip install 'facemask-contours[png]'`) or
            for a crop too large to be drawn, `option_invalid` for a scale that is no positive number or makes it too
            large.

    """
    scale = number("scale", scale)
    if not (math.isfinite(scale) and scale > 0.0):
        raise fault("option_invalid", "scale", f"must be a positive number, got {scale}")
    width, height = (max(1, round(min(side * scale, 1e9))) for side in traced.size)
    if width * height > MAX_PIXELS:
        code, field = ("option_invalid", "scale") if scale > 1.0 else ("format_impossible", "format")
        raise fault(code, field, f"a preview has at most {MAX_PIXELS} pixels, this would be {width} x {height}")
    # The library needs NumPy and nothing else; only who asks for pictures needs this.
    try:
        import resvg_py  # noqa: PLC0415
    except ModuleNotFoundError:
        detail = "a PNG preview needs the package resvg-py: pip install 'facemask-contours[png]'"
        raise fault("format_impossible", "format", detail) from None
    text = "<text" in traced.svg  # fonts take a while to load
    return bytes(resvg_py.svg_to_bytes(svg_string=traced.svg, width=width, height=height, skip_system_fonts=not text))
