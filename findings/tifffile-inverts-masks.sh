#!/usr/bin/env bash
# Guess: a TIFF of a boolean mask holds 1 where the mask is true, and every reader gives that back.
# What happens: tifffile writes boolean arrays with PhotometricInterpretation 0, on which 0 is white. tifffile reads the
# mask back, because it returns samples as they are stored; Pillow and OpenCV return the complement.
# The same mask as uint8 comes back the same from all three.
# Versions: tifffile 2026.3.3, Pillow 13.0.0, OpenCV 5.0.0, CPython 3.11.
# Source: TIFF 6.0, section 8, PhotometricInterpretation; tifffile's imwrite, "photometric" of bilevel arrays.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check \
    tifffile==2026.3.3 pillow==13.0.0 opencv-python-headless==5.0.0.93 numpy==2.4.6
"$work/venv/bin/python" - "$work" <<'PYTHON'
import sys
from pathlib import Path

import cv2
import numpy as np
import tifffile
from PIL import Image

mask = np.zeros((4, 8), bool)
mask[1:3, 2:5] = True
for name, array in (("bool", mask), ("uint8", mask.astype(np.uint8) * 255)):
    file = str(Path(sys.argv[1]) / f"{name}.tif")
    tifffile.imwrite(file, array)
    read = {
        "tifffile": tifffile.imread(file),
        "Pillow": np.asarray(Image.open(file)),
        "OpenCV": cv2.imread(file, cv2.IMREAD_UNCHANGED),
    }
    for reader, pixels in read.items():
        same = np.array_equal(pixels != 0, mask)
        print(f"{name:5} written by tifffile, read by {reader:8}: {'the mask' if same else 'its complement'}")
        assert same == (name == "uint8" or reader == "tifffile")
        assert same or np.array_equal(pixels == 0, mask)
PYTHON
