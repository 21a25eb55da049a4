"""The networks of the face model, run by LiteRT.

The file is a zip archive of two networks in TensorFlow Lite's form. LiteRT reads both as they are.
"""

import importlib
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facemask.models.catalog import FACE
from facemask.models.store import FETCH_COMMAND, missing_package, model_path, read_model
from facemask.validation import make_error

_Tensor = NDArray[np.float32]
_DETECTOR: Final = "face_detector.tflite"
_MESH: Final = "face_landmarks_detector.tflite"
# Numbers in the outputs that are used: boxes and logits of the detector; points and presence of the mesh.
_OUTPUTS: Final = {_DETECTOR: ((1, 896, 16), (1, 896, 1)), _MESH: ((1, 1, 1, 1434), (1, 1, 1, 1))}

# Networks that no call uses, with the paths of their files; the last one is used next, while its memory is warm.
_idle: list[tuple[str, "FaceNetworks"]] = []
_idle_lock = threading.Lock()


class FaceNetworks:
    """Both networks, for one call at a time: an interpreter holds the numbers of the picture that it runs on."""

    def __init__(self, files: dict[str, bytes]) -> None:
        """Load the networks.

        Raises:
            FacemaskError: `model_missing` without LiteRT, `model_invalid` for files that it does not read.

        """
        try:
            interpreter = importlib.import_module("ai_edge_litert.interpreter").Interpreter
        except ImportError:
            raise missing_package("ai-edge-litert") from None
        try:
            self._detector = _Network(interpreter(model_content=files[_DETECTOR], num_threads=1), _OUTPUTS[_DETECTOR])
            self._mesh = _Network(interpreter(model_content=files[_MESH], num_threads=1), _OUTPUTS[_MESH])
        except (KeyError, ValueError, RuntimeError) as error:
            detail = f"the model {FACE.name!r} holds no networks that LiteRT reads: {error}"
            raise make_error("model_invalid", "", detail) from None

    def detect(self, picture: _Tensor) -> tuple[_Tensor, _Tensor]:
        """Return boxes (1, 896, 16) and logits (1, 896, 1) of a picture (1, 128, 128, 3) from -1 to 1."""
        return self._detector.run(picture)

    def mesh(self, picture: _Tensor) -> tuple[_Tensor, _Tensor]:
        """Return points (1, 1, 1, 1434) and presence (1, 1, 1, 1) of a picture (1, 256, 256, 3) from 0 to 1."""
        return self._mesh.run(picture)


class _Network:
    """An interpreter with one input and two outputs."""

    def __init__(self, interpreter: Any, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
        interpreter.allocate_tensors()
        self._interpreter = interpreter
        self._input = interpreter.get_input_details()[0]["index"]
        indices = {tuple(output["shape"].tolist()): output["index"] for output in interpreter.get_output_details()}
        self._first, self._second = (indices[shape] for shape in shapes)

    def run(self, picture: _Tensor) -> tuple[_Tensor, _Tensor]:
        self._interpreter.set_tensor(self._input, picture)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._first), self._interpreter.get_tensor(self._second)


@contextmanager
def face_networks() -> Iterator[FaceNetworks]:
    """Lend networks that no other call uses, loaded where there are none.

    So there are as many as calls that ran at once. Threads of their own would keep some for each thread that ever
    detected a face, and load them again for each new thread.

    Raises:
        FacemaskError: `model_missing` or `model_invalid`.

    """
    path = str(model_path(FACE))
    with _idle_lock:
        own_path, networks = _idle.pop() if _idle else ("", None)
    if networks is None or own_path != path:
        networks = FaceNetworks(_read_files(path))
    try:
        yield networks
    finally:
        with _idle_lock:
            _idle.append((path, networks))


@lru_cache(maxsize=1)
def _read_files(path: str) -> dict[str, bytes]:
    """Return the networks in the model's file at `path`, checked once in a process."""
    try:
        with zipfile.ZipFile(io.BytesIO(read_model(FACE))) as archive:
            return {name: archive.read(name) for name in (_DETECTOR, _MESH)}
    except (zipfile.BadZipFile, KeyError) as error:
        detail = f"{path} is no archive of networks: {error}; fetch it again: {FETCH_COMMAND}"
        raise make_error("model_invalid", "", detail) from None
