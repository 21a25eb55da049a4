"""A fake of the compiled module that traces nothing: each photo prescribes how it behaves.

A photo is `FAKE` followed by JSON such as {"sleep": 0.5}; see `Behavior`. A label map is bytes that start with `MAP`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from facemask._core import LandmarkPoints
from facemask.photo_trace import PhotoFaces

API = "/api/v1/frontal/crop"
TEST_ORIGIN = "http://testserver.local"
JSON = {"content-type": "application/json"}


class FakeError(ValueError):
    """Fake of the compiled module's FacemaskError."""

    def __init__(self, code: str, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.code, self.field, self.detail = code, field, detail


class FakePanic(BaseException):
    """Fake of the exception of a Rust panic, which is not an `Exception`."""


class Behavior(msgspec.Struct, forbid_unknown_fields=True):
    """Behavior that a photo prescribes, such as a delay, a failure or the size of the SVG."""

    sleep: float = 0.0
    hold: bool = False
    until: str = ""
    bug: bool = False
    panic: bool = False
    die: bool = False
    mark: str = ""
    fail: str = ""
    fail_field: str = "labels"
    svg_bytes: int = 0
    crop_bytes: int = 0
    name: str = ""


@dataclass
class FakeResult:
    """Fake of a traced mask."""

    svg_bytes: bytes
    mask_contours_json: bytes = b'{"6": [[[0.0, 0.0], [1.25, 0.0], [1.25, 3.5]]]}'
    regions_json: bytes = (
        b'[{"id": 6, "name": "nose", "area": 2.19, "perimeter": 8.47, "bbox": [0, 0, 1.25, 3.5], '
        b'"centroid": [0.83, 1.17], "label_point": [0.8, 1.0], "parts": 1, "holes": 0}]'
    )
    crop_jpeg: bytes = b""
    schemes_json: bytes = b"{}"
    landmarks: None = None
    colors: dict[str, str] = field(default_factory=lambda: {"6": "#fd7e14"})
    frame: str = "crop"
    crop_from_image: tuple[float, ...] = (1.0, 0.0, -3.0, 0.0, 1.0, -4.0)
    size: tuple[int, int] = (120, 160)
    timings_ms: dict[str, float] = field(default_factory=lambda: {"decode": 0.5, "trace": 1.5})

    @property
    def svg_digest(self) -> str:
        return hashlib.sha256(self.svg_bytes).hexdigest()[:32]

    @property
    def response_json(self) -> bytes:
        fields = {
            "svg": self.svg_bytes,
            "mask_contours": msgspec.Raw(self.mask_contours_json),
            "regions": msgspec.Raw(self.regions_json),
            "symmetry": [{"pair": ["eye_r", "eye_l"], "area_ratio": 0.9, "iou": 0.8}],
            "connectivity": 4,
            "colors": self.colors,
            "frame": self.frame,
            "crop_from_image": self.crop_from_image,
            "size": self.size,
            "roll_degrees": 12.5,
            "roll_from": "landmarks",
            "roll_confidence": 1.0,
            "mirrored": False,
            "schemes": {
                "landmarks": "mediapipe-478",
                "landmarks_confidence": 1.0,
                "labels": "lapa-11",
                "labels_confidence": 1.0,
            },
            "native_resolution": None,
            "warnings": [{"code": "note", "detail": "a warning"}],
            "file": None,
        }
        return msgspec.json.encode(fields)[1:]


class FakeOptions:
    def __init__(self, *, tolerance: float = 0.5, style: str = "default", crop: str = "face", **others: Any) -> None:
        if not 0 <= tolerance <= 100:
            raise FakeError("option_invalid", "tolerance", f"must be between 0 and 100, got {tolerance}")
        self.given = {"tolerance": tolerance, "style": style, "crop": crop, **others}


class FakeLimits:
    def __init__(self, **given: int) -> None:
        self.given = given


def point_array(landmarks: LandmarkPoints) -> np.ndarray:
    """The points of all faces, float64 (n, 2)."""
    return np.frombuffer(landmarks.to_bytes()).reshape(-1, 2)


@dataclass
class FakeFingerprint:
    tracer: FakeTracer
    files: tuple[bytes | None, bytes | None, Any]
    exact: bytes

    def scope(self) -> None:
        """No other input shares the result."""

    def trace(self, image: bytes | None, options: FakeOptions, limits: FakeLimits) -> FakeResult:
        return self.tracer.trace_bytes(*self.files, options, limits, with_response=True)


class FakeTracer:
    """Fake of the compiled module that counts its calls; `release` lets held jobs continue."""

    __version__ = "0"
    FacemaskError = FakeError
    Options = FakeOptions
    Limits = FakeLimits

    def __init__(self) -> None:
        self.release = threading.Event()
        self.lock = threading.Lock()
        self.traced: list[str] = []
        self.checked = 0
        self.fingerprints = 0
        self.running = 0
        self.max_running = 0
        self.last_options: FakeOptions | None = None
        self.last_landmarks: np.ndarray | None = None
        self.threads: set[str] = set()

    def decode_base64(self, text: str, field: str) -> bytes:
        clean = "".join(text.partition(",")[2].split() if text.startswith("data:") else text.split())
        clean = clean.replace("-", "+").replace("_", "/")
        try:
            return base64.b64decode(clean + "=" * (-len(clean) % 4), validate=True)
        except ValueError as error:
            raise FakeError("base64_invalid", field, f"not base64 at position 0: {error}") from error

    def extract_base64(self, text: bytes, mark: str) -> None:
        """Extract nothing."""

    def parse_plain_landmarks(self, text: bytes) -> None:
        """Accept no text as plain landmarks."""

    def read_landmark_file(self, data: bytes) -> tuple[None, str]:
        """Take every file for JSON."""
        return None, data.decode()

    def check_detection(self, options: Mapping[str, Any], *, has_labels: bool) -> None:
        """Have no face model."""
        raise FakeError("model_missing", "detect", "this fake has no networks")

    def detect_faces_in(
        self, image: bytes, limits: FakeLimits, *, has_labels: bool, options: Mapping[str, Any]
    ) -> PhotoFaces:
        """Detect nothing."""
        raise NotImplementedError

    def check_input(
        self,
        image: bytes | None,
        label_map: bytes | None,
        landmarks: Any,
        limits: FakeLimits,
        *,
        digest: bool,
        inspect: bool,
    ) -> tuple[bytes, bytes | None]:
        self.checked += 1
        self.threads.add(threading.current_thread().name)
        if image is not None and not image.startswith(b"FAKE"):
            raise FakeError("image_unsupported", "image", "neither PNG nor JPEG nor WebP")
        if label_map is not None and not label_map.startswith(b"MAP"):
            raise FakeError("map_unsupported", "labels", "neither PNG nor lossless WebP")
        bad = [] if landmarks is None else np.flatnonzero(~np.isfinite(point_array(landmarks)).all(axis=1))
        if len(bad):
            raise FakeError("landmarks_invalid", f"landmarks[{bad[0]}]", "must be finite")
        return _digest(image, label_map) if digest else b"", image if inspect else None

    def read_landmarks(self, value: Any) -> tuple[LandmarkPoints, str]:
        try:
            points = [(p["x"], p["y"]) if isinstance(p, dict) else (p[0], p[1]) for p in value]
            return LandmarkPoints(np.array(points, dtype=np.float64).reshape(-1, 2)), "auto"
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise FakeError("landmarks_invalid", "landmarks[0].x", "must be numbers") from error

    def fingerprint(
        self, image: bytes | None, label_map: bytes | None, landmarks: Any, options: Any, limits: Any, salt: bytes
    ) -> FakeFingerprint:
        self.fingerprints += 1
        return FakeFingerprint(self, (image, label_map, landmarks), _digest(salt, image, label_map))

    def trace_bytes(
        self,
        image: bytes | None,
        label_map: bytes | None,
        landmarks: Any,
        options: FakeOptions,
        limits: FakeLimits,
        *,
        with_response: bool = False,
    ) -> FakeResult:
        behavior = msgspec.json.decode((image or b"")[4:] or b"{}", type=Behavior)
        with self.lock:
            self.traced.append(behavior.name[:100])
            self.last_options = options
            self.last_landmarks = None if landmarks is None else point_array(landmarks)
            self.running += 1
            self.max_running = max(self.max_running, self.running)
        try:
            result = self._run(behavior)
            if options.given.get("crop_image"):
                result.crop_jpeg = b"\xff\xd8 of " + behavior.mark.encode() + b" " * behavior.crop_bytes
            return result
        finally:
            with self.lock:
                self.running -= 1

    def _run(self, behavior: Behavior) -> FakeResult:
        time.sleep(behavior.sleep)
        if behavior.hold and not self.release.wait(30):
            raise TimeoutError
        while behavior.until and not Path(behavior.until).exists():  # a test in another process may create it
            time.sleep(0.01)
        if behavior.die:
            os.kill(os.getpid(), signal.SIGKILL)
        if behavior.bug:
            raise ZeroDivisionError("a secret of the house")
        if behavior.panic:
            raise FakePanic("a secret of the house")
        if behavior.fail:
            raise FakeError(behavior.fail, behavior.fail_field, "as ordered")
        content = behavior.mark.encode() + b" " * behavior.svg_bytes
        return FakeResult(b"<svg xmlns='http://www.w3.org/2000/svg'>" + content + b"</svg>")


def _digest(*parts: bytes | None) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


def photo(**behavior: Any) -> bytes:
    """A photo that prescribes a behavior."""
    return b"FAKE" + msgspec.json.encode(behavior)


MAP = b"MAP of labels"
LANDMARKS = [{"x": 1.0, "y": 2.0}, {"x": 3.0, "y": 4.0}]


def body(landmarks: Any = LANDMARKS, **behavior: Any) -> dict[str, Any]:
    """Body of a submission with exactly the fields of the original API."""
    return {
        "image": base64.b64encode(photo(**behavior)).decode(),
        "landmarks": landmarks,
        "segmentation_map": base64.b64encode(MAP).decode(),
        "loadtest_mode": False,
    }
