"""compose.yaml as Docker Compose interprets it, and Compose itself where it is installed."""

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


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Interpolate `${NAME:-default}` as Docker Compose does. Raises `AssertionError` for any other form."""

    def value(found: re.Match[str]) -> str:
        return variables.get(found[1]) or found[2]

    rest = re.sub(r"\$\$", "", re.sub(r"\$\{(\w+):-([^}]*)\}", value, text))
    assert "$" not in rest, text
    return re.sub(r"\$\{(\w+):-([^}]*)\}", value, text).replace("$$", "$")


def container_environment(service: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, str]:
    """Environment of a service's container. A variable without a value is passed through, or left unset."""
    values = {
        name: variables.get(name) if value is None else interpolate(value, variables)
        for name, value in declared_environment(service)
    }
    return {name: value for name, value in values.items() if value is not None}


def declared_environment(service: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Environment of a service in the file, before interpolation."""
    return list(service.get("environment", {}).items())


def compose_config(profile: str, variables: Mapping[str, str]) -> Any:
    """The file as Docker Compose itself reads it, with `variables` in `.env`. This needs no Docker daemon."""
    command = _command()
    if command is None:
        pytest.skip("NOT READ by Docker Compose itself: it is not on this machine (apt-get install docker-compose)")
    with tempfile.NamedTemporaryFile("w", suffix=".env", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in variables.items())
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
    """Compose as Docker's plugin, or as a command of its own, as in Debian."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if (
            shutil.which(command[0])
            and not subprocess.run([*command, "version"], capture_output=True, check=False).returncode
        ):
            return command
    return None
