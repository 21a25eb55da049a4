"""Concurrent migrations create the schema once; a start without a database prints what to do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from facemask.service.database import schema
from facemask.service.database.settings import DatabaseSettings
from support.ports import closed_port
from support.postgres_server import database_environment, execute, temporary_database

LATER = "007_scope.sql"


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
    with temporary_database(postgres, empty=True) as settings, ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: facemask("migrate", **database_environment(settings)), range(6)))
        assert [process.returncode for process in done] == [0] * 6, [process.stderr for process in done]
        said = [process.stdout for process in done]
        assert sum("001_jobs.sql" in text for text in said) == 1
        assert said.count("the schema is up to date\n") == 5
        names = [name for (name,) in execute(settings, "select name from facemask_schema")]
        assert len(names) == len(set(names))


def test_answers_that_were_kept_by_likeness_are_gone(
    postgres: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that is taken with rows in the table: those of before can be found by nobody, and are not in the way."""
    steps = schema._pending_steps
    with temporary_database(postgres, empty=True) as settings:
        with monkeypatch.context() as before:
            before.setattr(
                schema,
                "_pending_steps",
                lambda *given, **how: [s for s in steps(*given, **how) if s[0] < LATER or "/" in s[0]],
            )
            asyncio.run(schema.migrate(settings))
        execute(
            settings,
            "insert into facemask_cache (digest, tail, etag, format, size, expires_at, scope, phash, band_0, runs)"
            " values ('a', '', '', 'svg', 0, now() + interval '1 day', gen_random_uuid(), 1, 1, '')",
        )
        assert LATER in asyncio.run(schema.migrate(settings))
        columns = execute(
            settings, "select column_name from information_schema.columns where table_name = 'facemask_cache'"
        )
        assert {"scope", "phash"} <= {name for (name,) in columns}
        assert {"band_0", "band_3", "signature", "points", "runs"}.isdisjoint(name for (name,) in columns)
        assert execute(settings, "select count(*) from facemask_cache") == [(0,)]


def test_a_migration_that_fails_leaves_nothing_behind(postgres: DatabaseSettings) -> None:
    with temporary_database(postgres, empty=True) as settings:
        execute(settings, "create table facemask_jobs (mine text)")
        assert facemask("migrate", **database_environment(settings)).returncode != 0
        assert execute(settings, "select to_regclass('procrastinate_jobs'), to_regclass('facemask_schema')") == [
            (None, None)
        ]


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["serve", "--no-worker"], ["worker"], ["migrate"]])
def test_without_a_server_the_start_fails_with_one_sentence_that_says_what_to_do(command: list[str]) -> None:
    with closed_port() as port:
        nobody = DatabaseSettings(host="127.0.0.1", port=port, password="hidden")  # noqa: S106
        done = facemask(*command, **database_environment(nobody), DB_START_SECONDS="0")
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
