"""Known faults and licences of what facemask stands on: cargo-deny and pip-audit. Not a test: it asks databases on the
net. What cannot be asked is said in one line and fails nothing; a fault that is found fails.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# The net may be slow, or not answer at all.
SECONDS = 300


def run(*command: str) -> tuple[int, str, str]:
    """Exit code, output and errors; -1 where there was no answer in time."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return -1, "", f"no answer within {SECONDS} seconds"
    return done.returncode, done.stdout, done.stderr


def say(name: str, words: str) -> None:
    print(f"audit: {name}: {words}", flush=True)


def rust() -> bool:
    """Licences, sources and bans need no net; advisories do."""
    if shutil.which("cargo-deny") is None:
        say("cargo-deny", "NOT RUN: it is not installed (cargo install --locked cargo-deny)")
        return True
    code, _, errors = run("cargo", "deny", "--offline", "check", "bans", "licenses", "sources")
    say("licences and sources of crates", "fine" if code == 0 else f"FAILED\n{errors}")
    known, _, said = run("cargo", "deny", "check", "advisories")
    if known and ("failed to fetch" in said or known == -1):
        say("advisories on crates", "NOT RUN: the RustSec database cannot be had here")
        return code == 0
    say("advisories on crates", "fine" if known == 0 else f"FAILED\n{said}")
    return code == 0 and known == 0


def python() -> bool:
    """The packages of this environment."""
    code, output, errors = run(
        sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--format=json", "--progress-spinner=off"
    )
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        reason = (errors.strip().splitlines() or ["it said nothing"])[-1]
        say("advisories on Python packages", f"NOT RUN: pip-audit ended with {code}: {reason:.200}")
        return True
    return judged(packages)


def judged(packages: list[dict[str, Any]]) -> bool:
    """Whether nothing is known against the packages. pip-audit says "no known vulnerabilities" also where it could ask
    about none of them, so those it could ask about are counted.
    """
    asked = [package for package in packages if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']}: {known['id']}" for package in asked for known in package["vulns"]
    ]
    if found:
        say("advisories on Python packages", "FAILED\n" + "\n".join(found))
    elif not asked:
        say("advisories on Python packages", f"NOT RUN: the database knows none of {len(packages)} packages here")
    else:
        say("advisories on Python packages", f"fine: {len(asked)} of {len(packages)} could be asked about")
    return not found


if __name__ == "__main__":
    sys.exit(0 if all([rust(), python()]) else 1)
