"""Environment variables: defaults, every variable, every kind of invalid value."""

from __future__ import annotations

import os
from typing import Any

import pytest
from facemask.service.environment import SettingsError
from facemask.service.settings import Settings, read_settings
from support.service.settings_examples import EXAMPLES


def test_the_defaults_are_those_of_the_structs_except_what_the_machine_says() -> None:
    settings = read_settings({})
    assert settings.jobs.workers == len(os.sched_getaffinity(0)) + 1
    assert settings.limits == Settings().limits
    assert (settings.app.name, settings.app.debug) == ("facemask", False)
    assert (settings.jobs.ttl, settings.jobs.simulated_delay) == (3600.0, 0.0)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_variable_is_read(name: str) -> None:
    raw, look, expected = EXAMPLES[name]
    settings = read_settings({name: f" {raw} "})
    assert look(settings) == expected
    assert look(read_settings({})) != expected
    assert read_settings({name: ""}) == read_settings({})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("APP_DEBUG", ["maybe", "2", "tru"]),
        ("DB_USE_DATABASE", ["maybe"]),
        ("CACHE_MODE", ["on", "2"]),
        ("CACHE_PHASH_DISTANCE", ["8", "-1"]),
        ("DB_PORT", ["0", "65536", "x"]),
        ("DB_POOL_SIZE", ["1"]),
        ("APP_NAME", ["a\nb", "x" * 101]),
        ("JOB_WORKERS", ["0", "-1", "1.5", "two", "\u0663", "9" * 30, "1_000"]),
        ("JOB_TTL", ["0", "-1", "nan", "inf", "1h"]),
        ("JOB_GRACE_SECONDS", ["-1", "x"]),
        ("LIMIT_BODY_BYTES", ["0", "10"]),
        ("JOB_MAX_RESULT_BYTES", ["1000"]),
        ("LIMIT_WAITERS", ["-1"]),
    ],
)
def test_a_bad_value_is_named_with_its_rule(name: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(SettingsError) as error:
            read_settings({name: value})
        assert str(error.value).startswith(f"{name}={value!r}: ")
        assert len(str(error.value)) > len(f"{name}={value!r}: ") + 5


def test_a_database_holds_more_results_than_a_process() -> None:
    durable, memory = read_settings({}), read_settings({"DB_USE_DATABASE": "no"})
    assert durable.jobs.max_results > memory.jobs.max_results == Settings().jobs.max_results
    assert durable.jobs.max_result_bytes > memory.jobs.max_result_bytes


def test_a_password_is_never_shown() -> None:
    assert "hidden" not in repr(read_settings({"DB_PASSWORD": "hidden"}))


def test_variables_of_others_are_left_alone() -> None:
    assert read_settings({"PATH": "/bin", "APP_OTHER": "x"}) == read_settings({})


def test_settings_are_frozen() -> None:
    settings: Any = Settings()
    with pytest.raises(AttributeError):
        settings.jobs.ttl = 1
