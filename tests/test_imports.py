"""What is imported, and when: NumPy with the first array that a caller asks for, and not before."""

import json
import subprocess
import sys
from pathlib import Path

import facemask
import numpy as np
import pytest
from facemask import _core
from support.paths import LANDMARKS_FILE, MAP_FILE, PHOTO_FILE

# Runs the command line, and prints the modules that it has loaded on the last line.
_RUN = """import sys
from facemask import cli
try:
    code = cli.main(sys.argv[1:])
except SystemExit as error:
    code = error.code
print()
print(code, *sys.modules)"""
FILES = [str(PHOTO_FILE), str(MAP_FILE), str(LANDMARKS_FILE)]


def run(code: str, *arguments: str, cwd: Path | None = None) -> list[str]:
    """The words on the last line of the output of a new process."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, timeout=60, cwd=cwd
    )
    return done.stdout.splitlines()[-1].split()


def command(*arguments: str) -> tuple[str, set[str]]:
    """Exit code of a command line, and the modules that it has loaded."""
    code, *modules = run(_RUN, *arguments)
    return code, set(modules)


def write_pts(folder: Path) -> Path:
    points = [(point["x"], point["y"]) for point in json.loads(LANDMARKS_FILE.read_text())]
    lines = ["version: 1", f"n_points: {len(points)}", "{", *(f"{x} {y}" for x, y in points), "}"]
    (file := folder / "face.pts").write_text("\n".join(lines))
    return file


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--version"], "0"), (["trace", "--help"], "0"), (["trace"], "2"), (["schemes", "lapa-11"], "0")],
)
def test_what_needs_no_picture_loads_no_readers(arguments: list[str], code: str) -> None:
    found, modules = command(*arguments)
    assert found == code
    heavy = {"numpy", "dataclasses", "inspect", "urllib.request", "http.client", "tempfile", "xml", "ssl", "lzma"}
    assert not heavy & modules
    packages = ("facemask.landmarks", "facemask.label_maps", "facemask.trace", "facemask.face_mask", "facemask.service")
    assert not [name for name in modules if name.startswith(packages)]


def test_a_trace_from_file_to_file_uses_the_compiled_module_alone(tmp_path: Path) -> None:
    svg, points = tmp_path / "face.svg", str(write_pts(tmp_path))
    for inputs in (FILES, [FILES[0], FILES[2]], FILES[:2], [*FILES[:2], points]):
        code, modules = command("trace", *inputs, "-o", str(svg), "--curve", "straight", "--crop-margin", "0.1")
        assert "lzma" not in modules
        assert (code, "numpy" in modules, "facemask.face_mask" in modules) == ("0", False, False), inputs
        assert svg.read_text().startswith("<svg ")
        svg.unlink()


def test_numpy_comes_with_what_needs_arrays(tmp_path: Path) -> None:
    code, modules = command("trace", *FILES, "--format", "geojson", "-o", str(tmp_path / "face.geojson"))
    assert code == "0"
    assert "numpy" in modules
    assert "facemask.formats.annotation.coco" in modules  # a method of FaceMask
    assert "numpy" not in run("import sys, facemask; print(*sys.modules)")
    loaded = run("import sys, facemask; facemask.trace_face; print('numpy' in sys.modules)")
    assert loaded == ["True"]


def test_a_file_that_the_compiled_module_does_not_read_alone_is_read_as_before(tmp_path: Path) -> None:
    points = json.loads(LANDMARKS_FILE.read_text())
    (document := tmp_path / "face.json").write_text(json.dumps({"landmarks": points}))
    svg = tmp_path / "face.svg"
    code, modules = command("trace", *FILES[:2], str(document), "-o", str(svg))
    assert code == "0"
    assert "facemask.landmarks.dispatch" in modules
    again = tmp_path / "again.svg"
    assert command("trace", *FILES, "-o", str(again))[0] == "0"
    assert svg.read_bytes() == again.read_bytes()


def test_points_of_a_file_trace_as_their_array() -> None:
    points = np.array([[point["x"], point["y"]] for point in json.loads(LANDMARKS_FILE.read_text())])
    photo, labels = PHOTO_FILE.read_bytes(), MAP_FILE.read_bytes()
    for data in (LANDMARKS_FILE.read_bytes(), json.dumps(points.tolist()).encode()):
        read = _core.read_landmark_points(data)
        assert read is not None
        found = [_core.trace_bytes(photo, labels, each, _core.Options(), _core.Limits()) for each in (read, points)]
        assert found[0].svg == found[1].svg


@pytest.mark.parametrize("count", [0, 3, 70, 133, 136, 200])
def test_lists_of_other_lengths_are_left_to_the_readers_that_know_them(count: int) -> None:
    data = json.dumps([[float(i), 1.0] for i in range(count)]).encode()
    assert _core.read_landmark_points(data) is None


def test_damaged_landmark_files_have_the_error_of_the_other_reader() -> None:
    for data in (b"<html><body>", b"version: 1\nn_points: 3\n{\n1 2\n}"):
        errors = []
        for read in (_core.read_landmark_points, _core.read_landmark_file):
            with pytest.raises(facemask.FacemaskError) as caught:
                read(data)
            errors.append((caught.value.code, caught.value.field, caught.value.detail))
        assert errors[0] == errors[1]


def test_names_are_there_before_their_modules() -> None:
    code = "import facemask, sys; print(set(facemask.__all__) <= set(dir(facemask)), 'numpy' in sys.modules)"
    assert run(code) == ["True", "False"]
    code = "from facemask import *; print(trace_face.__module__, trace_photo.__module__, FaceMask.__module__)"
    assert run(code) == ["facemask.trace", "facemask.photo_trace", "facemask.face_mask"]
    for name in facemask.__all__:
        assert run(f"import facemask; print(facemask.{name} is not None)") == ["True"]
    with pytest.raises(AttributeError, match="has no attribute 'trace_faces'"):
        facemask.trace_faces  # noqa: B018 - the access is tested


def test_help_describes_what_is_not_imported_yet() -> None:
    code = "import pydoc, facemask; text = pydoc.plain(pydoc.render_doc(facemask));"
    names = "[text.count(name) > 0 for name in ('trace_face(', 'class FaceMask(')]"
    assert run(f"{code} print(*{names})") == ["True", "True"]


# Runs a job of the service, sent in the named form, and prints the modules that are loaded before it and after it.
_JOB = """import base64, json, sys
from facemask.service.app import create_app
from facemask.service.settings import read_settings
app = create_app(read_settings({"DB_USE_DATABASE": "false"}))
before = [*sys.modules]
from litestar.testing import TestClient
form, *paths = sys.argv[1:]
photo, label_map, landmarks = (open(path, "rb").read() for path in paths)
files = {"image": photo, "segmentation_map": label_map, "landmarks": landmarks}
if form == "json":
    text = {name: base64.b64encode(file).decode() for name, file in files.items()}
    sent = {"json": text | {"landmarks": json.loads(landmarks)}}
elif form == "multipart":
    sent = {"files": files}
else:
    import msgspec
    sent = {"content": msgspec.msgpack.encode(files | {"landmarks": json.loads(landmarks)})}
    sent["headers"] = {"content-type": "application/msgpack"}
with TestClient(app) as client:
    status = client.post("/api/v1/frontal/crop/submit?wait=30", **sent).json()["status"]
print()
print(json.dumps([status, before, [*sys.modules]]).replace(" ", ""))"""


@pytest.mark.parametrize("form", ["json", "multipart", "msgpack"])
def test_a_service_in_memory_imports_what_its_jobs_use(form: str) -> None:
    status, before, after = json.loads(run(_JOB, form, *FILES)[0])
    assert status == "completed"
    unused = {"numpy", "psycopg", "procrastinate", "opentelemetry.sdk.trace", "imagehash", "rich", "structlog"}
    unused |= {"litestar.plugins.pydantic", "litestar.plugins.attrs", "facemask.trace", "facemask.landmarks"}
    assert not unused & {*before}
    assert not {"numpy", "facemask.landmarks"} & {*after}


def test_a_function_is_not_hidden_by_a_module() -> None:
    code = "import facemask, facemask.photo_trace, facemask.trace, facemask.decoding, facemask.detection; "
    assert run(code + "print(all(callable(getattr(facemask, name)) for name in facemask.__all__[1:7]))") == ["True"]
    assert run(code + "print(callable(facemask.trace_photo), callable(facemask.detect_faces))") == ["True", "True"]
