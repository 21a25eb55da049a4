"""Label Studio export: a task with predicted polygon labels, in percent of the crop's size."""

from typing import Any

from facemask.formats.keyhole import check_holes, to_single_ring
from facemask.formats.protocol import TracedFace, group_rings


def to_task(
    face: TracedFace,
    *,
    image: str = "face.png",
    holes: str = "bridge",
    from_name: str = "label",
    to_name: str = "image",
) -> dict[str, Any]:
    """Convert a face to a task.

    Each polygon of a region becomes a result of its own. Results of one region have the same `meta.region`.

    Args:
        face: the traced face.
        image: address of the upright crop, the value of the project's `$image`.
        holes: `bridge` joins a hole to its outer ring by a cut of zero width; `error` raises an error.
        from_name, to_name: names of the project's `<PolygonLabels>` and `<Image>` tags.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"`.

    """
    check_holes(face, holes)
    width, height = face.size
    results = []
    for region in face.regions:
        for number, polygon in enumerate(group_rings(face.mask_contours[str(region["id"])]), 1):
            ring = to_single_ring(polygon, region["name"], "Label Studio", holes)
            points = [[round(100.0 * x / width, 5), round(100.0 * y / height, 5)] for x, y in ring]
            results.append(
                {
                    "id": f"{region['id']}-{number}",
                    "type": "polygonlabels",
                    "from_name": from_name,
                    "to_name": to_name,
                    "original_width": width,
                    "original_height": height,
                    "image_rotation": 0,
                    "value": {"points": points, "closed": True, "polygonlabels": [region["name"]]},
                    "meta": {"region": [str(region["id"])]},
                }
            )
    return {"data": {"image": image}, "predictions": [{"model_version": "facemask", "result": results}]}
