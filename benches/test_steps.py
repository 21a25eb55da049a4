"""Benchmarks of the steps of a job that are accessible from Python, on the sample."""

import json
from base64 import b64encode

import cv2
import facemask
import inputs
import numpy as np
import profile_workload
import pytest
from facemask import _core
from facemask.landmarks import landmark_array
from facemask.service.core import native
from facemask.service.intake.decoding import Decoder
from pytest_benchmark.fixture import BenchmarkFixture
from request_bodies import face_bodies

PHOTO = (inputs.SAMPLE / "image.jpg").read_bytes()
MAP = (inputs.SAMPLE / "segmentation.png").read_bytes()
LANDMARKS = json.loads((inputs.SAMPLE / "landmarks.json").read_bytes())
LIMITS = _core.Limits()

pytestmark = pytest.mark.benchmark(group="steps of a job")


def png() -> bytes:
    pixels = np.ascontiguousarray(facemask.decode_image(PHOTO)[:, :, ::-1])
    return cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 6])[1].tobytes()


def test_base64(benchmark: BenchmarkFixture):
    file = png()
    assert benchmark(_core.decode_base64, b64encode(file).decode(), "image") == file


def test_lift(benchmark: BenchmarkFixture):
    body = face_bodies("png", "none")[0].numbered(0)
    _, files = benchmark(_core.extract_base64, body, "mark")
    assert len(files) == 2


def test_plain_landmarks(benchmark: BenchmarkFixture):
    points = benchmark(_core.parse_plain_landmarks, json.dumps(LANDMARKS).encode())
    assert points.counts == [478]


def test_check(benchmark: BenchmarkFixture):
    points = landmark_array(LANDMARKS)
    digest, _ = benchmark(lambda: _core.check_input(PHOTO, MAP, points, LIMITS, digest=True, inspect=True))
    assert len(digest) == 32


def test_landmarks(benchmark: BenchmarkFixture):
    assert benchmark(landmark_array, LANDMARKS).shape == (478, 2)


def test_decode_map(benchmark: BenchmarkFixture):
    assert benchmark(facemask.decode_label_map, MAP).shape == (900, 900)


@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_decode_photo(benchmark: BenchmarkFixture, form: str):
    file = PHOTO if form == "jpeg" else png()
    assert benchmark(facemask.decode_image, file).shape == (900, 900, 3)


def test_find_contours(benchmark: BenchmarkFixture):
    labels = facemask.decode_label_map(MAP)
    assert len(benchmark(facemask.find_contours, labels, tolerance=0.5)) == 10


def test_path_data(benchmark: BenchmarkFixture):
    contours = facemask.find_contours(facemask.decode_label_map(MAP), tolerance=0.5).values()
    assert len(benchmark(lambda: [contour.path_data() for contour in contours])) == 10


@pytest.mark.parametrize("embed", ["none", "crop"])
@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_trace_bytes(benchmark: BenchmarkFixture, form: str, embed: str):
    file = PHOTO if form == "jpeg" else png()
    options, points = _core.Options(embed_image=embed), landmark_array(LANDMARKS)
    mask = benchmark(_core.trace_bytes, file, MAP, points, options, LIMITS)
    assert mask.size == (388, 502)


def test_trace_face(benchmark: BenchmarkFixture):
    mask = benchmark(facemask.trace_face, facemask.decode_label_map(MAP), LANDMARKS)
    assert len(mask.regions) == 10


def test_whole_job(benchmark: BenchmarkFixture):
    """The workload that `make flame` profiles."""
    engine = native
    decoder, body = Decoder(engine, engine.Limits()), face_bodies("png", "none")[0].numbered(1)
    assert benchmark(profile_workload.run_job, engine, decoder, body) > 50_000


def test_contours_as_json(benchmark: BenchmarkFixture):
    mask = _core.trace_bytes(PHOTO, MAP, landmark_array(LANDMARKS), _core.Options(), LIMITS)
    assert len(json.loads(benchmark(lambda: mask.mask_contours_json))) == 10
