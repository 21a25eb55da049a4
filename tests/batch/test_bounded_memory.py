"""Memory does not grow with the number of faces: counts of what is alive, and peaks of Python's allocations.

`benches/batch_memory.py` measures the whole process at 200 and 20,000 faces.
"""

import gc
import tarfile
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import data_sets
import pytest
from facemask.batch.layouts.entry import Entry, MemoryFile
from facemask.batch.layouts.source import Source
from facemask.batch.run import face_task


def endless_entries(count: int) -> Iterator[Entry]:
    """Faces without a list of them: three files again and again."""
    for number in range(count):
        photo = MemoryFile("photo.jpg", data_sets.photo(number % 3))
        yield Entry(f"{number:06d}", str(number), photo, MemoryFile("map.png", data_sets.label_map(number % 3)))


@pytest.fixture
def synthetic(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def entries(count: int) -> None:
        monkeypatch.setattr(Source, "entries", lambda _: endless_entries(count))
        monkeypatch.setattr(Source, "count", lambda _: None)

    return entries


def test_the_faces_alive_are_those_of_the_window(
    tmp_path: Path, batch: Callable[..., Any], synthetic: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
):
    alive: weakref.WeakSet[Any] = weakref.WeakSet()
    most = 0

    original = face_task.trace_item

    def watch(item: Any, common: Any) -> Any:
        nonlocal most
        mask, crop = original(item, common)
        alive.add(mask)
        most = max(most, len(alive))
        return mask, crop

    monkeypatch.setattr(face_task, "trace_item", watch)
    synthetic(150)
    (tmp_path / "in").mkdir()
    assert batch(tmp_path / "in", tmp_path / "out", "--outputs", "coco", "--workers", "2").code == 0
    gc.collect()
    assert most <= 2, "a face lives while its thread renders it, and no longer"
    assert not alive


def peak(batch: Callable[..., Any], folder: Path, count: int, synthetic: Callable[[int], None]) -> int:
    synthetic(count)
    (folder / "in").mkdir(parents=True, exist_ok=True)
    gc.collect()
    tracemalloc.start()
    try:
        run = batch(folder / "in", folder / "out", "--outputs", "svg,coco,label-studio", "--workers", "2", "--quiet")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert run.code == 0


def test_the_peak_of_many_is_that_of_few(tmp_path: Path, batch: Callable[..., Any], synthetic: Callable[[int], None]):
    peak(batch, tmp_path / "warm", 30, synthetic)  # imports
    few = peak(batch, tmp_path / "few", 60, synthetic)
    many = peak(batch, tmp_path / "many", 480, synthetic)
    assert many < 1.1 * few + 100_000, (few, many)


def archive_peak(path: Path, samples: int) -> int:
    """Peak of Python's allocations while the samples of an archive are read."""
    with tarfile.open(path, "w") as archive:
        for number in range(samples):
            archive.addfile(tarfile.TarInfo(f"{number:06d}.mask.png"))
    gc.collect()
    tracemalloc.start()
    try:
        assert sum(1 for _ in Source(str(path)).entries()) == samples
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_archive_leaves_nothing_of_its_members(tmp_path: Path):
    archive_peak(tmp_path / "warm.tar", 10)
    few, many = archive_peak(tmp_path / "few.tar", 100), archive_peak(tmp_path / "many.tar", 3000)
    assert many < 1.1 * few + 20_000, (few, many)
