#!/usr/bin/env bash
# Guess: a NumPy array of booleans has bytes of 0 and 1, so view(numpy.uint8) converts it without a copy.
# What happens: the array of a bilevel picture of Pillow (mode 1) is of type bool, and its true bytes are 255. Sums and
# astype count them as 1; the view has 255.
# Versions: Pillow 13.0.0, NumPy 2.4.6, CPython 3.11.
# Source: Pillow's Image.__array_interface__, which gives mode 1 as "|b1" over the bytes of mode L.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check pillow==13.0.0 numpy==2.4.6
"$work/venv/bin/python" - <<'PYTHON'
import numpy as np
from PIL import Image

array = np.asarray(Image.new("1", (2, 1), 1))
print(array.dtype, array.tolist(), "sum", array.sum(), "astype", array.astype(np.uint8), "view", array.view(np.uint8))
assert array.dtype == bool and array.all() and array.sum() == 2
assert array.astype(np.uint8).max() == 1
assert array.view(np.uint8).max() == 255
PYTHON
