"""Known faults and licences of what facemask stands on: cargo-deny and pip-audit. Not a test: it asks databases on the
net, or those that are handed to it:

    AUDIT_RUSTSEC_DB  a clone of the RustSec advisory database
    AUDIT_OSV_DB      the OSV database's export of PyPI: its archive, or a folder of its JSON files

What cannot be asked is said in one line and fails nothing; a fault that is found fails, and so does a database that was
handed over and is none.
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
# The net may be slow, or not answer at all.
SECONDS = 300
_CRATES = "advisories on crates"
# What is asked about, and how pip-audit is told of it. The image's packages have hashes, so nothing is resolved.
_PACKAGES = {
    "advisories on Python packages": ("--local", "--skip-editable"),
    "advisories on the image's Python packages": ("--require-hashes", "--disable-pip", "-r", "deploy/constraints.txt"),
}


def run(*command: str, **environ: str) -> tuple[int, str, str]:
    """Exit code, output and errors; -1 where there was no answer in time."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, "", f"no answer within {SECONDS} seconds"
    return done.returncode, done.stdout, done.stderr


def report(name: str, words: str) -> None:
    print(f"audit: {name}: {words}", flush=True)


def audit_crates(environ: Mapping[str, str]) -> bool:
    """Licences, sources and bans need no net; advisories do, or a database."""
    if shutil.which("cargo-deny") is None:
        report("cargo-deny", "NOT RUN: it is not installed (cargo install --locked cargo-deny)")
        return True
    code, _, errors = run("cargo", "deny", "--offline", "check", "bans", "licenses", "sources")
    report("licences and sources of crates", "fine" if code == 0 else f"FAILED\n{errors}")
    given = environ.get("AUDIT_RUSTSEC_DB", "")
    return (check_cloned_advisories(Path(given)) if given else check_online_advisories()) and code == 0


def check_online_advisories() -> bool:
    """By the database on the net."""
    known, _, said = run("cargo", "deny", "check", "advisories")
    if known and ("failed to fetch" in said or known == -1):
        report(_CRATES, "NOT RUN: the RustSec database cannot be had here; AUDIT_RUSTSEC_DB names a clone of it")
        return True
    report(_CRATES, "fine" if known == 0 else f"FAILED\n{said}")
    return known == 0


def check_cloned_advisories(clone: Path) -> bool:
    """By a clone, which cargo-deny copies, asking nobody. Whether a crate was yanked only the registry knows."""
    count = len(list(clone.glob("crates/*/RUSTSEC-*.md")))
    if not count or not (clone / ".git").exists():
        report(_CRATES, f"FAILED: AUDIT_RUSTSEC_DB={clone} is no clone of the RustSec database")
        return False
    # cargo-deny takes no folder for an address. It has git fetch what git is told to find elsewhere.
    address = "https://rustsec.invalid/advisory-db"
    elsewhere = {
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
        known, _, said = run(*command, CARGO_NET_OFFLINE="true", **elsewhere)
    report(_CRATES, f"fine by {count} advisories; yanked: NOT ASKED" if known == 0 else f"FAILED\n{said}")
    return known == 0


def audit_packages(environ: Mapping[str, str]) -> bool:
    """The packages of this environment, and those of the image."""
    with osv_service(environ.get("AUDIT_OSV_DB", "")) as (service, by):
        if by is None:
            return False
        answers = [report_findings(*run_pip_audit(name, *service), name, by) for name in _PACKAGES]
        return all(answers)


@contextmanager
def osv_service(given: str) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """What tells pip-audit whom to ask, and what the answer is worth; None in its place when what was given is none."""
    if not given:
        yield (), ""
        return
    try:
        faults = osv_database.VulnerabilityDatabase(Path(given))
    except ValueError as error:
        report("advisories on Python packages", f"FAILED: AUDIT_OSV_DB: {error}")
        yield (), None
        return
    with osv_database.serve_osv(faults) as address:
        by = f" by {faults.entries} entries up to {faults.newest}"
        yield ("--vulnerability-service=osv", f"--osv-url={address}"), by


def run_pip_audit(name: str, *service: str) -> tuple[list[dict[str, Any]] | None, str]:
    """What pip-audit found, or None and why there is nothing."""
    command = (sys.executable, "-m", "pip_audit", *_PACKAGES[name], *service, "--format=json", "--progress-spinner=off")
    code, output, errors = run(*command, NO_PROXY="127.0.0.1")
    try:
        return json.loads(output)["dependencies"], ""
    except (ValueError, KeyError):
        return None, f"pip-audit ended with {code}: {(errors.strip().splitlines() or ['it said nothing'])[-1]:.200}"


def report_findings(found: list[dict[str, Any]] | None, why: str, name: str, by: str) -> bool:
    """Whether nothing is known against the packages. pip-audit says "no known vulnerabilities" also where it could ask
    about none of them, so those it could ask about are counted.
    """
    if found is None:
        report(name, f"NOT RUN: {why}")
        return True
    asked = [package for package in found if "skip_reason" not in package]
    faulty = [
        f"{package['name']} {package['version']}: {known['id']}" for package in asked for known in package["vulns"]
    ]
    if faulty:
        report(name, "FAILED\n" + "\n".join(faulty))
    elif not asked:
        report(name, f"NOT RUN: the database knows none of {len(found)} packages here")
    else:
        report(name, f"fine{by}: {len(asked)} of {len(found)} could be asked about")
    return not faulty


if __name__ == "__main__":
    sys.exit(0 if all([audit_crates(os.environ), audit_packages(os.environ)]) else 1)
