"""Colors of regions, as the drawing has them."""

from typing import Final

from facemask.formats.protocol import TracedFace

# The colors of regions without a color of their own, as `PALETTE` in crates/facemask-core/src/svg/style.rs.
PALETTE: Final = (
    "#e9c46a", "#4c6ef5", "#12b886", "#fa5252", "#7950f2", "#fd7e14", "#22b8cf", "#e64980",
    "#82c91e", "#be4bdb", "#5c940d", "#228be6", "#f783ac", "#0b7285", "#c92a2a", "#a9834f",
)  # fmt: skip


def read_colors(face: TracedFace) -> dict[int, str]:
    """Return the color of each region by its id, `#rrggbb`."""
    # Results that an earlier version stored have no colors.
    return {region["id"]: face.colors.get(str(region["id"])) or default_color(region["id"]) for region in face.regions}


def default_color(region: int) -> str:
    """Return the color of a region without a color of its own; the list starts again after 16."""
    return PALETTE[(region - 1) % len(PALETTE)]
