"""Every file of examples/ runs on real input, and its output is what it promises."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
SAMPLE = ROOT / "samples" / "astronaut"
INPUT = [str(SAMPLE / name) for name in ("image.jpg", "segmentation.png", "landmarks.json")]


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def regions_of(svg: Path) -> list[str]:
    root = ET.parse(svg).getroot()
    return [element.get("id", "") for element in root.iter() if element.get("id", "").startswith("region-")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good faces and one whose landmarks are none."""
    faces = tmp_path / "faces"
    faces.mkdir()
    for name in ("ann", "bob", "broken"):
        shutil.copy(INPUT[0], faces / f"{name}.jpg")
        shutil.copy(INPUT[1], faces / f"{name}.map.png")
        shutil.copy(INPUT[2], faces / f"{name}.json")
    return faces


def test_every_example_is_run_here():
    text = Path(__file__).read_text(encoding="utf-8")
    elsewhere = {"ray_dataset.py"}  # tests/engines runs it
    assert {path.name for path in EXAMPLES.glob("*.py")} - elsewhere == set(re.findall(r'run\("(\w+\.py)"', text))


def test_one_face(tmp_path: Path):
    out = tmp_path / "face.svg"
    done = run("trace_face.py", *INPUT, str(out))
    assert done.returncode == 0, done.stderr
    assert re.search(r"^roll 3\.\d degrees", done.stdout)
    assert "nose" in done.stdout
    assert len(regions_of(out)) == 10
    assert "data:image/" in out.read_text(encoding="utf-8")


def test_one_face_without_a_map(tmp_path: Path):
    out = tmp_path / "face.svg"
    done = run("landmarks_alone.py", INPUT[0], INPUT[2], str(out))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("labels from landmarks, roll 3.2 degrees")
    assert done.stdout.count("in part a guess") == 3
    assert "hair, ears, neck" in done.stderr
    assert len(regions_of(out)) == 9


def test_a_folder_names_the_face_that_fails_and_goes_on(folder: Path, tmp_path: Path):
    (folder / "broken.json").write_text("[[1, 2], [3]]", encoding="utf-8")
    done = run("trace_folder.py", str(folder), str(tmp_path / "out"))
    assert done.returncode == 1
    assert done.stdout == "2 of 3 faces traced\n"
    assert re.match(r"broken: landmarks_\w+ \(landmarks", done.stderr), done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["ann.svg", "bob.svg"]
    assert len(regions_of(tmp_path / "out" / "ann.svg")) == 10


def test_a_coco_data_set_is_read_by_its_own_library(folder: Path, tmp_path: Path):
    out = tmp_path / "coco"
    done = run("coco_dataset.py", str(folder), str(out))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3 images, 30 annotations\n"
    coco = COCO(str(out / "annotations.json"))
    for image in coco.loadImgs(coco.getImgIds()):
        with Image.open(out / image["file_name"]) as crop:
            assert crop.size == (image["width"], image["height"])
    nose = coco.getCatIds(catNms=["nose"])
    masks = [coco.annToMask(each) for each in coco.loadAnns(coco.getAnnIds(catIds=nose))]
    assert len(masks) == 3
    # The crop shows the face where the annotations say: the nose is lit, and its crop is not the black outside.
    with Image.open(out / "ann.png") as crop:
        lit = np.asarray(crop.convert("L"))[masks[0] > 0]
    assert lit.size > 1000
    assert lit.min() > 20


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    command = [sys.executable, "-m", "facemask", "serve", "--no-database", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            for line in process.stderr:
                if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                    yield found[0]
                    break
            else:
                pytest.fail("the service did not start")
        finally:
            process.terminate()


def test_an_http_client(server: str, tmp_path: Path):
    out = tmp_path / "face.svg"
    done = run("http_client.py", server, *INPUT, str(out))
    assert done.returncode == 0, done.stderr
    assert len(regions_of(out)) == 10


def test_an_http_client_shows_what_the_service_says_of_bad_input(server: str, tmp_path: Path):
    points = tmp_path / "landmarks.json"
    points.write_text(json.dumps([[1, 2]] * 7), encoding="utf-8")  # no scheme has seven
    done = run("http_client.py", server, *INPUT[:2], str(points), str(tmp_path / "face.svg"))
    assert done.returncode == 1
    assert done.stderr.startswith("landmarks_implausible: no known scheme has 7 points"), done.stderr
    assert not (tmp_path / "face.svg").exists()


def test_the_notebook_runs_and_holds_what_it_shows():
    """Its code runs without Jupyter, prints what is stored, and its pictures are small."""
    path = EXAMPLES / "notebook.ipynb"
    assert path.stat().st_size < 300_000
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == [*range(1, len(cells) + 1)]
    pictures = [output for cell in cells for output in cell["outputs"] if output["output_type"] != "stream"]
    assert len(pictures) >= len(cells)
    printed = "".join(
        "".join(output["text"]) for cell in cells for output in cell["outputs"] if output["output_type"] == "stream"
    )
    source = "\n".join("".join(cell["source"]) for cell in cells)
    environment = {**os.environ, "MPLBACKEND": "agg"}
    command = [sys.executable, "-W", "ignore::UserWarning", "-c", source]  # agg shows no figures
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=EXAMPLES, env=environment
    )
    assert (ran.returncode, ran.stdout) == (0, printed), ran.stderr
