#!/usr/bin/env bash
# Guess: `hasattr(face, name)` tells whether InsightFace's `Face` has that attribute.
# What happens: it is true for every name, and the value is None. `Face` is a dict whose `__getattr__` returns None
#   instead of raising AttributeError. Code that recognizes objects by their attributes takes it for an array, a tensor
#   and a data frame at once, and NumPy raises "invalid __array_struct__" where another dict becomes an array of dtype
#   object.
# Versions: insightface 2.1, NumPy 2.4.6. Python 3.11 or later.
# Source: insightface/app/common.py, `Face.__getattr__`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy==2.4.6
"$folder/venv/bin/pip" install -q --no-deps insightface==2.1
cat > "$folder/show.py" <<'PYTHON'
import importlib.util
import sysconfig
from pathlib import Path

import numpy as np

# The package itself imports networks; its Face needs NumPy alone.
file = Path(sysconfig.get_paths()["purelib"]) / "insightface/app/common.py"
spec = importlib.util.spec_from_file_location("common", file)
common = importlib.util.module_from_spec(spec)
spec.loader.exec_module(common)

face = common.Face(kps=np.zeros((5, 2)), det_score=0.9)
for name in ("landmark_2d_106", "xy", "columns", "__dlpack__", "no_such_name"):
    print(f"hasattr(face, {name!r}): {hasattr(face, name)}, value {getattr(face, name)}")
    assert hasattr(face, name)
    assert getattr(face, name) is None
assert np.asarray({"kps": 1}).dtype == object
try:
    np.asarray(face)
except ValueError as error:
    print(f"np.asarray(face): ValueError: {error}")
    assert "__array_struct__" in str(error)
else:
    raise SystemExit("np.asarray(face) no longer fails")
PYTHON
"$folder/venv/bin/python" "$folder/show.py"
