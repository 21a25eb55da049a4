"""YOLO export: segmentation labels, a line `class x1 y1 x2 y2 ...` per polygon, as ratios of the picture's size."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from facemask.formats.annotation.inset import inset_rings
from facemask.formats.annotation.keyhole import check_holes, to_single_ring
from facemask.formats.options import check_classes, check_inset
from facemask.formats.protocol import TracedFace, group_rings

# What YAML's double-quoted texts cannot hold as it is, besides what JSON escapes.
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def to_lines(
    face: TracedFace, *, classes: Sequence[str] | None = None, holes: str = "bridge", inset: float = 0.0
) -> str:
    """Convert a face to the text of a label file.

    A region of several polygons has several lines of one class. The format has no other form, and readers take each
    line as an object of its own.

    Args:
        face: the traced face.
        classes: class names of the dataset. The class of a region is the index of its name; regions with other names
            are left out. Default: region id - 1, because classes count from 0 and the background is no class.
        holes: `bridge` joins a hole to its outer ring by a cut of zero width; `error` raises an error.
        inset: distance in pixels by which outlines move inwards, 0 to 0.5. 0.5 makes the masks of Ultralytics equal
            to the region.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"`, `option_invalid` for other values.

    """
    check_holes(face, holes)
    numbers, distance = _class_numbers(face, classes), check_inset(inset)
    width, height = face.size
    rows = []
    for region in face.regions:
        if region["id"] not in numbers:
            continue
        for polygon in group_rings(inset_rings(face.mask_contours[str(region["id"])], distance)):
            ring = to_single_ring(polygon, region["name"], "YOLO", holes)
            # Six decimals: a thousandth of a pixel in a picture of 1000 pixels.
            points = (f"{x / width:.6f} {y / height:.6f}" for x, y in ring)
            rows.append(" ".join([str(numbers[region["id"]]), *points]))
    return "".join(f"{row}\n" for row in rows)


def _class_numbers(face: TracedFace, classes: Sequence[str] | None) -> Mapping[int, int]:
    """Return the class of each region by its id. With `classes` regions with other names have none."""
    names = check_classes(classes)
    if names is None:
        return {region["id"]: region["id"] - 1 for region in face.regions}
    return {region["id"]: names.index(region["name"]) for region in face.regions if region["name"] in names}


def _class_names(face: TracedFace, classes: Sequence[str] | None) -> list[str]:
    """Return the name of each class from 0 on. A class that the face does not have is called by its region's id."""
    names = check_classes(classes)
    if names is not None:
        return names
    by_number = {region["id"] - 1: str(region["name"]) for region in face.regions}
    return [by_number.get(number, str(number + 1)) for number in range(max(by_number, default=-1) + 1)]


def to_data(face: TracedFace, *, classes: Sequence[str] | None = None) -> str:
    """Return the text of a data set's `data.yaml`: its folders, and the name of each class of `to_lines`.

    Raises:
        FacemaskError: `option_invalid` for classes that are no list of different names.

    """
    names = _class_names(face, classes)
    rows = [f"  {number}: {_quote(name)}\n" for number, name in enumerate(names)]
    folders = "# Folders of the pictures; labels/ lies beside images/.\npath: .\ntrain: images/train\nval: images/val\n"
    return f"{folders}names:\n{''.join(rows)}" if rows else f"{folders}names: {{}}\n"


def _quote(text: str) -> str:
    """Return a text as YAML's double-quoted scalar."""
    clean = text.encode("utf-8", "replace").decode()
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(clean, ensure_ascii=False))
