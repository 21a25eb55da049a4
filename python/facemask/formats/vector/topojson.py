"""TopoJSON export: the regions as geometries of shared arcs, so that each border is there once.

Coordinates are delta-encoded whole numbers of hundredths of a pixel, which is what the rings have: nothing is lost.
"""

from facemask.formats.options import check_y_up
from facemask.formats.protocol import TracedFace, polygons_of
from facemask.formats.vector.arcs import DECIMALS, cut_rings
from facemask.formats.vector.geojson import describe_coordinates, flip_box, region_properties
from facemask.types.exports import TopoJson, TopoJsonGeometry, TopoJsonTransform


def to_topology(face: TracedFace, *, y_up: bool = False) -> TopoJson:
    """Convert a face to a topology with the object `regions`, a MultiPolygon per region.

    Args:
        face: the traced face.
        y_up: whether y grows upwards from the bottom of the picture, as geographic programs draw it.

    """
    height = face.size[1] if check_y_up(y_up) else None
    shapes = [polygons_of(face, region) for region in face.regions]
    table, rings = cut_rings([ring for polygons in shapes for polygon in polygons for ring in polygon])
    remaining = iter(rings)
    geometries: list[TopoJsonGeometry] = [
        {
            "type": "MultiPolygon",
            "id": region["id"],
            "bbox": flip_box(region["bbox"], height),
            "properties": region_properties(region, height),
            "arcs": [[_orient(next(remaining), y_up=y_up) for _ in polygon] for polygon in polygons],
        }
        for region, polygons in zip(face.regions, shapes, strict=True)
    ]
    step = 10.0**-DECIMALS
    transform: TopoJsonTransform = {"scale": [step, step], "translate": [0, 0]}
    if height is not None:
        transform = {"scale": [step, -step], "translate": [0, height]}
    return {
        "type": "Topology",
        "bbox": [0, 0, *face.size],
        "facemask": describe_coordinates(face, y_up=y_up),
        "transform": transform,
        "objects": {"regions": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": table.encode_deltas(),
    }


def _orient(ring: list[int], *, y_up: bool) -> list[int]:
    """Return the arcs of a ring; reversed where y is turned up, so that outer rings stay counterclockwise."""
    return [~arc for arc in reversed(ring)] if y_up else ring
