"""Landmark files on the command line: each form gives the drawing that its points give."""

import io
import re
import sys
from pathlib import Path

import facemask
import numpy as np
import pytest
from facemask.cli import main
from facemask.landmark_file import decode_landmark_file
from PIL import Image
from support import landmark_files, landmark_schemes, sample
from support.paths import SAMPLE_FILES
from support.synthetic_face import Face

FACE = Face(angle=20, scale=1.0, size=(150, 160))
# Eighths survive the half pixel of a .pts file bit by bit.
POINTS = np.round(FACE.landmarks * 8) / 8


def encode(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Photo, map and a path for landmarks of a synthetic face."""
    Image.fromarray(FACE.photo).save(tmp_path / "photo.png")
    (tmp_path / "map.png").write_bytes(sample.encode_png(FACE.labels))
    return [str(tmp_path / name) for name in ("photo.png", "map.png", "landmarks")]


@pytest.fixture(scope="module")
def expected() -> str:
    return facemask.trace_face(FACE.labels, POINTS).svg


@pytest.mark.parametrize("form", landmark_files.FORMS)
def test_every_form_is_read_from_a_file(form: str, files: list[str], expected: str, capsys):
    Path(files[2]).write_bytes(encode(landmark_files.FORMS[form](POINTS)))
    assert main(["trace", *files]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == expected
    assert ("2 faces were given, face 0 was taken" in err) if "two faces" in form else err == ""


@pytest.mark.parametrize(
    ("write", "convert"),
    [
        (landmark_files.wflw_line, landmark_schemes.wflw_98),
        (landmark_files.lapa_text, landmark_schemes.lapa_106),
        (lambda points: landmark_files.openface(landmark_schemes.ibug_68(points)), landmark_schemes.ibug_68),
    ],
    ids=["WFLW", "LaPa", "OpenFace"],
)
def test_files_of_data_sets_have_the_points_of_their_scheme(write, convert):
    (array,) = decode_landmark_file(encode(write(sample.LANDMARKS))).points
    assert (array == convert(sample.LANDMARKS)).all()


def test_a_line_of_wflw_is_detected_as_wflw(tmp_path: Path, capsys):
    (tmp_path / "line.txt").write_text(landmark_files.wflw_line(sample.LANDMARKS))
    paths = [*map(str, SAMPLE_FILES[:2]), str(tmp_path / "line.txt")]
    target = tmp_path / "out.json"
    assert main(["trace", *paths, "--contours", str(target)]) == 0
    assert '"landmarks": "wflw-98"' in target.read_text()


def test_json_lines_of_points_are_one_face():
    dicts = b'{"x": 1, "y": 2}\n{"x": 3, "y": 4.5}\n'
    for data in (
        dicts,
        b"\xef\xbb\xbf" + dicts,
        dicts.replace(b"\n", b"\r\n"),
        b'{"X": 1, "Y": 2}\n\n{"X": 3, "Y": 4.5}',
    ):
        (array,) = decode_landmark_file(data).points
        assert array.tolist() == [[1, 2], [3, 4.5]]


def test_a_line_of_celeba_is_read_below_its_head():
    (array,) = decode_landmark_file(CELEBA_HEAD + CELEBA_LINE).points
    assert array.tolist() == [[69, 109], [106, 113], [77, 142], [73, 152], [108, 154]]
    with pytest.raises(facemask.FacemaskError, match="list of CelebA has a head and no line"):
        decode_landmark_file(CELEBA_HEAD)


def test_labels_of_yolo_are_ratios_behind_class_and_box(files: list[str], expected: str, capsys):
    for third in ("", " 2"):
        points = " ".join(f"{x!r} {y!r}{third}" for x, y in (POINTS / FACE.size).tolist())
        Path(files[2]).write_text(f"0 0.5 0.5 0.25 0.25 {points}\n")
        assert main(["trace", *files]) == 0
        assert capsys.readouterr().out.strip() == expected


def test_a_pts_file_counts_pixels_from_1():
    """(1, 1) is the center of the first pixel, which is (0.5, 0.5) in the image frame."""
    (array,) = decode_landmark_file(b"version: 1\nn_points: 2\n{\n1 1\n640 480\n}\n").points
    assert array.tolist() == [[0.5, 0.5], [639.5, 479.5]]


def test_options_of_landmarks_keep_their_meaning(files: list[str], expected: str, capsys):
    ratios = POINTS / FACE.size
    for form in ("rows", "CSV", "npy", "dlib's imglab"):
        Path(files[2]).write_bytes(encode(landmark_files.FORMS[form](ratios)))
        for units in ("auto", "normalized"):
            assert main(["trace", *files, "--landmark-units", units]) == 0
            assert capsys.readouterr().out.strip() == facemask.trace_face(FACE.labels, ratios).svg
    stored = np.ascontiguousarray(np.rot90(FACE.photo))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(stored).save(files[0], format="PNG", exif=exif)
    Path(files[1]).write_bytes(sample.encode_png(np.ascontiguousarray(np.rot90(FACE.labels))))
    raw = np.stack([POINTS[:, 1], FACE.size[0] - POINTS[:, 0]], axis=1)
    Path(files[2]).write_bytes(encode(landmark_files.FORMS["pts"](raw)))
    assert main(["trace", *files, "--landmarks-frame", "raw"]) == 0
    assert capsys.readouterr().out.strip() == expected


class Input(io.TextIOWrapper):
    """Standard input with the bytes of a file."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))


@pytest.mark.parametrize("position", [0, 1, 2])
def test_one_of_the_files_can_be_standard_input(position: int, files: list[str], expected: str, capsys, monkeypatch):
    Path(files[2]).write_bytes(encode(landmark_files.FORMS["pts"](POINTS)))
    monkeypatch.setattr(sys, "stdin", Input(Path(files[position]).read_bytes()))
    files[position] = "-"
    assert main(["trace", *files]) == 0
    assert capsys.readouterr().out.strip() == expected


def test_two_files_cannot_be_standard_input(files: list[str], capsys):
    assert main(["trace", "-", files[1], "-"]) == 1
    assert "standard input is one file, so only one argument can be -" in capsys.readouterr().err


CELEBA_HEAD = (
    b"202599\nlefteye_x lefteye_y righteye_x righteye_y nose_x nose_y "
    b"leftmouth_x leftmouth_y rightmouth_x rightmouth_y\n"
)
CELEBA_LINE = b"000001.jpg  69 109 106 113 77 142 73 152 108 154\n"
CELEBA = CELEBA_HEAD + CELEBA_LINE + CELEBA_LINE.replace(b"1.jpg", b"2.jpg")
FAULTS = {
    "a photo": (Path(SAMPLE_FILES[0]).read_bytes(), "landmarks: this is a JPEG picture; landmarks are the points"),
    "MATLAB": (b"MATLAB 5.0 MAT-file, Platform: PCWIN", "landmarks: this is a MATLAB file; write its points as JSON: "),
    "a pickle": (b"\x80\x04\x95\x00", "landmarks: this is a pickle, which may run code"),
    "an archive": (b"PK\x03\x04", "landmarks: this is a ZIP archive"),
    "nothing": (b"", "landmarks: the file is empty"),
    "a word": (b"points\n", "landmarks: line 1: the text is no landmark file of a known form"),
    "a short row": (b"x,y\n1,2\n3\n", "landmarks: line 3: must have 2 cells as the head has"),
    "a number too many": (b"106\n1 2\n3 4\n", "landmarks: line 1 says 106 points, but 2 follow"),
    "NaN": (b"1 2\n3 nan\n", "landmarks: line 2: must be finite numbers of at most a million, got nan"),
    "a head alone": (b"frame, face_id, confidence, x_0, y_0\n", "landmarks: the table has a head and no rows"),
    "a list of pictures": (b"a.jpg 1 2 3 4 5 6\nb.jpg 1 2 3 4 5 6\n", "landmarks: the file lists 2 pictures"),
    "a video": (b"frame,x_0,y_0\n1,1,2\n2,1,2\n", "landmarks: the table has 2 pictures or frames; keep its head"),
    "a web page": (b"<!DOCTYPE html><p>404", "landmarks: this is a web page (HTML), such as"),
    "a paragraph": (b"<p>Not found</p>", "landmarks: this is a web page (HTML)"),
    "YAML": (b"points:\n  - [1, 2]\n", "landmarks: this looks like YAML; write it as JSON: python -c"),
    "a printed result": (
        b"[NormalizedLandmark(x=0.5, y=0.4)]",
        "landmarks: this is a result of MediaPipe",
    ),
    "a printed list": (b"landmark {\n  x: 0.5\n}\n", "landmarks: this is a result of MediaPipe as Python prints it"),
    "a printed array": (b"array([[1., 2.]])", "landmarks: this is an array or a tensor as Python prints it"),
    "CSV of VIA": (b"filename,region_shape_attributes\n", "landmarks: this is a CSV of the VGG Image Annotator"),
    "CelebA": (CELEBA, "landmarks: the file lists 2 pictures; keep the lines of your photo alone, as `grep"),
    "a missing point of YOLO": (
        b"0 .5 .5 .2 .2 -1 -1 .4 .4 .4 .4 .4 .4 .4 .4",
        "landmarks: line 1: point 0 of 5 is marked",
    ),
    "JSON lines of frames": (b'{"a": [[1, 2]]}\n{"a": [[1, 2]]}\n', "landmarks: the file is JSON lines, 2 of them"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "landmarks: this is an SVG drawing"),
    "a truncated array": (landmark_files.npy(POINTS)[:-1], "landmarks: the .npy file is truncated"),
    "too few points": (b"1 2\n3 4\n", "landmarks: no known scheme has 2 points"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_is_not_read_says_what_it_is(name: str, files: list[str], capsys):
    data, words = FAULTS[name]
    Path(files[2]).write_bytes(data)
    assert main(["trace", *files]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"facemask: {words}"), err
    assert err.count("\n") == 1
    assert len(err) < 400


def test_faults_do_not_say_where_a_face_lies():
    for text in (
        "812.34567 2\n3 4 5\n",
        "812.34567 2.3.34567\n",
        "x,y\n812.34567,a\n",
        "[812.34567 1; 2",
        "812.34567\n",
    ):
        with pytest.raises(facemask.FacemaskError) as caught:
            decode_landmark_file(text.encode())
        assert caught.value.code == "landmarks_invalid"
        assert not re.search(r"812|34567", str(caught.value))


def test_forms_are_those_of_the_page():
    page = (Path(__file__).parents[1] / "docs" / "inputs.md").read_text(encoding="utf-8")
    table = page.split("## Landmark files")[1].split("\n## ")[0]
    named = set(re.findall(r"^\| [^|]*\| `([\w-]+)` \|", table, re.MULTILINE))
    read = {facemask._core.read_landmark_file(encode(write(POINTS)))[0] for write in landmark_files.FORMS.values()}
    for text in (landmark_files.wflw_line(sample.LANDMARKS), f"0 .5 .5 .2 .2{' .4' * 10}", landmark_files.cvat(POINTS)):
        read.add(facemask._core.read_landmark_file(text.encode())[0])
    assert named == read


def test_a_face_without_points_keeps_its_index():
    box = "<box><part name='0' x='1' y='1'/></box>"
    xml = decode_landmark_file(f"<dataset><image><box/>{box}</image></dataset>".encode()).points
    table = decode_landmark_file(b"face, confidence, success, x_0, y_0\n0, 0.1, 0, 9, 9\n1, 0.9, 1, 2, 3\n").points
    assert [len(face) for face in xml] == [0, 1]
    assert [len(face) for face in table] == [0, 1]
    assert facemask.landmarks.read_landmarks([[], [[2, 3]]]).points[1].tolist() == table[1].tolist()
