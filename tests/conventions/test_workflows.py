"""Workflows and hooks run nothing of their own: they call targets and tools that a contributor has."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def commands(workflow: Path) -> list[str]:
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_only_calls_make_targets_that_exist(workflow: Path):
    assert commands(workflow)
    for command in commands(workflow):
        if command == "bash .ci/run":
            continue
        found = re.fullmatch(r"make ([\w-]+)( [A-Z]+=\w+)*", command)
        assert found, command
        assert found[1] in TARGETS, command


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_ends_and_may_only_read(workflow: Path):
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert content["permissions"] == {"contents": "read"}
    assert all(0 < job["timeout-minutes"] <= 60 for job in content["jobs"].values())


def test_the_hooks_call_tools_of_the_environment_that_check_calls_too():
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    check = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ncheck:")[1].split("\n\n")[0]
    for hook in repo["hooks"]:
        program, *arguments = hook["entry"].split()
        words = [program.replace(".venv/bin/", "$(BIN)/"), *arguments[:1]]
        assert " ".join(word for word in words if not word.startswith("--")) in check, hook["id"]


def test_contributing_names_targets_that_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([\w-]+)`", text))
    assert named >= {"serve", "test", "check", "bench", "fuzz"}
    assert named <= TARGETS
