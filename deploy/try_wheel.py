"""Install a wheel into a new environment and trace the sample with it: `python deploy/try_wheel.py dist/NAME.whl`.

Exit status 1 with the reason when the wheel does not install, import or trace.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples" / "astronaut"
REGIONS = 10


def call(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main(wheel: Path) -> None:
    with TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        programs = Path(folder, "Scripts" if os.name == "nt" else "bin")
        call(programs / "python", "-m", "pip", "install", "--quiet", wheel)
        version = call(programs / "facemask", "--version").strip()
        files = [SAMPLE / name for name in ("image.jpg", "segmentation.png", "landmarks.json")]
        svg = call(programs / "facemask", "trace", *files)
    found = svg.count('id="region-')
    if found != REGIONS:
        sys.exit(f"{wheel.name}: {found} regions in the drawing of the sample, not {REGIONS}")
    sys.stdout.write(f"{wheel.name}: {version}, {found} regions\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
