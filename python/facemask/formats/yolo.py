"""YOLO export: segmentation labels, a line `class x1 y1 x2 y2 ...` per polygon, as ratios of the crop's size."""

from collections.abc import Sequence

from facemask.formats.keyhole import check_holes, to_single_ring
from facemask.formats.protocol import TracedFace, group_rings
from facemask.validation import make_error


def to_lines(face: TracedFace, *, classes: Sequence[str] | None = None, holes: str = "bridge") -> str:
    """Convert a face to the text of a label file.

    A region of several polygons has several lines of one class. The format has no other form, and readers take each
    line as an object of its own.

    Args:
        face: the traced face.
        classes: class names of the dataset. The class of a region is the index of its name; regions with other names
            are left out. Default: region id - 1, because classes count from 0 and the background is no class.
        holes: `bridge` joins a hole to its outer ring by a cut of zero width; `error` raises an error.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"`.

    """
    check_holes(face, holes)
    if isinstance(classes, str):
        raise make_error("option_invalid", "classes", "must be a list of names, got one text")
    width, height = face.size
    rows = []
    for region in face.regions:
        if classes is not None and region["name"] not in classes:
            continue
        number = int(region["id"]) - 1 if classes is None else list(classes).index(region["name"])
        for polygon in group_rings(face.mask_contours[str(region["id"])]):
            ring = to_single_ring(polygon, region["name"], "YOLO", holes)
            # Six decimals: a thousandth of a pixel in a picture of 1000 pixels.
            rows.append(" ".join([str(number), *(f"{x / width:.6f} {y / height:.6f}" for x, y in ring)]))
    return "".join(f"{row}\n" for row in rows)
