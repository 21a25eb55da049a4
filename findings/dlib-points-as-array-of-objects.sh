#!/usr/bin/env bash
# Guess: `np.asarray(shape.parts())` of dlib is an array (68, 2), or an error.
# What happens: it is an array of dtype object with shape (68,), of 68 Python objects. `dlib.points` has a length and
#   items, yet is no `collections.abc.Sequence`: code that checks for a list takes it for a single object.
# Versions: dlib-bin 20.0.1, NumPy 2.4.6. Python 3.11 or later.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy==2.4.6 dlib-bin==20.0.1.post1
cat > "$folder/show.py" <<'PYTHON'
from collections.abc import Sequence

import dlib
import numpy as np

points = dlib.points([dlib.point(i, 2 * i) for i in range(68)])
shape = dlib.full_object_detection(dlib.rectangle(0, 0, 9, 9), points)
array = np.asarray(shape.parts())
print(f"np.asarray(shape.parts()): dtype {array.dtype}, shape {array.shape}, first item {type(array[0]).__name__}")
assert (array.dtype, array.shape) == (np.dtype(object), (68,))
print(f"len: {len(shape.parts())}, isinstance Sequence: {isinstance(shape.parts(), Sequence)}")
assert not isinstance(shape.parts(), Sequence)
PYTHON
"$folder/venv/bin/python" "$folder/show.py"
