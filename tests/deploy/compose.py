"""compose.yaml as Docker Compose reads it, and Compose itself where it is on the machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN_SERVICES = [name for name, service in SERVICES.items() if service["image"].startswith("${FACEMASK_IMAGE")]


def interpolate(text: str, given: Mapping[str, str]) -> str:
    """As Docker Compose fills in `${NAME:-default}`. Any other form would be an error here."""

    def value(found: re.Match[str]) -> str:
        return given.get(found[1]) or found[2]

    rest = re.sub(r"\$\$", "", re.sub(r"\$\{(\w+):-([^}]*)\}", value, text))
    assert "$" not in rest, text
    return re.sub(r"\$\{(\w+):-([^}]*)\}", value, text).replace("$$", "$")


def container_environment(service: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """The variables in a service's container. One without a value is handed on, and not set where it is not given."""
    found = {
        name: given.get(name) if value is None else interpolate(value, given)
        for name, value in declared_environment(service)
    }
    return {name: value for name, value in found.items() if value is not None}


def declared_environment(service: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """What the file says, before anything is filled in."""
    return list(service.get("environment", {}).items())


def compose_config(profile: str, given: Mapping[str, str]) -> Any:
    """The file as Docker Compose itself understands it, with `given` in `.env`. Reading needs no Docker that runs."""
    command = _command()
    if command is None:
        pytest.skip("NOT READ by Docker Compose itself: it is not on this machine (apt-get install docker-compose)")
    with tempfile.NamedTemporaryFile("w", suffix=".env", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in given.items())
        file.flush()
        done = subprocess.run(
            [*command, "--env-file", file.name, "--profile", profile, "config"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def _command() -> list[str] | None:
    """Docker's plugin, or the program of its own, as Debian has it."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if (
            shutil.which(command[0])
            and not subprocess.run([*command, "version"], capture_output=True, check=False).returncode
        ):
            return command
    return None
