#!/usr/bin/env bash
# Guess: Label Studio's YOLO export writes the polygons of a task, whatever other tags its labeling config has.
# What happens: with a single <KeyPointLabels> tag in the config, the export has an empty label file and an empty
# classes.txt, without an error. Every polygon is gone.
# Versions: label-studio-sdk 2.1.2, CPython 3.11.
# Source: convert_to_yolo in label_studio_sdk/converter/converter.py, which takes the categories of key points alone
# where the config has any.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check label-studio-sdk==2.1.2
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import json
import logging
from pathlib import Path

from label_studio_sdk.converter import Converter
from label_studio_sdk.converter.converter import Format

logging.disable(logging.CRITICAL)
points = {"points": [[10, 10], [60, 10], [60, 70]], "closed": True, "polygonlabels": ["nose"]}
result = {"id": "1", "type": "polygonlabels", "from_name": "label", "to_name": "image", "value": points}
result |= {"original_width": 100, "original_height": 100, "image_rotation": 0}
Path("face.png").touch()
annotation = {"id": 1, "completed_by": 1, "result": [result]}
Path("task.json").write_text(json.dumps([{"id": 1, "data": {"image": "face.png"}, "annotations": [annotation]}]))
polygons = '<PolygonLabels name="label" toName="image"><Label value="nose" category="0"/></PolygonLabels>'
keypoints = '<KeyPointLabels name="point" toName="image"><Label value="tip"/></KeyPointLabels>'
found = {}
for name, tags in (("polygons", polygons), ("and key points", polygons + keypoints)):
    config = f'<View><Image name="image" value="$image"/>{tags}</View>'
    converter = Converter(config=config, project_dir=None, upload_dir=".", download_resources=False)
    converter.convert("task.json", name, Format.YOLO, is_dir=False)
    found[name] = (Path(name, "labels", "face.txt").read_text(), Path(name, "classes.txt").read_text())
    print(f"{name}: labels {found[name][0]!r}, classes {found[name][1]!r}")
assert found["polygons"][0].startswith("0 0.1 0.1 ") and found["polygons"][1] == "nose\n"
assert found["and key points"] == ("", "")
PYTHON
