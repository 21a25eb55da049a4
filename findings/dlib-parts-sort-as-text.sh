#!/usr/bin/env bash
# A good engineer would guess: part 2 of a box in imglab's XML comes before part 10, and a file that dlib has written can
#   be read by dlib, whatever the picture is called.
# What happens: parts are sorted by name as text, so parts named 0 to 11 come back as 0 1 10 11 2 ...; a shape predictor
#   that is trained with them learns that order. Only names of equal length (00, 01 ...) keep theirs. And names and labels
#   are written without XML escapes: a picture called `a & <b>.jpg` makes a file that dlib's own reader refuses.
# Versions: dlib 20.0.1 (the wheel of dlib-bin 20.0.1.post1); Linux, Python 3.11 or later.
# Source: dlib/data_io/image_dataset_metadata.h keeps parts in a std::map<std::string, point>;
#   image_dataset_metadata.cpp, save_image_dataset_metadata, writes names as they are.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dlib-bin==20.0.1.post1
cat > "$folder/parts.py" <<'PYTHON'
import os
import sys

import dlib

metadata = dlib.image_dataset_metadata
path = os.path.join(sys.argv[1], "faces.xml")


def write(name: str, parts: list[str]) -> None:
    dataset, image, box = metadata.dataset(), metadata.image(), metadata.box()
    image.filename, box.rect = name, dlib.rectangle(0, 0, 9, 9)
    for i, part in enumerate(parts):
        box.parts[part] = dlib.point(i, i)
    image.boxes.append(box)
    dataset.images.append(image)
    metadata.save_image_dataset_metadata(dataset, path)


def read_order() -> list[str]:
    return [name for name, _ in metadata.load_image_dataset_metadata(path).images[0].boxes[0].parts.items()]


write("a.jpg", [str(i) for i in range(12)])
plain = read_order()
write("a.jpg", [f"{i:02}" for i in range(12)])
padded = read_order()
write("a & <b>.jpg", ["00"])
try:
    metadata.load_image_dataset_metadata(path)
    refused = False
except RuntimeError as error:
    refused = True
    print("a & <b>.jpg:", " ".join(str(error).split())[:100])
print("0, 1 ...:  ", *plain)
print("00, 01 ...:", *padded)
raise SystemExit(0 if plain[:3] == ["0", "1", "10"] and padded == sorted(padded) and refused else 1)
PYTHON
"$folder/venv/bin/python" "$folder/parts.py" "$folder"
