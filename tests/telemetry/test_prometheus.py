"""Prometheus scrapes running processes, and every metric of the dashboard and the alerts exists."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from support.ports import free_port
from support.service.fake_tracer import API, body
from support.service.processes import ProcessGroup

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/facemask.json").read_text(encoding="utf-8"))
RULES = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
# Rates over a run of seconds.
WINDOW = "[20s]"

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="NOT TESTED against a real Prometheus: install Debian's package `prometheus` (.ci/run does)",
)


def expressions() -> list[str]:
    """All queries of the dashboard and of the alerts."""
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return panels + [rule["expr"] for rule in RULES]


@pytest.fixture
def run(group: ProcessGroup) -> tuple[str, list[int]]:
    """An api and a worker that have done some jobs; the api's address and both metrics' ports."""
    ports = [free_port(), free_port()]
    api, _ = (
        start(PROMETHEUS_ENABLED="true", PROMETHEUS_PORT=str(port), CACHE_MODE="off")
        for start, port in zip((group.api, group.worker), ports, strict=True)
    )
    for _ in range(5):
        assert httpx.post(f"{api.url}{API}/submit?wait=20", json=body(), timeout=30).status_code == 200
    return api.url, ports


def sample_labels(ports: list[int]) -> dict[str, set[str]]:
    """The sample names of both pages, with the label names of each."""
    found: dict[str, set[str]] = {}
    for port in ports:
        for family in text_string_to_metric_families(httpx.get(f"http://127.0.0.1:{port}/metrics").text):
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_every_metric_of_dashboard_and_alerts_exists(run: tuple[str, list[int]]) -> None:
    found = sample_labels(run[1])
    named = {name for text in expressions() for name in re.findall(r"\b(?:facemask|process)_\w+", text)}
    assert len(named) > 15
    assert named <= set(found)
    described = set(re.findall(r"`(facemask_\w+)`", (DEPLOY.parent / "docs/observability.md").read_text("utf-8")))
    own = {name for name in found if name.startswith("facemask_") and not name.endswith("_created")}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in own}
    assert described == families, "docs/observability.md has another list"


def test_dashboard_and_datasource_have_fixed_names() -> None:
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text("utf-8"))
    (uid,) = [entry["uid"] for entry in source["datasources"]]
    assert DASHBOARD["uid"] == "facemask"
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {uid}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert len([rule["alert"] for rule in RULES if "summary" in rule["annotations"]]) == 5


@needs_prometheus
def test_promtool_accepts_config_and_rules() -> None:
    for kind, name in (("config", "prometheus.yml"), ("rules", "alerts.yml")):
        done = subprocess.run(["promtool", "check", kind, DEPLOY / name], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@needs_prometheus
def test_each_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    cases = (
        (Path(__file__).parent / "alerts_test.yml")
        .read_text(encoding="utf-8")
        .replace("ALERTS", str(DEPLOY / "alerts.yml"))
    )
    for word, rule in zip(("ERRORS", "WAIT", "NONE", "POOL", "WRITE"), RULES, strict=True):
        cases = cases.replace(f"{word}_MORE", json.dumps(rule["annotations"]["description"]))
        cases = cases.replace(f" {word}", f" {json.dumps(rule['annotations']['summary'])}")
    (tmp_path / "cases.yml").write_text(cases, encoding="utf-8")
    done = subprocess.run(
        ["promtool", "test", "rules", tmp_path / "cases.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def prometheus(folder: Path, targets: list[int], app: int) -> Iterator[str]:
    """Debian's Prometheus with our rules and our job names, looking at ports of this machine; and at the port of the
    application itself.
    """
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(DEPLOY / "alerts.yml")]
    for job, port in zip(config["scrape_configs"], targets, strict=True):
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    config["scrape_configs"].append({"job_name": "app", "static_configs": [{"targets": [f"127.0.0.1:{app}"]}]})
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = free_port()
    options = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    options += [f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(["prometheus", *options], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        process.terminate()
        process.wait(20)


def query_prometheus(url: str, query: str) -> list[dict[str, Any]]:
    try:
        response = httpx.get(f"{url}/query", params={"query": query})
    except httpx.TransportError:  # it is only starting
        return []
    if response.status_code == 503:  # it has started, and reads its log
        return []
    answer = response.json()
    assert answer["status"] == "success", f"{query}: {answer}"
    result: list[dict[str, Any]] = answer["data"]["result"]
    return result


def wait_for_result(url: str, query: str, seconds: float = 40.0) -> list[dict[str, Any]]:
    end = time.monotonic() + seconds
    while not (found := query_prometheus(url, query)):
        assert time.monotonic() < end, query
        time.sleep(0.3)
    return found


@needs_prometheus
def test_prometheus_scrapes_a_run_and_every_query_finds_something(run: tuple[str, list[int]], tmp_path: Path) -> None:
    api, ports = run
    with prometheus(tmp_path, ports, int(api.rpartition(":")[2])) as url:
        wait_for_result(url, "sum(up) == 3")
        assert {row["metric"]["job"] for row in query_prometheus(url, "up")} == {
            "app",
            "facemask-api",
            "facemask-worker",
        }
        httpx.post(f"{api}{API}/submit?wait=20", json=body(), timeout=30)
        httpx.get(f"{api}/nothing")
        wait_for_result(url, f"sum(increase(facemask_jobs_total{{outcome='completed'}}{WINDOW})) > 0")
        wait_for_result(url, f"sum(rate(facemask_rejected_total{{reason='not_found'}}{WINDOW})) > 0")
        for panel in DASHBOARD["panels"]:
            if panel["title"] == "Cache hits":  # this run has no cache
                continue
            for target in panel["targets"]:
                assert query_prometheus(url, target["expr"].replace("[$__rate_interval]", WINDOW)), panel["title"]
        rules = httpx.get(f"{url}/rules").json()["data"]["groups"][0]["rules"]
        assert [(rule["health"], rule["state"]) for rule in rules] == [("ok", "inactive")] * 5
