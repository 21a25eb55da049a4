"""Label Studio: a task with a prediction of polygon labels, in per cent of the crop's size."""

from typing import Any

from facemask.formats.holes import check, one_ring
from facemask.formats.traced import Traced, parts


def task(
    traced: Traced,
    *,
    image: str = "face.png",
    holes: str = "bridge",
    from_name: str = "label",
    to_name: str = "image",
) -> dict[str, Any]:
    """Make the task.

    Args:
        traced: the face.
        image: the address of the upright crop, as the project's `$image`.
        holes: `bridge` joins a hole to its outer ring by a cut of no width; `error` refuses.
        from_name, to_name: the names of the project's `<PolygonLabels>` and `<Image>`.

    Each part is a polygon of its own; those of one region have the same `meta.region`.

    Raises:
        FacemaskError: `format_impossible` for holes with `holes="error"`.

    """
    check(traced, holes)
    width, height = traced.size
    results = []
    for region in traced.regions:
        for number, part in enumerate(parts(traced.mask_contours[str(region["id"])]), 1):
            ring = one_ring(part, region["name"], "Label Studio", holes)
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
