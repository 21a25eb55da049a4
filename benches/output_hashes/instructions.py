"""Instructions of the hot path, counted by callgrind (Valgrind; no rights of root needed).

One process runs all steps. Callgrind writes its counts and begins anew whenever the process calls `getppid`, which
nothing else calls. So neither start-up nor names of ours, which a redesign changes, play a part.
"""

import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import facemask
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from output_hashes.faces import MAP_FILE, PHOTO_FILE, resampled, sample

# The first repetition loads modules and grows the heap.
WARM_UP: Final = 2
REPETITIONS: Final = 4
_BOUNDARY: Final = "getppid"
_TOTALS = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
# Hashes and threads are the same in all runs.
_FIXED: Final = {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def steps() -> dict[str, Callable[[], object]]:
    """Return the steps by name. Each makes the whole of its result."""
    face, large = sample(), resampled(sample().labels, 1024, 1023)
    labels, points = face.labels, np.array(face.landmarks)

    def path_data(**options: object) -> list[str]:
        return [contour.path_data() for contour in facemask.find_contours(labels, **options).values()]

    def arrays(**options: object) -> int:
        return sum(len(contour.points) for contour in facemask.find_contours(labels, **options).values())

    return {
        "find_contours exact": lambda: arrays(tolerance=0.0),
        "find_contours straight": lambda: arrays(tolerance=0.5),
        "find_contours straight, 6": lambda: arrays(tolerance=6.0),
        "find_contours smooth": lambda: arrays(tolerance=0.5, curve="smooth"),
        "find_contours smooth, 1024 x 1023": lambda: facemask.find_contours(large, tolerance=0.5, curve="smooth"),
        "find_contours, min_area": lambda: arrays(tolerance=0.5, min_area=40.0),
        "path data, smooth": lambda: path_data(tolerance=0.5, curve="smooth"),
        "trace_face": lambda: facemask.trace_face(labels, points).svg,
        "trace_face exact": lambda: facemask.trace_face(labels, points, tolerance=0.0, curve="straight").svg,
        "trace_face zones": lambda: facemask.trace_face(labels, points, regions="zones").svg,
        "trace_face embedded": lambda: facemask.trace_face(labels, points, image=PHOTO_FILE, embed_image="crop").svg,
        "decode map and trace": lambda: facemask.trace_face(facemask.decode_label_map(MAP_FILE), points).svg,
        "decode map": lambda: facemask.decode_label_map(MAP_FILE),
        "decode photo": lambda: facemask.decode_image(PHOTO_FILE),
    }


def counts() -> dict[str, int]:
    """Return instructions of one repetition of each step."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise SystemExit("instructions are counted by callgrind: install valgrind")
    with TemporaryDirectory() as folder:
        options = ["--tool=callgrind", f"--dump-before={_BOUNDARY}", f"--callgrind-out-file={folder}/counts"]
        command = [valgrind, *options, sys.executable, __file__]
        done = subprocess.run(command, env=os.environ | _FIXED, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"callgrind failed: {done.stderr[-500:]}")
        names = list(steps())
        # A part ends where a step begins (start-up, warm-up), the next where it ends, and so on.
        parts = [_total(Path(f"{folder}/counts.{number}")) for number in range(1, 2 * len(names) + 1)]
    return {name: round(total / REPETITIONS) for name, total in zip(names, parts[1::2], strict=True)}


def _total(part: Path) -> int:
    """Return the instructions of one part of a profile."""
    found = _TOTALS.search(part.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"no totals in {part}")
    return int(found[1])


def _run_steps() -> None:
    for call in steps().values():
        for _ in range(WARM_UP):
            call()
        gc.collect()
        os.getppid()
        for _ in range(REPETITIONS):
            call()
        os.getppid()


if __name__ == "__main__":
    _run_steps()
