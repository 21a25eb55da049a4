"""Killed processes: no accepted job is lost, has a wrong result or ends twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from support.service.fake_tracer import API, body
from support.service.processes import LONG_RUN, ProcessGroup, ServiceProcess
from verifying_client import VerifyingClient

ROUNDS = range(3 if LONG_RUN else 1)
JOBS = 200


@pytest.mark.parametrize("_", ROUNDS)
def test_the_api_is_killed(group: ProcessGroup, _: int) -> None:
    api = group.api()
    group.worker()
    client = VerifyingClient([api.url])
    submitting = client.submit_in_background(JOBS, sleep=0.02)
    while len(client.accepted) < JOBS // 2:
        time.sleep(0.01)
    api.kill()
    client.urls[:] = [group.api().url]
    submitting.join()
    print(f"\nafter kill -9 of the API: all {JOBS} right after {client.follow():.1f} s")


@pytest.mark.parametrize("_", ROUNDS)
def test_a_worker_is_killed(group: ProcessGroup, _: int) -> None:
    api, victim, _other = group.api(), group.worker(), group.worker()
    client = VerifyingClient([api.url])
    client.submit(JOBS, sleep=0.05)
    victim.kill()
    print(f"\nafter kill -9 of a worker: all {JOBS} right after {client.follow():.1f} s")


@pytest.mark.parametrize("_", ROUNDS)
def test_all_are_killed(group: ProcessGroup, _: int) -> None:
    first, second = group.serve(), group.serve()
    client = VerifyingClient([first.url, second.url])
    client.submit(JOBS, sleep=0.05)
    first.kill()
    second.kill()
    client.urls[:] = [group.serve().url, group.serve().url]
    print(f"\nafter kill -9 of all: all {JOBS} right after {client.follow():.1f} s")


@pytest.mark.parametrize("_", ROUNDS)
def test_a_job_that_kills_its_worker_fails_after_three_attempts_and_takes_no_other_with_it(
    group: ProcessGroup, _: int
) -> None:
    api = group.api()
    client = VerifyingClient([api.url])
    poison = httpx.post(f"{api.url}{API}/submit", json=body(die=True)).json()["id"]
    client.submit(20, sleep=0.02)
    workers: list[ServiceProcess] = []
    end = time.monotonic() + (120 if LONG_RUN else 60)
    while (job := api.get(f"{API}/status/{poison}").json())["status"] != "failed":
        assert time.monotonic() < end, job
        if not workers or not workers[-1].is_alive:
            workers.append(group.worker(JOB_WORKERS="1"))
        time.sleep(0.1)
    assert job["error"]["code"] == "worker_lost"
    assert len([worker for worker in workers if not worker.is_alive]) == 3
    print(f"\nafter a poisoned job: all 20 right after {client.follow():.1f} s")


@pytest.mark.parametrize("_", ROUNDS)
def test_sigterm_lets_running_jobs_finish_and_leaves_the_others(group: ProcessGroup, _: int) -> None:
    leaving, staying = group.serve(), group.serve()
    client = VerifyingClient([leaving.url, staying.url])
    submitting = client.submit_in_background(JOBS, sleep=0.05)
    while len(client.accepted) < JOBS // 2:
        time.sleep(0.01)
    assert leaving.stop() == 0
    submitting.join()
    print(f"\nafter SIGTERM of one of two: all {JOBS} right after {client.follow():.1f} s")
    assert "Traceback" not in leaving.output


@pytest.mark.parametrize("_", ROUNDS)
def test_submit_on_one_wait_on_the_other(group: ProcessGroup, _: int) -> None:
    api, other = group.api(), group.api()
    group.worker()
    with ThreadPoolExecutor(10) as pool:
        ids = [httpx.post(f"{api.url}{API}/submit", json=body(sleep=0.3)).json()["id"] for _ in range(10)]
        answers = list(pool.map(lambda job_id: other.get(f"{API}/status/{job_id}?wait=10", 15).json(), ids))
    assert [answer["status"] for answer in answers] == ["completed"] * 10


def test_a_key_is_known_to_all(group: ProcessGroup) -> None:
    first, second = group.api(), group.serve()
    ids = {
        httpx.post(f"{process.url}{API}/submit", json=body(), headers={"Idempotency-Key": "k"}).json()["id"]
        for process in (first, second, first)
    }
    assert len(ids) == 1
    reused = httpx.post(f"{second.url}{API}/submit", json=body(name="x"), headers={"Idempotency-Key": "k"})
    assert reused.json()["code"] == "idempotency_key_reused"
    assert httpx.delete(f"{second.url}{API}/{ids.pop()}").status_code == 204
