"""COCO export: an instances file as read by pycocotools, with an annotation per region."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np

from facemask.formats.annotation import rle
from facemask.formats.annotation.keyhole import check_holes, to_single_ring
from facemask.formats.annotation.keypoints import Keypoints, select_keypoints
from facemask.formats.options import COCO_KINDS, check_segmentation
from facemask.formats.protocol import Ring, RunLengthFace, TracedFace, frame_title, polygons_of
from facemask.types.exports import CocoAnnotation, CocoCategory, CocoDocument, CocoImage
from facemask.validation import check_file_name, check_index, make_error

# The default is the kind that any region has, exactly: a file must not mix kinds, and a data set must not mix files.
# The category of the landmarks, and the supercategory of all.
FACE = "face"


def to_dataset(  # noqa: PLR0913 - the options of the format, all by name
    face: TracedFace,
    *,
    segmentation: str = "auto",
    holes: str = "bridge",
    image_id: int = 1,
    first_annotation_id: int = 1,
    file_name: str | PathLike[str] = "face.png",
    keypoints: str | bool = "none",
) -> CocoDocument:
    """Convert a face to a dataset of one image, with a category per region and one kind of segmentation.

    With keypoints it has the one category `face`, with their names and lines, and one annotation of all regions. As
    COCO's own, a file of keypoints is another than one of instances: loaders expect keypoints of every annotation in
    it.

    Areas and bounding boxes are those of the outline for polygons, and those of the pixels for run lengths. A region
    without a pixel or a ring has no annotation; `info` counts such regions.

    Args:
        face: the traced face.
        segmentation: `rle_compressed`, run lengths as COCO's text, also by `auto`; `rle`, run lengths as a list;
            `polygons`, a ring per polygon.
        holes: of polygons: `bridge` joins a hole to its outer ring by a cut of zero width; `error` raises an error.
        image_id: id of the image.
        first_annotation_id: id of the first annotation; the others follow it.
        file_name: file name of the image.
        keypoints: as of `select_keypoints`. Those outside the picture count as not labeled.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"` and keypoints that the face does not have,
            `option_invalid` for other values.

    """
    kind = check_segmentation(segmentation, COCO_KINDS)
    check_holes(face, holes, is_used=kind == "polygons")
    selected = select_keypoints(face, keypoints)
    if selected is None:
        categories: list[CocoCategory] = [
            {"id": region["id"], "name": region["name"], "supercategory": FACE} for region in face.regions
        ]
        instances = [[region] for region in face.regions]
        extra: dict[str, Any] = {}
    else:
        # Indices of a skeleton count from 1.
        skeleton = [[first + 1, second + 1] for first, second in selected.lines]
        names = list(selected.names)
        categories = [{"id": 1, "name": FACE, "supercategory": FACE, "keypoints": names, "skeleton": skeleton}]
        instances = [list(face.regions)]
        extra = _keypoint_fields(face, selected)
    masks = face.run_length_masks() if isinstance(face, RunLengthFace) and selected is None else None
    if kind == "rle_compressed" and masks is not None:
        found = [_mask_fields(masks.get(region["id"]), face.size) for region in face.regions]
    else:
        found = [_segmentation_fields(face, regions, kind, holes) for regions in instances]
    annotated = [(category, fields) for category, fields in zip(categories, found, strict=True) if fields is not None]
    width, height = face.size
    name = check_file_name("file_name", file_name)
    image: CocoImage = {
        "id": _check_id("image_id", image_id),
        "width": width,
        "height": height,
        "file_name": name,
        "crop_from_image": list(face.crop_from_image),
    }
    annotations: list[Any] = [
        {"id": number, "image_id": image["id"], "category_id": category["id"], "iscrowd": 0, **fields, **extra}
        for number, (category, fields) in enumerate(annotated, _check_id("first_annotation_id", first_annotation_id))
    ]
    return {
        "info": {
            "description": f"face regions in the frame of {frame_title(face)}, by facemask",
            "regions_left_out": found.count(None),
        },
        "images": [image],
        "categories": categories,
        "annotations": annotations,
    }


def _check_id(name: str, value: int) -> int:
    number = check_index(name, value)
    if number is None or not 0 <= number < 2**53:
        raise make_error("option_invalid", name, f"must be a whole number from 0 on, got {value}")
    return number


def _segmentation_fields(
    face: TracedFace, regions: Sequence[Mapping[str, Any]], kind: str, holes: str
) -> dict[str, Any] | None:
    """Return segmentation, area and box of regions together; None without any."""
    if kind == "polygons":
        return _polygon_fields(face, regions, holes)
    rings = [ring for region in regions for ring in face.mask_contours[str(region["id"])]]
    return _rle_fields(rings, face.size, kind)


def _mask_fields(mask: tuple[str, int, list[int]] | None, size: Sequence[int]) -> dict[str, Any] | None:
    if mask is None:
        return None
    (width, height), (counts, area, box) = size, mask
    return {"segmentation": {"size": [height, width], "counts": counts}, "area": area, "bbox": box}


def _polygon_fields(face: TracedFace, regions: Sequence[Mapping[str, Any]], holes: str) -> dict[str, Any] | None:
    rings = [
        to_single_ring(polygon, region["name"], "COCO", holes)
        for region in regions
        for polygon in polygons_of(face, region)
    ]
    if not rings:
        return None
    boxes = np.array([region["bbox"] for region in regions if face.mask_contours[str(region["id"])]], float)
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
    return {
        "segmentation": [[number for point in ring for number in point] for ring in rings],
        "area": round(sum(region["area"] for region in regions), 2),
        "bbox": [left, top, round(right - left, 2), round(bottom - top, 2)],
    }


def _rle_fields(rings: Sequence[Ring], size: Sequence[int], kind: str) -> dict[str, Any] | None:
    width, height = size
    runs = rle.from_rings(rings, width, height)
    if not rle.area(runs):
        return None
    return {
        "segmentation": {"size": [height, width], "counts": runs if kind == "rle" else rle.encode(runs)},
        "area": rle.area(runs),
        "bbox": rle.bounding_box(runs, height),
    }


def _keypoint_fields(face: TracedFace, keypoints: Keypoints) -> dict[str, Any]:
    """Return the triples x, y, visibility: 2 is labeled and visible, 0 not labeled, with both coordinates 0."""
    is_inside = keypoints.inside(face.size)
    flat: list[float] = []
    for (x, y), is_labeled in zip(keypoints.points.round(2).tolist(), is_inside.tolist(), strict=True):
        flat += [x, y, 2] if is_labeled else [0, 0, 0]
    return {"keypoints": flat, "num_keypoints": int(is_inside.sum())}


def merge(datasets: Sequence[CocoDocument]) -> CocoDocument:
    """Merge datasets of `to_dataset` into one: ids go on, and categories of one name are one.

    Images of one file name are one image, such as of two faces in the photo. A category keeps its id unless another
    has taken it.

    Raises:
        FacemaskError: `option_invalid` for images of one name with different sizes, and for categories of one name with
            different keypoints.

    """
    images: dict[str, CocoImage] = {}
    categories: dict[str, CocoCategory] = {}
    annotations: list[CocoAnnotation] = []
    for dataset in datasets:
        image_ids = {image["id"]: _merge_image(images, image) for image in dataset["images"]}
        category_ids = {category["id"]: merge_category(categories, category) for category in dataset["categories"]}
        for annotation in dataset["annotations"]:
            copy = annotation.copy()
            copy["id"] = len(annotations) + 1
            copy["image_id"] = image_ids[annotation["image_id"]]
            copy["category_id"] = category_ids[annotation["category_id"]]
            annotations.append(copy)
    descriptions = dict.fromkeys(dataset["info"]["description"] for dataset in datasets)
    return {
        "info": {
            "description": "; ".join(descriptions),
            "regions_left_out": sum(dataset["info"]["regions_left_out"] for dataset in datasets),
        },
        "images": list(images.values()),
        "categories": list(categories.values()),
        "annotations": annotations,
    }


def _merge_image(images: dict[str, CocoImage], image: CocoImage) -> int:
    """Return the id of an image in the merged dataset."""
    known = images.setdefault(image["file_name"], {**image, "id": len(images) + 1})
    if (known["width"], known["height"]) != (image["width"], image["height"]):
        sizes = " and ".join(f"{each['width']} x {each['height']}" for each in (known, image))
        detail = f"two pictures of different sizes, {sizes}, are called {image['file_name']!r}; name each file once"
        raise make_error("option_invalid", "file_names", detail)
    if known.get("crop_from_image") != image["crop_from_image"]:  # of two faces in one photo
        known.pop("crop_from_image", None)
    return known["id"]


def merge_category(categories: dict[str, CocoCategory], category: CocoCategory) -> int:
    """Return the id of a category in the merged dataset."""
    taken = {each["id"] for each in categories.values()}
    free = category["id"] if category["id"] not in taken else max(taken) + 1
    known = categories.setdefault(category["name"], {**category, "id": free})
    ours, theirs = (each.get("keypoints") for each in (known, category))
    if theirs is None:
        return known["id"]
    if ours is None:
        known["keypoints"], known["skeleton"] = theirs, category["skeleton"]
    elif ours != theirs:
        detail = f"the faces have landmarks of different schemes ({len(ours)} and {len(theirs)} points)"
        raise make_error("option_invalid", "keypoints", f"{detail}, and a category of COCO has one list of keypoints")
    return known["id"]
