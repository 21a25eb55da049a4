"""Imports form no circle, folders stay small, a type has one name, and names are words of the field."""

from collections import Counter
from pathlib import Path

import pytest
from source_tree import (
    CRATES,
    PACKAGE,
    ROOT,
    identifiers,
    python_graph,
    python_types,
    rust_graph,
    rust_types,
    sources,
    strongly_connected,
    use_paths,
    words,
)

MOST_FILES = 15
# Words of houses, workshops, bodies and talk; each has a name in the field.
BANNED = frozenset(
    {
        "asked",
        "begun",
        "bust",
        "courtesy",
        "desk",
        "door",
        "goodbye",
        "greeting",
        "heir",
        "house",
        "hush",
        "organ",
        "organs",
        "overheard",
        "patience",
        "patient",
        "poured",
        "press",
        "room",
        "rooms",
        "seen",
        "shelf",
        "told",
        "wish",
        "wished",
        "wishes",
    }
)


def ids(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("crate", CRATES, ids=ids)
def test_the_imports_of_a_crate_form_no_circle(crate: Path):
    graph = rust_graph(crate)
    assert sum(map(len, graph.values())) > len(graph) / 2, "the reader found hardly an import"
    assert strongly_connected(graph) == []


def test_the_imports_of_the_package_form_no_circle():
    graph = python_graph()
    assert sum(map(len, graph.values())) > len(graph)
    assert strongly_connected(graph) == []


def test_folders_stay_small():
    count = Counter(path.parent for path in sources())
    assert [str(folder.relative_to(ROOT)) for folder, files in count.items() if files > MOST_FILES] == []


@pytest.mark.parametrize("crate", CRATES, ids=ids)
def test_a_type_has_one_name_in_a_crate(crate: Path):
    found = rust_types(crate)
    assert found
    assert {name: files for name, files in found.items() if len(files) > 1} == {}


def test_a_class_has_one_name_in_the_package():
    found = python_types()
    assert found
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_names_are_words_of_the_field(path: Path):
    assert {name for name in identifiers(path) if BANNED & set(words(name))} == set()
    assert not BANNED & set(words(path.stem))


def test_circles_are_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"a"}}
    assert strongly_connected(graph) == [["a", "b", "c"]]
    assert strongly_connected(graph | {"c": {"d"}}) == []


def test_use_trees_are_read():
    tree = "crate::{error::{Error, Result}, geometry::{self, point::Point as P}}"
    expected = ["crate::error::Error", "crate::error::Result", "crate::geometry", "crate::geometry::point::Point"]
    assert list(use_paths(tree)) == expected


def test_words_of_identifiers_in_any_case():
    assert words("HTTPServer_seenAt2") == ["http", "server", "seen", "at", "2"]
    assert PACKAGE.is_dir()
