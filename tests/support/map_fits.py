"""Label maps as preprocessing chains leave them: resized, padded and cut, with the sizes that real libraries use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from support.sample import resize_nearest

Labels = NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Recorded:
    """Where libraries put a photo in a map, or a map in a resized photo.

    Boxes are left, top, width and height. Of a letterbox they hold the photo, in pixels of the map. Of a center crop
    they hold the offset of the map in the resized photo, and the size of the latter.
    """

    photo: tuple[int, int]
    map: tuple[int, int]
    letterbox: Box
    torchvision: Box
    transformers: Box


# Outputs of Ultralytics 8.4.190 (LetterBox, auto=False), albumentations 2.0.8 (LongestMaxSize, PadIfNeeded),
# torchvision 0.29.2 (Resize, CenterCrop) and transformers 5.24.0 (resize to the shortest edge, center_crop). The first
# two agree on every letterbox here. With the photo at the top left, the same sizes come from both, and from Segment
# Anything 1.0 and mmcv 2.2.0, but for the last photo, of which these two leave no row.
RECORDED = [
    Recorded((1200, 600), (512, 512), (0, 128, 512, 256), (256, 0, 1024, 512), (256, 0, 1024, 512)),
    Recorded((101, 67), (64, 64), (0, 11, 64, 42), (16, 0, 96, 64), (16, 0, 96, 64)),
    Recorded((100, 67), (64, 64), (0, 10, 64, 43), (16, 0, 95, 64), (15, 0, 95, 64)),
    Recorded((67, 100), (64, 64), (10, 0, 43, 64), (0, 16, 64, 95), (0, 15, 64, 95)),
    Recorded((899, 641), (512, 512), (0, 73, 512, 365), (103, 0, 718, 512), (103, 0, 718, 512)),
    Recorded((640, 481), (256, 256), (0, 32, 256, 192), (42, 0, 340, 256), (42, 0, 340, 256)),
    Recorded((333, 1000), (128, 128), (42, 0, 43, 128), (0, 128, 128, 384), (0, 128, 128, 384)),
    Recorded((75, 50), (50, 50), (0, 8, 50, 33), (12, 0, 75, 50), (12, 0, 75, 50)),
    Recorded((45, 30), (31, 31), (0, 5, 31, 21), (8, 0, 46, 31), (7, 0, 46, 31)),
    Recorded((1000, 7), (64, 64), (0, 31, 64, 1), (4539, 0, 9142, 64), (4539, 0, 9142, 64)),
]


def preprocess(labels: Labels, fit: str, width: int, height: int, padding: int = 0) -> Labels:
    """Resize a label map of the whole photo as a chain does that ends in `width` x `height` pixels."""
    rows, columns = labels.shape
    if fit == "stretch":
        return resize_nearest(labels, width, height)
    if fit == "center-crop":
        scale = max(width / columns, height / rows)
        resized = resize_nearest(labels, int(columns * scale + 1e-9), int(rows * scale + 1e-9))
        top, left = (resized.shape[0] - height) // 2, (resized.shape[1] - width) // 2
        return np.ascontiguousarray(resized[top : top + height, left : left + width])
    scale = min(width / columns, height / rows)
    resized = resize_nearest(labels, max(round(columns * scale), 1), max(round(rows * scale), 1))
    is_centered = fit == "letterbox"
    top, left = (
        (total - used) // 2 if is_centered else 0 for total, used in zip((height, width), resized.shape, strict=True)
    )
    padded = np.full((height, width), padding, np.uint8)
    padded[top : top + resized.shape[0], left : left + resized.shape[1]] = resized
    return padded
