"""What the library raises: code, field and detail."""

from collections.abc import Iterator
from typing import Any

import facemask
import numpy as np

from output_hashes import maps
from output_hashes.faces import MAP_FILE, PHOTO_FILE, Face, sample
from output_hashes.library import Case, attempt, contour_cases, face_cases, json_bytes


def errors(*, quick: bool) -> Iterator[Case]:
    """Refuse bad arguments: code, field and detail."""
    labels, points = sample().labels, sample().landmarks
    options: dict[str, list[Any]] = {
        "regions": ["Labels", "", None, 3],
        "landmark_scheme": ["ibug", "ibug-68", None],
        "landmark_units": ["pixels", b"pixel"],
        "label_scheme": ["lapa", "celebamask-hq-19", "mediapipe-multiclass-6", 1.5],
        "void": ["255", 256, True, None, 1.5],
        "label_names": [
            {300: "a"},
            {-1: "a"},
            {"1": ""},
            {"1": "a" * 101},
            [("1", "a")],
            {1.5: "a"},
            {"x": "a"},
            {1: 2},
        ],
        "map_fit": ["fill", None],
        "map_box": [[0, 0, 5], [0, 0, 0, 5], [1e9, 0, 5, 5], "box"],
        "image_from_labels": [[0] * 6, [1, 0, 0, 0, float("nan"), 0], [[1, 0, 0], [0, 1, 0]]],
        "crop": ["Face", "all"],
        "crop_margin": [-1, [0.1, 0.2], "wide"],
        "crop_size": [0, 20_000, (1, 2, 3)],
        "frame": ["Image", "photo"],
        "tolerance": [-1.0, float("nan"), float("inf"), 1e7, "1", True, 10**400],
        "curve": ["bezier", None],
        "min_area": [-0.5, float("nan"), 1e7, None],
        "style": ["fancy", 0],
        "colors": [{"1": "no color"}, {"1": "url(#a)"}, {"1": "#12"}, {"1": ""}, {1: "transparent"}, {1: 5}, "red"],
        "embed_image": ["all", "crop"],
        "id_prefix": ["1", None],
        "image_size": [(0, 5), (5,), "ab", (1.5, 2), (10**7, 1), (900, 600), (1800, 900)],
        "image": [labels, b"", b"GIF89a", PHOTO_FILE[:100], np.zeros((3, 3, 4), np.uint8), np.zeros((3, 3, 3))],
    }
    for name, values in options.items():
        for number, value in enumerate(values[: 2 if quick else None]):
            case = f"errors/{name} {number}"
            yield from attempt(case, lambda c=case, o={name: value}: face_cases(c, sample(), **o))
    landmarks: list[Any] = [
        "text", 5, {}, {"a": 1}, [1.0, 2.0, 3.0], [[1.0]], [[1.0, "2"]], [{"x": 1.0}], [{"x": 1, "y": None}],
        [[1, 2], 3], [[float("nan"), 1.0]], [[1e7, 0.0]], [[10**400, 0]], [True, False], [[[]]], [[]],
        [[1.0, 2.0, 3.0, 4.0]], points[:100], points[::-1], points * 0.0, points * 1e5, np.full((5, 2), np.inf),
        np.zeros((5, 4)), points[[0, 1, 2, 3, 4]], np.array(["a"]), [[{"x": 1, "y": 2, "z": 3}], 5],
    ]  # fmt: skip
    for number, value in enumerate(landmarks[: 3 if quick else None]):
        case = f"errors/landmarks {number}"
        yield from attempt(case, lambda c=case, v=value: face_cases(c, Face(labels, v, (900, 900))))
    bad_maps: list[Any] = [
        labels.astype(float), labels[None], labels.astype(int) - 1, labels.astype(int) + 255, "text", None,
        [[1, 2], [3]], np.zeros((0, 5), np.uint8), np.zeros((5, 0), np.uint8), labels[:, ::3], labels[:600], 5, [[]],
    ]  # fmt: skip
    for number, value in enumerate(bad_maps[: 3 if quick else None]):
        case = f"errors/map {number}"
        yield from attempt(case, lambda c=case, v=value: face_cases(c, Face(v, points, (900, 900))))
        case += ", contours"
        yield from attempt(case, lambda c=case, v=value: contour_cases(c, v))
    contour_options = [
        {"tolerance": -1.0}, {"curve": "smooth", "tolerance": 0.0}, {"curve": "x"}, {"min_area": float("nan")},
        {"background": 1}, {"tolerance": 1e9},
    ]  # fmt: skip
    for number, changes in enumerate(contour_options):
        case = f"errors/contours {number}"
        yield from attempt(case, lambda c=case, o=changes: contour_cases(c, maps.noise(12, 12, 3), **o))
    mask = facemask.trace_face(labels, points)
    for number, call in enumerate(
        (
            lambda: mask.to_png(scale=0.0),
            lambda: mask.to_png(scale=1e9),
            lambda: mask.to_png(scale="1"),
            lambda: mask.to_yolo(classes=["no such"]),
            lambda: mask.to_coco(image_id="1"),
            lambda: facemask.decode_image("text"),
            lambda: facemask.decode_label_map(5),
            lambda: facemask.decode_label_map(MAP_FILE, palette=[[1, 2]]),
            lambda: facemask.decode_label_map(MAP_FILE, palette=5),
            lambda: facemask.decode_label_map(PHOTO_FILE),
        )
    ):
        case = f"errors/call {number}"
        yield from attempt(case, lambda c=case, f=call: iter([(c, repr(f()).encode())]))
    yield "errors/codes", json_bytes(facemask.ERROR_CODES)
    yield "errors/public names", json_bytes(sorted(facemask.__all__))
