"""A database that goes away: requests are told so quickly, and everything comes back by itself."""

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
from fake_engine import API
from fleet import LONG, Fleet, Member, fleet
from ledger_client import LedgerClient
from postgres_server import OwnServer
from proxy import proxy

ROUNDS = range(3 if LONG else 1)
AWAY_SECONDS = 30 if LONG else 10


def until_ready(api: Member, seconds: float = 10) -> float:
    """Waits until jobs are taken again, at most as long as was promised."""
    started = time.monotonic()
    while api.get("/health/ready").status_code != 200:
        assert time.monotonic() - started < seconds
        time.sleep(0.1)
    return time.monotonic() - started


def check_while_away(api: Member) -> float:
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


def survive(
    ships: Fleet, away: Callable[[], None], back: Callable[[], None], name: str, *, silent: bool = True
) -> None:
    """Jobs are submitted all the time while the database goes and comes."""
    began = time.monotonic()
    api, worker = ships.serve(), ships.worker()
    client = LedgerClient([api.url])
    client.submit(40, sleep=0.1)
    away()
    try:
        submitting = client.in_background(40, sleep=0.05)
        time.sleep(0.5)
        longest = check_while_away(api) if silent else 0.0
        time.sleep(AWAY_SECONDS)
    finally:
        back()
    recovered = until_ready(api)
    submitting.join()
    took = client.follow()
    longest = max([longest, *client.refused])
    print(f"\n{name}: ready {recovered:.1f} s after, all right {took:.1f} s after, longest 503 {longest:.2f} s")
    assert api.alive
    assert worker.alive
    minutes = (time.monotonic() - began) // 60
    for member in (api, worker):
        pool = [json.loads(line)["message"] for line in member.output.splitlines() if '"psycopg.pool"' in line]
        said = Counter(message[:20] for message in pool)
        assert all(count <= 1 + minutes for count in said.values()), said
    if LONG:
        assert longest < 2.0


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_is_stopped_and_starts_late(ships: Fleet, own: OwnServer, mode: str, _: int) -> None:
    survive(ships, lambda: own.stop(mode), own.start, f"Postgres stopped, {mode}")


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize("mode", ["hold", "reset", "delay"])
def test_the_line_goes_bad(own: OwnServer, own_database: DatabaseSettings, tmp_path: Path, mode: str, _: int) -> None:
    with proxy(own.port) as line, fleet(replace(own_database, port=line.port), tmp_path) as ships:
        survive(ships, lambda: line.set(mode), lambda: line.set("pass"), f"line: {mode}", silent=mode != "delay")


@pytest.mark.parametrize("_", ROUNDS)
def test_a_locked_table_exhausts_the_pool_and_nothing_else(ships: Fleet, _: int) -> None:
    api = ships.serve(DB_POOL_SIZE="4")
    client = LedgerClient([api.url])
    client.submit(10)
    client.follow()
    released = threading.Event()

    def lock() -> None:
        with psycopg.connect(**ships.database.parameters()) as connection:
            connection.execute("lock table facemask_jobs in access exclusive mode")
            released.wait(60)

    locking = threading.Thread(target=lock)
    locking.start()
    time.sleep(0.5)
    submitting = client.in_background(40)
    time.sleep(AWAY_SECONDS)
    assert api.get("/health/live").status_code == 200
    released.set()
    locking.join()
    submitting.join()
    client.follow()
    assert client.refused
    print(f"\ntable locked: {len(client.refused)} times 503, the longest after {max(client.refused):.2f} s")
    if LONG:
        assert max(client.refused) < 2.0


def test_idle_processes_hardly_ask(ships: Fleet, own: OwnServer) -> None:
    ships.serve(JOB_HEARTBEAT_SECONDS="5")
    ships.worker(JOB_HEARTBEAT_SECONDS="5")
    time.sleep(4)
    seconds = 15
    before = own.statements(ships.database)
    time.sleep(seconds)
    asked = (own.statements(ships.database) - before) / 2 / seconds
    print(f"\nidle: {asked:.2f} statements a second and process")
    assert asked <= 1.0
