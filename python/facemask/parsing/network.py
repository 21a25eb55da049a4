"""The network of a parser, run by ONNX Runtime, with its shapes checked against the description."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facemask.parsing.description import ParserDescription
from facemask.validation import make_error

# Element types of an input that hold what the description says.
_INPUT_TYPES: Final = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_LABEL_LIMIT: Final = 256


class ParserNetwork:
    """A network with one input. Calls from several threads may run at once."""

    def __init__(self, path: Path, description: ParserDescription, threads: int | None) -> None:
        """Load a network and check its shapes.

        Args:
            path: the ONNX file.
            description: what it expects and returns.
            threads: threads of one call. Default: ONNX Runtime's, one for each core.

        Raises:
            FacemaskError: `model_missing` without file or ONNX Runtime, `model_invalid` for a file that is no network,
                or not the described one.

        """
        self._path = path
        self._description = description
        self._session = _load(path, threads)
        self._input, self._input_type = self._check_input()
        self._check_output()

    def run(self, picture: NDArray[np.float32]) -> NDArray[np.float32] | NDArray[np.uint8]:
        """Return the scores of a picture without their first axis, or its labels (rows, columns)."""
        feed = {self._input: picture.astype(self._input_type, copy=False)}
        try:
            (output,) = self._session.run([self._description.output], feed)
        except Exception as error:
            raise self._error(f"failed: {_first_line(error)}") from error
        shape = self._description.output_shape
        if self._description.values == "labels":
            return self._read_labels(np.asarray(output), shape)
        scores = np.asarray(output)
        if scores.shape != shape or scores.dtype.kind != "f":
            raise self._error(self._describe_output(scores.shape, scores.dtype.name))
        return np.ascontiguousarray(scores[0], dtype=np.float32)

    def _read_labels(self, labels: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.uint8]:
        # Some networks keep an axis of length 1 where the classes were.
        if labels.size != shape[1] * shape[2] or sorted(labels.shape)[-2:] != sorted(shape[1:]):
            raise self._error(self._describe_output(labels.shape, labels.dtype.name))
        labels = labels.reshape(shape[1:])
        count = len(self._description.names)
        if labels.dtype.kind not in "iuf" or not np.all((labels >= 0) & (labels < count) & (labels % 1 == 0)):
            raise self._error(
                f"returned labels that are no whole numbers from 0 to {count - 1}, as the description names"
            )
        return np.ascontiguousarray(labels, dtype=np.uint8)

    def _check_input(self) -> tuple[str, type[Any]]:
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            names = ", ".join(tensor.name for tensor in inputs)
            raise self._error(f"has {len(inputs)} inputs ({names}); a parser has one, the picture")
        tensor = inputs[0]
        if tensor.type not in _INPUT_TYPES:
            raise self._error(f"takes {tensor.type}; a parser takes {' or '.join(_INPUT_TYPES)}")
        expected = self._description.input_shape
        if not _fits(tensor.shape, expected):
            layout = self._description.layout
            detail = f"takes an input of shape {_show(tensor.shape)}, but the description says {_show(expected)}"
            raise self._error(f"{detail}: check input.width, input.height and input.layout ({layout})")
        return tensor.name, _INPUT_TYPES[tensor.type]

    def _check_output(self) -> None:
        outputs = {tensor.name: tensor for tensor in self._session.get_outputs()}
        name = self._description.output
        if name not in outputs:
            raise self._error(
                f"has no output {name!r}, which output.name of the description says; it has {_names(outputs)}"
            )
        tensor = outputs[name]
        is_float = "float" in tensor.type or "double" in tensor.type
        if self._description.values == "labels":
            if tensor.shape is not None and len(tensor.shape) not in (2, 3, 4):
                raise self._error(self._describe_output(tensor.shape, tensor.type))
        elif not is_float or not _fits(tensor.shape, self._description.output_shape):
            raise self._error(self._describe_output(tensor.shape, tensor.type))

    def _describe_output(self, shape: Sequence[Any], kind: str) -> str:
        described = self._description
        expected = _show(described.output_shape)
        return (
            f"returns {kind} of shape {_show(shape)} as {described.output!r}, but the description says"
            f" {described.values} of shape {expected}: check output.name, output.values, output.layout, output.stride"
            f" and the number of labels, {len(described.names)}"
        )

    def _error(self, detail: str) -> Exception:
        return make_error("model_invalid", "parser", f"the network {self._path} {detail}")


def _load(path: Path, threads: int | None) -> Any:
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError:
        detail = "a parser needs onnxruntime: pip install 'facemask-contours[parser]'"
        raise make_error("model_missing", "parser", detail) from None
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # what fails is raised, and need not be written to standard error too
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        detail = f"{path} is no network that ONNX Runtime reads: {_first_line(error)}"
        raise make_error("model_invalid", "parser", detail) from error


def _fits(shape: Sequence[Any] | None, expected: Sequence[int]) -> bool:
    """Return whether a shape is the expected one. Axes without a fixed length are checked when the network has run."""
    if shape is None:
        return True
    return len(shape) == len(expected) and all(
        not isinstance(length, int) or length == wanted for length, wanted in zip(shape, expected, strict=True)
    )


def _show(shape: Sequence[Any] | None) -> str:
    return "(" + ", ".join("?" if length is None else str(length) for length in shape or ()) + ")"


def _names(outputs: dict[str, Any]) -> str:
    return ", ".join(f"{name!r} {_show(tensor.shape)}" for name, tensor in outputs.items())


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
