"""Label Studio export: a task with predicted labels, as polygons or brush strokes, and its labeling config."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from facemask.formats.annotation import brush
from facemask.formats.annotation.keyhole import check_holes, to_single_ring
from facemask.formats.annotation.keypoints import select_keypoints
from facemask.formats.colors import default_color, read_colors
from facemask.formats.options import BRUSHES, check_classes, check_segmentation
from facemask.formats.protocol import TracedFace, polygons_of
from facemask.formats.xml import encode_xml
from facemask.types.exports import LabelStudioTask
from facemask.validation import check_file_name

# The tag of the labeling config for each kind, and the type of its results, in lower case.
_TAGS = {"polygons": "PolygonLabels", "rle": "BrushLabels"}
_KEYPOINT_TAG = "KeyPointLabels"
_KEYPOINT_NAME = "keypoint"
_KEYPOINT_WIDTH = 0.4  # percent of the picture's width: how large a point is drawn
_KEYPOINT_COLOR = "#f03e3e"


def to_task(
    face: TracedFace,
    *,
    segmentation: str = "auto",
    image: str | PathLike[str] = "face.png",
    holes: str = "bridge",
    keypoints: str | bool = "none",
) -> LabelStudioTask:
    """Convert a face to a task.

    A region has a result for each polygon, or one with run lengths. Results of one region have the same `meta.region`.

    Args:
        face: the traced face.
        segmentation: `polygons`, also by `auto`, in percent of the picture's size; `rle`, the run lengths of a brush,
            which keep holes.
        image: address of the picture, the value of the project's `$image`.
        holes: of polygons: `bridge` joins a hole to its outer ring by a cut of zero width; `error` raises an error.
        keypoints: as of `select_keypoints`; each is a result of its own, as far as it lies in the picture.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"` and keypoints that the face does not have,
            `option_invalid` for other values.

    """
    kind = check_segmentation(segmentation, BRUSHES)
    check_holes(face, holes, is_used=kind == "polygons")
    selected = select_keypoints(face, keypoints)
    values: Callable[..., list[dict[str, Any]]] = _polygon_values if kind == "polygons" else _brush_values
    tag = _TAGS[kind].lower()
    results: list[Any] = [
        {
            **_result_head(face, f"{region['id']}-{number}", tag, "label"),
            "value": {**value, tag: [region["name"]]},
            "meta": {"region": [str(region["id"])]},
        }
        for region in face.regions
        for number, value in enumerate(values(face, region, holes), 1)
    ]
    if selected is not None:
        width, height = face.size
        tag = _KEYPOINT_TAG.lower()
        results += [
            {
                **_result_head(face, f"keypoint-{name}", tag, _KEYPOINT_NAME),
                "value": {**_percent(x, y, width, height), "width": _KEYPOINT_WIDTH, tag: [name]},
            }
            for name, x, y in selected.labeled(face.size)
        ]
    address = check_file_name("image", image)
    return {"data": {"image": address}, "predictions": [{"model_version": "facemask", "result": results}]}


def _result_head(face: TracedFace, identifier: str, kind: str, from_name: str) -> dict[str, Any]:
    """Return the fields before the value. `from_name` is the name of the tag in the labeling config."""
    width, height = face.size
    return {
        "id": identifier,
        "type": kind,
        "from_name": from_name,
        "to_name": "image",
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
    }


def _percent(x: float, y: float, width: float, height: float) -> dict[str, float]:
    return {"x": round(100.0 * x / width, 5), "y": round(100.0 * y / height, 5)}


def _polygon_values(face: TracedFace, region: Mapping[str, Any], holes: str) -> list[dict[str, Any]]:
    width, height = face.size
    rings = [to_single_ring(polygon, region["name"], "Label Studio", holes) for polygon in polygons_of(face, region)]
    percent = [[[round(100.0 * x / width, 5), round(100.0 * y / height, 5)] for x, y in ring] for ring in rings]
    return [{"points": points, "closed": True} for points in percent]


def _brush_values(face: TracedFace, region: Mapping[str, Any], _holes: str) -> list[dict[str, Any]]:
    """Return one brush of all parts, or none for a region without a pixel."""
    packed = brush.encode(face.mask_contours[str(region["id"])], *face.size)
    return [{"format": "rle", "rle": list(packed)}] if packed else []


def _numbered_names(face: TracedFace, classes: Sequence[str] | None) -> list[tuple[int, str]]:
    """Return the labels with their class numbers: those of `classes`, else those of the face's regions."""
    names = check_classes(classes)
    if names is not None:
        return list(enumerate(names))
    return [(region["id"] - 1, region["name"]) for region in face.regions]


def to_config(
    face: TracedFace,
    *,
    segmentation: str = "auto",
    classes: Sequence[str] | None = None,
    keypoints: str | bool = "none",
) -> str:
    """Return the labeling config (XML) of a project for the tasks of `to_task`.

    Every label has its `category`, the class number of the YOLO export. Without it Label Studio's own exporters number
    the labels alphabetically.

    Args:
        face: the traced face, whose regions are the labels.
        segmentation: as of `to_task`.
        classes: names of the labels, in the order of their numbers. Default: the face's regions, numbered by id - 1.
        keypoints: as of `to_task`.

    Raises:
        FacemaskError: `format_impossible` for keypoints that the face does not have, `option_invalid` for other values.

    """
    kind = check_segmentation(segmentation, BRUSHES)
    drawn = read_colors(face)
    colors = {region["name"]: drawn[region["id"]] for region in face.regions}
    selected = select_keypoints(face, keypoints)
    view = Element("View")
    SubElement(view, "Image", name="image", value="$image", zoom="true")
    labels = SubElement(view, _TAGS[kind], name="label", toName="image")
    # A name stands once in a view, and two regions may have the same.
    numbers: dict[str, int] = {}
    for number, name in _numbered_names(face, classes):
        numbers.setdefault(name, number)
    for name, number in numbers.items():
        background = colors.get(name, default_color(number + 1))
        SubElement(labels, "Label", value=name, category=str(number), background=background)
    if selected is not None:
        points = SubElement(view, _KEYPOINT_TAG, name=_KEYPOINT_NAME, toName="image", smart="false")
        for name in selected.names:
            SubElement(points, "Label", value=name, background=_KEYPOINT_COLOR)
    return encode_xml(view).decode()
