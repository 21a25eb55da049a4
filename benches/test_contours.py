"""Label map to outlines of every label, holes kept: ours beside the rivals, on one thread."""

import json
from typing import Any

import cv2
import facemask
import maps
import pytest
import sample
from pytest_benchmark.fixture import BenchmarkFixture
from rivals import opencv, scikit_image

cv2.setNumThreads(1)

SAMPLE = sample.resized(sample.LABELS, 1024, 1024)
NOISE = maps.noise(512, 512, 11, seed=1)
WAYS: dict[str, Any] = {
    "facemask exact": facemask.find_contours,
    "facemask 0.5 px": lambda labels: facemask.find_contours(labels, tolerance=0.5),
    "opencv": opencv.outline,
    "scikit-image": scikit_image.outline,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.benchmark(group="outlines of the sample, 1024 x 1024")
def test_sample(benchmark: BenchmarkFixture, way: str):
    found = benchmark(WAYS[way], SAMPLE)
    assert sorted(found) == list(range(1, 11))


@pytest.mark.parametrize("way", ["facemask exact", "facemask 0.5 px"])
@pytest.mark.benchmark(group="outlines of noise, 512 x 512")
def test_noise(benchmark: BenchmarkFixture, way: str):
    found = benchmark(WAYS[way], NOISE)
    assert sorted(found) == list(range(1, 11))


@pytest.mark.benchmark(group="a face, from arrays to SVG")
def test_trace_face(benchmark: BenchmarkFixture):
    landmarks = json.loads((sample.FOLDER / "landmarks.json").read_bytes())
    mask = benchmark(facemask.trace_face, sample.LABELS, landmarks)
    assert len(mask.regions) == 10
