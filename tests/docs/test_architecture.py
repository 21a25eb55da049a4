"""docs/architecture.md names every source file, and nothing else; its picture names parts that exist."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SOURCES = [*sorted((ROOT / "crates").glob("*/src")), ROOT / "python" / "facemask"]
SUFFIXES = {".rs", ".py", ".pyi"}
# Files that only say what their folder holds, which the folder's line does.
FOLDER_FILES = {"mod.rs", "__init__.py"}


def read_tree(block: str) -> list[str]:
    """Return the paths of a block: a path from the root, then names, indented by two spaces below their folder."""
    paths: list[str] = []
    parents: list[str] = []
    for line in block.splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        parents = [*parents[:depth], name]
        paths.append("".join(parents))
    return paths


BLOCKS = re.findall(r"^```text\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
TREE = [path for block in BLOCKS for path in read_tree(block)]


def source_files(folder: Path) -> set[str]:
    files = [path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.name not in FOLDER_FILES]
    return {path.relative_to(ROOT).as_posix() for path in files}


def source_folders(folder: Path) -> set[str]:
    folders = {path.parent for path in folder.rglob("*") if path.suffix in SUFFIXES and "__pycache__" not in path.parts}
    return {f"{path.relative_to(ROOT).as_posix()}/" for path in folders}


def test_trees_are_read_by_their_indentation():
    assert read_tree("a/b/   x\n  c/\n    d.py   y\n  e.rs") == ["a/b/", "a/b/c/", "a/b/c/d.py", "a/b/e.rs"]


def test_every_path_of_the_trees_exists_and_stands_once():
    assert len(TREE) == len(set(TREE))
    for path in TREE:
        assert (ROOT / path).exists(), path
        assert (ROOT / path).is_dir() == path.endswith("/"), path


@pytest.mark.parametrize("folder", SOURCES, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_every_source_file_and_folder_has_a_line(folder: Path):
    assert source_folders(folder) - set(TREE) == set()
    assert source_files(folder) - set(TREE) == set()


def test_every_line_says_what_is_there():
    lines = [line for block in BLOCKS for line in block.splitlines()]
    assert [line for line in lines if len(line.split()) < 2] == []


def test_paths_in_the_prose_exist():
    prose = re.sub(r"^```.*?^```", "", PAGE, flags=re.DOTALL | re.MULTILINE)
    named = {
        code for code in re.findall(r"`([\w./-]+)`", prose) if "/" in code.strip("/") or Path(code).suffix in SUFFIXES
    }
    for path in named - FOLDER_FILES:
        assert any((base / path).exists() for base in (ROOT, *SOURCES, SOURCES[-1] / "service")), path


def test_names_in_the_picture_are_files_or_folders():
    svg = ET.parse(ROOT / "docs" / "architecture.svg")
    texts = [
        "".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text") if text.get("class") == "name"
    ]
    names = {name for text in texts for name in re.findall(r"[\w./]+", text)} - {"or"}
    assert len(names) > 20
    known = {f"/{path.rstrip('/')}" for path in TREE} | {f"/{path.rpartition('.')[0]}" for path in TREE if "." in path}
    for name in names:
        assert any(path.endswith(f"/{name.strip('/')}") for path in known), name
