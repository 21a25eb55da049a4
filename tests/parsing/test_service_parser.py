"""The service's parser labels photos that come without a label map."""

import asyncio
import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import facemask
import pytest
from facemask._core import LandmarkPoints
from facemask.parsing.network import ParserNetwork
from facemask.service.app import create_app
from facemask.service.cache.settings import CacheSettings
from facemask.service.environment import SettingsError
from facemask.service.errors import ProblemError
from facemask.service.jobs.job import Submission
from facemask.service.jobs.postgres.serialization import from_columns, to_columns
from facemask.service.jobs.settings import JobSettings
from facemask.service.settings import Settings
from litestar.testing import TestClient
from PIL import Image
from support import sample
from support.parser_networks import paint, save_family
from support.paths import MAP_FILE

API = "/api/v1/frontal/crop"
POINTS = sample.LANDMARKS.tolist()
PIXELS = paint(sample.resize_nearest(sample.LABELS, 900, 900))
Client = TestClient[Any]


def png(pixels: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


PHOTO = png(PIXELS)


def settings(path: Path | None) -> Settings:
    return Settings(database=None, cache=CacheSettings(), jobs=JobSettings(parser=path))


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_family(tmp_path_factory.mktemp("parser"), "segformer")


@pytest.fixture
def client(network: Path) -> Iterator[Client]:
    with TestClient(create_app(settings(network))) as http:
        yield http


def submit(client: Client, photo: bytes = PHOTO, **fields: Any) -> dict[str, Any]:
    body = {"image": base64.b64encode(photo).decode(), "landmarks": POINTS, **fields}
    response: dict[str, Any] = client.post(f"{API}/submit?wait=60", json=body).json()
    return response


def test_a_photo_without_a_map_is_parsed(client: Client, network: Path):
    result = submit(client)
    expected = facemask.trace_face(landmarks=sample.LANDMARKS, image=PIXELS, parser=network)
    assert (result["status"], result["labels_from"]) == ("completed", "parser")
    assert base64.b64decode(result["svg"]).decode() == expected.svg
    multipart = client.post(
        f"{API}/submit?wait=60", files={"image": PHOTO}, data={"landmarks": json.dumps(POINTS)}
    ).json()
    assert multipart["svg"] == result["svg"]


def test_other_requests_are_as_without_a_parser(client: Client):
    label_map = base64.b64encode(MAP_FILE.read_bytes()).decode()
    assert "labels_from" not in submit(client, segmentation_map=label_map)
    without_photo = client.post(
        f"{API}/submit?wait=60", json={"landmarks": POINTS, "options": {"image_size": [900, 900]}}
    ).json()
    assert without_photo["labels_from"] == "landmarks"
    refused = submit(client, options={"parser": True})
    assert (refused["code"], refused["field"]) == ("validation_failed", "options.parser")
    refused = submit(client, options={"map_fit": "stretch"})
    assert (refused["error"]["code"], refused["error"]["field"]) == ("option_invalid", "options.map_fit")


def test_the_cache_tells_photos_apart(client: Client):
    first = submit(client)
    again = submit(client)
    assert (first["cache"], again["cache"], again["svg"]) == ("miss", "exact", first["svg"])
    other = PIXELS.copy()
    other[380:, :] = other[300, 300]
    assert submit(client, photo=png(other))["cache"] == "miss"


def test_the_network_runs_off_the_event_loop(network: Path, monkeypatch: pytest.MonkeyPatch):
    loops = []

    def run(own: ParserNetwork, picture: Any) -> Any:
        try:
            loops.append(asyncio.get_running_loop())
        except RuntimeError:
            loops.append(None)
        return original(own, picture)

    original = ParserNetwork.run
    monkeypatch.setattr(ParserNetwork, "run", run)
    with TestClient(create_app(settings(network))) as http:
        assert submit(http)["labels_from"] == "parser"
    assert loops == [None]


def test_the_cache_tells_parsers_apart(network: Path, tmp_path: Path):
    core_keys = set()
    for path in (network, save_family(tmp_path, "segformer", crop="ffhq"), None):
        app = create_app(settings(path))
        runner = app.state["jobs"]._runner
        options = {"parser": True} if path else {}
        core_keys.add(runner._options_key(Submission(PHOTO, b"", LandmarkPoints(sample.LANDMARKS), options)))
    assert len(core_keys) == 3


def test_jobs_of_the_database_keep_that_they_are_parsed():
    submission = Submission(PHOTO, b"", LandmarkPoints(sample.LANDMARKS), {"parser": True, "tolerance": 1.0})
    columns = to_columns(submission)
    restored = from_columns(*(columns[name] for name in ("image", "label_map", "landmarks", "about")), b"")
    assert restored.options == submission.options


def test_a_process_without_the_parser_says_so(network: Path):
    app = create_app(settings(None))
    runner = app.state["jobs"]._runner
    with pytest.raises(ProblemError, match="has no parser") as caught:
        runner._core_options(Submission(PHOTO, b"", LandmarkPoints(sample.LANDMARKS), {"parser": True}))
    assert caught.value.code == "model_missing"
    create_app(settings(network), work=False)  # checks the files, and keeps no network


def test_a_wrong_parser_ends_the_start(network: Path, tmp_path: Path):
    with pytest.raises(SettingsError, match=r"FACEMASK_PARSER=.*there is no file .*none\.onnx"):
        create_app(settings(tmp_path / "none.onnx"))
    path = save_family(tmp_path, "bisenet", stride=4)
    with pytest.raises(SettingsError, match=r"FACEMASK_PARSER=.*check output\.name"):
        create_app(settings(path))
    path.with_suffix(".toml").write_text("[input]\nwidth = 5")
    with pytest.raises(SettingsError, match=r"bisenet\.toml: output is missing"):
        create_app(settings(path))
