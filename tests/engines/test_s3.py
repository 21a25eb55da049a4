"""`facemask batch` from and to S3: moto's server on this machine, by s3fs."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import data_sets
import fsspec
import pytest
from facemask.cli import main
from moto.server import ThreadedMotoServer


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The file system with a bucket `faces`, empty."""
    for name, value in (
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_CONFIG_FILE", str(tmp_path / "none")),
        ("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none")),
    ):
        monkeypatch.setenv(name, value)
    system_class = fsspec.get_filesystem_class("s3")
    system_class.clear_instance_cache()
    system = fsspec.filesystem("s3")
    system.mkdir("faces")
    yield system
    system.rm("faces", recursive=True)
    system_class.clear_instance_cache()


def upload(system: Any, folder: Path, root: str) -> None:
    system.put(f"{folder}/", f"{root}/", recursive=True)


def one_shard(folder: Path, count: int) -> Path:
    return data_sets.shards(folder, [count])


def stored(system: Any, root: str) -> dict[str, bytes]:
    system.invalidate_cache()
    return {path.removeprefix(f"{root}/"): system.cat_file(path) for path in system.find(root)}


@pytest.mark.parametrize("make", [data_sets.pairs, data_sets.celebamask, one_shard])
def test_a_source_in_a_bucket_is_a_local_one(tmp_path: Path, store: Any, make: Callable[..., Path]):
    local = make(tmp_path / "in", 4)
    upload(store, local, "faces/set")
    assert main(["batch", "s3://faces/set", "-o", str(tmp_path / "s3"), "--outputs", "svg,coco"]) == 0
    assert main(["batch", str(local), "-o", str(tmp_path / "local"), "--outputs", "svg,coco"]) == 0
    assert data_sets.files_below(tmp_path / "s3") == data_sets.files_below(tmp_path / "local")


def test_a_target_in_a_bucket_has_the_same_files_and_goes_on(
    tmp_path: Path, store: Any, capsys: pytest.CaptureFixture[str]
):
    source = data_sets.pairs(tmp_path / "in", 6)
    outputs = ["--outputs", "svg,coco,yolo,crops"]
    remote = ["batch", str(source), "-o", "s3://faces/out", *outputs, "--journal", str(tmp_path / "journal.sqlite")]
    assert main(remote) == 0
    assert main(["batch", str(source), "-o", str(tmp_path / "local"), *outputs]) == 0
    files = stored(store, "faces/out")
    assert json.loads(files.pop("report.json"))["done"] == 6
    assert files == data_sets.files_below(tmp_path / "local")
    capsys.readouterr()
    assert main(remote) == 0
    assert "6 of them kept" in capsys.readouterr().out
    store.rm_file("faces/out/svg/f002.svg")
    assert main(remote) == 0
    assert "5 of them kept" in capsys.readouterr().out
    assert "svg/f002.svg" in stored(store, "faces/out")


def test_shards_in_one_bucket(tmp_path: Path, store: Any):
    upload(store, data_sets.shards(tmp_path / "in", [3, 2]), "faces/shards")
    for shard in ("1/2", "2/2"):
        journal = str(tmp_path / f"journal-{shard[0]}.sqlite")
        arguments = ["batch", "s3://faces/shards", "-o", "s3://faces/out", "--outputs", "svg,coco"]
        assert main([*arguments, "--shard", shard, "--journal", journal]) == 0
    files = stored(store, "faces/out")
    assert len([path for path in files if path.endswith(".svg")]) == 5
    parts = [json.loads(files[f"coco/annotations-{part}-of-2.json"]) for part in (1, 2)]
    assert sorted(image["id"] for part in parts for image in part["images"]) == [1, 2, 3, 4, 5]


def one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert err.startswith("facemask: ")
    assert err.count("\n") == 1
    return err


def test_a_store_that_is_not_there_is_one_sentence(
    tmp_path: Path, store: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    source = str(data_sets.pairs(tmp_path / "in", 2))
    out, journal = str(tmp_path / "out"), ["--journal", str(tmp_path / "journal.sqlite")]
    assert "s3://faces/nothing" in one_sentence(["batch", "s3://faces/nothing", "-o", out], capsys)
    assert "s3://missing/set" in one_sentence(["batch", "s3://missing/set", "-o", out], capsys)
    assert "facemask: source: " in one_sentence(["batch", "s3://missing/a.tar", "-o", out], capsys)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    type(store).clear_instance_cache()
    assert "what is done is kept" in one_sentence(["batch", source, "-o", "s3://faces/out", *journal], capsys)
    assert "s3://faces/set" in one_sentence(["batch", "s3://faces/set", "-o", out], capsys)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    type(store).clear_instance_cache()
    assert "s3://faces/set" in one_sentence(["batch", "s3://faces/set", "-o", out], capsys)
    type(store).clear_instance_cache()
    monkeypatch.undo()
