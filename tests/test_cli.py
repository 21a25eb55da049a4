"""The command line: exit codes, one-line errors, and output files."""

import io
import json
import shlex
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import facemask
import numpy as np
import pytest
from facemask.cli import main
from facemask.commands.examples import EXAMPLES
from facemask.commands.parser import build_parser
from PIL import Image
from support import sample
from support.paths import SAMPLE_FILES
from support.ports import closed_port
from support.synthetic_face import Face

FACE = Face(angle=20, scale=1.0, size=(150, 160))


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Photo, map and landmarks of a synthetic face, with the exact photo."""
    Image.fromarray(FACE.photo).save(tmp_path / "photo.png")
    (tmp_path / "map.png").write_bytes(sample.encode_png(FACE.labels))
    (tmp_path / "points.json").write_text(json.dumps([{"x": x, "y": y} for x, y in FACE.landmarks.tolist()]))
    return [str(tmp_path / name) for name in ("photo.png", "map.png", "points.json")]


@pytest.fixture(autouse=True)
def no_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input must not be read: whoever does hangs on a terminal."""

    class Untouchable(io.RawIOBase):
        def readinto(self, _: object) -> int:
            raise AssertionError("standard input was read")

        read = readline = readinto

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Untouchable()))


def usage_exit_code(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


def test_the_svg_goes_to_standard_output(files: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(["trace", *files]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == facemask.trace_face(FACE.labels, FACE.landmarks).svg
    assert err == ""


def test_output_goes_to_a_file_and_a_line_says_what_it_is(files: list[str], tmp_path: Path, capsys):
    target = tmp_path / "out.svg"
    for flag in ("-o", "--output"):
        target.unlink(missing_ok=True)
        assert main(["trace", *files, flag, str(target)]) == 0
        out, err = capsys.readouterr()
        mask = facemask.trace_face(FACE.labels, FACE.landmarks)
        assert target.read_text(encoding="utf-8") == mask.svg
        assert out == f"{target}: {mask.size[0]} x {mask.size[1]}, 10 regions, roll 20.00 degrees\n"
        assert err == ""


def test_contours_are_everything_but_the_svg_as_json(files: list[str], tmp_path: Path, capsys):
    target = tmp_path / "out.json"
    assert main(["trace", *files, "--contours", str(target)]) == 0
    expected = facemask.trace_face(FACE.labels, FACE.landmarks).to_dict()
    del expected["svg"]
    assert json.loads(target.read_text()) == expected
    assert capsys.readouterr().out == "", "whoever asks for contours only gets no drawing"


def test_without_landmarks_the_map_tells(files: list[str], capsys):
    assert main(["trace", *files[:2]]) == 0
    assert capsys.readouterr().out.startswith("<svg")


OPTIONS = {
    "regions": ["labels"],
    "landmark_scheme": ["auto", "arcface-5"],
    "landmark_units": ["pixel"],
    "landmarks_frame": ["oriented", "raw"],
    "face": ["0"],
    "label_scheme": ["lapa-11", "custom"],
    "void": ["none", "10"],
    "map_fit": ["stretch", "letterbox", "letterbox-top-left", "center-crop"],
    "crop": ["head", "none"],
    "frame": ["image"],
    "tolerance": ["0", "2.5"],
    "curve": ["straight"],
    "min_area": ["30"],
    "style": ["outline", "solid", "numbered", "cut"],
    "id_prefix": ["left-face"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in OPTIONS.items() for value in values])
def test_every_option_is_that_of_the_library(name: str, value: str, files: list[str], capsys):
    assert main(["trace", *files, f"--{name.replace('_', '-')}", value]) == 0
    void = lambda text: int(text) if text.isdecimal() else text  # noqa: E731
    convert = {"tolerance": float, "min_area": float, "face": int, "void": void}.get(name, str)
    options = {name: convert(value)}
    options.pop("landmarks_frame", None)
    expected = facemask.trace_face(FACE.labels, FACE.landmarks, image_size=FACE.size, **options)
    assert capsys.readouterr().out.strip() == expected.svg


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("map_box", ["-10", "5.5", "300", "340"]),
        ("image_from_labels", ["0.9", "-.1", "20", "0.1", "0.9", "-5"]),
        # As NumPy prints them; argparse alone takes them for options.
        ("map_box", ["-1e-3", "-2.5E+0", "300", "340"]),
        ("image_from_labels", ["1", "-1.5e-16", "0", "-1e-17", "1", "-2.5e-05"]),
    ],
)
def test_numbers_of_an_extent_are_separate_words(name: str, values: list[str], files: list[str], capsys):
    flag = f"--{name.replace('_', '-')}"
    assert main(["trace", *files, flag, *values]) == 0
    options = {name: [float(value) for value in values]}
    expected = facemask.trace_face(FACE.labels, FACE.landmarks, image_size=FACE.size, **options)
    assert capsys.readouterr().out.strip() == expected.svg
    assert usage_exit_code(["trace", *files, flag, *values[:-1]]) == 2
    assert main(["trace", *files, flag, *["0"] * len(values)]) == 1
    assert f"facemask: {name}: " in capsys.readouterr().err


def test_names_colours_and_the_photo(files: list[str], capsys):
    flags = ["--label-names", "6=my nose", "--label-names", "1=skin=all", "--colors", "6=teal", "--embed-image", "crop"]
    assert main(["trace", *files, *flags]) == 0
    names, colors = {6: "my nose", 1: "skin=all"}, {6: "teal"}
    expected = facemask.trace_face(
        FACE.labels, FACE.landmarks, image=FACE.photo, embed_image="crop", label_names=names, colors=colors
    )
    assert capsys.readouterr().out.strip() == expected.svg


@pytest.mark.parametrize("option", ["--label-names", "--colors"])
def test_a_key_that_is_given_twice_is_told(option: str, files: list[str], capsys):
    assert main(["trace", *files, option, "1=teal", option, "1=red"]) == 1
    field = option[2:].replace("-", "_")
    assert capsys.readouterr().err == f"facemask: {field}: the key '1' is given twice; keep one of them\n"
    for value in ({1: "teal", "1": "red"}, {np.int64(1): "teal", "1": "red"}):
        with pytest.raises(facemask.FacemaskError, match=rf"^{field}: has two keys '1'; keep one of them$"):
            facemask.trace_face(FACE.labels, FACE.landmarks, **{field: value})


def test_a_turned_photo_is_read_upright_and_raw_landmarks_are_turned_with_it(tmp_path: Path, capsys):
    """EXIF orientation 6: the stored picture must be turned by 90 degrees clockwise to be seen as it was taken."""
    stored = np.ascontiguousarray(np.rot90(FACE.photo))  # anticlockwise, so that turning it clockwise gives FACE
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(stored).save(tmp_path / "photo.jpg", exif=exif)
    width = FACE.size[0]
    raw = np.stack([FACE.landmarks[:, 1], width - FACE.landmarks[:, 0]], axis=1)
    answers = []
    for frame, labels, points in (
        ("oriented", FACE.labels, FACE.landmarks),
        ("raw", np.ascontiguousarray(np.rot90(FACE.labels)), raw),
    ):
        (tmp_path / "map.png").write_bytes(sample.encode_png(labels))
        (tmp_path / "points.json").write_text(json.dumps(points.tolist()))
        paths = [str(tmp_path / name) for name in ("photo.jpg", "map.png", "points.json")]
        out = tmp_path / "out.json"
        assert main(["trace", *paths, "--landmarks-frame", frame, "--contours", str(out)]) == 0
        answers.append(json.loads(out.read_text()))
    assert answers[0]["roll_degrees"] == pytest.approx(20)
    assert answers[0]["size"] == answers[1]["size"]
    assert answers[0]["mask_contours"] == answers[1]["mask_contours"]


def test_warnings_go_to_standard_error_and_the_work_is_done(files: list[str], tmp_path: Path, capsys):
    other = Face(angle=60, scale=1.0, size=FACE.size).landmarks
    Path(files[2]).write_text(json.dumps(other.tolist()))
    assert main(["trace", *files]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("<svg")
    assert err.startswith("facemask: warning: the landmarks and the label map are turned 40.")


BAD = {
    "landmarks that are no JSON": ("points.json", b"{x:1}", "landmarks: ", "points.json is not JSON: "),
    "landmarks that are no text": ("points.json", b"\xff\xfe\x00", "landmarks: ", "UTF-16 that is truncated"),
    "landmarks 100k deep": ("points.json", b"[" * 100_000, "landmarks: ", "is nested too deeply"),
    "numbers without end": ("points.json", b"[" + b"1" * 5000 + b"]", "landmarks: ", "points.json is not JSON"),
    "landmarks that are an object": ("points.json", b'{"roll": 1}', "landmarks: ", "must be a list of points"),
    "a point without y": ("points.json", b'[{"x": 1}]', "landmarks[0].y: ", "is missing"),
    "NaN": ("points.json", b'[{"x": NaN, "y": 1}]', "landmarks[0].x: ", "must be a finite number"),
    "too few points": ("points.json", b"[[1,2],[3,4]]", "landmarks: ", "no known scheme has 2 points"),
    "a photo of another kind": ("photo.png", b"GIF89a", "image: ", "expected a PNG, JPEG or WebP file"),
    "an empty photo": ("photo.png", b"", "image: ", "the photo is empty"),
    "a map that is a text": ("map.png", b"0 0 0", "labels: ", "is a text, expected a PNG, lossless WebP"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_exit_code_1_and_one_line_that_names_field_and_reason(name: str, files, tmp_path: Path, capsys):
    file, data, field, words = BAD[name]
    (tmp_path / file).write_bytes(data)
    assert main(["trace", *files]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"facemask: {field}")
    assert words in err
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert len(err) < 400


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_file_is_named(missing: int, files: list[str], capsys):
    Path(files[missing]).unlink()
    assert main(["trace", *files]) == 1
    assert capsys.readouterr().err == f"facemask: {files[missing]}: No such file or directory\n"


def test_a_folder_for_a_file_and_a_target_that_cannot_be_written_are_named(files: list[str], tmp_path: Path, capsys):
    assert main(["trace", str(tmp_path), *files[1:]]) == 1
    assert capsys.readouterr().err == f"facemask: {tmp_path}: Is a directory\n"
    nowhere = tmp_path / "no" / "out.svg"
    assert main(["trace", *files, "-o", str(nowhere)]) == 1
    assert capsys.readouterr().err == f"facemask: {nowhere}: No such file or directory\n"


VALUES = {
    "tolerance": "-1", "min-area": "-0.5", "landmark-scheme": "dlib", "label-scheme": "lapa",
    "label-names": "300=a", "colors": "6=reddish",
}  # fmt: skip


@pytest.mark.parametrize("option", VALUES)
def test_a_value_out_of_range_is_bad_input(option: str, files: list[str], capsys):
    assert main(["trace", *files, f"--{option}={VALUES[option]}"]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"facemask: {option.replace('-', '_')}: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "start"), [("face.geojson", b'{"type":"FeatureCollection"'), ("f.PNG", b"\x89PNG"), ("face", b"<svg ")]
)
def test_the_format_is_that_of_the_name(name: str, start: bytes, files: list[str], tmp_path: Path):
    assert main(["trace", *files, "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("name", "words"),
    [("face.json", "face.json may be coco, label-studio, labelme"), ("face.pdf", "no format has files like face.pdf")],
)
def test_a_name_that_tells_no_format_is_refused(name: str, words: str, files: list[str], tmp_path: Path, capsys):
    assert main(["trace", *files, "-o", str(tmp_path / name)]) == 1
    assert capsys.readouterr().err.startswith(f"facemask: format: {words}; choose one of ")
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    "outputs", [("-o", "map.png"), ("-o", "a.svg", "--contours", "a.svg"), ("--contours", "./map.png")]
)
def test_no_output_replaces_an_input_or_another_output(
    outputs: tuple[str, ...], files: list[str], monkeypatch: pytest.MonkeyPatch, capsys
):
    folder = Path(files[0]).parent
    monkeypatch.chdir(folder)
    before = (folder / "map.png").read_bytes()
    assert main(["trace", *files, *outputs]) == 1
    assert capsys.readouterr().err.startswith("facemask: output: ")
    assert (folder / "map.png").read_bytes() == before
    assert main(["trace", *files, "-o", "/dev/null", "--contours", "/dev/null"]) == 0


def test_a_picture_does_not_go_to_a_terminal(files: list[str], tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["trace", *files, "--format", "png"]) == 1
    out, err = capsys.readouterr()
    assert (out, "png is no text for a terminal" in err) == ("", True)
    assert main(["trace", *files, "--format", "png", "--contours", str(tmp_path / "c.json")]) == 0


@pytest.mark.parametrize("command", EXAMPLES)
def test_help_has_examples_that_the_parser_takes(command: str, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    shown = capsys.readouterr().out
    for call, text in EXAMPLES[command]:
        assert f"  # {text}\n  facemask {call}\n" in f"{shown}\n"
        arguments = shlex.split(call.partition(" <")[0])
        assert build_parser().parse_args(arguments).run


def test_all_faces_beside_other_files_are_refused(files: list[str], capsys):
    assert main(["trace", *files, "--face", "all", "-o", "face.svg"]) == 1
    assert capsys.readouterr().err.startswith("facemask: face: all applies to a photo alone")


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["draw"], ["trace"], ["trace", "a", "b", "c", "d"], ["trace", "a", "b", "--crop", "nose"],
        ["trace", "a", "b", "--tolerance", "much"], ["trace", "a", "b", "--colors", "teal"],
        ["trace", "a", "b", "--label-names", "=a"], ["trace", "a", "b", "--verbose"], ["serve", "--port", "http"],
        ["health", "a"], ["trace", "a", "b", "--landmarks", "oriented"],
    ],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(arguments: list[str], capsys):
    assert usage_exit_code(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: facemask")


def test_help_and_version(capsys):
    assert usage_exit_code(["--version"]) == 0
    assert capsys.readouterr().out == f"facemask {facemask.__version__}\n"
    assert usage_exit_code(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("trace", "serve", "schemes", "health"))
    assert usage_exit_code(["trace", "--help"]) == 0
    out = capsys.readouterr().out
    options = [*OPTIONS, "label_names", "colors", "embed_image", "contours", "output"]
    assert all(f"--{name.replace('_', '-')}" in out for name in options)


def test_schemes_lists_every_scheme_and_which_index_is_what(capsys):
    assert main(["schemes"]) == 0
    out = capsys.readouterr().out
    for name in [*facemask._core.landmark_schemes(), *facemask._core.label_schemes()]:
        assert f"\n{name}: " in f"\n{out}"
    assert main(["schemes", "lapa-11"]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == ["lapa-11: labels", "  0    background", "  1    skin"]
    assert main(["schemes", "mediapipe-478"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("mediapipe-478: 478 or 468 landmarks\n")
    assert "\n  eye_r_corners  33 133\n" in out
    assert main(["schemes", "lapa"]) == 1
    assert capsys.readouterr().err.startswith("facemask: name: no scheme is called 'lapa'; there are aflw-19, ")


def test_health_against_nothing(capsys):
    with closed_port() as port:
        url = f"http://127.0.0.1:{port}"
        assert main(["health", "--url", url]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"facemask: no answer from {url}/health/ready: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "url", ["", "nowhere", "127.0.0.1:1", "ftp://127.0.0.1:1", "http://[", "http://a b", "http://127.0.0.1:x"]
)
def test_health_at_an_address_that_is_none(url: str, capsys):
    assert main(["health", "--url", url]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"facemask: no answer from {url}")
    assert err.count("\n") == 1


def test_health_against_something_that_does_not_speak_http(capsys):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 mail ready\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        assert main(["health", "--url", f"http://127.0.0.1:{server.getsockname()[1]}"]) == 1
        thread.join()
    assert capsys.readouterr().err.startswith("facemask: no answer from ")


@pytest.mark.parametrize(("status", "code", "words"), [(200, 0, "ready: "), (503, 1, "not ready: ")])
def test_health_says_what_the_service_answers(status: int, code: int, words: str, capsys):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    assert main(["health", "--url", f"http://127.0.0.1:{server.server_port}/"]) == code
    thread.join()
    server.server_close()
    out, err = capsys.readouterr()
    assert words in out + err
    assert str(status) in out + err
    assert asked == ["/health/ready"]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "facemask", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_as_a_program_with_the_sample(tmp_path: Path):
    paths = [str(path) for path in SAMPLE_FILES]
    done = run("trace", *paths, "-o", str(tmp_path / "out.svg"))
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out.svg").read_text() == facemask.trace_face(sample.LABELS, sample.LANDMARKS).svg
    refused = run("trace", *paths[:2], str(tmp_path / "none.json"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert run("trace").returncode == 2


def test_a_reader_that_goes_away_is_no_traceback():
    paths = [str(path) for path in SAMPLE_FILES]
    with subprocess.Popen(
        [sys.executable, "-m", "facemask", "trace", *paths, "--tolerance", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert "Traceback" not in err
    assert "Exception ignored" not in err
