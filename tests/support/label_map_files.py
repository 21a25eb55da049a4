"""Files of label maps, written by the libraries that people write them with."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import tifffile
from PIL import Image

from support.label_map_forms import LABELS, MASKS


def saved(save: Callable[..., Any], *arguments: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    save(file, *arguments, **options)
    return file.getvalue()


def npy(array: Any, version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), version=version)
    return file.getvalue()


def pillow(image: Image.Image, kind: str, **options: Any) -> bytes:
    return saved(lambda file: image.save(file, kind, **options))


def opencv(array: Any, suffix: str, *parameters: int) -> bytes:
    done, data = cv2.imencode(suffix, array, list(parameters))
    assert done
    return data.tobytes()


def tiff(array: Any, **options: Any) -> bytes:
    return saved(lambda file: tifffile.imwrite(file, array, **options))


def labelme_masks() -> bytes:
    """labelme's shapes of AI masks: a PNG of the mask within its box."""
    shapes = []
    for i, mask in MASKS.items():
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        top, bottom, left, right = rows[0], rows[-1], columns[0], columns[-1]
        part = Image.fromarray(mask[top : bottom + 1, left : right + 1])
        shapes.append(
            {
                "label": str(i),
                "shape_type": "mask",
                "points": [[float(left), float(top)], [float(right), float(bottom)]],
                "mask": base64.b64encode(pillow(part, "PNG")).decode(),
            }
        )
    height, width = LABELS.shape
    return json.dumps({"shapes": shapes, "imageHeight": height, "imageWidth": width}).encode()
