"""Label Studio export: a task with predicted labels, as polygons or brush strokes, and its labeling config."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from facemask.formats.annotation import brush
from facemask.formats.annotation.keyhole import check_holes, to_single_ring
from facemask.formats.colors import default_color, read_colors
from facemask.formats.options import BRUSHES, check_classes, check_segmentation
from facemask.formats.protocol import TracedFace, polygons_of
from facemask.formats.xml import encode_xml
from facemask.validation import check_file_name

# The tag of the labeling config for each kind, and the type of its results, in lower case.
_TAGS = {"polygons": "PolygonLabels", "rle": "BrushLabels"}


def to_task(
    face: TracedFace,
    *,
    segmentation: str = "auto",
    image: str | PathLike[str] = "face.png",
    holes: str = "bridge",
    from_name: str = "label",
    to_name: str = "image",
) -> dict[str, Any]:
    """Convert a face to a task.

    A region has a result for each polygon, or one with run lengths. Results of one region have the same `meta.region`.

    Args:
        face: the traced face.
        segmentation: `polygons`, also by `auto`, in percent of the picture's size; `rle`, the run lengths of a brush,
            which keep holes.
        image: address of the picture, the value of the project's `$image`.
        holes: of polygons: `bridge` joins a hole to its outer ring by a cut of zero width; `error` raises an error.
        from_name, to_name: names of the project's `<PolygonLabels>` or `<BrushLabels>`, and `<Image>` tags.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"`, `option_invalid` for other values.

    """
    kind = check_segmentation(segmentation, BRUSHES)
    check_holes(face, holes, is_used=kind == "polygons")
    width, height = face.size
    values: Callable[..., list[dict[str, Any]]] = _polygon_values if kind == "polygons" else _brush_values
    tag = _TAGS[kind].lower()
    results = [
        {
            "id": f"{region['id']}-{number}",
            "type": tag,
            "from_name": from_name,
            "to_name": to_name,
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
            "value": {**value, tag: [region["name"]]},
            "meta": {"region": [str(region["id"])]},
        }
        for region in face.regions
        for number, value in enumerate(values(face, region, holes), 1)
    ]
    address = check_file_name("image", image)
    return {"data": {"image": address}, "predictions": [{"model_version": "facemask", "result": results}]}


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
    from_name: str = "label",
    to_name: str = "image",
) -> str:
    """Return the labeling config (XML) of a project for the tasks of `to_task`.

    Every label has its `category`, the class number of the YOLO export. Without it Label Studio's own exporters number
    the labels alphabetically.

    Args:
        face: the traced face, whose regions are the labels.
        segmentation: as of `to_task`.
        classes: names of the labels, in the order of their numbers. Default: the face's regions, numbered by id - 1.
        from_name, to_name: as of `to_task`.

    Raises:
        FacemaskError: `option_invalid` for other values.

    """
    kind = check_segmentation(segmentation, BRUSHES)
    drawn = read_colors(face)
    colors = {region["name"]: drawn[region["id"]] for region in face.regions}
    view = Element("View")
    SubElement(view, "Image", name=to_name, value="$image", zoom="true")
    labels = SubElement(view, _TAGS[kind], name=from_name, toName=to_name)
    # A name stands once in a view, and two regions may have the same.
    numbers: dict[str, int] = {}
    for number, name in _numbered_names(face, classes):
        numbers.setdefault(name, number)
    for name, number in numbers.items():
        background = colors.get(name, default_color(number + 1))
        SubElement(labels, "Label", value=name, category=str(number), background=background)
    return encode_xml(view).decode()
