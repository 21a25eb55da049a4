"""Audit of the dependencies by cargo-deny and pip-audit: known vulnerabilities, licences and sources.

This is a script, not a test. It queries the online databases, or local copies:

    AUDIT_RUSTSEC_DB  a clone of the RustSec advisory database
    AUDIT_OSV_DB      the OSV database's export of PyPI: its archive, or a folder of its JSON files

An unreachable database is reported in one line and is no failure. A vulnerability is a failure, and so is a local copy
without advisories.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import osv_database

ROOT = Path(__file__).parents[2]
# Limit of each command, which may wait for the network.
SECONDS = 300
_CRATES = "advisories on crates"
# Arguments of pip-audit for each set of packages. Those of the image have hashes, so nothing is resolved.
_PACKAGES = {
    "advisories on Python packages": ("--local", "--skip-editable"),
    "advisories on the image's Python packages": ("--require-hashes", "--disable-pip", "-r", "deploy/constraints.txt"),
}


def run(*command: str, **environ: str) -> tuple[int, str, str]:
    """Run a command. Returns exit code, stdout and stderr; the code is -1 after a timeout."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, "", f"no answer within {SECONDS} seconds"
    return done.returncode, done.stdout, done.stderr


def report(subject: str, result: str) -> None:
    """Print one line of the report."""
    print(f"audit: {subject}: {result}", flush=True)


def audit_crates(environ: Mapping[str, str]) -> bool:
    """Audit crates. Returns whether they passed. Licences, sources and bans need no network."""
    if shutil.which("cargo-deny") is None:
        report("cargo-deny", "NOT RUN: it is not installed (cargo install --locked cargo-deny)")
        return True
    code, _, errors = run("cargo", "deny", "--offline", "check", "bans", "licenses", "sources")
    report("licences and sources of crates", "fine" if code == 0 else f"FAILED\n{errors}")
    clone = environ.get("AUDIT_RUSTSEC_DB", "")
    return (check_cloned_advisories(Path(clone)) if clone else check_online_advisories()) and code == 0


def check_online_advisories() -> bool:
    """Check crates against the online RustSec database."""
    code, _, errors = run("cargo", "deny", "check", "advisories")
    if code and ("failed to fetch" in errors or code == -1):
        report(_CRATES, "NOT RUN: the RustSec database cannot be had here; AUDIT_RUSTSEC_DB names a clone of it")
        return True
    report(_CRATES, "fine" if code == 0 else f"FAILED\n{errors}")
    return code == 0


def check_cloned_advisories(clone: Path) -> bool:
    """Check crates against a clone of the RustSec database, offline. Only the registry knows yanked crates."""
    count = len(list(clone.glob("crates/*/RUSTSEC-*.md")))
    if not count or not (clone / ".git").exists():
        report(_CRATES, f"FAILED: AUDIT_RUSTSEC_DB={clone} is no clone of the RustSec database")
        return False
    # cargo-deny accepts no path as a URL, so git redirects a URL to the clone.
    address = "https://rustsec.invalid/advisory-db"
    redirect = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{clone.resolve().as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }
    with TemporaryDirectory() as folder:
        config = Path(folder, "deny.toml")
        own = f'[advisories]\ndb-path = "{folder}/db"\ndb-urls = ["{address}"]\n'
        text = (ROOT / "deny.toml").read_text(encoding="utf-8").replace("[advisories]\n", own)
        config.write_text(text.replace('yanked = "deny"', 'yanked = "allow"'), encoding="utf-8")
        command = ("cargo", "deny", "--config", str(config), "check", "advisories")
        code, _, errors = run(*command, CARGO_NET_OFFLINE="true", **redirect)
    report(_CRATES, f"fine by {count} advisories; yanked: NOT ASKED" if code == 0 else f"FAILED\n{errors}")
    return code == 0


def audit_packages(environ: Mapping[str, str]) -> bool:
    """Audit the Python packages of this environment and of the image. Returns whether they passed."""
    with osv_service(environ.get("AUDIT_OSV_DB", "")) as (arguments, source):
        if source is None:
            return False
        passed = [report_findings(*run_pip_audit(name, *arguments), name, source) for name in _PACKAGES]
        return all(passed)


@contextmanager
def osv_service(path: str) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Arguments of pip-audit for a local database and a description of it; None instead if it has no advisories."""
    if not path:
        yield (), ""
        return
    try:
        database = osv_database.VulnerabilityDatabase(Path(path))
    except ValueError as error:
        report("advisories on Python packages", f"FAILED: AUDIT_OSV_DB: {error}")
        yield (), None
        return
    with osv_database.serve_osv(database) as url:
        source = f" by {database.entries} entries up to {database.newest}"
        yield ("--vulnerability-service=osv", f"--osv-url={url}"), source


def run_pip_audit(name: str, *arguments: str) -> tuple[list[dict[str, Any]] | None, str]:
    """Packages with their vulnerabilities; or None and the reason for it."""
    command = (
        sys.executable,
        "-m",
        "pip_audit",
        *_PACKAGES[name],
        *arguments,
        "--format=json",
        "--progress-spinner=off",
    )
    code, output, errors = run(*command, NO_PROXY="127.0.0.1")
    try:
        return json.loads(output)["dependencies"], ""
    except (ValueError, KeyError):
        return None, f"pip-audit ended with {code}: {(errors.strip().splitlines() or ['it said nothing'])[-1]:.200}"


def report_findings(packages: list[dict[str, Any]] | None, reason: str, name: str, source: str) -> bool:
    """Report vulnerabilities. Returns whether there are none.

    pip-audit prints "no known vulnerabilities" also if it could check no package, so the checked ones are counted.
    """
    if packages is None:
        report(name, f"NOT RUN: {reason}")
        return True
    checked = [package for package in packages if "skip_reason" not in package]
    vulnerable = [
        f"{package['name']} {package['version']}: {known['id']}" for package in checked for known in package["vulns"]
    ]
    if vulnerable:
        report(name, "FAILED\n" + "\n".join(vulnerable))
    elif not checked:
        report(name, f"NOT RUN: the database knows none of {len(packages)} packages here")
    else:
        report(name, f"fine{source}: {len(checked)} of {len(packages)} could be asked about")
    return not vulnerable


if __name__ == "__main__":
    sys.exit(0 if all([audit_crates(os.environ), audit_packages(os.environ)]) else 1)
