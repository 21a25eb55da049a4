"""What Ray costs a face: processor time of a map over batches in Ray Data beyond that of the same calls alone.

    .venv-engines/bin/python benches/ray_overhead.py [--faces 2000] [--rounds 3]

Two maps are measured: `facemask.ray.trace_batch`; and one that only returns a table as large as its result. The second
tells Ray's own cost, which the milliseconds of tracing hide where other work shares the machine.

Both ways read the same Parquet table in batches of 64. Ray's processor time is that of all its processes: the driver,
the scheduler, the store and the workers. A run of one batch is measured too and subtracted: it has the start of the
data set's execution, and of its workers.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import pyarrow as pa
from facemask.ray import trace_batch
from pyarrow import parquet

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from support import sample  # noqa: E402 - behind the path

BATCH = 64


def write_table(path: Path, count: int) -> None:
    """Write faces of the sample turned by 36 angles: a photo's label map and landmarks."""
    kinds = [sample.copy(10.0 * turn) for turn in range(min(36, count))]
    files = [(sample.encode_png(kind.labels), json.dumps(kind.landmarks.tolist())) for kind in kinds]
    rows = [files[number % len(files)] for number in range(count)]
    columns = {
        "key": [f"f{number:05d}" for number in range(count)],
        "labels": [labels for labels, _ in rows],
        "landmarks": [points for _, points in rows],
    }
    parquet.write_table(pa.table(columns), path, row_group_size=BATCH)


def processor_seconds() -> float:
    """Return the processor time of this process and all below it, also of those that have ended."""
    total = 0.0
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def answer_batch(table: pa.Table, svg: str) -> pa.Table:
    """Return a table as large as the result, without tracing."""
    return pa.table({"key": table.column("key"), "svg": [svg] * table.num_rows})


def in_ray(path: Path, function: Any, options: dict[str, Any]) -> int:
    import ray.data  # heavy, and only this needs it

    faces = ray.data.read_parquet(str(path))
    mapped = faces.map_batches(function, batch_format="pyarrow", batch_size=BATCH, fn_kwargs=options)
    return sum(batch.num_rows for batch in mapped.iter_batches(batch_format="pyarrow", batch_size=None))


def alone(path: Path, function: Any, options: dict[str, Any]) -> int:
    with parquet.ParquetFile(path) as reader:
        batches = (pa.Table.from_batches([batch]) for batch in reader.iter_batches(batch_size=BATCH))
        return sum(function(batch, **options).num_rows for batch in batches)


def measure(way: Any, tables: dict[int, Path], *arguments: Any) -> tuple[float, float]:
    """Return wall and processor milliseconds a face: of many, without those of one batch."""
    found = []
    for count, path in tables.items():
        cpu, wall = processor_seconds(), time.perf_counter()
        assert way(path, *arguments) == count
        found.append((time.perf_counter() - wall, processor_seconds() - cpu))
    few, many = tables
    wall, cpu = ((after - before) / (many - few) * 1e3 for before, after in zip(*found, strict=True))
    return wall, cpu


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--faces", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parsed = parser.parse_args()
    import ray.data

    # One worker: two share the caches of a processor, and each face costs more, with Ray or without.
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    with tempfile.TemporaryDirectory() as folder:
        tables = {count: Path(folder) / f"{count}.parquet" for count in (BATCH, parsed.faces)}
        for count, path in tables.items():
            write_table(path, count)
        svg = trace_batch(parquet.read_table(tables[BATCH]).slice(0, 1)).column("svg")[0].as_py()
        for name, function, options in (("trace_batch", trace_batch, {}), ("no tracing", answer_batch, {"svg": svg})):
            in_ray(tables[parsed.faces], function, options)
            rounds = [
                [measure(way, tables, function, options)[1] for way in (in_ray, alone)] for _ in range(parsed.rounds)
            ]
            ray_, own = (median(each) for each in zip(*rounds, strict=True))
            more = ", ".join(f"{in_ray_ - alone_:.2f}" for in_ray_, alone_ in rounds)
            print(f"{name}: {ray_:.2f} ms CPU a face in Ray, {own:.2f} alone; Ray costs by round: {more}")


if __name__ == "__main__":
    main()
