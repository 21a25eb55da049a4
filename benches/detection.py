"""Face detection beside its bounds, and beside MediaPipe's FaceLandmarker on the same file of networks.

    python benches/detection.py

Needs the extra `detect` and the face model. MediaPipe is left out where it is missing: it would bring another OpenCV
into the environment of the tests, so install it by `pip install --no-deps mediapipe absl-py flatbuffers`.
The exit code is 1 if a bound is not held.
"""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import facemask
import numpy as np
import skimage.data
from bounds import BoundedValue, bounds_table
from facemask.models.catalog import FACE
from facemask.models.store import model_path
from PIL import Image

SAMPLE = Path(__file__).parents[1] / "samples" / "astronaut" / "image.jpg"
GRAY = (128, 128, 128)
RUNS = 15
TEXTURES = ("brick", "grass", "gravel", "moon", "checkerboard", "colorwheel", "coins", "page", "text", "clock", "cell")
ANIMALS = ("chelsea", "horse")


def turned(photo: Image.Image, degrees: float) -> np.ndarray:
    """The photo turned clockwise, on gray."""
    return np.asarray(photo.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=GRAY))


def backgrounds() -> Iterator[tuple[str, Image.Image]]:
    """The sample as it is, and changed in ten ways that leave its points where they are."""
    photo = Image.open(SAMPLE).convert("RGB")
    yield "sample", photo
    pixels = np.asarray(photo).astype(float)
    noise = np.random.default_rng(0).normal(0, 40, pixels.shape)
    for name, values in (
        ("dark", pixels * 0.3),
        ("bright", pixels * 1.8),
        ("low contrast", 90 + pixels * 0.3),
        ("gray", np.repeat(pixels.mean(2, keepdims=True), 3, 2)),
        ("noisy", pixels + noise),
        ("red light", pixels * [1, 0.4, 0.3]),
        ("inverted corner light", pixels * np.linspace(0.3, 1.6, 900)[:, None]),
    ):
        yield name, Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    for name in ("grass", "gravel", "brick"):
        texture = np.asarray(Image.fromarray(getattr(skimage.data, name)()).resize((900, 900)))
        y, x = np.mgrid[:900, :900]
        inside = (np.hypot((x - 450) / 200, (y - 370) / 230) < 1)[..., None]
        yield f"on {name}", Image.fromarray(np.where(inside, pixels, texture[..., None]).astype(np.uint8))


def copies() -> Iterator[BoundedValue]:
    """Points and roll of 24 turns of each picture, beside those of the upright sample."""
    points, rolls, missed = [], [], 0
    for _, photo in backgrounds():
        (upright,) = facemask.detect_faces(np.asarray(photo))
        unit = np.linalg.norm(upright.points[[33, 133]].mean(0) - upright.points[[362, 263]].mean(0))
        for degrees in range(0, 360, 15):
            image = turned(photo, degrees)
            faces = facemask.detect_faces(image)
            if len(faces) != 1:
                missed += 1
                continue
            cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
            middle = np.array(image.shape[1::-1]) / 2
            back = (faces[0].points - middle) @ np.array([[cos, -sin], [sin, cos]]) + np.array(photo.size) / 2
            points.append(np.sqrt(np.square(back - upright.points).sum(1).mean()) / unit)
            rolls.append(abs(math.remainder(faces[0].roll_degrees - degrees - upright.roll_degrees, 360)))
    yield BoundedValue("11 pictures in 24 turns: not found", missed, 0)
    yield BoundedValue("points, worst RMS distance", max(points), 0.03, "eye distances")
    yield BoundedValue("roll, 95th percentile", float(np.percentile(rolls, 95)), 0.5, "degrees")
    yield BoundedValue("roll, worst", max(rolls), 0.5, "degrees")


def pictures_without_a_face() -> Iterator[BoundedValue]:
    """Faces in noise, gray, textures and animals, on the whole picture and in squares of a quarter."""
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 256, (600, 800, 3), np.uint8), np.full((600, 800, 3), 128, np.uint8)]
    for name in (*TEXTURES, *ANIMALS):
        picture = np.asarray(getattr(skimage.data, name)())
        picture = picture.astype(np.uint8) * 255 if picture.dtype == bool else picture
        pictures.append(np.ascontiguousarray(np.broadcast_to(np.atleast_3d(picture)[..., :3], (*picture.shape[:2], 3))))
    found = sum(len(facemask.detect_faces(picture, tiles=tiles)) for picture in pictures for tiles in ("auto", 4))
    yield BoundedValue(f"faces in {len(pictures)} pictures without one", found, 0)


def cpu_seconds(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Processor time of each call, the median of `RUNS` after two that do not count; the calls take turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(RUNS + 2):
        for name, call in calls.items():
            start = time.process_time()
            call()
            times[name].append(time.process_time() - start)
    return {name: sorted(values[2:])[RUNS // 2] for name, values in times.items()}


def beside_mediapipe() -> Iterator[BoundedValue]:
    """Processor time of one photo, decoded, as a multiple of MediaPipe's on the upright one."""
    photo = Image.open(SAMPLE).convert("RGB")
    upright = np.asarray(photo)
    turns = {"upright": (0, 1.3), "at 40 degrees": (40, 2.0), "at 180 degrees": (180, 2.0)}
    calls: dict[str, Callable[[], object]] = {}
    for name, (degrees, _) in turns.items():
        image = turned(photo, degrees) if degrees else upright
        calls[name] = lambda image=image: facemask.detect_faces(image)
    if has_mediapipe():
        landmarker, picture = mediapipe_landmarker(upright)
        calls["MediaPipe"] = lambda: landmarker.detect(picture)
    times = cpu_seconds(calls)
    for name, (_, bound) in turns.items():
        value = times[name] / times["MediaPipe"] if "MediaPipe" in times else None
        yield BoundedValue(f"processor time {name} ({1000 * times[name]:.0f} ms here)", value, bound, "MediaPipe's")


def has_mediapipe() -> bool:
    """Whether MediaPipe is installed."""
    return importlib.util.find_spec("mediapipe") is not None


def mediapipe_landmarker(upright: np.ndarray) -> tuple[object, object]:
    """MediaPipe's landmarker for single pictures, on the processor, and its form of the photo."""
    import mediapipe as mp  # noqa: PLC0415 - heavy, and only here

    options = mp.tasks.vision.FaceLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=str(model_path(FACE)))
    )
    landmarker = mp.tasks.vision.FaceLandmarker.create_from_options(options)
    return landmarker, mp.Image(image_format=mp.ImageFormat.SRGB, data=upright)


def memory() -> Iterator[BoundedValue]:
    """Peak memory of a process that finds one face in a decoded photo."""
    own, rival = (peak_megabytes(name) for name in ("own", "mediapipe"))
    value = None if rival is None else own / rival
    yield BoundedValue(f"memory ({own:.0f} MB here)", value, 0.7, "MediaPipe's")


def peak_megabytes(name: str) -> float | None:
    if name == "mediapipe" and not has_mediapipe():
        return None
    done = subprocess.run([sys.executable, __file__, "--peak", name], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def print_peak(name: str) -> None:
    """Find the sample's face in this process, and print its peak memory in megabytes."""
    image = facemask.decode_image(SAMPLE.read_bytes())
    if name == "own":
        facemask.detect_faces(image)
    else:
        landmarker, picture = mediapipe_landmarker(image)
        landmarker.detect(picture)
    # Not `ru_maxrss`: Linux hands the parent's on to the child.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024)


def main() -> int:
    """Print the table. Returns the exit code."""
    if sys.argv[1:2] == ["--peak"]:
        print_peak(sys.argv[2])
        return 0
    values = [*copies(), *pictures_without_a_face(), *beside_mediapipe(), *memory()]
    print(bounds_table(values))
    return 1 if any(value.value is not None and not value.is_met for value in values) else 0


if __name__ == "__main__":
    sys.exit(main())
