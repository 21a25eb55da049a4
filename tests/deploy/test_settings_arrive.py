"""Settings reach the processes: code, documentation, compose.yaml and the example of `.env` name the same variables."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from compose import (
    OWN_SERVICES,
    ROOT,
    SERVICES,
    TEXT,
    compose_config,
    container_environment,
    declared_environment,
    interpolate,
)
from facemask.service.settings import read_settings
from support.service.settings_examples import EXAMPLES

PAGE = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "deploy/env.example").read_text(encoding="utf-8")
# OpenTelemetry's SDK reads more of them than the page lists.
OTEL = re.compile(r"OTEL_\w+")
# Where a folder is shared by processes; a container has one.
UNUSED = {"PROMETHEUS_MULTIPROC_DIR"}
ACCESS = {"AUTH_API_KEYS", "AUTH_TRUSTED_PROXIES", "AUTH_CORS_ORIGINS", "LIMIT_RATE", "LIMIT_BURST"}
# Read by compose.yaml for what is around our processes.
AROUND = {
    "COMPOSE_PROFILES",
    "GRAFANA_PASSWORD",
    "GRAFANA_USER",
    "GRAFANA_VERSION",
    "BIND_ADDRESS",
    "PORT",
    "FACEMASK_IMAGE",
    "FACEMASK_MEMORY",
    "FACEMASK_STOP_SECONDS",
    "POSTGRES_MEMORY",
    "POSTGRES_VERSION",
    "PROMETHEUS_RETENTION",
    "PROMETHEUS_VERSION",
}


class Recorder(dict[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return default


def read_by_settings() -> set[str]:
    known = Recorder()
    read_settings(known)
    return known.asked


def read_elsewhere() -> set[str]:
    """Names that other modules take out of the environment themselves."""
    found: set[str] = set()
    for path in (ROOT / "python/facemask").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        if "environ" in code and path.name not in ("settings.py", "runtime.py"):  # the allocator's are not ours
            found |= set(re.findall(r"\"((?:OTEL|PROMETHEUS)_[A-Z_]+|NO_COLOR|FORCE_COLOR)\"", code))
    return found


def defaults_on_page() -> dict[str, str]:
    """The settings that the page lists, each with the text of its default."""
    items = re.findall(r"^\* ((?:`[A-Z]\w+`(?:, )?)+) \((.*?)\):", PAGE, re.MULTILINE)
    return {name: default for names, default in items for name in re.findall(r"`(\w+)`", names)}


def ours(names: set[str]) -> set[str]:
    return {name for name in names if not OTEL.fullmatch(name)}


EVERY = read_by_settings() | read_elsewhere()
FIXED = {
    name
    for service in OWN_SERVICES
    for name, value in declared_environment(SERVICES[service])
    if value is not None and "${" not in value and not service.startswith("demo")
}
HANDED_ON = sorted(EVERY - FIXED - UNUSED)


def test_code_and_page_know_the_same_settings() -> None:
    assert len(EVERY) > 45
    listed = set(defaults_on_page())
    assert ours(listed) == ours(EVERY)
    assert listed - EVERY <= {"OTEL_SDK_DISABLED"}, "read only where an exporter is named"


def test_defaults_on_the_page_are_those_of_the_code() -> None:
    """Numbers and switches. The engine knows the defaults of its own limits, which the settings leave open."""
    durable, in_memory = read_settings({}), read_settings({"DB_USE_DATABASE": "false"})
    compared = 0
    for name, text in defaults_on_page().items():
        figures = re.fullmatch(r"(\d+|true|false)(?:; with a database (\d+))?", text)
        if figures and name in EXAMPLES and name not in ("DB_USE_DATABASE", "LIMIT_PIXELS", "LIMIT_DECODE_PIXELS"):
            look = EXAMPLES[name][1]
            assert look(durable) == json.loads(figures[2] or figures[1]), name
            assert name.startswith("DB_") or look(in_memory) == json.loads(figures[1]), name
            compared += 1
    assert compared > 25


def test_the_compose_file_hands_every_setting_on_or_says_that_it_is_fixed() -> None:
    for service in OWN_SERVICES:
        names = {name for name, _ in declared_environment(SERVICES[service])}
        wanted = EVERY - UNUSED - (ACCESS if "worker" in service else set())
        assert ours(names) == ours(wanted), service
        assert wanted <= names, service
    # The file itself and the page say which those are.
    for text in (re.sub(r"\n# ", " ", TEXT), PAGE):
        said = re.search(r"Fixed[^:.]*:([^.]*)\.", text)
        assert said
        assert set(re.findall(r"[A-Z]+(?:_[A-Z]+)+", said[1])) == FIXED
        assert all(name in text for name in UNUSED)


def test_the_example_names_what_can_be_set_with_values_that_hold() -> None:
    lines = dict(re.findall(r"^#? ?([A-Z]\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    read = set(re.findall(r"\$\{(\w+):-", TEXT)) | {"COMPOSE_PROFILES"}
    assert ours(set(lines)) == ours(set(HANDED_ON)) | AROUND
    assert set(HANDED_ON) <= set(lines)
    assert read >= AROUND
    settings = {name: value for name, value in lines.items() if name in EVERY}
    for service in OWN_SERVICES:
        told = {name: value for name, value in lines.items() if value}
        assert (
            container_environment(SERVICES[service], told).items()
            >= container_environment(SERVICES[service], {}).items()
        ), "defaults"
    limits = {"LIMIT_PIXELS": 50_000_000, "LIMIT_DECODE_PIXELS": 24_000_000}  # the engine's own
    defaults = {"DB_START_SECONDS": "60", "DB_USERNAME": "facemask", "JOB_WORKERS": "4", "LOG_FORMAT": "json"}
    for name, value in settings.items():
        if name in limits:
            assert int(value) == limits[name]
        elif name in defaults:
            assert value == defaults[name]
        else:
            assert read_settings({name: value}) == read_settings({}), name


@pytest.mark.parametrize("service", OWN_SERVICES)
@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - FIXED))
def test_what_is_set_arrives(name: str, service: str) -> None:
    raw, look, expected = EXAMPLES[name]
    arrived = container_environment(SERVICES[service], {name: raw})
    if name in ACCESS and "worker" in service:
        assert name not in arrived
    elif name in ("DB_USERNAME", "DB_PASSWORD") and service.startswith("demo"):
        assert arrived[name] == "postgres", "passwords that everybody knows"
    else:
        assert look(read_settings(arrived)) == expected


@pytest.mark.parametrize("service", OWN_SERVICES)
def test_what_is_not_set_stays_unset_and_what_is_empty_counts_as_unset(service: str) -> None:
    unset = container_environment(SERVICES[service], {})
    own = {"DB_USERNAME", "DB_PASSWORD", "DB_DATABASE", "DB_START_SECONDS", "JOB_WORKERS", "LOG_FORMAT"}
    assert set(unset) == FIXED | own
    empty = container_environment(SERVICES[service], dict.fromkeys(EVERY, ""))
    assert read_settings(empty) == read_settings(unset)


@pytest.mark.parametrize("profile", ["server", "demo"])
def test_compose_itself_hands_on_what_is_set_and_nothing_else(profile: str) -> None:
    given = {name: raw for name, (raw, _, _) in EXAMPLES.items() if name in HANDED_ON}
    for told in ({}, given):
        services = compose_config(profile, told)["services"]
        for service in OWN_SERVICES:
            if profile in SERVICES[service]["profiles"]:
                found = {
                    name: str(value) for name, value in services[service]["environment"].items() if value is not None
                }
                assert found == container_environment(SERVICES[service], told)


def test_a_worker_has_memory_for_all_of_its_jobs() -> None:
    for text in (TEXT, EXAMPLE):
        rule = re.search(r"needs (\d+) MB, and (\d+) MB for each job", text)
        assert rule
        base, each = (int(number) * 10**6 for number in rule.groups())
        for service in OWN_SERVICES:
            workers = read_settings(container_environment(SERVICES[service], {"DB_PASSWORD": "x"})).jobs.workers
            memory = re.fullmatch(r"(\d+)g", interpolate(SERVICES[service]["mem_limit"], {}))
            assert memory
            assert base + each * workers <= int(memory[1]) * 2**30
    assert dict(re.findall(r"^# (JOB_WORKERS|FACEMASK_MEMORY)=(\w+)$", EXAMPLE, re.MULTILINE)) == {
        "JOB_WORKERS": "4",
        "FACEMASK_MEMORY": "2g",
    }


def test_a_process_has_time_to_end() -> None:
    for service in OWN_SERVICES:
        stop = interpolate(SERVICES[service]["stop_grace_period"], {})
        assert stop == f"{read_settings({}).jobs.grace_seconds + 12:g}s"
