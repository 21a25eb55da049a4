"""Photo and label map in each other's place: the command line and HTTP say so, whatever the kinds of the files."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from facemask.cli import main
from facemask.service.app import create_app
from facemask.service.settings import Settings
from litestar.testing import TestClient
from PIL import Image
from support.label_map_files import pillow, saved
from support.synthetic_face import Face

FACE = Face(angle=20, scale=1.0, size=(150, 160))
NOISE = np.random.default_rng(1).integers(0, 30, (*FACE.photo.shape[:2], 3), np.uint8)
PHOTO = Image.fromarray(FACE.photo // 2 + NOISE)
MAP = Image.fromarray(FACE.labels)
WORDS = "the photo and the label map seem to be exchanged"

PHOTOS = {
    "JPEG": pillow(PHOTO, "JPEG"),
    "PNG": pillow(PHOTO, "PNG"),
    "WebP": pillow(PHOTO, "WEBP"),
}
MAPS = {
    "PNG": pillow(MAP, "PNG"),
    "lossless WebP": pillow(MAP, "WEBP", lossless=True),
    "TIFF": pillow(MAP, "TIFF"),
    "npy": saved(np.save, FACE.labels),
}


@pytest.mark.parametrize("label_map", MAPS)
@pytest.mark.parametrize("photo", PHOTOS)
def test_exchanged_files_are_told(photo: str, label_map: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    paths = [tmp_path / "first", tmp_path / "second"]
    for path, data in zip(paths, (MAPS[label_map], PHOTOS[photo]), strict=True):
        path.write_bytes(data)
    assert main(["trace", *map(str, paths)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert WORDS in err


def test_other_mistakes_are_not_taken_for_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    gray = pillow(PHOTO.convert("L"), "PNG")
    for first, second, words in (
        (PHOTOS["JPEG"], pillow(MAP, "JPEG"), "is a JPEG, which invents labels"),
        (PHOTOS["PNG"], PHOTOS["JPEG"], "is a JPEG, which invents labels"),
        (gray, PHOTOS["JPEG"], "is a JPEG, which invents labels"),
        (PHOTOS["JPEG"], PHOTOS["PNG"], "more than 256"),
        (MAPS["npy"], MAPS["PNG"], "the photo is a NumPy array"),
        (MAPS["PNG"], b"text", "the label map is a text"),
    ):
        for name, data in (("first", first), ("second", second)):
            (tmp_path / name).write_bytes(data)
        assert main(["trace", str(tmp_path / "first"), str(tmp_path / "second")]) == 1
        err = capsys.readouterr().err
        assert words in err, err
        assert WORDS not in err


def test_http_says_so_at_once():
    def encode(data: bytes) -> str:
        return base64.b64encode(data).decode()

    with TestClient(create_app(Settings(database=None))) as client:
        for first, code in ((MAPS["PNG"], "map_not_lossless"), (MAPS["npy"], "image_unsupported")):
            body: dict[str, Any] = {"image": encode(first), "segmentation_map": encode(PHOTOS["JPEG"])}
            response = client.post("/api/v1/frontal/crop/submit", json=body)
            assert response.status_code == 422
            assert response.json()["code"] == code
            assert WORDS in response.json()["detail"]


def test_a_right_pair_is_let_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "photo").write_bytes(PHOTOS["JPEG"])
    (tmp_path / "map").write_bytes(MAPS["npy"])
    assert main(["trace", str(tmp_path / "photo"), str(tmp_path / "map")]) == 0
    assert io.StringIO(capsys.readouterr().err).read() == ""
