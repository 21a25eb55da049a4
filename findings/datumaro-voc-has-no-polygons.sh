#!/usr/bin/env bash
# Guess: datumaro converts a COCO file with polygons to Pascal VOC with a segmentation mask for each.
# What happens: the VOC files have bounding boxes only, without an error or a mask: polygons are left out unless
# transform("polygons_to_masks") runs first. A COCO file with run lengths keeps every mask.
# Versions: datumaro 1.13.12, NumPy 2.2.6, CPython 3.11.
# Source: the exporter in datumaro/plugins/data_formats/voc, which draws annotations of the type mask alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check datumaro==1.13.12 numpy==2.2.6
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import json
import logging
from pathlib import Path

import datumaro
import numpy as np
from PIL import Image

logging.disable(logging.CRITICAL)
polygon = {"segmentation": [[2, 2, 8, 2, 8, 8, 2, 8]], "area": 36, "bbox": [2, 2, 6, 6]}
annotation = {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, **polygon}
Path("coco/annotations").mkdir(parents=True)
Path("coco/images/default").mkdir(parents=True)
Image.fromarray(np.zeros((10, 10, 3), np.uint8)).save("coco/images/default/a.png")
image = {"id": 1, "width": 10, "height": 10, "file_name": "a.png"}
document = {"images": [image], "categories": [{"id": 1, "name": "nose"}], "annotations": [annotation]}
Path("coco/annotations/instances_default.json").write_text(json.dumps(document))
found = {}
for name in ("as it is", "polygons_to_masks"):
    dataset = datumaro.Dataset.import_from("coco", "coco_instances")
    if name != "as it is":
        dataset.transform("polygons_to_masks")
    dataset.export(name, "voc", save_media=True)
    found[name] = sorted(path.name for path in Path(name, "SegmentationObject").glob("*"))
    print(f"{name}: masks {found[name]}, boxes {Path(name, 'Annotations', 'a.xml').read_text().count('<bndbox>')}")
assert found == {"as it is": [], "polygons_to_masks": ["a.png"]}
PYTHON
