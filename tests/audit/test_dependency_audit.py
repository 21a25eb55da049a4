"""The audit never passes without an answer, and queries a local database instead of the online one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import dependency_audit
import httpx
import pytest
from osv_database import VulnerabilityDatabase, is_affected, serve_osv

CHECKED = {"name": "good", "version": "1", "vulns": []}
SKIPPED = {"name": "far", "skip_reason": "not found"}
VULNERABLE = {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-1"}]}

needs_pip_audit = pytest.mark.skipif(
    find_spec("pip_audit") is None, reason="NOT TESTED with pip-audit: it is not installed (pip install --group dev)"
)
needs_cargo_deny = pytest.mark.skipif(
    shutil.which("cargo-deny") is None or shutil.which("git") is None,
    reason="NOT TESTED with cargo-deny: it is not installed (cargo install --locked cargo-deny)",
)


@pytest.mark.parametrize(
    ("packages", "good", "words"),
    [
        ([CHECKED, SKIPPED], True, "fine by 2 entries: 1 of 2"),
        ([SKIPPED, SKIPPED], True, "NOT RUN"),
        ([], True, "NOT RUN"),
        (None, True, "NOT RUN: the reason"),
        ([CHECKED, VULNERABLE], False, "bad 2: PYSEC-1"),
    ],
)
def test_what_could_not_be_asked_is_said(
    capsys: pytest.CaptureFixture[str], packages: Any, good: bool, words: str
) -> None:
    assert dependency_audit.report_findings(packages, "the reason", "packages", " by 2 entries") is good
    said = capsys.readouterr().out
    assert words in said
    assert said.startswith("audit: packages: ")


# Python packages by a file


def entry(name: str, **affected: Any) -> dict[str, Any]:
    package = {"name": name, "ecosystem": "PyPI"}
    return {
        "id": f"PYSEC-{name}",
        "modified": "2026-11-01T00:00:00Z",
        "summary": "made up",
        "affected": [{"package": package, **affected}],
    }


def between(*events: tuple[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{kind: text} for kind, text in events]}]}


def database(folder: Path, *entries: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for each in entries:
        (folder / f"{each['id']}.json").write_text(json.dumps(each), encoding="utf-8")
    return folder


TWICE = between(("introduced", "2.0"), ("fixed", "2.5"), ("introduced", "0"), ("fixed", "1.4"))


@pytest.mark.parametrize(
    ("affected", "inside", "outside"),
    [
        ({"versions": ["1.0", "1.2"]}, ["1.0", "1.0.0", "1.2"], ["1.1", "not a version"]),
        ({"versions": ["not a version", "1.0"]}, ["not a version", "1.0"], ["2"]),
        (between(("introduced", "0"), ("fixed", "1.4")), ["0.0.1", "1.3.9", "1.4rc1"], ["1.4", "2"]),
        (between(("introduced", "1.2"), ("last_affected", "1.4")), ["1.2", "1.4"], ["1.1", "1.4.1"]),
        (between(("introduced", "1.10")), ["1.10", "9"], ["1.9"]),
        (TWICE, ["1.3", "2.0", "2.4"], ["1.4", "1.9", "2.5"]),
        (between(("introduced", "nonsense")), [], ["1"]),
        ({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, [], ["1"]),
        ({}, [], ["1"]),
    ],
)
def test_versions_lie_where_the_entry_says(affected: dict[str, Any], inside: list[str], outside: list[str]) -> None:
    assert all(is_affected(affected, version) for version in inside)
    assert not any(is_affected(affected, version) for version in outside)


def test_a_folder_and_an_archive_answer_alike(tmp_path: Path) -> None:
    others = {
        "id": "GHSA-x",
        "affected": [{"package": {"name": "some-package", "ecosystem": "npm"}, "versions": ["1"]}],
    }
    folder = database(tmp_path / "osv", entry("Some.Package", versions=["1"]), entry("other", versions=["2"]), others)
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    for path in (folder, tmp_path / "all.zip"):
        vulnerabilities = VulnerabilityDatabase(path)
        assert (vulnerabilities.entries, vulnerabilities.newest) == (2, "2026-11-01T00:00:00Z")
        assert [each["id"] for each in vulnerabilities.matching("some_package", "1")] == ["PYSEC-Some.Package"]
        assert not vulnerabilities.matching("some-package", "2")
        assert not vulnerabilities.matching("unknown", "1")
        with serve_osv(vulnerabilities) as address:
            assert asked(address, "some-package", "1")["vulns"][0]["id"] == "PYSEC-Some.Package"
            assert asked(address, "some-package", "2") == {}


def asked(address: str, name: str, version: str) -> dict[str, Any]:
    question = {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
    return dict(httpx.post(address, json=question, trust_env=False).json())


@pytest.mark.parametrize("what", ["nothing", "an empty folder", "a text", "other entries", "broken entries"])
def test_a_file_that_is_no_database_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    path = tmp_path / "given"
    if what == "an empty folder":
        path.mkdir()
    elif what == "a text":
        path.write_text("hello", encoding="utf-8")
    elif what == "other entries":
        database(path, {"id": "RUSTSEC-1", "affected": [{"package": {"name": "a", "ecosystem": "npm"}}]})
    elif what == "broken entries":
        database(path)
        (path / "a.json").write_text("{", encoding="utf-8")
    assert dependency_audit.audit_packages({"AUDIT_OSV_DB": str(path)}) is False
    assert "FAILED: AUDIT_OSV_DB: " in capsys.readouterr().out


@needs_pip_audit
def test_pip_audit_asks_the_database_that_is_handed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harmless = database(tmp_path / "harmless", entry("litestar", versions=["0.0.1"]))
    assert dependency_audit.audit_packages({"AUDIT_OSV_DB": str(harmless)}) is True
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all("fine by 1 entries up to 2026-11-01T00:00:00Z: " in line for line in lines)
    assert "audit: advisories on the image's Python packages: " in lines[1]
    withdrawn = entry("multipart", **between(("introduced", "0"))) | {"withdrawn": "2026-11-02T00:00:00Z"}
    harmful = database(tmp_path / "harmful", entry("litestar", **between(("introduced", "0"))), withdrawn)
    assert dependency_audit.audit_packages({"AUDIT_OSV_DB": str(harmful)}) is False
    said = capsys.readouterr().out
    assert said.count("FAILED\nlitestar ") == 2
    assert said.count("PYSEC-litestar") == 2
    assert "multipart" not in said


# Crates by a clone

ADVISORY = """```toml
[advisory]
id = "RUSTSEC-2026-9999"
package = "NAME"
date = "2026-11-01"

[versions]
patched = ["PATCHED"]
```

# Made up

For a test.
"""


def clone(folder: Path, name: str, patched: str) -> Path:
    """A database of one advisory."""
    file = folder / "crates" / name / "RUSTSEC-2026-9999.md"
    file.parent.mkdir(parents=True)
    file.write_text(ADVISORY.replace("NAME", name).replace("PATCHED", patched), encoding="utf-8")
    for command in (["init", "--initial-branch=main"], ["add", "."], ["commit", "--message=one", "--no-gpg-sign"]):
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)
    return folder


@needs_cargo_deny
def test_cargo_deny_asks_the_clone_that_is_handed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dependency_audit.check_cloned_advisories(clone(tmp_path / "mended", "memchr", ">= 0.1.0")) is True
    assert "fine by 1 advisories; yanked: NOT ASKED" in capsys.readouterr().out
    assert dependency_audit.check_cloned_advisories(clone(tmp_path / "at fault", "memchr", ">= 999.0.0")) is False
    assert "RUSTSEC-2026-9999" in capsys.readouterr().out


def test_a_folder_that_is_no_clone_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".git").mkdir()
    for folder in (tmp_path / "nothing", tmp_path):
        assert dependency_audit.check_cloned_advisories(folder) is False
        assert f"FAILED: AUDIT_RUSTSEC_DB={folder} is no clone" in capsys.readouterr().out


def test_the_variables_are_described() -> None:
    for page in ("Makefile", "SECURITY.md"):
        text = (dependency_audit.ROOT / page).read_text(encoding="utf-8")
        assert "AUDIT_RUSTSEC_DB" in text, page
        assert "AUDIT_OSV_DB" in text, page


def test_it_runs_as_the_makefile_calls_it(tmp_path: Path) -> None:
    """Whatever is installed here: a database that is none ends it with 1, and says which."""
    done = subprocess.run(
        [sys.executable, dependency_audit.ROOT / "tests/audit/dependency_audit.py"],
        env={"PATH": str(tmp_path), "AUDIT_OSV_DB": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "audit: cargo-deny: NOT RUN: it is not installed" in done.stdout
    assert "FAILED: AUDIT_OSV_DB: " in done.stdout
