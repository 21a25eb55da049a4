"""Benchmarks from label map to SVG outlines with holes, by size and content, and beside the rivals."""

from types import ModuleType

import facemask
import inputs
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rivals import facemask_itself, installed
from support import sample

SIDES = (512, 1024, 2048, 4096, 8192)
RIVALS, MISSING = installed()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("content", inputs.CONTENTS)
def test_outlines_and_svg(benchmark: BenchmarkFixture, content: str, side: int):
    if content == "salt and pepper" and side > 4096:
        pytest.skip("more border than the limit")
    benchmark.group = f"outlines at 0.5 px and SVG: {content}"
    labels = inputs.CONTENTS[content](side)
    drawn = benchmark(facemask_itself.svg, labels)
    assert drawn.count("<path") == np.count_nonzero(np.bincount(labels.ravel())[1:])


@pytest.mark.parametrize("tolerance", [0.0, 0.5])
@pytest.mark.benchmark(group="outlines of noise, 512 x 512")
def test_noise(benchmark: BenchmarkFixture, tolerance: float):
    found = benchmark(facemask.find_contours, inputs.noise(512), tolerance=tolerance)
    assert sorted(found) == list(range(1, 11))


@pytest.mark.parametrize("rival", [facemask_itself, *RIVALS], ids=lambda rival: rival.NAME)
@pytest.mark.benchmark(group="outlines of the reference-like map and SVG, 1024 x 1023")
def test_rivals(benchmark: BenchmarkFixture, rival: ModuleType):
    drawn = benchmark(rival.svg, sample.reference_like()[0])
    assert drawn.count("<path") >= 10


def test_who_is_left_out():
    for line in MISSING:
        print(line)
    assert len(RIVALS) + len(MISSING) == len(installed()[0]) + len(installed()[1])
