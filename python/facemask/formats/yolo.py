"""YOLO segmentation labels: a line per part, `class x1 y1 x2 y2 ...`, as ratios of the crop's size."""

from collections.abc import Sequence

from facemask.arguments import fault
from facemask.formats.holes import check, one_ring
from facemask.formats.traced import Traced, parts


def lines(traced: Traced, *, classes: Sequence[str] | None = None, holes: str = "bridge") -> str:
    """Make the text of a label file.

    Args:
        traced: the face.
        classes: the names of the dataset's classes; a region's class is its place there, and regions that are not among
            them are left out. Default: the region's id less one, since classes count from 0 and background is none.
        holes: `bridge` joins a hole to its outer ring by a cut of no width; `error` refuses.

    A region of several parts has several lines of one class; the format knows no other way, and readers take each for
    an object of its own.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"`.

    """
    check(traced, holes)
    if isinstance(classes, str):
        raise fault("option_invalid", "classes", "must be a list of names, got one text")
    width, height = traced.size
    rows = []
    for region in traced.regions:
        if classes is not None and region["name"] not in classes:
            continue
        number = int(region["id"]) - 1 if classes is None else list(classes).index(region["name"])
        for part in parts(traced.mask_contours[str(region["id"])]):
            ring = one_ring(part, region["name"], "YOLO", holes)
            # Six digits: a thousandth of a pixel on a picture of a thousand.
            rows.append(" ".join([str(number), *(f"{x / width:.6f} {y / height:.6f}" for x, y in ring)]))
    return "".join(f"{row}\n" for row in rows)
