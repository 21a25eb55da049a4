"""Digests by which stored answers are found: they have to outlive a redesign, or every cache is empty after it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from output_hashes.faces import MAP_FILE, PHOTO_FILE, POINTS, faces
from output_hashes.internals import Submission, cache_digests
from output_hashes.library import Case
from output_hashes.png_files import png, with_orientation


def digests(*, quick: bool) -> Iterator[Case]:
    """Digest the sample with every option, other formats, owners, maps and photos."""
    points = np.array(POINTS)
    options: list[dict[str, Any]] = [
        {}, {"tolerance": 0.5}, {"tolerance": 0.0}, {"curve": "straight"}, {"crop": "none"}, {"regions": "zones"},
        {"embed_image": "crop"}, {"style": "solid"}, {"min_area": 9.0}, {"colors": {"b": "red", "a": "blue"}},
        {"label_names": {"1": "a"}}, {"void": "none"}, {"void": 9}, {"id_prefix": "left"}, {"landmarks_frame": "raw"},
        {"label_palette": [[0, 0, 0], [1, 2, 3]]},
        {"map_fit": "letterbox"}, {"map_fit": "letterbox", "landmarks_frame": "raw"},
        {"landmark_scheme": "mediapipe-478", "label_scheme": "lapa-11", "landmark_units": "pixel"},
    ]  # fmt: skip
    submissions = {f"options {each}": Submission(PHOTO_FILE, MAP_FILE, points, each) for each in options}
    submissions |= {
        "format": Submission(PHOTO_FILE, MAP_FILE, points, {}, format="yolo"),
        "format options": Submission(PHOTO_FILE, MAP_FILE, points, {}, format="yolo", export_options={"inset": 0.5}),
        "owner": Submission(PHOTO_FILE, MAP_FILE, points, {}, owner=b"\x01\x02"),
        "no landmarks": Submission(PHOTO_FILE, MAP_FILE, None, {}),
        "orientation": Submission(with_orientation(PHOTO_FILE, 6), MAP_FILE, points, {}),
    }
    for name, face in faces(quick=True).items():
        photo = png(np.zeros(face.size[::-1], np.uint8))
        submissions[name] = Submission(photo, png(face.labels), face.landmarks, {"label_scheme": face.label_scheme})
    for name, submission in list(submissions.items())[: 2 if quick else None]:
        for kind, digest in cache_digests(submission):
            yield f"digests/{name}, {kind}", digest
