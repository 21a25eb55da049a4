"""Small networks that stand for face parsers, in the forms of three families, and pictures that they label.

`paint` gives each label a color of its own, and the networks find the nearest color. So they undo the normalization of
their input: with another order of channels, mean or scale they return other labels.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

# The first color is what surrounds a photo that a parser sees: no label.
PALETTE = np.array([
    (132, 133, 135), (230, 180, 150), (0, 255, 255), (0, 255, 0), (10, 90, 200), (0, 90, 0), (250, 250, 0),
    (200, 30, 60), (255, 255, 255), (250, 100, 200), (60, 0, 90),
])  # fmt: skip
SCHEME = "lapa-11"
DESCRIPTION = """\
[input]
width = 512
height = 512
layout = "{layout}"
channels = "{channels}"
maximum = {maximum}
mean = {mean}
std = {std}
crop = "{crop}"

[output]
name = "{output}"
values = "{values}"
layout = "{output_layout}"
stride = {stride}

[labels]
scheme = "{scheme}"
"""
IMAGENET = {"maximum": 1, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
# The entries of the families: BiSeNet has further outputs, SegFormer a quarter of the resolution, ParseNet another
# order of channels and another range.
FAMILIES: dict[str, dict[str, Any]] = {
    "bisenet": {"output": "out", "stride": 1, **IMAGENET},
    "segformer": {"output": "logits", "stride": 4, **IMAGENET},
    "parsenet": {
        "output": "mask", "stride": 1, "channels": "BGR", "maximum": 1, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
    },
    "keras": {
        "output": "scores", "stride": 2, "layout": "NHWC", "output_layout": "NHWC", "maximum": 255,
        "mean": [127.5, 127.5, 127.5], "std": [127.5, 127.5, 127.5],
    },
    "argmax": {
        "output": "labels", "stride": 1, "values": "labels", "maximum": 255, "mean": [0, 0, 0], "std": [1, 1, 1],
    },
}  # fmt: skip
_DEFAULTS = {
    "layout": "NCHW", "output_layout": "NCHW", "channels": "RGB", "values": "logits", "crop": "face", "scheme": SCHEME,
}  # fmt: skip


def paint(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture of a label map in the colors of `PALETTE`."""
    return PALETTE.astype(np.uint8)[labels]


def save_family(folder: Path, family: str, *, side: int = 512, **changes: Any) -> Path:
    """Write a network of a family and its description, whose entries may be changed. Returns the network's path."""
    entries = {**_DEFAULTS, **FAMILIES[family]}
    path = folder / f"{family}.onnx"
    onnx.save(_color_network(entries, side), path)
    described = {**entries, **changes}
    text = DESCRIPTION.format(**described).replace("512", str(side))
    if described["values"] == "labels":
        text = text.replace('layout = "NCHW"\nstride', "stride")
    path.with_suffix(".toml").write_text(text)
    return path


def save_constant(folder: Path, logits: NDArray[np.float32], *, crop: str = "face", scheme: str = SCHEME) -> Path:
    """Write a network that returns the same logits (classes, side, side) of every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    classes, side, _ = logits.shape
    nodes = [
        helper.make_node("ReduceMean", ["picture"], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "constant"], ["logits"]),
    ]
    constants = {"zero": np.zeros((1, 1, 1, 1), np.float32), "constant": logits[None]}
    shapes = {"logits": [1, classes, side, side]}
    path = folder / "constant.onnx"
    onnx.save(_model(nodes, constants, [1, 3, side, side], shapes), path)
    entries = {**_DEFAULTS, "output": "logits", "stride": 1, **IMAGENET, "crop": crop, "scheme": scheme}
    path.with_suffix(".toml").write_text(DESCRIPTION.format(**entries).replace("512", str(side)))
    return path


def _color_network(entries: dict[str, Any], side: int) -> onnx.ModelProto:
    """A network that finds the nearest color: of p in the palette and c of the pixel the largest 2 p c - p p."""
    palette = PALETTE[:, ::-1] if entries["channels"] == "BGR" else PALETTE
    colors = palette / 255.0 * entries["maximum"]
    weights = 2.0 * colors * np.array(entries["std"])
    bias = 2.0 * colors @ np.array(entries["mean"], float) - (colors**2).sum(axis=1)
    scale = 200.0 / entries["maximum"] ** 2  # a pixel has one label, and a cell of pixels the share of each
    constants = {
        "least": np.full((1, 1, 1, 1), 1e-6, np.float32),
        "weights": (scale * weights)[:, :, None, None].astype(np.float32),
        "bias": (scale * bias).astype(np.float32),
    }
    classes, stride, output = len(palette), entries["stride"], entries["output"]
    is_last = entries["layout"] == "NHWC"
    nodes = [helper.make_node("Transpose", ["picture"], ["planes"], perm=[0, 3, 1, 2])] if is_last else []
    planes = "planes" if is_last else "picture"
    pooled = [1, classes, side // stride, side // stride]
    kernel = [stride, stride]
    nodes += [
        helper.make_node("Conv", [planes, "weights", "bias"], ["full"]),
        helper.make_node("Softmax", ["full"], ["likely"], axis=1),
        helper.make_node("AveragePool", ["likely"], ["shares"], kernel_shape=kernel, strides=kernel),
        helper.make_node("Add", ["shares", "least"], ["positive"]),
        helper.make_node("Log", ["positive"], ["pooled"]),
    ]
    shapes = {output: pooled}
    if entries["values"] == "labels":
        nodes.append(helper.make_node("ArgMax", ["pooled"], [output], axis=1, keepdims=0))
        shapes = {output: [1, *pooled[2:]]}
    elif is_last:
        nodes.append(helper.make_node("Transpose", ["pooled"], [output], perm=[0, 2, 3, 1]))
        shapes = {output: [1, *pooled[2:], classes]}
    else:
        nodes.append(helper.make_node("Identity", ["pooled"], [output]))
    if output in ("out", "mask"):  # further outputs, as in training
        nodes.append(helper.make_node("Neg", [output], ["auxiliary"]))
        shapes["auxiliary"] = shapes[output]
    return _model(nodes, constants, [1, side, side, 3] if is_last else [1, 3, side, side], shapes)


def _model(
    nodes: Sequence[Any], constants: dict[str, NDArray[np.float32]], shape: list[int], outputs: dict[str, list[int]]
) -> onnx.ModelProto:
    kinds = {name: TensorProto.INT64 if name == "labels" else TensorProto.FLOAT for name in outputs}
    graph = helper.make_graph(
        nodes,
        "parser",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, kinds[name], lengths) for name, lengths in outputs.items()],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return model
