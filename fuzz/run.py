"""Builds and runs the fuzz targets with a stable compiler: `python fuzz/run.py [TARGET ...]`. One of them, `http1`, is
written in Python and needs none.

FUZZ_SECONDS (60) is the time of each target. cargo-fuzz would ask for a nightly compiler, for its sanitizers; the code
here has no `unsafe`, so what libFuzzer needs is coverage, and LLVM's pass for that is there in stable compilers too.
Inputs begin with the sample and the tests' pictures and collect in fuzz/corpus; one that crashes stays in
fuzz/artifacts.
"""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
ROOT = HERE.parent
SAMPLE = ROOT / "samples" / "astronaut"
TARGETS = ("decode", "contours", "landmarks", "svg")
HTTP1 = "http1"
FLAGS = (
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg fuzzing",
)
# The longest input: pictures are the tests' own, maps at most 128 x 128, 478 points of 16 bytes.
LONGEST = {"decode": 1 << 16, "contours": 5 + (1 << 14), "landmarks": 1 << 13, "svg": 1 << 12}


def build() -> Path:
    """The folder of the built targets. Only they are instrumented: a target is named, so build scripts are not."""
    triple = subprocess.run(
        ["rustc", "--print", "host-tuple"], capture_output=True, text=True, check=True
    ).stdout.strip()
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "fuzz"
    environment = os.environ | {"RUSTFLAGS": " ".join(FLAGS), "CARGO_TARGET_DIR": str(folder)}
    command = ["cargo", "build", "--quiet", "--release", "--locked", "--target", triple]
    subprocess.run(command, cwd=HERE, env=environment, check=True)
    return folder / triple / "release"


def sow() -> None:
    """Writes the first inputs of every target."""
    fixtures = (ROOT / "crates" / "facemask-image" / "tests" / "fixtures").iterdir()
    pictures = [path for path in fixtures if path.suffix != ".py"] + [SAMPLE / "segmentation.png", SAMPLE / "image.jpg"]
    for path in pictures:
        data = path.read_bytes()
        if len(data) <= LONGEST["decode"]:
            seed("decode", path.name, data)
    for mode in ("L", "P", "RGB", "RGBA", "1", "I;16"):
        path = corpus("decode") / f"small-{mode.replace(';', '')}.png"
        Image.fromarray(np.arange(63, dtype=np.uint8).reshape(7, 9)).convert(mode).save(path)
    labels = Image.open(SAMPLE / "segmentation.png")
    for side in (12, 40, 100):
        small = np.asarray(labels.resize((side, side), Image.Resampling.NEAREST), dtype=np.uint8)
        for kind, head in {
            "smooth": (16, 0, 22, 0x33),
            "straight": (16, 0, 23, 0x33),
            "sieve": (64, 40, 22, 0x71),
        }.items():
            seed("contours", f"sample-{side}-{kind}", bytes([side, *head]) + small.tobytes())
    points = [(point["x"], point["y"]) for point in json.loads((SAMPLE / "landmarks.json").read_text())]
    for count in (5, 68, 478):
        seed(
            "landmarks",
            f"first-{count}",
            b"\x00\xff\xe0\xe0" + b"".join(struct.pack("<dd", *p) for p in points[:count]),
        )
    for mode in (0x01, 0x41, 0x81, 0xC1):
        seed("landmarks", f"turned-{mode:02x}", bytes([mode, 255, 224, 224, 30, 3, 0, 9, 0xF0]))
    names = "<a onload='x'>&amp;]]>\x00\ud7ff"
    seed("svg", "names", b"\x40\x80\x01\x05" + names.encode() + bytes(range(256)))


def corpus(target: str) -> Path:
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def seed(target: str, name: str, data: bytes) -> None:
    (corpus(target) / name).write_bytes(data)


def main() -> int:
    chosen = sys.argv[1:] or (*TARGETS, HTTP1)
    if HTTP1 in chosen and subprocess.run([sys.executable, HERE / "http1.py"], check=False).returncode:
        return 1
    return fuzz([target for target in chosen if target != HTTP1])


def fuzz(targets: list[str]) -> int:
    """Runs those that libFuzzer drives."""
    if not targets:
        return 0
    seconds = os.environ.get("FUZZ_SECONDS", "60")
    binaries = build()
    sow()
    for target in targets:
        artifacts = HERE / "artifacts" / target
        artifacts.mkdir(parents=True, exist_ok=True)
        options = [f"-max_total_time={seconds}", f"-max_len={LONGEST[target]}", f"-artifact_prefix={artifacts}/"]
        options += ["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1", "-print_funcs=0", "-reload=0"]
        done = subprocess.run([binaries / target, *options, corpus(target)], check=False, capture_output=True)
        said = done.stderr.decode("utf-8", "replace")
        if done.returncode:
            print(f"{said[-4000:]}\nfuzz {target}: failed; the input is in {artifacts.relative_to(ROOT)}", flush=True)
            return 1
        runs = re.search(r"stat::number_of_executed_units: (\d+)", said)
        print(f"fuzz {target}: nothing found in {seconds} s, {runs[1] if runs else '?'} inputs", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
