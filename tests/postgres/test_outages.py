"""Outages of the database: requests are refused quickly, and the service recovers without help."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from facemask.service.database.settings import DatabaseSettings
from fault_proxy import fault_proxy
from support.postgres_server import PostgresServer
from support.service.fake_tracer import API
from support.service.processes import LONG_RUN, ProcessGroup, ServiceProcess, process_group
from verifying_client import VerifyingClient

ROUNDS = range(3 if LONG_RUN else 1)
AWAY_SECONDS = 30 if LONG_RUN else 10


def wait_until_ready(api: ServiceProcess, seconds: float = 10) -> float:
    """Waits until jobs are taken again, at most as long as was promised."""
    started = time.monotonic()
    while api.get("/health/ready").status_code != 200:
        assert time.monotonic() - started < seconds
        time.sleep(0.1)
    return time.monotonic() - started


def check_during_outage(api: ServiceProcess) -> float:
    """What a client sees meanwhile; returns the longest time it had to wait."""
    longest = 0.0
    for path in ("/health/ready", f"{API}/status/00000000-0000-4000-8000-000000000000"):
        started = time.monotonic()
        answer = api.get(path)
        longest = max(longest, time.monotonic() - started)
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable"), api.output
        assert answer.headers["retry-after"]
        assert api.get("/health/live").status_code == 200
    return longest


def run_through_outage(
    group: ProcessGroup, away: Callable[[], None], back: Callable[[], None], name: str, *, silent: bool = True
) -> None:
    """Jobs are submitted all the time while the database goes and comes."""
    began = time.monotonic()
    api, worker = group.serve(), group.worker()
    client = VerifyingClient([api.url])
    client.submit(40, sleep=0.1)
    away()
    try:
        submitting = client.submit_in_background(40, sleep=0.05)
        time.sleep(0.5)
        longest = check_during_outage(api) if silent else 0.0
        time.sleep(AWAY_SECONDS)
    finally:
        back()
    recovered = wait_until_ready(api)
    submitting.join()
    took = client.follow()
    longest = max([longest, *client.refusal_seconds])
    print(f"\n{name}: ready {recovered:.1f} s after, all right {took:.1f} s after, longest 503 {longest:.2f} s")
    assert api.is_alive
    assert worker.is_alive
    minutes = (time.monotonic() - began) // 60
    for process in (api, worker):
        pool = [json.loads(line)["message"] for line in process.output.splitlines() if '"psycopg.pool"' in line]
        said = Counter(message[:20] for message in pool)
        assert all(count <= 1 + minutes for count in said.values()), said
    if LONG_RUN:
        assert longest < 2.0


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_is_stopped_and_starts_late(
    group: ProcessGroup, stoppable_postgres: PostgresServer, mode: str, _: int
) -> None:
    run_through_outage(
        group, lambda: stoppable_postgres.stop(mode), stoppable_postgres.start, f"Postgres stopped, {mode}"
    )


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize("mode", ["hold", "reset", "delay"])
def test_the_line_goes_bad(
    stoppable_postgres: PostgresServer, stoppable_database: DatabaseSettings, tmp_path: Path, mode: str, _: int
) -> None:
    with (
        fault_proxy(stoppable_postgres.port) as proxy,
        process_group(replace(stoppable_database, port=proxy.port), tmp_path) as group,
    ):
        run_through_outage(
            group, lambda: proxy.set_mode(mode), lambda: proxy.set_mode("pass"), f"line: {mode}", silent=mode != "delay"
        )


@pytest.mark.parametrize("_", ROUNDS)
def test_a_locked_table_exhausts_the_pool_and_nothing_else(group: ProcessGroup, _: int) -> None:
    api = group.serve(DB_POOL_SIZE="4")
    client = VerifyingClient([api.url])
    client.submit(10)
    client.follow()
    released = threading.Event()

    def lock() -> None:
        with psycopg.connect(**group.database.parameters()) as connection:
            connection.execute("lock table facemask_jobs in access exclusive mode")
            released.wait(60)

    locking = threading.Thread(target=lock)
    locking.start()
    time.sleep(0.5)
    submitting = client.submit_in_background(40)
    time.sleep(AWAY_SECONDS)
    assert api.get("/health/live").status_code == 200
    released.set()
    locking.join()
    submitting.join()
    client.follow()
    assert client.refusal_seconds
    count, longest = len(client.refusal_seconds), max(client.refusal_seconds)
    print(f"\ntable locked: {count} times 503, the longest after {longest:.2f} s")
    if LONG_RUN:
        assert longest < 2.0


def test_idle_processes_hardly_ask(group: ProcessGroup, stoppable_postgres: PostgresServer) -> None:
    group.serve(JOB_HEARTBEAT_SECONDS="5")
    group.worker(JOB_HEARTBEAT_SECONDS="5")
    time.sleep(4)
    seconds = 15
    before = stoppable_postgres.count_statements(group.database)
    time.sleep(seconds)
    asked = (stoppable_postgres.count_statements(group.database) - before) / 2 / seconds
    print(f"\nidle: {asked:.2f} statements a second and process")
    assert asked <= 1.0
