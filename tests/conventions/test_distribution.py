"""The distribution has a name of its own: `facemask` on the package index is a stranger's package of 2020."""

import importlib.metadata
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME = "facemask-contours"
# An extra or a requirement of the other project, as pip would read it.
OTHER_PROJECT = re.compile(r"(?<![\w-])facemask\[[a-z,]+\]|pip install (?:-\S+ )*['\"]?facemask(?![\w-])")


def texts() -> list[tuple[str, str]]:
    """Every tracked text file with its content."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    if listed.returncode:
        pytest.skip("NOT TESTED: this is no git checkout")
    names = [name for name in listed.stdout.split("\0") if name and name != "tests/conventions/test_distribution.py"]
    found = []
    for name in names:
        try:
            found.append((name, (ROOT / name).read_text(encoding="utf-8")))
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return found


def test_the_pattern_tells_the_two_projects_apart():
    for text in ("facemask[png]", "pip install facemask", "pip install 'facemask'", "pip install -U facemask==1"):
        assert OTHER_PROJECT.search(text), text
    for text in ("facemask-contours[png]", "pip install facemask-contours", "pip install '.[service]'", "facemask[0]"):
        assert not OTHER_PROJECT.search(text), text


def test_the_distribution_is_ours_and_the_import_is_facemask():
    assert PROJECT["name"] == NAME
    assert importlib.metadata.metadata(NAME)["Name"] == NAME


def test_nothing_names_the_other_project():
    assert not [name for name, text in texts() if OTHER_PROJECT.search(text)]


def test_every_extra_that_a_text_names_exists():
    named = {extra for _, text in texts() for extra in re.findall(rf"{NAME}\[([a-z]+)\]", text)}
    assert named == set(PROJECT["optional-dependencies"])


def test_the_licenses_of_all_crates_in_the_compiled_module_are_shipped():
    """`make licenses` writes the file anew."""
    tree = ["cargo", "tree", "--locked", "--prefix=none", "--package=facemask-py", "--edges=normal", "--target=all"]
    done = subprocess.run(tree, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    crates = set(re.findall(r"^(\S+) v(\S+)", done.stdout, re.MULTILINE))
    foreign = {(name, version) for name, version in crates if not name.startswith("facemask-")}
    assert len(foreign) > 40
    text = (ROOT / "THIRD-PARTY-LICENSES.md").read_text(encoding="utf-8")
    assert {(name, version) for name, version in foreign if f"* {name} {version}\n" not in text} == set()
    assert "THIRD-PARTY-LICENSES.md" in PROJECT["license-files"]
