#!/usr/bin/env bash
# Guess: datumaro reads a skeleton of CVAT's XML as one annotation with its points, and skips those marked as outside.
# What happens: the skeleton and its label are gone without an error or a warning. Each point is an annotation of its own,
# of no group, and one with outside="1" is visible, 30 pixels beside the picture.
# Versions: datumaro 1.13.12, NumPy 2.2.6, CPython 3.11.
# Source: the parser in datumaro/plugins/data_formats/cvat/base.py, which knows the tag points and no tag skeleton.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check datumaro==1.13.12 numpy==2.2.6
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import logging
from pathlib import Path

import datumaro
import numpy as np
from PIL import Image

logging.disable(logging.CRITICAL)
Path("cvat/images").mkdir(parents=True)
Image.fromarray(np.zeros((10, 10, 3), np.uint8)).save("cvat/images/a.png")


def label(name: str, kind: str, parent: str = "") -> str:
    return f"<label><name>{name}</name><type>{kind}</type><attributes/>{parent}</label>"


def point(name: str, outside: int, place: str) -> str:
    return f'<points label="{name}" source="auto" outside="{outside}" occluded="0" points="{place}"/>'


inner = "<parent>face</parent>"
labels = label("face", "skeleton") + label("eye", "points", inner) + label("tip", "points", inner)
skeleton = f'<skeleton label="face" z_order="0">{point("eye", 0, "2,3")}{point("tip", 1, "40,6")}</skeleton>'
Path("cvat/annotations.xml").write_text(
    f"<annotations><version>1.1</version><meta><task><labels>{labels}</labels></task></meta>"
    f'<image id="0" name="a.png" width="10" height="10">{skeleton}</image></annotations>'
)
dataset = datumaro.Dataset.import_from("cvat", "cvat")
names = dataset.categories()[datumaro.AnnotationType.label]
(item,) = dataset
found = [(names[each.label].name, each.points, each.visibility[0].name, each.group) for each in item.annotations]
print(*found, sep="\n")
assert found == [("eye", [2.0, 3.0], "visible", 0), ("tip", [40.0, 6.0], "visible", 0)]
PYTHON
