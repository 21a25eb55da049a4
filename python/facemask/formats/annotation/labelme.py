"""labelme export: a JSON file with a polygon per part of a region."""

from os import PathLike
from typing import Final

from facemask.formats.annotation.keyhole import check_holes, to_single_ring
from facemask.formats.protocol import TracedFace, polygons_of
from facemask.types.exports import LabelmeDocument
from facemask.validation import check_file_name

# The version of labelme whose form of files this is.
_VERSION: Final = "5.5.0"


def to_document(face: TracedFace, *, image: str | PathLike[str] = "face.png", holes: str = "bridge") -> LabelmeDocument:
    """Convert a face to a document without pixels, which lies beside its picture.

    The shapes of one region have its id as `group_id`, by which labelme takes them for one instance.

    Args:
        face: the traced face.
        image: file name of the picture, which labelme opens.
        holes: `bridge` joins a hole to its outer ring by a cut of zero width; `error` raises an error.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"`.

    """
    check_holes(face, holes)
    width, height = face.size
    return {
        "version": _VERSION,
        "flags": {},
        "shapes": [
            {
                "label": region["name"],
                "points": [list(point) for point in to_single_ring(polygon, region["name"], "labelme", holes)],
                "group_id": region["id"],
                "description": "",
                "shape_type": "polygon",
                "flags": {},
                "mask": None,
            }
            for region in face.regions
            for polygon in polygons_of(face, region)
        ],
        "imagePath": check_file_name("image", image),
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }
