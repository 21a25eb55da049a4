#!/usr/bin/env bash
# A good engineer would guess: a lossless WebP gives back every channel of every pixel, as a PNG does.
# What happens: OpenCV's encoder sets red, green and blue to 0 wherever alpha is 0, at any quality, and it has no parameter
#   to prevent it. A label map with an alpha channel loses the ids under transparent pixels. libwebp does so unless
#   `WebPConfig.exact` is set; Pillow sets it by `exact=True`.
# Versions: opencv-python-headless 4.12.0.88, Pillow 12.0.0, NumPy 2.2.6, Python 3.11 or later.
# Source: libwebp, src/webp/encode.h: "exact: if true, preserve the exact RGB values under transparent area. Otherwise,
#   discard this invisible RGB information for better compression. The default value is 0."
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==4.12.0.88 pillow==12.0.0 numpy==2.2.6
cat > "$folder/erase.py" <<'PYTHON'
from io import BytesIO

import cv2
import numpy as np
from PIL import Image

pixels = np.full((8, 8, 4), 7, np.uint8)
pixels[:, 4:, 3] = 0  # the right half is transparent


def by_opencv(extension: str, *parameters: int) -> np.ndarray:
    """Return the pixels after a round trip through a file format."""
    _, file = cv2.imencode(extension, pixels, parameters)
    return cv2.imdecode(file, cv2.IMREAD_UNCHANGED)


def by_pillow(**options: bool) -> np.ndarray:
    """Return the pixels after a round trip through a lossless WebP."""
    file = BytesIO()
    Image.fromarray(pixels, "RGBA").save(file, "WEBP", lossless=True, **options)
    return np.asarray(Image.open(file).convert("RGBA"))


trips = {
    "OpenCV PNG": by_opencv(".png"),
    "OpenCV lossless WebP": by_opencv(".webp", cv2.IMWRITE_WEBP_QUALITY, 101),
    "Pillow lossless WebP": by_pillow(),
    "Pillow lossless WebP, exact": by_pillow(exact=True),
}
for name, decoded in trips.items():
    print(f"{name}: red under transparent pixels is {sorted(set(decoded[:, 4:, 0].ravel().tolist()))}, it was 7")
kept = [bool((decoded == pixels).all()) for decoded in trips.values()]
raise SystemExit(0 if kept == [True, False, False, True] else 1)
PYTHON
"$folder/venv/bin/python" "$folder/erase.py" 2> >(grep -v DeprecationWarning >&2)
