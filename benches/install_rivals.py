"""`python install_rivals.py`: installs the dependency group `bench` one by one, and says what did not install."""

import subprocess
import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Install what can be installed; that something cannot is no error."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    for requirement in project["dependency-groups"]["bench"]:
        command = [sys.executable, "-m", "pip", "install", "--quiet", requirement]
        if subprocess.run(command, check=False).returncode:
            print(f"{requirement} does not install here: it is left out of the benches")


if __name__ == "__main__":
    main()
