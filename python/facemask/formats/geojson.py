"""GeoJSON: a feature per region, with all parts and holes.

Coordinates are pixels of the crop frame, y down, not degrees. Outer rings run clockwise on screen, which is
counterclockwise to a reader that takes the numbers as they are (as if y grew upwards): what RFC 7946 asks for, and
what shapely's `is_ccw` says.
"""

from typing import Any

from facemask.formats.traced import Traced, parts


def features(traced: Traced) -> dict[str, Any]:
    """Make the FeatureCollection."""
    width, height = traced.size
    return {
        "type": "FeatureCollection",
        "bbox": [0, 0, width, height],
        # A foreign member, as RFC 7946 allows: what the coordinates are.
        "facemask": {
            "frame": "crop",
            "units": "pixels, y down",
            "size": [width, height],
            "crop_from_image": list(traced.crop_from_image),
        },
        "features": [
            {
                "type": "Feature",
                "id": region["id"],
                "bbox": region["bbox"],
                "properties": {name: value for name, value in region.items() if name != "bbox"},
                "geometry": {"type": "MultiPolygon", "coordinates": _polygons(traced, str(region["id"]))},
            }
            for region in traced.regions
        ],
    }


def _polygons(traced: Traced, key: str) -> list[Any]:
    return [[[*map(list, ring), list(ring[0])] for ring in part] for part in parts(traced.mask_contours[key])]
