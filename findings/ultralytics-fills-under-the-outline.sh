#!/usr/bin/env bash
# Guess: the training mask of a YOLO segmentation label has the pixels whose centers lie in the polygon.
# What happens: Ultralytics cuts the fractions of all points off, and OpenCV's fillPoly fills the pixels under the
# outline too. A square of 10 x 10 pixels becomes 11 x 11 (IoU 0.83), and shifting it by half a pixel does not help. The
# outline moved half a pixel inwards, without a shift, gives exactly the square.
# Versions: ultralytics 8.4.190 (its function alone, without PyTorch), opencv-python-headless 4.12.0.88, NumPy 2.2.6.
# Source: polygon2mask in ultralytics/data/utils.py, np.asarray(polygons, dtype=np.int32) before cv2.fillPoly.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check opencv-python-headless==4.12.0.88 numpy==2.2.6
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps ultralytics==8.4.190
"$work/venv/bin/python" - <<'PYTHON'
import ast
import importlib.util
from pathlib import Path

import cv2
import numpy as np

package = Path(importlib.util.find_spec("ultralytics").origin).parent
tree = ast.parse((package / "data" / "utils.py").read_text())
function = next(node for node in tree.body if getattr(node, "name", "") == "polygon2mask")
names = {"np": np, "cv2": cv2}
exec(compile(ast.Module([function], []), "utils.py", "exec"), names)

square = np.array([[5, 5], [15, 5], [15, 15], [5, 15]], float)
truth = np.zeros((20, 20), bool)
truth[5:15, 5:15] = True
inward = square + [[0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]]
overlaps = {}
for name, points in (("as it is", square), ("shifted by half a pixel", square - 0.5), ("half a pixel inwards", inward)):
    mask = names["polygon2mask"]((20, 20), [points.reshape(-1)]).astype(bool)
    overlaps[name] = (mask & truth).sum() / (mask | truth).sum()
    print(f"{name}: {mask.sum()} pixels of 100, IoU {overlaps[name]:.2f}")
assert overlaps["as it is"] < 0.84 and overlaps["shifted by half a pixel"] < 0.84
assert overlaps["half a pixel inwards"] == 1
PYTHON
