"""The schema is made once, whoever comes first; a start without a server says what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from facemask.service.database.address import DatabaseSettings
from postgres_server import environment, fresh_database, run


def facemask(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "facemask", *arguments],
        env=os.environ | changes,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_six_replicas_migrate_at_once(postgres: DatabaseSettings) -> None:
    with fresh_database(postgres, empty=True) as settings, ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: facemask("migrate", **environment(settings)), range(6)))
        assert [process.returncode for process in done] == [0] * 6, [process.stderr for process in done]
        said = [process.stdout for process in done]
        assert sum("001_jobs.sql" in text for text in said) == 1
        assert said.count("the schema is up to date\n") == 5
        names = [name for (name,) in run(settings, "select name from facemask_schema")]
        assert len(names) == len(set(names))


def test_a_migration_that_fails_leaves_nothing_behind(postgres: DatabaseSettings) -> None:
    with fresh_database(postgres, empty=True) as settings:
        run(settings, "create table facemask_jobs (mine text)")
        assert facemask("migrate", **environment(settings)).returncode != 0
        assert run(settings, "select to_regclass('procrastinate_jobs'), to_regclass('facemask_schema')") == [
            (None, None)
        ]


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["serve", "--no-worker"], ["worker"], ["migrate"]])
def test_without_a_server_the_start_fails_with_one_sentence_that_says_what_to_do(command: list[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = DatabaseSettings(host="127.0.0.1", port=probe.getsockname()[1], password="hidden")  # noqa: S106
        done = facemask(*command, **environment(nobody), DB_START_SECONDS="0")
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if '"logger":"facemask.start"' not in line]
    assert len(said) == 1
    assert said[0].startswith(f"facemask: no database at 127.0.0.1:{nobody.port}")
    assert "--no-database" in done.stderr
    assert "hidden" not in done.stderr


def test_commands_that_need_a_database_say_so() -> None:
    for command in (["worker"], ["migrate"], ["serve", "--no-worker"]):
        done = facemask(*command, DB_USE_DATABASE="false")
        assert done.returncode == 1
        assert done.stderr.startswith("facemask: DB_USE_DATABASE='false': ")
    assert facemask("serve", "--no-worker", "--no-database").returncode == 2
