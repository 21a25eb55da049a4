"""Plots of a traced face with matplotlib, which is imported on the first call only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from facemask.contour import Contour
from facemask.decoding import read_photo
from facemask.validation import check_bool, check_number, make_error, short_repr

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path
    from numpy.typing import NDArray

    from facemask.options.choices import Frame
    from facemask.types.inputs import Photo


class PlottedFace(Protocol):
    """What a plot reads of a traced face. Coordinates are pixels, x right and y down."""

    @property
    def contours(self) -> Mapping[str, Contour]: ...
    @property
    def regions(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def colors(self) -> Mapping[str, str]: ...
    @property
    def frame(self) -> Frame: ...
    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def crop_from_image(self) -> tuple[float, float, float, float, float, float]: ...


@dataclass(frozen=True, slots=True)
class PlotStyle:
    """How regions are drawn.

    Attributes:
        alpha: opacity of the fills, 0 to 1.
        linewidth: width of the outlines in points; 0 for none.
        legend: whether a legend names the regions.
        names: whether each region has its name at its label point.

    """

    alpha: float
    linewidth: float
    legend: bool
    names: bool

    def check(self) -> None:
        """Raise `option_invalid`, with the attribute's name as the field, for a value that cannot be drawn."""
        if not 0.0 <= check_number("alpha", self.alpha) <= 1.0:
            raise make_error("option_invalid", "alpha", f"must be a number from 0 to 1, got {self.alpha}")
        if not 0.0 <= check_number("linewidth", self.linewidth) < float("inf"):
            detail = f"must be a number of points from 0 on, got {self.linewidth}"
            raise make_error("option_invalid", "linewidth", detail)
        check_bool("legend", self.legend)
        check_bool("names", self.names)


def plot(face: PlottedFace, ax: Axes | None, photo: Photo | None, style: PlotStyle) -> Axes:
    """Draw the regions of a face into axes, in the colors of its drawing.

    Args:
        face: the traced face.
        ax: axes to draw into. Default: those of a new figure.
        photo: the photo to draw beneath: uint8 (height, width, 3), red first, in the image frame, or the bytes of its
            file. It is turned by the axes' transform, not resampled before.
        style: how regions are drawn.

    Returns:
        The axes: y runs down, a pixel is a square, and their limits are the edges of the frame.

    Raises:
        ImportError: without matplotlib.
        FacemaskError: `option_invalid` with the argument's name, and the errors of a photo.

    """
    style.check()
    if not (ax is None or hasattr(ax, "add_patch")):
        detail = f"must be the axes of a figure of matplotlib, got {short_repr(ax)}; the photo is photo=..."
        raise make_error("option_invalid", "ax", detail)
    axes = _new_axes() if ax is None else ax
    if photo is not None:
        _draw_photo(face, axes, photo)
    for region in face.regions:
        _draw_region(face, axes, region, style)
    if style.names:
        _write_names(face, axes)
    axes.set_xlim(0, face.size[0])
    axes.set_ylim(face.size[1], 0)
    axes.set_aspect("equal")
    if style.legend and face.regions:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, borderaxespad=0.5)
    return axes


def _new_axes() -> Axes:
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install matplotlib") from error
    return plt.subplots(layout="constrained")[1]


def _draw_photo(face: PlottedFace, axes: Axes, photo: Photo) -> None:
    from matplotlib.transforms import Affine2D  # noqa: PLC0415 - an optional dependency

    pixels = read_photo(photo, "photo")
    a, b, c, d, e, f = face.crop_from_image
    if face.frame == "image":
        a, b, c, d, e, f = 1.0, 0.0, 0.0, 0.0, 1.0, 0.0
    frame_from_image = Affine2D(np.array([[a, b, c], [d, e, f], [0.0, 0.0, 1.0]]))
    height, width = pixels.shape[:2]
    image = axes.imshow(pixels, extent=(0, width, height, 0), interpolation="bilinear", zorder=0)
    image.set_transform(frame_from_image + axes.transData)


def _draw_region(face: PlottedFace, axes: Axes, region: Mapping[str, Any], style: PlotStyle) -> None:
    from matplotlib.colors import to_rgba  # noqa: PLC0415 - an optional dependency
    from matplotlib.patches import PathPatch  # noqa: PLC0415

    key = str(region["id"])
    color = face.colors[key]
    patch = PathPatch(
        to_path(face.contours[key]),
        facecolor=to_rgba(color, style.alpha),
        edgecolor=color if style.linewidth else "none",
        linewidth=style.linewidth,
        joinstyle="round",
        label=str(region["name"]),
        gid=f"region-{key}",
        zorder=1,
    )
    axes.add_patch(patch)


def to_path(contour: Contour) -> Path:
    """Return a contour as one path of matplotlib. Holes run against their outer ring, so every backend spares them."""
    from matplotlib.path import Path  # noqa: PLC0415 - an optional dependency

    # The ring's first point is written once more, as the end of the closing edge.
    rings = [np.vstack([ring, ring[:1]]) for ring in contour.rings()]
    codes = [np.full(len(ring), Path.LINETO, Path.code_type) for ring in rings]
    for ring_codes in codes:
        ring_codes[0], ring_codes[-1] = Path.MOVETO, Path.CLOSEPOLY
    if not rings:
        return Path(np.empty((0, 2)))
    return Path(np.concatenate(rings), np.concatenate(codes))


def _write_names(face: PlottedFace, axes: Axes) -> None:
    from matplotlib.patheffects import withStroke  # noqa: PLC0415 - an optional dependency

    halo = withStroke(linewidth=2.0, foreground="white")
    for region in face.regions:
        x, y = region["label_point"]
        # A name may hold dollar signs, which are mathematics to matplotlib.
        name = str(region["name"])
        axes.text(
            x, y, name, ha="center", va="center", fontsize="small", color="#111", path_effects=[halo], parse_math=False
        )


class PlotMixin(PlottedFace, Protocol):
    """Mixin with the plots of a traced face."""

    __slots__ = ()

    @property
    def photo(self) -> NDArray[np.uint8] | None: ...

    def plot(
        self,
        ax: Axes | None = None,
        *,
        photo: Photo | None = None,
        alpha: float = 0.4,
        linewidth: float = 1.0,
        legend: bool = False,
        names: bool = False,
    ) -> Axes:
        """Draw the regions with matplotlib, in the colors of the drawing.

        Args:
            ax: axes to draw into. Default: those of a new figure.
            photo: the photo to draw beneath: uint8 (height, width, 3), red first, or the bytes of its file.
            alpha: opacity of the fills, 0 to 1.
            linewidth: width of the outlines in points; 0 for none.
            legend: whether a legend names the regions.
            names: whether each region has its name at its label point.

        Returns:
            The axes: pixels of the result's frame, y down.

        Raises:
            ImportError: without matplotlib, which is no dependency: `pip install matplotlib`.

        Examples:
            >>> axes = mask.plot(photo=photo, legend=True)
            >>> [patch.get_label() for patch in axes.patches][:2]
            ['skin', 'brow_r']

        """
        return plot(self, ax, photo, PlotStyle(alpha, linewidth, legend, names))

    def overlay(
        self,
        ax: Axes | None = None,
        *,
        photo: Photo | None = None,
        alpha: float = 0.4,
        linewidth: float = 1.0,
        legend: bool = False,
        names: bool = False,
    ) -> Axes:
        """Draw the regions over the photo with matplotlib: `plot` with the photo that `trace_face` got as `image`.

        Raises:
            FacemaskError: `option_invalid`, field `photo`, if `trace_face` got none and none is given here.

        Examples:
            >>> axes = facemask.trace_face(labels, landmarks, image=photo).overlay()
            >>> len(axes.images)
            1

        """
        beneath = self.photo if photo is None else photo
        if beneath is None:
            detail = "an overlay needs the photo: trace_face(..., image=photo), or overlay(photo=photo)"
            raise make_error("option_invalid", "photo", detail)
        return plot(self, ax, beneath, PlotStyle(alpha, linewidth, legend, names))
