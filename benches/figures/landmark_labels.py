"""Zones of the sample's copies through landmarks alone, beside those of its label map."""

from collections.abc import Iterator

import facemask
from bounds import BoundedValue
from support import landmark_schemes, sample
from support.sample_zones import VARIANTS, zone_name_in_copy

SCHEMES = ("mediapipe-478", *landmark_schemes.CONVERTERS)
# Zones that no guess bounds, and how far their areas may be off.
_BOUNDS = {"nose": 15.0, "under_eye": 10.0, "cheek": 10.0, "chin": 10.0, "upper_lip_area": 10.0, "lips": 10.0}


def landmark_labels(curve: str) -> Iterator[BoundedValue]:
    """Measure the areas at every turn, and mirrored; the worst copy and side count."""
    for scheme in SCHEMES:
        worst = dict.fromkeys(_BOUNDS, 0.0)
        true = zone_areas(scheme, 0.0, "none", curve, with_map=True)
        for angle, mirror in VARIANTS:
            found = zone_areas(scheme, angle, mirror, curve)
            for name, area in true.items():
                zone = name.removesuffix("_r").removesuffix("_l")
                if zone in worst:
                    deviation = 100.0 * abs(found[zone_name_in_copy(name, mirror)] / area - 1.0)
                    worst[zone] = max(worst[zone], deviation)
        for zone, deviation in worst.items():
            yield BoundedValue(f"{zone} through {scheme}, off by", deviation, _BOUNDS[zone], "%")


def zone_areas(scheme: str, angle: float, mirror: str, curve: str, *, with_map: bool = False) -> dict[str, float]:
    """Areas of the zones of a copy by name, from landmarks alone or with its map."""
    copy = sample.copy(angle, mirror)
    mask = facemask.trace_face(
        copy.labels if with_map else None,
        landmark_schemes.to_scheme(copy.landmarks, scheme),
        image_size=copy.photo.size,
        landmark_scheme=scheme,
        regions="zones",
        crop="none",
        frame="image",
        curve=curve,
    )
    return {region["name"]: region["area"] for region in mask.regions}
