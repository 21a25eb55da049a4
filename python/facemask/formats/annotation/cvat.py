"""CVAT export: annotations in its XML format for images, version 1.1, as polygons or masks, and a skeleton."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from facemask.formats.annotation import rle
from facemask.formats.annotation.keyhole import check_holes, to_single_ring
from facemask.formats.annotation.keypoints import Keypoints, select_keypoints
from facemask.formats.colors import read_colors
from facemask.formats.flat_rings import FlatRings
from facemask.formats.options import CVAT_KINDS, check_segmentation
from facemask.formats.protocol import TracedFace, polygons_of
from facemask.formats.xml import encode_xml
from facemask.validation import check_file_name

# The label of the skeleton of all keypoints.
FACE = "face"
_KEYPOINT_COLOR = "#f03e3e"


def to_document(
    face: TracedFace,
    *,
    segmentation: str = "auto",
    file_name: str | PathLike[str] = "face.png",
    holes: str = "bridge",
    keypoints: str | bool = "none",
) -> str:
    """Convert a face to an XML document with one image.

    The polygons of one region share a group, by which CVAT takes them for one instance.

    Args:
        face: the traced face.
        segmentation: `polygons`, also by `auto`; `rle`, a mask per region, which keeps holes.
        file_name: file name of the picture.
        holes: of polygons: `bridge` joins a hole to its outer ring by a cut of zero width; `error` raises an error.
        keypoints: as of `select_keypoints`; they are the points of one skeleton, `face`. Those outside the picture
            are marked as outside.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"` and keypoints that the face does not have,
            `option_invalid` for other values.

    """
    kind = check_segmentation(segmentation, CVAT_KINDS)
    check_holes(face, holes, is_used=kind == "polygons")
    selected = select_keypoints(face, keypoints)
    width, height = face.size
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    labels = SubElement(SubElement(SubElement(root, "meta"), "task"), "labels")
    colors = read_colors(face)
    for region in face.regions:
        label = SubElement(labels, "label")
        for tag, text in (("name", region["name"]), ("color", colors[region["id"]]), ("attributes", "")):
            SubElement(label, tag).text = text
    if selected is not None:
        _add_skeleton_labels(labels, selected)
    name = check_file_name("file_name", file_name)
    image = SubElement(root, "image", id="0", name=name, width=str(width), height=str(height))
    for region in face.regions:
        if kind == "polygons":
            _add_polygons(image, face, region, holes)
        else:
            _add_mask(image, face, region)
    if selected is not None:
        _add_skeleton(image, selected, face.size)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + encode_xml(root).decode()


def _add_skeleton_labels(labels: Element, keypoints: Keypoints) -> None:
    """Add the label of the skeleton, and one for each of its points."""
    kinds = {FACE: "skeleton"} | dict.fromkeys(keypoints.names, "points")
    for name, kind in kinds.items():
        label = SubElement(labels, "label")
        parent = () if name == FACE else (("parent", FACE),)
        for tag, text in (("name", name), ("color", _KEYPOINT_COLOR), ("type", kind), ("attributes", ""), *parent):
            SubElement(label, tag).text = text


def _add_skeleton(image: Element, keypoints: Keypoints, size: Sequence[int]) -> None:
    skeleton = SubElement(image, "skeleton", label=FACE, source="auto", z_order="0")
    is_inside = keypoints.inside(size).tolist()
    for name, (x, y), inside in zip(keypoints.names, keypoints.points.tolist(), is_inside, strict=True):
        point = {"label": name, "source": "auto", "outside": "0" if inside else "1", "occluded": "0"}
        SubElement(skeleton, "points", point | {"points": f"{x:.2f},{y:.2f}"})


def _add_polygons(image: Element, face: TracedFace, region: Mapping[str, Any], holes: str) -> None:
    polygons = polygons_of(face, region)
    # CVAT's group 0 is no group.
    group = {"group_id": str(region["id"])} if len(polygons) > 1 else {}
    for polygon in polygons:
        ring = to_single_ring(polygon, region["name"], "CVAT", holes)
        points = ";".join(f"{x:.2f},{y:.2f}" for x, y in ring)
        shape = {"label": region["name"], "source": "auto", "occluded": "0", "points": points, "z_order": "0"}
        SubElement(image, "polygon", shape | group)


def _add_mask(image: Element, face: TracedFace, region: Mapping[str, Any]) -> None:
    """Add the pixels of a region within their box, as run lengths row by row, the first one outside."""
    rings = FlatRings.from_rings(face.mask_contours[str(region["id"])])
    # Rows instead of columns: the same with x and y exchanged.
    runs = rle.from_rings(rings.transpose(), face.size[1], face.size[0], is_transposed=True)
    if not rle.area(runs):
        return
    top, left, height, width = rle.bounding_box(runs, face.size[0])
    runs = rle.from_rings(rings.transpose(left, top), height, width, is_transposed=True)
    box = {"left": str(left), "top": str(top), "width": str(width), "height": str(height)}
    shape = {"label": region["name"], "source": "auto", "occluded": "0", "rle": ", ".join(map(str, runs))}
    SubElement(image, "mask", shape | box | {"z_order": "0"})
