"""Broken faces of ten kinds among many: each is listed with file, code and field, and all others are done."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_sets
import facemask
import numpy as np
import pytest
from PIL import Image
from support import sample

COUNT = 200


def jpeg_map() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(data_sets.face(0).labels).save(stream, "JPEG")
    return stream.getvalue()


def flat_map(width: int, height: int, label: int) -> bytes:
    return sample.encode_png(np.full((height, width), label, np.uint8))


def points_on_a_line() -> bytes:
    return json.dumps([[number, number] for number in range(68)]).encode()


# By kind: which file holds what, and the code and the field of the failure.
KINDS: dict[str, tuple[str, Callable[[], bytes], str, str]] = {
    "cut photo": (".jpg", lambda: data_sets.photo(0)[:400], "image_corrupt", "image"),
    "page in place of a photo": (".jpg", lambda: b"<!doctype html><title>404</title>", "image_unsupported", "image"),
    "empty photo": (".jpg", lambda: b"", "image_unsupported", "image"),
    "cut map": (".png", lambda: data_sets.label_map(0)[:300], "map_corrupt", "labels"),
    "map through a lossy codec": (".png", jpeg_map, "map_not_lossless", "labels"),
    "photo in place of a map": (".png", lambda: data_sets.photo(0, "PNG"), "map_invalid", "labels"),
    "map of another shape": (".png", lambda: flat_map(90, 40, 1), "map_aspect_mismatch", "labels"),
    "words in place of landmarks": (".json", lambda: b'{"landmarks": "none found"}', "landmarks_invalid", ""),
    "landmarks of no face": (".json", points_on_a_line, "landmarks_implausible", ""),
    "empty map without landmarks": (".png", lambda: flat_map(150, 160, 0), "no_face", "landmarks"),
}  # fmt: skip


def test_each_broken_face_is_listed_and_all_others_are_done(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.pairs(tmp_path / "in", COUNT)
    broken = {}
    for number, (kind, (suffix, content, code, field)) in enumerate(KINDS.items()):
        key = f"f{number * 20:03d}"
        data_sets.write(source / f"{key}{suffix}", content())
        if suffix != ".json":
            (source / f"{key}.json").unlink(missing_ok=True)
        broken[key] = (kind, code, field)
    run = batch(source, tmp_path / "out", "--outputs", "svg,coco")
    assert run.code == 3
    assert (run.report["done"], run.report["failed"]) == (COUNT - len(KINDS), len(KINDS))
    listed = {failure["key"]: failure for failure in run.report["failures"]}
    for key, (kind, code, field) in broken.items():
        failure = listed.pop(key)
        assert failure["code"] == code, (kind, failure)
        assert not field or failure["field"] == field, (kind, failure)
        assert Path(failure["source"]) == source / f"{key}.jpg"
        assert failure["detail"]
        assert failure["code"] in facemask.ERROR_CODES
        assert not (tmp_path / f"out/svg/{key}.svg").exists()
    assert not listed
    assert sum(run.report["errors"].values()) == len(KINDS)
    assert "10 failed" in run.err
    assert len(list((tmp_path / "out/svg").iterdir())) == COUNT - len(KINDS)
    slowest = run.report["slowest"]
    assert len(slowest) == 10
    assert slowest == sorted(slowest, key=lambda each: -each["seconds"])


def test_warnings_are_counted(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.pairs(tmp_path / "in", 2)
    landmarks = (data_sets.face(1).landmarks + 30).tolist()
    data_sets.write(source / "f001.json", json.dumps(landmarks).encode())
    run = batch(source, tmp_path / "out")
    assert run.report["warnings"] == {"landmarks_do_not_match_map": 1}


def test_photos_without_the_network_are_one_error(
    tmp_path: Path, batch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FACEMASK_MODELS", str(tmp_path / "models"))
    data_sets.write(tmp_path / "in/a.jpg", data_sets.photo(0))
    run = batch(tmp_path / "in", tmp_path / "out")
    assert run.code == 1
    assert "facemask models fetch" in run.err or "facemask-contours[detect]" in run.err
    assert run.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
