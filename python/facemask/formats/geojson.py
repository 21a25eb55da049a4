"""GeoJSON export (RFC 7946): a feature per region, with all its polygons and holes.

Coordinates are pixels of the result's frame, y down, not degrees. Outer rings run clockwise on screen. A reader that
takes y as up sees them counterclockwise, as RFC 7946 requires and shapely's `is_ccw` confirms.
"""

from typing import Any

from facemask.formats.protocol import TracedFace, group_rings


def to_feature_collection(face: TracedFace) -> dict[str, Any]:
    """Convert a face to a FeatureCollection."""
    width, height = face.size
    return {
        "type": "FeatureCollection",
        "bbox": [0, 0, width, height],
        # A foreign member (RFC 7946, section 6.1) that describes the coordinates.
        "facemask": {
            "frame": face.frame,
            "units": "pixels, y down",
            "size": [width, height],
            "crop_from_image": list(face.crop_from_image),
        },
        "features": [
            {
                "type": "Feature",
                "id": region["id"],
                "bbox": region["bbox"],
                "properties": {name: value for name, value in region.items() if name != "bbox"},
                "geometry": {"type": "MultiPolygon", "coordinates": _polygons(face, str(region["id"]))},
            }
            for region in face.regions
        ],
    }


def _polygons(face: TracedFace, region: str) -> list[Any]:
    """Return the coordinates of a MultiPolygon, with each ring's first point repeated at its end."""
    polygons = group_rings(face.mask_contours[region])
    return [[[*map(list, ring), list(ring[0])] for ring in polygon] for polygon in polygons]
