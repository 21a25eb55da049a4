"""GeoJSON export (RFC 7946): a feature per region, with all its polygons and holes.

Coordinates are pixels, not degrees. Outer rings are counterclockwise for a reader that takes y as up, as RFC 7946
requires and shapely's `is_ccw` confirms: as they are where y grows downwards, reversed where it is turned up.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from facemask.formats.options import check_y_up
from facemask.formats.protocol import Ring, TracedFace, frame_name, polygons_of
from facemask.types.exports import FrameMember, GeoJson

# Properties of a region that are positions.
_POSITIONS = ("centroid", "label_point")


def to_feature_collection(face: TracedFace, *, y_up: bool = False) -> GeoJson:
    """Convert a face to a FeatureCollection.

    Args:
        face: the traced face.
        y_up: whether y grows upwards from the bottom of the picture, as geographic programs draw it. The file then
            names a coordinate system of its own, which GDAL reads: geopandas and QGIS do not take pixels for degrees.

    """
    height = face.size[1] if check_y_up(y_up) else None
    document: GeoJson = {
        "type": "FeatureCollection",
        "bbox": [0, 0, *face.size],
        "facemask": describe_coordinates(face, y_up=y_up),
        "features": [
            {
                "type": "Feature",
                "id": region["id"],
                "bbox": flip_box(region["bbox"], height),
                "properties": region_properties(region, height),
                "geometry": {
                    "type": "MultiPolygon",
                    "coordinates": [
                        [_close(ring, height) for ring in polygon] for polygon in polygons_of(face, region)
                    ],
                },
            }
            for region in face.regions
        ],
    }
    if height is None:
        return document
    return cast("GeoJson", {"type": document["type"], "crs": _pixel_crs(face), **document})


def _pixel_crs(face: TracedFace) -> dict[str, Any]:
    """Return the `crs` of GeoJSON before RFC 7946: an engineering system in pixels, as well-known text (ISO 19162).

    Readers that follow the RFC alone ignore it.
    """
    name = f"facemask {frame_name(face)}"
    axes = 'AXIS["x",east],AXIS["y",north],LENGTHUNIT["pixel",1]'
    text = f'ENGCRS["{name}",EDATUM["{name}"],CS[Cartesian,2],{axes}]'
    return {"type": "name", "properties": {"name": text}}


def describe_coordinates(face: TracedFace, *, y_up: bool) -> FrameMember:
    """Return a foreign member (RFC 7946, section 6.1) that describes the coordinates."""
    return {
        "frame": frame_name(face),
        "units": f"pixels, y {'up' if y_up else 'down'}",
        "size": list(face.size),
        "crop_from_image": list(face.crop_from_image),
    }


def region_properties(region: Mapping[str, Any], height: int | None) -> dict[str, Any]:
    """Return the measures of a region but its box; y is turned up from `height` where that is given."""
    properties = {name: value for name, value in region.items() if name != "bbox"}
    if height is not None:
        properties |= {name: _flip(properties[name], height) for name in _POSITIONS if name in properties}
    return properties


def flip_box(box: Sequence[float], height: int | None) -> list[float]:
    """Return left, least y, right, greatest y of a box."""
    left, top, right, bottom = box
    if height is None:
        return [left, top, right, bottom]
    return [left, round(height - bottom, 2), right, round(height - top, 2)]


def _close(ring: Ring, height: int | None) -> list[list[float]]:
    """Return the points of a ring, the first one repeated at the end."""
    closed = [*ring, ring[0]]
    return [list(point) for point in closed] if height is None else [_flip(point, height) for point in reversed(closed)]


def _flip(point: Sequence[float], height: int) -> list[float]:
    return [point[0], round(height - point[1], 2)]
