"""A service, its description, and the generators of clients, which `make test-clients` installs."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from facemask.service.app import create_app
from facemask.service.core import native
from facemask.service.http.openapi.document import openapi_document
from support.service.facemask_process import facemask_server
from support.service.live_server import build_settings

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
# The scripts of the environment with the generators, and with what the clients import.
GENERATORS = Path(os.environ.get("GENERATORS") or ROOT / ".venv-generators" / "bin")


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with facemask_server(JOB_WORKERS="1") as service:
        yield service.url


@pytest.fixture(scope="session")
def description(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("description") / "openapi.json"
    file.write_text(json.dumps(openapi_document(create_app(build_settings(), native))), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, and its photo as base64."""
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(ROOT / "samples" / "astronaut", folder, dirs_exist_ok=True)
    photo = base64.b64encode((folder / "image.jpg").read_bytes())
    (folder / "image.base64").write_bytes(photo)
    return folder


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    """Runs a program of the generators' environment, or another, and returns its output."""

    def call(program: str, *arguments: object, cwd: Path | None = None) -> str:
        path = shutil.which(program, path=f"{GENERATORS}{os.pathsep}{os.environ['PATH']}")
        if path is None:
            pytest.skip(f"NOT TESTED: {program} is missing; `make test-clients` installs the generators")
        command = [path, *map(str, arguments)]
        # A second run compiles the packages of a Rust client no more.
        environment = {"CARGO_TARGET_DIR": str(ROOT / "target" / "generated_client"), **os.environ}
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout + done.stderr

    return call
