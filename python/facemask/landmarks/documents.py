"""Documents of annotation tools: COCO keypoints and labelme."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from facemask.landmarks.coordinates import check_coordinate, describe, is_list, is_number, refuse
from facemask.landmarks.faces import Faces, Points, Reader, check_face_count, join_faces
from facemask.landmarks.flat_numbers import read_triples
from facemask.landmarks.forms import no_face
from facemask.landmarks.named_points import read_five


def read_coco(value: Mapping[Any, Any], path: str) -> Faces | None:
    """Read a COCO document of one photo, or one annotation of it with flat keypoints."""
    annotations = value.get("annotations")
    if is_list(annotations):
        return _read_coco_document(annotations, f"{path}.annotations")
    # The face of COCO-WholeBody takes precedence over the body's points.
    for key in ("face_kpts", "keypoints"):
        flat = value.get(key)
        if is_list(flat) and len(flat) and is_number(flat[0]):
            return Faces([_read_keypoints(flat, f"{path}.{key}")], "pixel")
    return None


def _read_coco_document(annotations: Any, path: str) -> Faces:
    given = [(i, entry) for i, entry in enumerate(annotations) if isinstance(entry, Mapping)]
    with_points = [(i, entry) for i, entry in given if entry.get("num_keypoints") != 0 and entry.get("keypoints")]
    if not with_points:
        raise no_face(path, "the COCO document")
    if len({str(entry.get("image_id")) for _, entry in with_points}) > 1:
        code = '[a for a in document["annotations"] if a["image_id"] == image_id]'
        raise refuse(path, f"the COCO document holds several photos; {code} takes those of one")
    check_face_count(len(with_points), path)
    faces = []
    for i, entry in with_points:
        face = read_coco(entry, f"{path}[{i}]")
        if face is None:
            raise refuse(f"{path}[{i}].keypoints", f"must be a flat list, got {describe(entry['keypoints'])}")
        faces.append(face)
    return join_faces(faces)


def _read_keypoints(flat: Any, path: str) -> Points:
    numbers = [check_coordinate(number, f"{path}[{i}]") for i, number in enumerate(flat)]
    return read_triples(np.array(numbers, dtype=np.float64), path)


def read_labelme(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read the points of a labelme document: one shape for each point, or one shape with all of them.

    Labels that are whole numbers order the points; so do the names of five points. Other points stay in the order of
    the document. Shapes with one `group_id` are one face.
    """
    shapes = value.get("shapes")
    if not is_list(shapes):
        return None
    path = f"{path}.shapes"
    groups: dict[str, list[tuple[str, Any, str]]] = {}
    for i, shape in enumerate(shapes):
        if not isinstance(shape, Mapping) or not is_list(shape.get("points")):
            raise refuse(f"{path}[{i}].points", "is missing")
        points = shape["points"]
        if shape.get("shape_type", "point") == "point" and len(points) == 1:
            label = str(shape.get("label", ""))
            groups.setdefault(str(shape.get("group_id")), []).append((label, points[0], f"{path}[{i}].points"))
    check_face_count(len(groups), path)
    if groups:
        return join_faces([read_labeled_points(group, path, read) for group in groups.values()])
    lists = [
        (i, shape["points"]) for i, shape in enumerate(shapes) if shape.get("shape_type") in ("points", "linestrip")
    ]
    if not lists:
        detail = f"the labelme document holds {len(shapes)} shapes and no points"
        raise refuse(path, f"{detail}; draw one point for each landmark, labeled with its index")
    check_face_count(len(lists), path)
    faces = [read(points, f"{path}[{i}].points") for i, points in lists]
    return join_faces([Faces(face.points, "pixel") for face in faces])


def read_labeled_points(group: list[tuple[str, Any, str]], path: str, read: Reader) -> Faces:
    """Read the points of one face, each with its label and its path.

    Labels that are whole numbers order the points; so do the names of five points. Other points stay in their order.
    """
    by_label = {label: point for label, point, _ in group}
    if len(by_label) == len(group):
        five = read_five(by_label, path, "pixel")
        if five is not None:
            return five
        if all(label.isascii() and label.isdecimal() and len(label) <= 4 for label in by_label):
            group = sorted(group, key=lambda entry: int(entry[0]))
            first = int(group[0][0])
            if [int(label) for label, _, _ in group] != list(range(first, first + len(group))) or first > 1:
                detail = f"the {len(group)} labels are numbers with gaps"
                raise refuse(path, f"{detail}; a face needs all points of its scheme, counted from 0 or 1")
    faces = read([point for _, point, _ in group], path)
    return Faces(faces.points, "pixel")
