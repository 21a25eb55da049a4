"""COCO instances: the file that pycocotools reads, one annotation per region."""

from collections.abc import Mapping, Sequence
from typing import Any

from facemask.arguments import fault, shown
from facemask.formats import rle
from facemask.formats.traced import Ring, Traced, parts

SEGMENTATIONS = ("auto", "polygons", "rle", "rle_compressed")


def dataset(
    traced: Traced, *, segmentation: str = "auto", image_id: int = 1, file_name: str = "face.png"
) -> dict[str, Any]:
    """Make a dataset of one image, the upright crop, with a category per region (its id and name).

    Args:
        traced: the face.
        segmentation: `polygons`, one ring a part, which cannot hold holes; `rle`, run lengths as a list;
            `rle_compressed`, as COCO's text; `auto`, polygons for regions without holes and compressed run lengths
            for those with.
        image_id: the id of the image.
        file_name: its file.

    Areas and boxes are those of the outline for polygons and those of the pixels for run lengths.

    Raises:
        FacemaskError: `format_impossible` for polygons of a region with holes.

    """
    if segmentation not in SEGMENTATIONS:
        raise fault(
            "option_invalid", "segmentation", f"must be {' or '.join(SEGMENTATIONS)}, got {shown(segmentation)}"
        )
    width, height = traced.size
    return {
        "info": {"description": "face regions in the frame of the upright crop, by facemask"},
        "images": [{"id": image_id, "width": width, "height": height, "file_name": file_name}],
        "categories": [
            {"id": region["id"], "name": region["name"], "supercategory": "face"} for region in traced.regions
        ],
        "annotations": [
            {
                "id": number,
                "image_id": image_id,
                "category_id": region["id"],
                "iscrowd": 0,
                **_segment(traced, region, segmentation),
            }
            for number, region in enumerate(traced.regions, 1)
        ],
    }


def _segment(traced: Traced, region: Mapping[str, Any], segmentation: str) -> dict[str, Any]:
    rings = traced.mask_contours[str(region["id"])]
    if segmentation == "auto":
        segmentation = "polygons" if all(len(part) == 1 for part in parts(rings)) else "rle_compressed"
    return _polygons(rings, region) if segmentation == "polygons" else _runs(rings, traced.size, segmentation)


def _polygons(rings: Sequence[Ring], region: Mapping[str, Any]) -> dict[str, Any]:
    if any(len(part) > 1 for part in parts(rings)):
        detail = (
            f"region {region['name']} has holes, and COCO adds the polygons of an annotation together, which would "
            "fill them; take segmentation='rle' or 'auto'"
        )
        raise fault("format_impossible", "format", detail)
    left, top, right, bottom = region["bbox"]
    return {
        "segmentation": [[number for point in ring for number in point] for ring in rings],
        "area": region["area"],
        "bbox": [left, top, round(right - left, 2), round(bottom - top, 2)],
    }


def _runs(rings: Sequence[Ring], size: Sequence[int], segmentation: str) -> dict[str, Any]:
    width, height = size
    runs = rle.counts(rings, width, height)
    return {
        "segmentation": {"size": [height, width], "counts": runs if segmentation == "rle" else rle.text(runs)},
        "area": rle.area(runs),
        "bbox": rle.box(runs, height),
    }
