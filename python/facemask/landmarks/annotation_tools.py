"""Documents of annotation tools beside COCO and labelme: VIA, Label Studio, Datumaro (CVAT), GeoJSON, menpo."""

from collections.abc import Mapping, Sequence
from typing import Any

from facemask.landmarks.coordinates import check_coordinate, describe, is_list, is_number, refuse
from facemask.landmarks.documents import read_labeled_points
from facemask.landmarks.faces import Faces, Reader
from facemask.landmarks.forms import is_label_studio_row, no_face

_MAX_POINTS = 10_000

# A point with its label, and its path in messages.
_LabeledPoint = tuple[str, Any, str]


def read_annotation_tool(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read the document of an annotation tool; None for other dicts. Raises `landmarks_invalid`."""
    for reader in (_read_menpo, _read_via, _read_label_studio, _read_datumaro, _read_geojson):
        faces = reader(value, path, read)
        if faces is not None:
            return faces
    return None


def _read_menpo(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read an `.ljson` file of menpo, of version 1 to 3, whose points are (y, x)."""
    if "version" not in value:
        return None
    groups, points = value.get("groups"), value.get("landmarks")
    if isinstance(groups, Mapping) and groups:
        if len(groups) > 1:
            names = ", ".join(str(name)[:20] for name in list(groups)[:5])
            detail = f"the menpo file holds the groups {names}"
            raise refuse(path, f"{detail}; document['groups'][NAME]['landmarks']['points'] is one, as (y, x)")
        ((name, group),) = groups.items()
        path, points = f"{path}.groups.{name}", group.get("landmarks") if isinstance(group, Mapping) else None
    elif is_list(groups) and groups and all(isinstance(group, Mapping) for group in groups):
        entries = [entry for group in groups for entry in group.get("landmarks") or ()]
        points = {"points": [entry.get("point") if isinstance(entry, Mapping) else entry for entry in entries]}
    if not isinstance(points, Mapping) or not is_list(points.get("points")):
        return None
    rows, path = points["points"], f"{path}.landmarks.points"
    for i, row in enumerate(rows):
        if not is_list(row) or len(row) != 2 or None in row:
            raise refuse(f"{path}[{i}]", f"must be [y, x] of menpo, got {describe(row)}; a face needs all its points")
    return Faces(read([[row[1], row[0]] for row in rows], path).points, "pixel")


def _read_via(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read the regions of one picture of the VGG Image Annotator: a project, its annotations, or one of its entries."""
    if isinstance(value.get("_via_img_metadata"), Mapping):
        value, path = value["_via_img_metadata"], f"{path}._via_img_metadata"
        pictures = _via_pictures(value)
    elif _is_via_picture(value):
        pictures = [("", value)]
    else:
        pictures = _via_pictures(value)
        if not pictures or len(pictures) != len(value):
            return None
    annotated = [(key, picture) for key, picture in pictures if picture["regions"]]
    if not annotated:
        raise no_face(path, "the document of VIA")
    if len(annotated) > 1:
        raise refuse(path, f"the document of VIA holds {len(annotated)} pictures; pass the entry of one of them")
    key, picture = annotated[0]
    regions = picture["regions"]
    items = list(regions.values()) if isinstance(regions, Mapping) else list(regions)
    path = f"{path}.{key}.regions" if key else f"{path}.regions"
    points = [point for i, item in enumerate(items) for point in _via_points(item, f"{path}[{i}]")]
    if not points:
        detail = f"the document of VIA holds {len(items)} regions and no points"
        raise refuse(path, f"{detail}; draw one point for each landmark, labeled with its index")
    return read_labeled_points(points, path, read)


def _via_pictures(value: Mapping[Any, Any]) -> list[tuple[str, Mapping[Any, Any]]]:
    return [(str(key), picture) for key, picture in value.items() if _is_via_picture(picture)]


def _is_via_picture(value: Any) -> bool:
    """Return whether a value is an entry of VIA 2, whose regions are a list, or of VIA 1, whose regions are a dict."""
    if not isinstance(value, Mapping) or not ("filename" in value or "file_attributes" in value):
        return False
    return isinstance(value.get("regions"), Mapping) or is_list(value.get("regions"))


def _via_points(region: Any, path: str) -> list[_LabeledPoint]:
    """Return the point of a region, or those of its polyline."""
    shape = region.get("shape_attributes") if isinstance(region, Mapping) else None
    if not isinstance(shape, Mapping):
        return []
    path = f"{path}.shape_attributes"
    if shape.get("name") == "point" and is_number(shape.get("cx")) and is_number(shape.get("cy")):
        attributes = region.get("region_attributes")
        words = [text for text in attributes.values() if is_number(text)] if isinstance(attributes, Mapping) else []
        return [(str(words[0]).strip() if len(words) == 1 else "", [shape["cx"], shape["cy"]], path)]
    xs, ys = shape.get("all_points_x"), shape.get("all_points_y")
    if shape.get("name") == "polyline" and is_list(xs) and is_list(ys) and len(xs) == len(ys) <= _MAX_POINTS:
        return [("", [x, y], path) for x, y in zip(xs, ys, strict=True)]
    return []


def _read_label_studio(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read a task of Label Studio in JSON or JSON-MIN, whose coordinates are per cent of the picture."""
    if is_label_studio_row(value):
        ((key, rows),) = [(key, part) for key, part in value.items() if _is_key_points(part)][:1]
        return _read_key_points([(row, row, f"{path}.{key}[{i}]") for i, row in enumerate(rows)], path, read)
    for key in ("annotations", "completions", "predictions"):
        entries = value.get(key)
        if not (is_list(entries) and entries and all(_has_result(entry) for entry in entries)):
            continue
        filled = [(i, entry["result"]) for i, entry in enumerate(entries) if entry["result"]]
        if not filled:
            raise no_face(f"{path}.{key}", "the task of Label Studio")
        if len(filled) > 1:
            detail = f"the task of Label Studio holds {len(filled)} annotations of one picture"
            raise refuse(f"{path}.{key}", f"{detail}; pass task['{key}'][0] for the first")
        index, result = filled[0]
        return _read_result(result, f"{path}.{key}[{index}].result", read)
    if _has_result(value) and any(isinstance(item, Mapping) and "value" in item for item in value["result"]):
        return _read_result(value["result"], f"{path}.result", read)
    return None


def _has_result(entry: Any) -> bool:
    return isinstance(entry, Mapping) and is_list(entry.get("result"))


def _is_key_points(part: Any) -> bool:
    return is_list(part) and len(part) > 0 and isinstance(part[0], Mapping) and "keypointlabels" in part[0]


def _read_result(result: Sequence[Any], path: str, read: Reader) -> Faces:
    rows = [
        (item["value"], item, f"{path}[{i}]")
        for i, item in enumerate(result)
        if isinstance(item, Mapping) and isinstance(item.get("value"), Mapping) and "keypointlabels" in item["value"]
    ]
    if not rows:
        detail = f"the task of Label Studio holds {len(result)} regions and no key points"
        raise refuse(path, f"{detail}; label one key point for each landmark")
    return _read_key_points(rows, path, read)


def _read_key_points(rows: Sequence[tuple[Any, Any, str]], path: str, read: Reader) -> Faces:
    """Read key points, each with the dict that holds the size of its picture."""
    points: list[_LabeledPoint] = []
    for value, sized, where in rows:
        labels = value.get("keypointlabels")
        label = labels[0] if is_list(labels) and labels and isinstance(labels[0], str) else ""
        sides = sized.get("original_width"), sized.get("original_height")
        if None in sides:
            detail = "a key point of Label Studio is per cent of a picture whose size is missing"
            raise refuse(where, f"{detail}; set original_width and original_height, in pixels")
        x, y = (
            check_coordinate(value.get(axis), f"{where}.{axis}") * check_coordinate(side, f"{where}.{name}") / 100.0
            for axis, side, name in zip("xy", sides, ("original_width", "original_height"), strict=True)
        )
        points.append((label, [x, y], where))
    return read_labeled_points(points, path, read)


def _read_datumaro(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read the points of one picture in the JSON of Datumaro, which CVAT exports."""
    items = value.get("items")
    if not (is_list(items) and items and all(isinstance(item, Mapping) and "annotations" in item for item in items)):
        return None
    found = [
        (entry["points"], f"{path}.items[{i}].annotations[{j}].points")
        for i, item in enumerate(items)
        for j, entry in enumerate(item["annotations"] if is_list(item["annotations"]) else ())
        if isinstance(entry, Mapping) and entry.get("type") == "points" and is_list(entry.get("points"))
    ]
    if not found:
        raise no_face(f"{path}.items", "the document of Datumaro")
    if len(found) > 1:
        detail = f"the document of Datumaro holds {len(found)} lists of points"
        raise refuse(f"{path}.items", f"{detail}; pass document['items'][0]['annotations'][0]['points'] for the first")
    flat, path = found[0]
    return Faces(read(flat, path).points, "pixel")


def _read_geojson(value: Mapping[Any, Any], path: str, read: Reader) -> Faces | None:
    """Read points of GeoJSON in pixels: a FeatureCollection of them, or one MultiPoint."""
    kind = value.get("type")
    if kind == "Feature" and isinstance(value.get("geometry"), Mapping):
        return _read_geojson(value["geometry"], f"{path}.geometry", read)
    if kind in ("MultiPoint", "LineString") and is_list(value.get("coordinates")):
        return Faces(read(value["coordinates"], f"{path}.coordinates").points, "pixel")
    if kind != "FeatureCollection" or not is_list(value.get("features")):
        return None
    features, path = value["features"], f"{path}.features"
    points: list[_LabeledPoint] = []
    for i, feature in enumerate(features):
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        if isinstance(geometry, Mapping) and geometry.get("type") == "Point":
            points.append((_geojson_label(feature), geometry.get("coordinates"), f"{path}[{i}].geometry.coordinates"))
    if points:
        return read_labeled_points(points, path, read)
    if len(features) == 1 and isinstance(features[0], Mapping):
        line = _read_geojson(features[0], f"{path}[0]", read)
        if line is not None:
            return line
    detail = f"the GeoJSON holds {len(features)} features and no points"
    raise refuse(path, f"{detail}; save one Point for each landmark, named by its index")


def _geojson_label(feature: Mapping[Any, Any]) -> str:
    properties = feature.get("properties")
    if isinstance(properties, Mapping):
        for key in ("index", "name", "label", "id"):
            if is_number(properties.get(key)):
                return str(properties[key]).strip()
    return ""
