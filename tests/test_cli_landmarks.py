"""The command line without a label map: the photo and a landmark file, told by its content."""

import json
from pathlib import Path

import facemask
import numpy as np
import pytest
from facemask.cli import main
from support import landmark_files, sample
from support.paths import LANDMARKS_FILE, MAP_FILE, PHOTO_FILE

PHOTO = str(PHOTO_FILE)


def trace_to_dict(folder: Path, *arguments: str) -> dict:
    target = folder / "out.json"
    assert main(["trace", *arguments, "--contours", str(target)]) == 0
    return json.loads(target.read_text(encoding="utf-8"))


def expected(points: np.ndarray, **options: object) -> dict:
    result = facemask.trace_face(landmarks=points, image_size=(900, 900), **options).to_dict()
    del result["svg"]
    return json.loads(json.dumps(result))


def test_photo_and_landmarks_are_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert trace_to_dict(tmp_path, PHOTO, str(LANDMARKS_FILE)) == expected(sample.LANDMARKS)
    assert "warning: there is no label map" in capsys.readouterr().err
    zones = trace_to_dict(tmp_path, PHOTO, str(LANDMARKS_FILE), "--regions", "zones")
    assert zones == expected(sample.LANDMARKS, regions="zones")


@pytest.mark.parametrize("form", landmark_files.FORMS)
def test_every_landmark_file_is_told_from_a_map(form: str, tmp_path: Path):
    points = np.round(sample.LANDMARKS * 8) / 8
    content = landmark_files.FORMS[form](points)
    path = tmp_path / "points.bin"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = trace_to_dict(tmp_path, PHOTO, str(path))
    found["warnings"] = [warning for warning in found["warnings"] if warning["code"] != "several_faces"]
    assert found == expected(points)


def test_a_map_alone_stays_a_map(tmp_path: Path):
    found = trace_to_dict(tmp_path, PHOTO, str(MAP_FILE))
    assert (found["roll_from"], "labels_from" in found) == ("labels", False)
    array = tmp_path / "map.npy"
    np.save(array, sample.LABELS)
    assert trace_to_dict(tmp_path, PHOTO, str(array)) == found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[[1, 2], [3, 4], [5, 6]]", "no known scheme has 3 points"),
        (b"neither map nor points", "labels: "),
        (b"", "labels: "),
        (json.dumps([[x, y] for x, y in sample.LANDMARKS[:5].tolist()]).encode(), "landmarks: "),
    ],
)
def test_what_is_wrong_is_one_line(content: bytes, words: str, tmp_path: Path, capsys):
    (tmp_path / "file").write_bytes(content)
    assert main(["trace", PHOTO, str(tmp_path / "file")]) == 1
    err = capsys.readouterr().err
    assert words in err
    assert err.startswith("facemask: ")
    assert err.count("\n") == 1


def test_options_of_a_map_are_refused(tmp_path: Path, capsys):
    assert main(["trace", PHOTO, str(LANDMARKS_FILE), "--map-fit", "stretch"]) == 1
    assert "map_fit: describes a label map, and none was given" in capsys.readouterr().err
    assert main(["trace", PHOTO, str(LANDMARKS_FILE), "--palette", "#000000,#ff0000"]) == 1
    assert "label_palette: describes a label map" in capsys.readouterr().err
