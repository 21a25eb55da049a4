"""COCO export: an instances file as read by pycocotools, with an annotation per region."""

from collections.abc import Mapping, Sequence
from typing import Any

from facemask.formats import rle
from facemask.formats.protocol import Ring, TracedFace, group_rings
from facemask.validation import make_error, short_repr

SEGMENTATIONS = ("auto", "polygons", "rle", "rle_compressed")
_PICTURES = {"crop": "upright crop", "image": "photo"}


def to_dataset(
    face: TracedFace, *, segmentation: str = "auto", image_id: int = 1, file_name: str = "face.png"
) -> dict[str, Any]:
    """Convert a face to a dataset of one image, that of its frame, with a category per region.

    Areas and bounding boxes are those of the outline for polygons, and those of the pixels for run lengths.

    Args:
        face: the traced face.
        segmentation: `polygons`, one ring per polygon, without holes; `rle`, run lengths as a list; `rle_compressed`,
            run lengths as COCO's text; `auto`, polygons for regions without holes, compressed run lengths for the
            others.
        image_id: id of the image.
        file_name: file name of the image.

    Raises:
        FacemaskError: `format_impossible` for polygons of a region with holes.

    """
    if segmentation not in SEGMENTATIONS:
        raise make_error(
            "option_invalid", "segmentation", f"must be {' or '.join(SEGMENTATIONS)}, got {short_repr(segmentation)}"
        )
    width, height = face.size
    return {
        "info": {"description": f"face regions in the frame of the {_PICTURES[face.frame]}, by facemask"},
        "images": [{"id": image_id, "width": width, "height": height, "file_name": file_name}],
        "categories": [
            {"id": region["id"], "name": region["name"], "supercategory": "face"} for region in face.regions
        ],
        "annotations": [
            {
                "id": number,
                "image_id": image_id,
                "category_id": region["id"],
                "iscrowd": 0,
                **_segmentation_fields(face, region, segmentation),
            }
            for number, region in enumerate(face.regions, 1)
        ],
    }


def _segmentation_fields(face: TracedFace, region: Mapping[str, Any], segmentation: str) -> dict[str, Any]:
    rings = face.mask_contours[str(region["id"])]
    if segmentation == "auto":
        segmentation = "polygons" if all(len(polygon) == 1 for polygon in group_rings(rings)) else "rle_compressed"
    if segmentation == "polygons":
        return _polygon_fields(rings, region)
    return _rle_fields(rings, face.size, segmentation)


def _polygon_fields(rings: Sequence[Ring], region: Mapping[str, Any]) -> dict[str, Any]:
    if any(len(polygon) > 1 for polygon in group_rings(rings)):
        detail = (
            f"region {region['name']} has holes, and COCO adds the polygons of an annotation together, which would "
            "fill them; take segmentation='rle' or 'auto'"
        )
        raise make_error("format_impossible", "format", detail)
    left, top, right, bottom = region["bbox"]
    return {
        "segmentation": [[number for point in ring for number in point] for ring in rings],
        "area": region["area"],
        "bbox": [left, top, round(right - left, 2), round(bottom - top, 2)],
    }


def _rle_fields(rings: Sequence[Ring], size: Sequence[int], segmentation: str) -> dict[str, Any]:
    width, height = size
    runs = rle.from_rings(rings, width, height)
    return {
        "segmentation": {"size": [height, width], "counts": runs if segmentation == "rle" else rle.encode(runs)},
        "area": rle.area(runs),
        "bbox": rle.bounding_box(runs, height),
    }
