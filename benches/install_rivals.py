"""Installer of the dependency group `bench`, one package at a time, with a message for each that fails."""

import subprocess
import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Install the packages; a failure is no error."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    for requirement in project["dependency-groups"]["bench"]:
        command = [sys.executable, "-m", "pip", "install", "--quiet", requirement]
        if subprocess.run(command, check=False).returncode:
            print(f"{requirement} does not install here: it is left out of the benches")


if __name__ == "__main__":
    main()
