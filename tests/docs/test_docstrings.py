"""Every public function, class and export has an example in its docstring, and the examples return what they show."""

from __future__ import annotations

import doctest
import importlib.util
import inspect
import json
import shutil
from pathlib import Path
from typing import Any

import facemask
import matplotlib as mpl
import pytest
from facemask.formats.exports import ExportMixin
from facemask.models.store import FOLDER_VARIABLE
from support.face_model import FETCHED
from support.parser_networks import save_family

mpl.use("Agg")
SAMPLE = Path(__file__).parents[2] / "samples" / "astronaut"
# Errors are made by the compiled module, which has no docstrings of Python.
WITHOUT_EXAMPLE = {"FacemaskError", "ERROR_CODES", "__version__"}
NEEDS_MODEL = {"DetectedFace", "detect_faces", "trace_photo"}
METHODS = ["crop_image", "to_dict", "plot", "overlay", *(name for name in vars(ExportMixin) if name.startswith("to_"))]


DOCUMENTED: dict[str, Any] = {
    **{name: getattr(facemask, name) for name in facemask.__all__ if name not in WITHOUT_EXAMPLE},
    **{f"FaceMask.{name}": getattr(facemask.FaceMask, name) for name in METHODS},
}


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the docstring of the package says that examples have."""
    labels = facemask.decode_label_map((SAMPLE / "segmentation.png").read_bytes())
    landmarks = json.loads((SAMPLE / "landmarks.json").read_text(encoding="utf-8"))
    photo = facemask.decode_image((SAMPLE / "image.jpg").read_bytes())
    mask = facemask.trace_face(labels, landmarks)
    given = {"labels": labels, "landmarks": landmarks, "photo": photo, "mask": mask}
    assert all(f"`{name}`" in (facemask.__doc__ or "") for name in given)
    return {"facemask": facemask, "Path": Path, **given}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_example_returns_what_it_shows(
    name: str, names: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found = doctest.DocTestParser().get_doctest(inspect.getdoc(DOCUMENTED[name]) or "", dict(names), name, None, 0)
    assert found.examples, "a docstring without an example"
    if name in NEEDS_MODEL:
        if importlib.util.find_spec("ai_edge_litert") is None or not (FETCHED / "face_landmarker.task").is_file():
            pytest.skip("NOT TESTED: the face model is missing")
        monkeypatch.setenv(FOLDER_VARIABLE, str(FETCHED))
    shutil.copytree(SAMPLE, tmp_path, dirs_exist_ok=True)
    if name == "FaceParser":
        save_family(tmp_path, "bisenet")
    monkeypatch.chdir(tmp_path)
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(found, out=report.append)
    assert result.failed == 0, "".join(report)
    assert result.attempted == len(found.examples)


def test_an_example_that_is_wrong_is_found():
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert doctest.DocTestRunner().run(wrong, out=lambda _: None).failed == 1
