"""compose.yaml and the Dockerfile agree with the settings and with each other."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from compose import COMPOSE, OWN_SERVICES, ROOT, SERVICES, compose_config, container_environment, interpolate
from facemask.cli import main
from facemask.service.settings import read_settings

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
DEMO = [name for name, service in SERVICES.items() if service["profiles"] == ["demo"]]
EXAMPLE = (ROOT / "deploy/env.example").read_text(encoding="utf-8")


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


def test_every_variable_has_a_default_so_that_the_file_can_always_be_read() -> None:
    for text in texts(COMPOSE):
        interpolate(text, {})


@pytest.mark.parametrize("profile", ["server", "demo"])
def test_compose_itself_accepts_the_file(profile: str) -> None:
    assert compose_config(profile, {})["services"]


@pytest.mark.parametrize("name", OWN_SERVICES)
def test_our_services_get_settings_that_exist_and_hold(name: str) -> None:
    settings = read_settings(container_environment(SERVICES[name], {"DB_PASSWORD": "x"}))
    assert settings.database
    assert settings.telemetry.prometheus_enabled
    assert not settings.telemetry.prometheus_on_app
    ports = {config["dns_sd_configs"][0]["port"] for config in prometheus()["scrape_configs"]}
    assert ports == {settings.telemetry.prometheus_port}


@pytest.mark.parametrize("name", OWN_SERVICES)
def test_our_services_run_commands_that_exist(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command, *options = SERVICES[name]["command"]
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    usage = capsys.readouterr().out
    assert all(option in usage for option in options if option.startswith("--"))


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened_and_watched(name: str) -> None:
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert re.fullmatch(r"\d+[gm]", interpolate(service["mem_limit"], {}))
    for other in service.get("depends_on", {}).values():
        assert other == {"condition": "service_healthy"}


def test_what_is_published_is_what_the_original_published_and_only_on_this_machine() -> None:
    for profile in ("server", "demo"):
        published = [
            interpolate(port, {}) for s in SERVICES.values() if profile in s["profiles"] for port in s.get("ports", [])
        ]
        assert sorted(published) == ["127.0.0.1:3000:3000", "127.0.0.1:8000:8000", "127.0.0.1:9090:9090"]
    for name in DEMO:
        assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", [])), "whatever is set"


def test_databases_and_workers_are_on_the_inner_network_only() -> None:
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    for name, service in SERVICES.items():
        inner_only = "postgres" in name or "worker" in name
        assert set(service["networks"]) == ({"inner"} if inner_only else {"inner", "outer"})
        assert not (inner_only and "ports" in service)


def test_no_default_password_works_outside_the_demo() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if variable.endswith("PASSWORD"):
                assert value is not None
                assert (interpolate(value, {}) != "") is (name in DEMO), f"{name}: {variable}"
    assert sorted(DEMO) == ["demo-api", "demo-grafana", "demo-postgres", "demo-worker"]
    assert all("demo" not in SERVICES[name]["profiles"] for name in ("api", "worker", "postgres", "grafana"))
    assert 'test -n "$$GF_SECURITY_ADMIN_PASSWORD"' in SERVICES["grafana"]["entrypoint"][2]
    assert re.findall(r"^(\w*PASSWORD)=(.*)$", EXAMPLE, re.MULTILINE) == [("DB_PASSWORD", ""), ("GRAFANA_PASSWORD", "")]
    assert "COMPOSE_PROFILES=server" in EXAMPLE


def test_mounts_and_names_lead_somewhere() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source, target, *mode = mount.split(":")
            if source.startswith("./"):
                assert (ROOT / source).exists(), source
                assert mode == ["ro"]
            else:
                assert source in COMPOSE["volumes"]
            assert target.startswith("/")
    for profile in ("server", "demo"):
        names = set()
        for name, service in SERVICES.items():
            if profile in service["profiles"]:
                networks = service["networks"]
                aliases = networks["inner"]["aliases"] if isinstance(networks, dict) else []
                names |= {name, *aliases}
        assert {"api", "worker", "postgres", "prometheus"} <= names
    (source,) = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/prometheus.yaml").read_text())[
        "datasources"
    ]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/facemask.yaml").read_text())[
        "providers"
    ]
    assert any(mount.split(":")[1] == provider["options"]["path"] for mount in SERVICES["grafana"]["volumes"])


def prometheus() -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((ROOT / "deploy/prometheus.yml").read_text(encoding="utf-8"))
    return config


def test_prometheus_finds_its_files_where_they_are_mounted() -> None:
    mounts = dict(mount.split(":")[:2] for mount in SERVICES["prometheus"]["volumes"])
    assert mounts["./deploy/alerts.yml"] == f"/etc/prometheus/{prometheus()['rule_files'][0]}"
    assert f"--config.file={mounts['./deploy/prometheus.yml']}" in SERVICES["prometheus"]["command"]
    assert [job["dns_sd_configs"][0]["names"] for job in prometheus()["scrape_configs"]] == [["api"], ["worker"]]


def test_the_image_ends_small_and_without_root() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert len(stages) == 3
    last = stages[-1]
    assert "RUN useradd" in last
    assert not re.search(r"pip install|apt-get|cargo|maturin", last)
    user = SERVICES["api"]["user"]
    assert re.search(rf"^USER {user}$", last, re.MULTILINE)
    entry = json.loads(re.findall(r"^ENTRYPOINT (.*)$", last, re.MULTILINE)[0])
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert entry[0] in scripts


def test_the_image_is_built_from_files_that_are_there_and_let_in() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored
    extras = re.findall(r"\[([\w,]+)\]\"", DOCKERFILE)[0].split(",")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras) <= set(project["optional-dependencies"])
