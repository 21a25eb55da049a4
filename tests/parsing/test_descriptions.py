"""Every missing or wrong entry of a description is an error that names file and entry; so is every wrong network."""

import re
import sys
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import onnx
import pytest
from facemask.parsing.description import ParserDescription
from onnx import TensorProto, helper
from support import sample
from support.parser_networks import FAMILIES, paint, save_constant, save_family

PAGE = (Path(__file__).parents[2] / "docs" / "parsers.md").read_text(encoding="utf-8")


def failure(path: Any) -> facemask.FacemaskError:
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.FaceParser(path)
    assert caught.value.field == "parser"
    return caught.value


def change(path: Path, pattern: str, replacement: str) -> Path:
    file = path.with_suffix(".toml")
    text, count = re.subn(pattern, replacement, file.read_text(), flags=re.MULTILINE)
    assert count >= 1
    file.write_text(text)
    return path


ENTRIES = {
    "input": ["width", "height", "layout", "channels", "maximum", "mean", "std", "crop"],
    "output": ["name", "values", "layout", "stride"],
    "labels": ["scheme"],
}


@pytest.mark.parametrize(("section", "entry"), [(s, e) for s, entries in ENTRIES.items() for e in entries])
def test_no_entry_is_guessed(tmp_path: Path, section: str, entry: str):
    path = save_family(tmp_path, "bisenet")
    file = path.with_suffix(".toml")
    before, after = file.read_text().split(f"[{section}]")
    file.write_text(before + f"[{section}]" + re.sub(rf"(?m)^{entry} = .*$", "", after, count=1))
    error = failure(path)
    assert error.code == "model_invalid"
    assert f"{file}: {section}.{entry} is missing; it is " in error.detail


@pytest.mark.parametrize(
    ("pattern", "replacement", "told"),
    [
        ("^width = .*", "width = 0", "input.width must be a whole number from 1 to 4096, got 0"),
        ("^width = .*", "width = 512.0", "input.width must be a whole number"),
        ("^height = .*", "height = true", "input.height must be a whole number"),
        ('^layout = "NCHW"\nchannels', 'layout = "nchw"\nchannels', "input.layout must be NCHW or NHWC, got 'nchw'"),
        ('^channels = "RGB"', 'channels = "RGBA"', "input.channels must be RGB or BGR"),
        ("^maximum = .*", "maximum = 0", "input.maximum must be a number above 0"),
        ("^maximum = .*", "maximum = inf", "input.maximum must be a number above 0"),
        ("^mean = .*", "mean = [0.5]", "input.mean must be three numbers"),
        ("^mean = .*", 'mean = ["a", 1, 2]', "input.mean must be three numbers"),
        ("^std = .*", "std = [0.2, 0.2, 0]", "input.std must be three numbers above 0"),
        ('^crop = "face"', 'crop = "head"', "input.crop must be face or ffhq or arcface or none, got 'head'"),
        ('^crop = "face"', 'crop = "face"\ncrop_margin = [1, 2]', "input.crop_margin must be one number from 0 to 10"),
        ('^crop = "face"', 'crop = "face"\ncrop_margin = 11', "input.crop_margin must be one number from 0 to 10"),
        ('^crop = "face"', 'crop = "face"\ncrop_margin = -1', "input.crop_margin must be one number from 0 to 10"),
        ('^crop = "face"', 'crop = "ffhq"\ncrop_margin = 1', "input.crop_margin is not known; known are channels"),
        ("^mean = .*", "mean = [0, 0, 0]\nmeen = 1", "input.meen is not known"),
        ("^stride = .*", "stride = 3", "output.stride must be a divisor of the width, 512, got 3"),
        ("^stride = .*", "stride = 0", "output.stride must be a whole number"),
        ('^name = "out"', "name = 3", "output.name must be the name of an output"),
        ('^values = "logits"', 'values = "softmax"', "output.values must be logits or probabilities or labels"),
        ('^scheme = "lapa-11"', 'scheme = "lapa"', "labels.scheme must be one of"),
        ('^scheme = "lapa-11"', 'scheme = "lapa-11"\nnames = ["a", "b"]', "labels.names must be left out beside"),
        ('^scheme = "lapa-11"', 'names = ["a"]', "labels.names must be 2 to 256 different names"),
        ('^scheme = "lapa-11"', 'names = ["a", "a"]', "labels.names must be 2 to 256 different names"),
        (r"^\[labels\]\nscheme = .*", "", "labels is missing; it is a table: [labels]"),
        (r"^\[labels\]", "[extra]\na = 1\n[labels]", "extra is not known; known are input, labels, output"),
        (r"^\[labels\]", "[labels", "is no TOML"),
    ],
)  # fmt: skip
def test_wrong_entries_are_named(tmp_path: Path, pattern: str, replacement: str, told: str):
    path = change(save_family(tmp_path, "bisenet"), pattern, replacement)
    error = failure(path)
    assert error.code == "model_invalid"
    assert str(path.with_suffix(".toml")) in error.detail
    assert told in error.detail


@pytest.mark.parametrize(
    ("pattern", "replacement", "told"),
    [
        ("^width = .*", "width = 256", "takes an input of shape (1, 3, 512, 512), but the description says (1, 3, 5"),
        ('^layout = "NCHW"\nchannels', 'layout = "NHWC"\nchannels', "the description says (1, 512, 512, 3): check"),
        ("^stride = .*", "stride = 4", "of shape (1, 11, 512, 512) as 'out', but the description says logits"),
        ('^layout = "NCHW"\nstride', 'layout = "NHWC"\nstride', "check output.name, output.values, output.layout"),
        ('^name = "out"', 'name = "output"', "has no output 'output', which output.name of the description says"),
        ('^scheme = "lapa-11"', 'scheme = "bisenet-19"', "the number of labels, 19"),
        ('^values = "logits"\nlayout = "NCHW"', 'values = "labels"', None),
    ],
)  # fmt: skip
def test_a_description_of_another_network_is_told(tmp_path: Path, pattern: str, replacement: str, told: str | None):
    path = change(save_family(tmp_path, "bisenet"), pattern, replacement)
    if told is None:  # scores that are said to be labels: seen when the network has run
        parser = facemask.FaceParser(path)
        with pytest.raises(facemask.FacemaskError, match="labels of shape") as caught:
            trace(parser)
        assert caught.value.code == "model_invalid"
        return
    error = failure(path)
    assert (error.code, told in error.detail) == ("model_invalid", True), error.detail
    assert str(path) in error.detail


def test_open_axes_are_checked_when_the_network_has_run(tmp_path: Path):
    path = save_family(tmp_path, "segformer")
    fixed = trace(facemask.FaceParser(path))
    model = onnx.load(path)
    for tensor in (*model.graph.input, *model.graph.output):
        for axis, name in ((0, "batch"), (2, "height"), (3, "width")):
            tensor.type.tensor_type.shape.dim[axis].dim_param = name
    onnx.save(model, path)
    assert trace(facemask.FaceParser(path)).svg == fixed.svg
    change(path, "^stride = .*", "stride = 8")
    with pytest.raises(facemask.FacemaskError, match=r"returns float32 of shape \(1, 11, 128, 128\)") as caught:
        trace(facemask.FaceParser(path))
    assert (caught.value.code, "output.stride" in caught.value.detail) == ("model_invalid", True)
    change(path, "^(width|height) = .*", r"\1 = 16")
    change(path, "^stride = .*", "stride = 4")
    small = trace(facemask.FaceParser(path))  # any size that the network takes
    assert "skin" in [region["name"] for region in small.regions]


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.UINT8])
def test_inputs_of_other_types(tmp_path: Path, kind: int):
    path = save_family(tmp_path, "segformer")
    fixed = trace(facemask.FaceParser(path))
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.elem_type = kind
    (first,) = (node for node in model.graph.node if "picture" in node.input)
    first.input[0] = "float picture"
    model.graph.node.insert(0, helper.make_node("Cast", ["picture"], ["float picture"], to=TensorProto.FLOAT))
    onnx.save(model, path)
    if kind == TensorProto.UINT8:
        assert "takes tensor(uint8); a parser takes tensor(float) or tensor(float16)" in failure(path).detail
        return
    rounded = trace(facemask.FaceParser(path))
    for name in ("nose", "hair", "skin"):
        assert rounded.contours[name].area == pytest.approx(fixed.contours[name].area, rel=0.02)


def trace(parser: facemask.FaceParser) -> facemask.FaceMask:
    photo = paint(sample.resize_nearest(sample.LABELS, 900, 900))
    return facemask.trace_face(landmarks=sample.LANDMARKS, image=photo, parser=parser)


def test_files_that_are_missing_or_corrupt_are_named(tmp_path: Path):
    path = save_family(tmp_path, "bisenet")
    description = path.with_suffix(".toml").read_bytes()
    path.with_suffix(".toml").unlink()
    error = failure(path)
    assert (error.code, "bisenet.toml is missing: the description" in error.detail) == ("model_missing", True)
    path.with_suffix(".toml").write_bytes(b"\xff\xfe\x00")
    assert "is no TOML" in failure(path).detail
    path.with_suffix(".toml").write_bytes(b"#" * 70_000)
    assert "has more than 65,536 bytes" in failure(path).detail
    path.with_suffix(".toml").write_bytes(description)
    network = path.read_bytes()
    for damaged in (b"", b"no network", network[: len(network) // 2], network[:-40]):
        path.write_bytes(damaged)
        error = failure(path)
        assert (error.code, f"{path} is no network that ONNX Runtime reads" in error.detail) == ("model_invalid", True)
    path.unlink()
    error = failure(path)
    assert (error.code, error.detail) == ("model_missing", f"there is no file {path}")
    assert failure(path.with_suffix(".toml")).code == "option_invalid"
    assert failure("").code == "option_invalid"
    assert failure(b"bytes.onnx").code == "option_invalid"


def test_without_the_runtime_the_error_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = save_family(tmp_path, "bisenet")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    error = failure(path)
    assert (error.code, "pip install 'facemask-contours[parser]'" in error.detail) == ("model_missing", True)


def test_scores_that_are_no_numbers_are_an_error(tmp_path: Path):
    logits = np.zeros((11, 64, 64), np.float32)
    logits[3, 5, 7] = np.nan
    with pytest.raises(facemask.FacemaskError, match="the network returned NaN as a score") as caught:
        trace(facemask.FaceParser(save_constant(tmp_path, logits)))
    assert (caught.value.code, caught.value.field) == ("model_invalid", "parser")


@pytest.mark.parametrize("index", range(3))
def test_the_descriptions_on_the_page_are_valid(tmp_path: Path, index: int):
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    (tmp_path / "page.toml").write_text(blocks[index])
    described = ParserDescription.read(tmp_path / "page.toml")
    scheme = ("bisenet-19", "celebamask-hq-19", "celebamask-hq-19")[index]
    assert (described.scheme, described.stride, len(described.names)) == (scheme, (1, 4, 1)[index], 19)


def test_the_page_lists_every_entry():
    listed = set(re.findall(r"`((?:input|output|labels)\.\w+)`", PAGE))
    assert listed == {f"{s}.{e}" for s, entries in ENTRIES.items() for e in entries} | {
        "input.crop_margin", "labels.names",
    }  # fmt: skip


def test_threads_are_checked(tmp_path: Path):
    path = save_family(tmp_path, "argmax")
    for threads in (0, -1, 5000, 1.5, True):
        with pytest.raises(facemask.FacemaskError, match="threads"):
            facemask.FaceParser(path, threads=threads)  # type: ignore[arg-type]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_description_tells_the_shapes(tmp_path: Path, family: str):
    described = ParserDescription.read(save_family(tmp_path, family).with_suffix(".toml"))
    rows = 512 // described.stride
    shapes = {"NCHW": (1, 11, rows, rows), "NHWC": (1, rows, rows, 11), "NHW": (1, rows, rows)}
    assert described.output_shape == shapes[described.output_layout]
    assert described.input_shape == ((1, 512, 512, 3) if family == "keras" else (1, 3, 512, 512))


def test_digests_tell_networks_and_descriptions_apart(tmp_path: Path):
    path = save_family(tmp_path, "bisenet")
    first = facemask.FaceParser(path).digest()
    assert facemask.FaceParser(path).digest() == first
    change(path, '^crop = "face"', 'crop = "ffhq"')
    assert facemask.FaceParser(path).digest() != first
