"""PNG export: a raster image of the drawing, rendered by resvg."""

import math

from facemask.formats.protocol import TracedFace
from facemask.validation import check_number, make_error

# The limit of a decoded photo. Rendering takes four bytes per pixel, and as many again for a group.
MAX_PIXELS = 24_000_000


def render_png(face: TracedFace, *, scale: float = 1.0) -> bytes:
    """Render the SVG with `scale` pixels per pixel of the crop. The background is transparent.

    Raises:
        FacemaskError: `format_impossible` for a crop above `MAX_PIXELS`, and without the package resvg-py
            (`pip install 'facemask-contours[png]'`); `option_invalid` for a scale that is no positive number, or
            leads above `MAX_PIXELS`.

    """
    scale = check_number("scale", scale)
    if not (math.isfinite(scale) and scale > 0.0):
        raise make_error("option_invalid", "scale", f"must be a positive number, got {scale}")
    width, height = (max(1, round(min(side * scale, 1e9))) for side in face.size)
    if width * height > MAX_PIXELS:
        code, field = ("option_invalid", "scale") if scale > 1.0 else ("format_impossible", "format")
        raise make_error(code, field, f"a preview has at most {MAX_PIXELS} pixels, this would be {width} x {height}")
    # An optional dependency: the library itself requires only NumPy.
    try:
        import resvg_py  # noqa: PLC0415
    except ModuleNotFoundError:
        detail = "a PNG preview needs the package resvg-py: pip install 'facemask-contours[png]'"
        raise make_error("format_impossible", "format", detail) from None
    has_text = "<text" in face.svg  # loading fonts takes long
    return bytes(resvg_py.svg_to_bytes(svg_string=face.svg, width=width, height=height, skip_system_fonts=not has_text))
