"""Conventions that no linter checks: layers, names, sizes of files, links, and values that must agree."""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import facemask
import facemask.cli
import facemask.landmarks
import facemask.trace
import facemask.validation
import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "crates" / "facemask-core" / "src"
PYTHON = ROOT / "python" / "facemask"
# From bottom to top: each layer imports only layers below it.
LAYERS = [
    "error", "warning", "geometry", "raster", "face", "regions", "contour",
    "svg", "map_checks", "contours_json", "run_lengths", "trace",
]  # fmt: skip
# Imports that are forbidden although the layers would allow them.
FORBIDDEN_IMPORTS = {
    ("contour", "regions"),
    ("contour", "face"),
    ("svg", "contour"),
    ("svg", "face"),
    ("regions", "contour"),
}


def layer_of(path: Path) -> str:
    """Layer of a source file of the core."""
    return path.relative_to(CORE).parts[0].removesuffix(".rs")


def imported_layers(source: str) -> set[str]:
    """Layers that a file imports by `use crate::a::b`, `use crate::{a::b, c}` or `crate::a::b` in code."""
    code = re.sub(r"//[^\n]*", "", source)
    found = set(re.findall(r"\bcrate::(\w+)", code))
    for group in re.findall(r"\bcrate::\{(.*?)\};", code, re.DOTALL):
        flat = group
        while "{" in flat:
            flat = re.sub(r"\{[^{}]*\}", "", flat)
        found |= set(re.findall(r"(?:^|,)\s*(\w+)", flat))
    return found


def test_every_form_of_import_is_found():
    source = "use crate::svg::{a, b};\nuse crate::{\n face::{x, y}, contours_json,\n raster::z};\n"
    source += "let a = crate::trace::f(); // crate::error"
    assert imported_layers(source) == {"svg", "face", "contours_json", "raster", "trace"}


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.rs")), ids=lambda path: str(path.relative_to(CORE)))
def test_a_layer_imports_only_layers_below_it(path: Path):
    layer = layer_of(path)
    if layer == "lib":
        return
    assert layer in LAYERS, "a new layer: add it to the list"
    for other in imported_layers(path.read_text(encoding="utf-8")) - {layer}:
        assert other in LAYERS
        assert LAYERS.index(other) < LAYERS.index(layer), f"{layer} imports {other}, which is above it"
        assert (layer, other) not in FORBIDDEN_IMPORTS, f"{layer} must not import {other}"


def test_the_core_knows_no_python_no_codec_and_no_outside_world():
    for path in CORE.rglob("*.rs"):
        code = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
        for word in ("pyo3", "numpy", "facemask_image", "std::fs", "std::net", "std::env", "std::time", "std::io"):
            assert word not in code, f"{path.name} uses {word}"
    manifest = tomllib.loads((CORE.parent / "Cargo.toml").read_text(encoding="utf-8"))
    assert not {"pyo3", "numpy", "png", "image", "facemask-image"} & set(manifest["dependencies"])


MODULES = sorted(PYTHON.rglob("*.py"))
MAY_IMPORT_CORE = {"__init__.py", "parser.py", "contour.py"} | {
    "face_mask.py",
    "trace_snapshot.py",
    "encoded.py",
    "results.py",
    "plan.py",
    "report.py",
    "ray.py",
    "decoding.py",
    "description.py",
    "face_parser.py",
    "keypoints.py",
    "label_contours.py",
    "landmark_file.py",
    "search.py",
    "trace.py",
    "validation.py",
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PYTHON)))
def test_the_compiled_module_is_imported_only_where_it_is_wrapped(path: Path):
    inside = path.relative_to(PYTHON)
    if inside.parts[0] == "service" or inside.name in MAY_IMPORT_CORE:
        return
    assert not re.search(r"^\s*(from|import)\b.*\b_core\b", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_importing_the_library_loads_nothing_of_the_web_and_no_pictures():
    heavy = [
        "litestar",
        "msgspec",
        "uvicorn",
        "anyio",
        "PIL",
        "psycopg",
        "prometheus_client",
        "opentelemetry",
        "asyncio",
        "ai_edge_litert",
        "platformdirs",
        "numpy",
        "fsspec",
        "pyarrow",
        "rich",
        "sqlite3",
    ]
    code = "import sys, facemask, facemask.cli; print(*sorted(set(name.split('.')[0] for name in sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert not set(heavy) & set(loaded.split())


def test_a_service_without_a_database_loads_nothing_of_one():
    code = """import sys
from facemask.service import app
from facemask.service.processes import commands
app.create_app(commands.read_settings({"DB_USE_DATABASE": "false"}))
print(*sorted(set(name.split('.')[0] for name in sys.modules)))"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "litestar" in loaded.split()
    assert not {"psycopg", "psycopg_pool", "procrastinate", "imagehash", "PIL"} & set(loaded.split())


def test_no_thing_is_without_a_name():
    forbidden = {"utils", "util", "helpers", "helper", "common", "misc"}
    folders = [ROOT / name for name in ("crates", "python", "tests", "benches")]
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in (".py", ".pyi", ".rs") or path.is_dir():
                assert path.stem.lower() not in forbidden, path
    assert not list(PYTHON.rglob("core.py*"))
    assert not (PYTHON / "core").exists()


@pytest.mark.parametrize("module", [facemask, facemask._core], ids=lambda module: module.__name__)
def test_all_is_true(module: object):
    names = module.__all__  # type: ignore[attr-defined]
    assert len(names) == len(set(names))
    for name in names:
        assert getattr(module, name) is not None
    public = {name for name in vars(module) if not name.startswith("_")}
    submodules = {path.stem for path in PYTHON.iterdir()}
    assert public - set(names) <= submodules, "public, but not in __all__"


def test_versions_agree():
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    version = manifest["workspace"]["package"]["version"]
    assert facemask.__version__ == version
    assert importlib.metadata.version("facemask-contours") == version
    assert facemask._core.__version__ == version


@pytest.mark.parametrize("code", facemask.ERROR_CODES)
def test_every_error_code_is_shown_by_a_test(code: str):
    # No input provokes a bug of ours.
    if code == "internal_error":
        return
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.parent.name != "conventions"]
    assert any(f'"{code}"' in path.read_text(encoding="utf-8") for path in tests)


def test_codes_are_those_of_the_core_in_order():
    source = (CORE / "error.rs").read_text(encoding="utf-8")
    assert re.findall(r'=> "(\w+)"', source) == facemask.ERROR_CODES


def test_the_stub_lists_what_there_is():
    stub = (PYTHON / "_core.pyi").read_text(encoding="utf-8")
    listed = re.search(r"__all__ = \[(.*?)\]", stub, re.DOTALL)
    assert listed is not None
    assert set(re.findall(r'"(\w+)"', listed[1])) == set(facemask._core.__all__)


@pytest.mark.parametrize("page", ["zones", "contours"])
def test_every_picture_of_a_page_is_shown_on_it(page: str):
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    pictures = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs" / page).iterdir()}
    assert pictures == set(re.findall(rf"\]\(({page}/[^)]+)\)", text))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PYTHON)))
def test_modules_stay_small(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, "split the module"


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.rs")), ids=lambda path: str(path.relative_to(CORE)))
def test_rust_files_stay_small(path: Path):
    code = path.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
    assert len([line for line in code.splitlines() if line.strip() and not line.strip().startswith("//")]) <= 400
