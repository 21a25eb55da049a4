"""The lock files list every package of the image with hashes, within the ranges of the project, without a URL."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OWN = PROJECT["project"]["name"]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FILES = ("constraints.txt", "build-constraints.txt")
PIN = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)==(\S+) \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
MACHINES = ("x86_64", "aarch64")


def lines(name: str) -> list[str]:
    return (ROOT / "deploy" / name).read_text(encoding="utf-8").splitlines()


def pins(name: str) -> dict[str, Version]:
    return {found[1]: Version(found[2]) for line in lines(name) if (found := PIN.fullmatch(line))}


LOCKED = pins("constraints.txt")


def wanted(requirements: Iterable[str], machine: str, extra: str = "") -> list[Requirement]:
    """Those that hold on the image's Python."""
    environment = {
        "extra": extra,
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{image_python()}.0",
        "python_version": image_python(),
        "sys_platform": "linux",
    }
    parsed = [Requirement(each) for each in requirements]
    return [each for each in parsed if each.marker is None or each.marker.evaluate(environment)]


def image_python() -> str:
    (found,) = set(re.findall(r"^FROM python:(\d+\.\d+)-", DOCKERFILE, re.MULTILINE))
    return str(found)


def direct(machine: str) -> list[Requirement]:
    """What the image's extras ask for."""
    extras = re.findall(r"\[([\w,]+)\]\"", DOCKERFILE)[0].split(",")
    optional = PROJECT["project"]["optional-dependencies"]
    return wanted(
        [*PROJECT["project"]["dependencies"], *(each for extra in extras for each in optional[extra])], machine
    )


def faults(requirements: Iterable[Requirement], whose: str) -> list[str]:
    found = []
    for each in requirements:
        version = LOCKED.get(canonicalize_name(each.name))
        if version is None or not each.specifier.contains(version, prereleases=True):
            found.append(f"{whose} wants {each}, locked is {version}")
    return found


@pytest.mark.parametrize("name", FILES)
def test_there_are_pins_and_hashes_and_nothing_else(name: str) -> None:
    text = [line for line in lines(name) if not line.lstrip().startswith("#")]
    assert "://" not in "\n".join(lines(name)), "an address"
    pinned = [found[1] for line in text if (found := PIN.fullmatch(line))]
    assert pinned == sorted(set(pinned))
    assert all(PIN.fullmatch(line) or HASH.fullmatch(line) for line in text)
    # A pin is followed by its hashes, and a hash that goes on by another one.
    for line, after in zip(text, [*text[1:], ""], strict=True):
        assert (HASH.fullmatch(after) is not None) is line.endswith("\\"), line


@pytest.mark.parametrize("machine", MACHINES)
def test_each_package_that_the_image_asks_for_is_there_and_within_its_range(machine: str) -> None:
    asked = direct(machine)
    assert len(asked) > 15
    assert not faults(asked, OWN)


@pytest.mark.parametrize("machine", MACHINES)
def test_what_these_packages_need_is_there_too(machine: str) -> None:
    """By what the packages say that are installed here, where they are the locked ones."""
    waiting = [(each, OWN) for each in direct(machine)]
    seen: set[tuple[str, str]] = set()
    found: list[str] = []
    while waiting:
        requirement, whose = waiting.pop()
        name = canonicalize_name(requirement.name)
        found += faults([requirement], whose)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            waiting += [(each, name) for each in wanted(needs(name), machine, extra)]
    assert not found
    reached = {name for name, _ in seen}
    assert {canonicalize_name(each.name) for each in direct(machine)} <= reached <= set(LOCKED)


def needs(name: str) -> list[str]:
    """The requirements of an installed package, if it is the locked one."""
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        return []
    return (installed.requires or []) if Version(installed.version) == LOCKED.get(name) else []


def test_nothing_is_there_that_nobody_asks_for() -> None:
    """By the notes of the tool that wrote the file."""
    whose: dict[str, set[str]] = {}
    name = ""
    for line in lines("constraints.txt"):
        if found := PIN.fullmatch(line):
            name = found[1]
        elif note := re.fullmatch(r"    #(?: via)? +(\S+)(?: \(pyproject\.toml\))?", line):
            whose.setdefault(name, set()).add(note[1])
    assert set(whose) == set(LOCKED)
    for package, parents in whose.items():
        assert parents & {*LOCKED, OWN}, package


def test_the_builder_is_the_one_of_the_project() -> None:
    (asked,) = [Requirement(each) for each in PROJECT["build-system"]["requires"]]
    assert asked.specifier.contains(pins("build-constraints.txt")[asked.name])


def test_the_image_installs_these_bytes_and_asks_for_no_others() -> None:
    assert f"--python-version {image_python()} pyproject.toml" in MAKEFILE
    installs = re.findall(r"pip install (.*)", DOCKERFILE)
    assert len(installs) == 3
    for options in installs:
        assert ("--require-hashes" in options and "--only-binary :all:" in options) or "--no-index" in options, options
    for name in FILES:
        assert [options for options in installs if options.endswith(f"-r deploy/{name}")]
