"""The command line and its surroundings: `-`, closed streams, encodings, and texts that are no UTF-8."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import facemask
import numpy as np
import pytest
from PIL import Image
from support import sample
from support.paths import SAMPLE_FILES
from support.synthetic_face import Face

FACE = Face(angle=20, scale=1.0, size=(150, 160))
SVG = facemask.trace_face(FACE.labels, FACE.landmarks).svg


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of a synthetic face: p.png, m.png, l.json."""
    Image.fromarray(FACE.photo).save(tmp_path / "p.png")
    (tmp_path / "m.png").write_bytes(sample.encode_png(FACE.labels))
    (tmp_path / "l.json").write_text(json.dumps(FACE.landmarks.tolist()))
    return tmp_path


def run(
    folder: Path, *arguments: str | bytes, shell: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a folder; `shell` is what a shell adds to it, such as `<&-`."""
    command: list[str | bytes] = [sys.executable, "-m", "facemask", "trace", "p.png", *arguments]
    if shell:
        command = ["/bin/sh", "-c", f'"$@" {shell}', "sh", *command]
    return subprocess.run(
        command, cwd=folder, capture_output=True, timeout=60, check=False, env=os.environ | environment
    )


def test_a_dash_is_standard_output(folder: Path):
    for flags in ((), ("-o", "-")):
        done = run(folder, "m.png", "l.json", *flags)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.decode().strip() == SVG
    done = run(folder, "m.png", "l.json", "--contours", "-", "-o", "out.svg")
    assert json.loads(done.stdout)["size"] == [*facemask.trace_face(FACE.labels, FACE.landmarks).size]
    assert (folder / "out.svg").read_text() == SVG
    assert not (folder / "-").exists()
    done = run(folder, "m.png", "l.json", "--contours", "-", "-o", "-")
    assert done.returncode == 1
    assert b"only one output can be -" in done.stderr


def test_a_dash_in_a_folder_is_a_file(folder: Path):
    (folder / "l.json").rename(folder / "-")
    done = run(folder, "m.png", "./-", "-o", "./out")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (folder / "out").read_text() == SVG
    (folder / "-").rename(folder / "l.json")
    assert run(folder, "m.png", "l.json", "-o", "./-").returncode == 0
    assert (folder / "-").read_text() == SVG


@pytest.mark.parametrize(
    ("arguments", "shell", "words"),
    [
        (["-", "l.json"], "<&-", b"standard input is closed"),
        (["m.png", "l.json"], ">&-", b"standard output is closed"),
        (["m.png", "l.json", "--label-names", b"1=\xe4"], "", b"label_names: must be Unicode text"),
        (["m.png", "l.json", "--colors", b"\xe4=red"], "", b"colors: must be Unicode text"),
        (["m.png", "l.json", "--regions", b"\xe4"], "", b"regions: must be Unicode text"),
        (["m.png", "l.json", "--label-scheme", b"\xe4"], "", b"label_scheme: must be Unicode text"),
        (["m.png", "l.json", "--format", "yolo", "--classes", b"\xe4"], "", b"classes: must be Unicode text"),
        (["m.png", "l.json", "--palette", ""], "", b"palette: is empty"),
        (["m.png", "l.json", "--palette", b"\xe4"], "", b"No such file"),
    ],
)
def test_faults_are_one_line_without_traceback(folder: Path, arguments: list[str | bytes], shell: str, words: bytes):
    done = run(folder, *arguments, shell=shell)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("arguments", [["", "l.json"], ["m.png", ""], ["m.png", "l.json", "-o", ""]])
def test_an_empty_path_is_no_folder(folder: Path, arguments: list[str]):
    done = run(folder, *arguments)
    assert done.returncode == 2
    assert b"is empty; name a file" in done.stderr


@pytest.mark.parametrize("name", ["gesicht-\u00e4.svg", b"bytes-\xe4.svg"])
def test_a_path_that_the_output_cannot_show_is_written(folder: Path, name: str | bytes):
    done = run(folder, "m.png", "l.json", "-o", name, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"10 regions" in done.stdout
    assert (folder / os.fsdecode(name)).read_text() == SVG


def test_parts_that_are_left_out_are_told(tmp_path: Path):
    photo, map_file, points = SAMPLE_FILES
    labels = np.array(Image.open(map_file))
    parts = tmp_path / "parts"
    parts.mkdir()
    (tmp_path / "p.png").write_bytes(photo.read_bytes())
    for part, number in (("skin", 1), ("l_eye", 4), ("r_eye", 5), ("nose", 6)):
        mask = (labels > 0) if number == 1 else (labels == number)
        (parts / f"00000_{part}.PNG").write_bytes(sample.encode_png(mask.astype(np.uint8) * 255))
    (parts / "00000_teeth.png").write_bytes(b"not read")
    (parts / "00001_teeth.png").write_bytes(b"of another picture")
    for where in ("parts", "parts/00000"):
        done = run(tmp_path, where, str(points))
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stderr.decode().splitlines() if "00000_teeth.png" in line]
        assert len(lines) == 1
        assert lines[0].startswith("facemask: warning: 00000_teeth.png of parts is left out")
        assert "00001" not in done.stderr.decode()
        assert b"files.py" not in done.stderr
    with pytest.warns(facemask.FacemaskWarning, match="no part of CelebAMask-HQ") as caught:
        facemask.read_label_map(parts)
    assert [(each.message.code, each.filename) for each in caught] == [("map_parts_unknown", __file__)]  # type: ignore[union-attr]


def test_parts_in_jpeg_are_named(tmp_path: Path):
    (tmp_path / "00000_skin.JPG").write_bytes(b"")
    with pytest.raises(facemask.FacemaskError, match=r"00000_skin\.JPG is a JPEG, and parts have to be PNG"):
        facemask.read_label_map(tmp_path)
