"""Clients that generators write of the description compile, submit the sample, and read its result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
Run = Callable[..., str]


def generate(run: Run, language: str, description: Path, folder: Path) -> None:
    output = run(
        "openapi-generator-cli", "generate", "-g", language, "-i", description, "-o", folder,
        "--additional-properties=packageName=face_client",
    )  # fmt: skip
    assert "ERROR" not in output, output


def test_python_by_openapi_generator(run: Run, description: Path, sample: Path, url: str, tmp_path: Path):
    generate(run, "python", description, tmp_path)
    run("python", "-m", "compileall", "-q", tmp_path / "face_client")
    (tmp_path / "main.py").write_text((FOLDER / "submit_by_openapi_generator.py").read_text())
    assert run("python", "main.py", url, sample, cwd=tmp_path).strip().endswith("done")


def test_python_by_openapi_python_client(run: Run, description: Path, sample: Path, url: str, tmp_path: Path):
    (tmp_path / "config.yaml").write_text("package_name_override: face_client\npost_hooks: []\n")
    output = run(
        "openapi-python-client", "generate", "--path", description, "--config", tmp_path / "config.yaml",
        "--meta", "none", "--output-path", tmp_path / "face_client",
    )  # fmt: skip
    # It reads neither MessagePack nor files, whose bytes are in the response.
    skipped = [line for line in output.splitlines() if line.startswith("WARNING")]
    assert all("submit" in line or "/result/" in line for line in skipped), output
    run("python", "-m", "compileall", "-q", tmp_path / "face_client")
    (tmp_path / "main.py").write_text((FOLDER / "submit_by_openapi_python_client.py").read_text())
    assert run("python", "main.py", url, sample, cwd=tmp_path).strip().endswith("done")


def test_rust_by_openapi_generator(run: Run, description: Path, sample: Path, url: str, tmp_path: Path):
    generate(run, "rust", description, tmp_path)
    manifest = (tmp_path / "Cargo.toml").read_text()
    # Plain HTTP needs no TLS, which would need a C library.
    manifest = manifest.replace('default = ["native-tls"]', "default = []")
    tokio = 'tokio = { version = "1", features = ["macros", "rt-multi-thread"] }\n'
    (tmp_path / "Cargo.toml").write_text(manifest.replace("[features]", f"{tokio}\n[features]"))
    (tmp_path / "src" / "main.rs").write_text((FOLDER / "submit.rs").read_text())
    assert run("cargo", "run", "--quiet", "--", url, sample, cwd=tmp_path).strip().endswith("done")


@pytest.mark.parametrize("language", ["typescript-fetch", "go", "java"])
def test_other_languages_are_generated_without_an_error(run: Run, description: Path, language: str, tmp_path: Path):
    """Their compilers need packages of other indexes."""
    generate(run, language, description, tmp_path)
    assert len(list(tmp_path.rglob("*"))) > 30
