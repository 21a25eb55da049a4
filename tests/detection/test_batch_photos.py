"""`facemask batch` of photos alone: each face is detected as by `trace_photo`."""

import json
import shutil
from pathlib import Path

import facemask
import numpy as np
import pytest
from facemask.cli import main
from PIL import Image
from support.paths import PHOTO_FILE


@pytest.mark.usefixtures("face_model")
def test_faces_in_photos_are_detected_and_a_photo_without_one_is_listed(tmp_path: Path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    shutil.copy(PHOTO_FILE, source / "astronaut.jpg")
    Image.fromarray(np.full((90, 120, 3), 128, np.uint8)).save(source / "gray.png")
    assert main(["batch", str(source), "-o", str(out), "--outputs", "svg,crops", "--quiet"]) == 3
    report = json.loads((out / "report.json").read_text())
    assert [(each["key"], each["code"]) for each in report["failures"]] == [("gray", "no_face")]
    face = facemask.trace_photo(PHOTO_FILE.read_bytes())
    assert (out / "svg/astronaut.svg").read_text() == face.svg
    assert facemask.decode_image((out / "crops/astronaut.jpg").read_bytes()).shape[1::-1] == face.size
    (result,) = facemask.trace_many([{"image": PHOTO_FILE}])
    assert isinstance(result, facemask.Result)
    assert result.mask.svg == face.svg
