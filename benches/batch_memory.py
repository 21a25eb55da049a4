"""Peak memory of `facemask batch` at two numbers of faces, COCO included: it must not grow with them.

    python benches/batch_memory.py [--few 200] [--many 20000]

The maps are small and of few kinds, in tar archives, so that 20,000 take a minute and no folder of files.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from support import sample  # noqa: E402 - behind the path
from support.synthetic_face import Face  # noqa: E402

_RUN = """
import resource, sys
from facemask.cli import main
code = main(sys.argv[1:])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def make_archive(path: Path, count: int) -> None:
    maps = [sample.encode_png(Face(angle=37 * turn, scale=1.0, size=(150, 160)).labels) for turn in range(9)]
    with tarfile.open(path, "w") as archive:
        for number in range(count):
            content = maps[number % len(maps)]
            info = tarfile.TarInfo(f"{number:06d}.map.png")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def peak_kibibytes(count: int) -> int:
    """Return the peak resident memory of a run of so many faces."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "faces.tar"
        make_archive(archive, count)
        arguments = ["batch", str(archive), "-o", f"{folder}/out", "--outputs", "coco,label-studio", "--quiet"]
        done = subprocess.run([sys.executable, "-c", _RUN, *arguments], check=True, capture_output=True, text=True)
    code, peak = done.stdout.split()
    assert code == "0", done.stderr
    return int(peak)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--few", type=int, default=200)
    parser.add_argument("--many", type=int, default=20_000)
    parsed = parser.parse_args()
    few, many = peak_kibibytes(parsed.few), peak_kibibytes(parsed.many)
    print(f"{parsed.few:,} faces: {few / 1024:.1f} MiB; {parsed.many:,}: {many / 1024:.1f} MiB, {many / few:.3f} times")


if __name__ == "__main__":
    main()
