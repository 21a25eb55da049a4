"""Builder and runner of the fuzz targets: `python fuzz/run.py [TARGET ...]`. The target `http1` is written in Python.

FUZZ_SECONDS (60) is the duration of each target. cargo-fuzz needs a nightly compiler for its sanitizers. This code has
no `unsafe`, so libFuzzer only needs coverage, and stable compilers contain LLVM's pass for that. The corpus in
fuzz/corpus starts with the sample and the test images; inputs that crash are kept in fuzz/artifacts.
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
TARGETS = ("decode", "contours", "landmarks", "landmark_files", "svg")
HTTP1 = "http1"
FLAGS = (
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg fuzzing",
)
# Largest input in bytes: test images, maps of at most 128 x 128 pixels, 478 points of 16 bytes.
MAX_LENGTH = {
    "decode": 1 << 16,
    "contours": 5 + (1 << 14),
    "landmarks": 1 << 13,
    "landmark_files": 1 << 12,
    "svg": 1 << 12,
}

LANDMARK_TEXTS = {
    "lapa": "2\n1.5 2\n3 4\n",
    "openface": "frame, face_id, confidence, success, x_0, x_1, y_0, y_1\n1, 0, 0.9, 1, 1.5, 3, 2, 4\n",
    "spreadsheet": "X;Y\r\n1,5;2\r\n",
    "annotation": "a.jpg 1 2 3 4 5 6\n",
    "matlab": "pts = [1.5 2; 3 4];\n",
    "xml": "<dataset><images><image file='a'><box><part name='0' x='1' y='2'/></box></image></images></dataset>",
}


def build() -> Path:
    """Build the targets and return their folder. With a named target triple, build scripts are not instrumented."""
    triple = subprocess.run(
        ["rustc", "--print", "host-tuple"], capture_output=True, text=True, check=True
    ).stdout.strip()
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "fuzz"
    environment = os.environ | {"RUSTFLAGS": " ".join(FLAGS), "CARGO_TARGET_DIR": str(folder)}
    command = ["cargo", "build", "--quiet", "--release", "--locked", "--target", triple]
    subprocess.run(command, cwd=HERE, env=environment, check=True)
    return folder / triple / "release"


def write_seeds() -> None:
    """Write the initial corpus of every target."""
    fixtures = (ROOT / "crates" / "facemask-image" / "tests" / "fixtures").iterdir()
    images = [path for path in fixtures if path.suffix != ".py"] + [SAMPLE / "segmentation.png", SAMPLE / "image.jpg"]
    for path in images:
        data = path.read_bytes()
        if len(data) <= MAX_LENGTH["decode"]:
            write_seed("decode", path.name, data)
    for mode in ("L", "P", "RGB", "RGBA", "1", "I;16"):
        path = corpus("decode") / f"small-{mode.replace(';', '')}.png"
        Image.fromarray(np.arange(63, dtype=np.uint8).reshape(7, 9)).convert(mode).save(path)
    write_map_seeds(np.arange(63, dtype=np.uint8).reshape(7, 9))
    labels = Image.open(SAMPLE / "segmentation.png")
    for side in (12, 40, 100):
        small = np.asarray(labels.resize((side, side), Image.Resampling.NEAREST), dtype=np.uint8)
        for kind, head in {
            "smooth": (16, 0, 22, 0x33),
            "straight": (16, 0, 23, 0x33),
            "sieve": (64, 40, 22, 0x71),
        }.items():
            write_seed("contours", f"sample-{side}-{kind}", bytes([side, *head]) + small.tobytes())
    points = [(point["x"], point["y"]) for point in json.loads((SAMPLE / "landmarks.json").read_text())]
    for count in (5, 68, 478):
        write_seed(
            "landmarks",
            f"first-{count}",
            b"\x00\xff\xe0\xe0" + b"".join(struct.pack("<dd", *p) for p in points[:count]),
        )
    for mode in (0x01, 0x41, 0x81, 0xC1):
        write_seed("landmarks", f"turned-{mode:02x}", bytes([mode, 255, 224, 224, 30, 3, 0, 9, 0xF0]))
    names = "<a onload='x'>&amp;]]>\x00\ud7ff"
    write_seed("svg", "names", b"\x40\x80\x01\x05" + names.encode() + bytes(range(256)))


def write_map_seeds(labels: np.ndarray) -> None:
    """Write small label maps in the formats that hold no photo."""
    folder = corpus("decode")
    np.save(folder / "small.npy", np.asfortranarray(labels.astype(">i2")))
    np.savez_compressed(folder / "small.npz", labels=labels, scores=np.ones(3))
    image = Image.fromarray(labels)
    for suffix, options in (("tif", {"compression": "tiff_lzw"}), ("gif", {}), ("bmp", {})):
        image.save(folder / f"small.{suffix}", **options)
    run_lengths = {"category_id": 1, "segmentation": {"size": [7, 9], "counts": [3, 40, 20]}}
    polygon = {"category_id": 2, "segmentation": [[1, 1, 5, 1, 5, 5]]}
    document = {"images": [{"id": 1, "width": 9, "height": 7}], "annotations": [run_lengths, polygon]}
    write_seed("decode", "coco.json", json.dumps(document).encode())
    shapes = [{"label": "a", "points": [[1, 1], [4, 4]], "shape_type": kind} for kind in ("rectangle", "circle")]
    write_seed("decode", "labelme.json", json.dumps({"imageWidth": 9, "imageHeight": 7, "shapes": shapes}).encode())


def write_landmark_files() -> None:
    """Write the initial corpus of landmark files."""
    for path in (ROOT / "crates" / "facemask-landmarks" / "tests" / "fixtures").iterdir():
        if path.suffix != ".py":
            write_seed("landmark_files", path.name, path.read_bytes())
    for name, text in LANDMARK_TEXTS.items():
        write_seed("landmark_files", name, text.encode())


def corpus(target: str) -> Path:
    """Folder of the corpus of a target."""
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_seed(target: str, name: str, data: bytes) -> None:
    (corpus(target) / name).write_bytes(data)


def main() -> int:
    chosen = sys.argv[1:] or (*TARGETS, HTTP1)
    if HTTP1 in chosen and subprocess.run([sys.executable, HERE / "http1.py"], check=False).returncode:
        return 1
    return fuzz([target for target in chosen if target != HTTP1])


def fuzz(targets: list[str]) -> int:
    """Build and run the libFuzzer targets. Returns the exit code."""
    if not targets:
        return 0
    seconds = os.environ.get("FUZZ_SECONDS", "60")
    binaries = build()
    write_seeds()
    write_landmark_files()
    for target in targets:
        artifacts = HERE / "artifacts" / target
        artifacts.mkdir(parents=True, exist_ok=True)
        options = [f"-max_total_time={seconds}", f"-max_len={MAX_LENGTH[target]}", f"-artifact_prefix={artifacts}/"]
        options += ["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1", "-print_funcs=0", "-reload=0"]
        done = subprocess.run([binaries / target, *options, corpus(target)], check=False, capture_output=True)
        output = done.stderr.decode("utf-8", "replace")
        if done.returncode:
            print(f"{output[-4000:]}\nfuzz {target}: failed; the input is in {artifacts.relative_to(ROOT)}", flush=True)
            return 1
        runs = re.search(r"stat::number_of_executed_units: (\d+)", output)
        print(f"fuzz {target}: nothing found in {seconds} s, {runs[1] if runs else '?'} inputs", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
