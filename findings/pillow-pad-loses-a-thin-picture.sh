#!/usr/bin/env bash
# A good engineer would guess: Pillow's `ImageOps.pad(picture, (64, 64))` scales a picture to fit and pads it, so the
#   picture is somewhere in the result, however thin it is.
# What happens: the shorter side is rounded, and 1000 x 7 becomes 64 x 0. No error: `ImageOps.contain` returns a picture
#   without rows, and `ImageOps.pad` one of padding alone. A picture of 1000 x 8 keeps its one row.
# Versions: Pillow 13.0.0, Python 3.11 or later.
# Source: PIL/ImageOps.py, `contain`: `new_height = round(image.height / image.width * size[0])` has no lower bound.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
cat > "$folder/pad.py" <<'PYTHON'
from PIL import Image, ImageOps


def white_pixels(size: tuple[int, int]) -> tuple[tuple[int, int], int]:
    picture = Image.new("L", size, 255)
    padded = ImageOps.pad(picture, (64, 64), color=0)
    return ImageOps.contain(picture, (64, 64)).size, sum(value > 0 for value in padded.tobytes())


seen = {size: white_pixels(size) for size in ((1000, 7), (1000, 8), (300, 2))}
for size, (contained, white) in seen.items():
    print(f"{size}: contain gives {contained}, pad leaves {white} pixels of the picture")
expected = {(1000, 7): ((64, 0), 0), (1000, 8): ((64, 1), 64), (300, 2): ((64, 0), 0)}
raise SystemExit(0 if seen == expected else 1)
PYTHON
"$folder/venv/bin/python" "$folder/pad.py"
