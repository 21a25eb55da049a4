"""Parsers need ONNX Runtime, and the tests the package `onnx`."""

import pytest

pytest.importorskip("onnxruntime", reason="NOT TESTED: onnxruntime is not installed")
