"""`facemask batch` to SVG and COCO beside a plain loop and other tools: whole processes, interleaved, medians.

    python benches/batch_throughput.py [--maps 2000] [--rounds 3] [--python PYTHON_WITH_SUPERVISION_AND_DATUMARO]

Wall time tells how long one waits; processor time tells what it costs, and hardly depends on what else the machine
does. The start of each interpreter is measured by itself, with one map, and subtracted.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from support import sample  # noqa: E402 - behind the path

OUTPUTS = "svg,coco"


def make_maps(folder: Path, count: int) -> None:
    """Write maps of the sample turned by 36 angles, 900 pixels wide and more."""
    folder.mkdir(parents=True)
    files = [sample.encode_png(sample.copy(10.0 * turn).labels) for turn in range(min(36, count))]
    for number in range(count):
        (folder / f"{number:05d}.map.png").write_bytes(files[number % len(files)])


def commands(python: str, rivals: str | None) -> dict[str, list[str]]:
    """Return the command of each way; MAPS and OUT follow."""
    ways = str(ROOT / "benches" / "batch_ways.py")
    batch = [python, "-m", "facemask", "batch", "--quiet", "--outputs", OUTPUTS]
    found = {
        "batch, 2 workers": [*batch, "--workers", "2"],
        "batch, 1 worker": [*batch, "--workers", "1"],
        "plain loop": [python, ways, "loop"],
        # What OpenCV draws are straight lines too.
        "batch, 2 workers, straight lines": [*batch, "--workers", "2", "--curve", "straight"],
        "OpenCV and pycocotools, 2 processes": [python, ways, "opencv"],
    }
    for name in ("supervision", "datumaro") if rivals else ():
        found[f"{name}, 2 processes"] = [str(rivals), ways, name]
    return found


def run_once(command: list[str], maps: Path, out: Path) -> tuple[float, float]:
    """Return wall and processor seconds of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    places = [str(maps), "-o", str(out)] if "facemask" in command else [str(maps), str(out)]
    arguments = [*command[:4], *places, *command[4:]] if "facemask" in command else [*command, *places]
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(out, ignore_errors=True)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(count: int, rounds: int, rivals: str | None) -> dict[str, tuple[float, float]]:
    """Return the median wall and processor milliseconds a map of each way, without its start."""
    ways = commands(sys.executable, rivals)
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        many, one = Path(folder) / "many", Path(folder) / "one"
        make_maps(many, count)
        make_maps(one, 1)
        for _ in range(rounds):
            for name, command in ways.items():
                start = run_once(command, one, Path(folder) / "out")
                whole = run_once(command, many, Path(folder) / "out")
                wall, cpu = ((a - b) / (count - 1) * 1e3 for a, b in zip(whole, start, strict=True))
                samples[name].append((wall, cpu))
    return {name: (median(w for w, _ in found), median(c for _, c in found)) for name, found in samples.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--maps", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--python", help="interpreter with supervision and datumaro")
    parsed = parser.parse_args()
    found = measure(parsed.maps, parsed.rounds, parsed.python)
    wall, cpu = found["batch, 2 workers"]
    print(f"{'way':38} {'ms wall':>8} {'ms CPU':>8} {'x wall':>7} {'x CPU':>7}")
    for name, (own_wall, own_cpu) in found.items():
        print(f"{name:38} {own_wall:8.2f} {own_cpu:8.2f} {own_wall / wall:7.2f} {own_cpu / cpu:7.2f}")


if __name__ == "__main__":
    main()
