"""Options of `facemask batch` that hold for the whole run: checked once, before the first face."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_sets
import facemask
import numpy as np
import pytest
from facemask.models.store import FOLDER_VARIABLE
from support import parser_networks
from support.face_model import fetched_face_model
from support.paths import PHOTO_FILE


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["--min-size=-1", "--layout", "photos"], "min_size"),
        (["--min-size", "40"], "min_size"),
        (["--tiles", "4", "--layout", "lapa"], "tiles"),
        (["--crop", "none", "--crop-margin", "0.1"], "crop_margin"),
        (["--crop-margin", "11"], "crop_margin"),
        (["--void", "999"], "void"),
        (["--face", "all"], "face"),
        (["--face=-1"], "face"),
        (["--face", "10,20"], "face"),
        (["--parser", "nowhere.onnx"], "parser"),
        (["--parser", "nowhere.onnx", "--layout", "celebamask-hq"], "parser"),
        (["--val", "2"], "val"),
    ],
)
def test_a_wrong_option_is_one_sentence_before_the_first_face(
    tmp_path: Path, batch: Callable[..., Any], arguments: list[str], field: str
):
    run = batch(data_sets.pairs(tmp_path / "in", 3), tmp_path / "out", *arguments)
    assert run.code == 1
    assert run.err.startswith(f"facemask: {field}: ")
    assert run.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_one_margin_is_for_all_sides(tmp_path: Path, batch: Callable[..., Any]):
    source = data_sets.pairs(tmp_path / "in", 1, with_points=False)
    assert batch(source, tmp_path / "one", "--crop-margin", "0.1").code == 0
    assert batch(source, tmp_path / "four", "--crop-margin", "0.1,0.1,0.1,0.1").code == 0
    assert (tmp_path / "one/svg/f000.svg").read_bytes() == (tmp_path / "four/svg/f000.svg").read_bytes()


def test_face_names_one_of_several_landmarks(tmp_path: Path, batch: Callable[..., Any]):
    faces = [data_sets.face(0).landmarks.tolist(), (data_sets.face(0).landmarks * 0.5).tolist()]
    data_sets.write(tmp_path / "in/a.jpg", data_sets.photo(0))
    data_sets.write(tmp_path / "in/a.png", data_sets.label_map(0))
    data_sets.write(tmp_path / "in/a.json", repr(faces).encode())
    sizes = []
    for index in ("0", "1"):
        run = batch(tmp_path / "in", tmp_path / index, "--face", index, "--outputs", "crops")
        assert run.code == 0, run.report
        sizes.append(facemask.decode_image((tmp_path / index / "crops/a.jpg").read_bytes()).shape)
    assert sizes[0][0] > 1.8 * sizes[1][0]


def test_a_parser_labels_the_photos_and_its_content_is_an_option(tmp_path: Path, batch: Callable[..., Any]):
    scores = np.zeros((len(parser_networks.PALETTE), 64, 64), np.float32)
    scores[1] = 1.0
    network = parser_networks.save_constant(tmp_path / "network", scores)
    for number in range(2):
        data_sets.write(tmp_path / f"in/f{number}.jpg", data_sets.photo(number))
        data_sets.write(tmp_path / f"in/f{number}.json", data_sets.points(number))
    arguments = (tmp_path / "in", tmp_path / "out", "--parser", str(network), "--workers", "2")
    run = batch(*arguments)
    assert run.code == 0, run.report
    face = facemask.trace_face(landmarks=data_sets.face(0).landmarks, image=data_sets.photo(0), parser=network)
    assert (tmp_path / "out/svg/f0.svg").read_text() == face.svg
    described = run.report["options"]["parser"]
    assert (described["file"], len(described["sha256"])) == ("constant.onnx", 64)
    assert batch(*arguments).report["kept"] == 2
    scores[2] = 2.0
    parser_networks.save_constant(tmp_path / "network", scores)
    assert batch(*arguments).report["retraced"] == 2


def test_results_of_a_parser_can_be_pickled(tmp_path: Path):
    scores = np.zeros((len(parser_networks.PALETTE), 64, 64), np.float32)
    scores[1] = 1.0
    network = parser_networks.save_constant(tmp_path, scores)
    items = [{"landmarks": data_sets.face(0).landmarks, "image": data_sets.photo(0)}]
    for parser in (network, facemask.FaceParser(network)):
        (result,) = facemask.trace_many(items, parser=parser)
        assert isinstance(result, facemask.Result), result
        assert pickle.loads(pickle.dumps(result)).options == {"parser": str(network)}  # noqa: S301 - its own


def test_a_parser_labels_detected_faces(tmp_path: Path, batch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(fetched_face_model().parent))
    scores = np.zeros((len(parser_networks.PALETTE), 64, 64), np.float32)
    scores[1] = 1.0
    network = parser_networks.save_constant(tmp_path / "network", scores)
    data_sets.write(tmp_path / "in/a.jpg", PHOTO_FILE.read_bytes())
    run = batch(tmp_path / "in", tmp_path / "out", "--parser", str(network))
    assert run.code == 0, run.report
    face = facemask.trace_photo(PHOTO_FILE.read_bytes(), parser=network)
    assert face.labels_from == "parser"
    assert (tmp_path / "out/svg/a.svg").read_text() == face.svg
    assert batch(tmp_path / "in", tmp_path / "moved", "--parser", str(network), "--sequence").code == 0
    assert (tmp_path / "moved/svg/a.svg").read_text() == face.svg
