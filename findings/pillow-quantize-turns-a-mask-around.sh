#!/usr/bin/env bash
# A good engineer would guess: `quantize` of an image that has fewer grays than the limit keeps its values, or at least
#   their order, since it needs no new color.
# What happens: the palette is written from the brightest entry to the darkest. In a mask of 0 and 255 index 0 is white
#   and index 1 black; in a label map with the grays 0 to 3 index 0 is gray 3. `numpy.asarray` and every reader of indices
#   see the mask inverted and the labels in reverse. `method=FASTOCTREE` even merges all four labels into one.
# Versions: Pillow 12.0.0, NumPy 2.3.4, Python 3.11 or later.
# Source: src/libImaging/Quant.c, median cut: the tree of boxes is split and annotated from the brightest box on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==12.0.0 numpy==2.3.4
cat > "$folder/quantize.py" <<'PYTHON'
import numpy as np
from PIL import Image


def indices(values: list[int], method: Image.Quantize | None = None) -> list[int]:
    """Return the palette indices of a gray image of one row after `quantize`."""
    image = Image.fromarray(np.array([values] * 8, np.uint8))
    return np.asarray(image.quantize(256, method=method))[0].tolist()


mask, labels = [0, 0, 255, 255], [0, 1, 2, 3]
print(f"mask {mask}: indices {indices(mask)}")
print(f"labels {labels}: indices {indices(labels)}, FASTOCTREE {indices(labels, Image.Quantize.FASTOCTREE)}")
as_told = indices(mask) == [1, 1, 0, 0] and indices(labels) == [3, 2, 1, 0]
as_told = as_told and indices(labels, Image.Quantize.FASTOCTREE) == [0, 0, 0, 0]
raise SystemExit(0 if as_told else 1)
PYTHON
"$folder/venv/bin/python" "$folder/quantize.py"
