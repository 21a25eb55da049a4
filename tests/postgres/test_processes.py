"""Several server processes behind one address."""

from __future__ import annotations

import time

import psutil
import pytest
from facemask import cli
from support.service.processes import ProcessGroup
from verifying_client import VerifyingClient


def children(pid: int, count: int) -> set[int]:
    """The processes that serve, as soon as there are so many."""
    end = time.monotonic() + 20
    while len(found := {child.pid for child in psutil.Process(pid).children()}) != count:
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def test_processes_share_address_and_jobs_and_are_replaced_when_they_die(group: ProcessGroup) -> None:
    many = group.serve(FAKE_PROCESSES="2")
    client = VerifyingClient([many.url])
    first = children(many.popen.pid, 2)
    client.submit(40, sleep=0.05)
    time.sleep(5)  # who dies at once is not replaced: the start has failed
    psutil.Process(min(first)).kill()
    client.submit(40)
    client.follow()
    assert len(children(many.popen.pid, 2) & first) == 1
    assert many.stop() == 0
    assert "Traceback" not in many.output


@pytest.mark.parametrize("option", ["--processes=2", "--no-worker"])
def test_in_memory_there_is_one_process(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--no-database", option]) == 2
    name = option.partition("=")[0]
    expected = f"facemask: {name} needs a database: jobs in memory are known to one process only\n"
    assert capsys.readouterr().err == expected
