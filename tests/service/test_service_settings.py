"""The environment: defaults, every variable, every kind of bad value."""

from __future__ import annotations

import os
from typing import Any

import pytest
from facemask.service.cache.settings import CacheMode
from facemask.service.environment import SettingsError
from facemask.service.settings import Settings, read_settings
from facemask.service.telemetry.settings import LogFormat

SET = {
    "APP_NAME": ("faces", lambda s: s.app.name, "faces"),
    "APP_VERSION": ("1.2", lambda s: s.app.version, "1.2"),
    "APP_DEBUG": ("On", lambda s: s.app.debug, True),
    "APP_SIMULATED_DELAY": ("1.5", lambda s: s.jobs.simulated_delay, 1.5),
    "JOB_TTL": ("60", lambda s: s.jobs.ttl, 60.0),
    "JOB_QUEUE_SIZE": ("0", lambda s: s.jobs.queue_size, 0),
    "JOB_QUEUE_BYTES": ("1000", lambda s: s.jobs.queue_bytes, 1000),
    "JOB_WORKERS": ("7", lambda s: s.jobs.workers, 7),
    "JOB_MAX_RESULTS": ("5", lambda s: s.jobs.max_results, 5),
    "JOB_MAX_RESULT_BYTES": ("2000000", lambda s: s.jobs.max_result_bytes, 2_000_000),
    "JOB_GRACE_SECONDS": ("0", lambda s: s.jobs.grace_seconds, 0.0),
    "LIMIT_BODY_BYTES": ("4096", lambda s: s.limits.body_bytes, 4096),
    "LIMIT_BODY_SECONDS": ("2", lambda s: s.limits.body_seconds, 2.0),
    "LIMIT_PIXELS": ("1000", lambda s: s.limits.pixels, 1000),
    "LIMIT_DECODE_PIXELS": ("1000", lambda s: s.limits.decode_pixels, 1000),
    "LIMIT_BORDER": ("1000", lambda s: s.limits.border, 1000),
    "LIMIT_WAIT_SECONDS": ("0", lambda s: s.limits.wait_seconds, 0.0),
    "LIMIT_WAITERS": ("0", lambda s: s.jobs.max_waiters, 0),
    "LIMIT_REQUEST_SECONDS": ("100", lambda s: s.limits.request_seconds, 100.0),
    "LIMIT_RESPONSE_BYTES": ("2000000", lambda s: s.limits.response_bytes, 2_000_000),
    "LIMIT_RATE": ("0.5", lambda s: s.access.rate, 0.5),
    "LIMIT_BURST": ("7", lambda s: s.access.burst, 7),
    "AUTH_API_KEYS": ("0123456789abcdef, fedcba9876543210", lambda s: len(s.access.keys.digests), 2),
    "AUTH_TRUSTED_PROXIES": (
        "::1, 10.0.0.0/8",
        lambda s: [str(n) for n in s.access.trusted_proxies],
        ["::1/128", "10.0.0.0/8"],
    ),
    "AUTH_CORS_ORIGINS": ("https://a.example, http://[::1]:80", lambda s: len(s.access.origins), 2),
    "JOB_HEARTBEAT_SECONDS": ("1", lambda s: s.jobs.heartbeat_seconds, 1.0),
    "CACHE_MODE": ("Exact", lambda s: s.cache.mode, CacheMode.EXACT),
    "CACHE_PHASH_DISTANCE": ("0", lambda s: s.cache.distance, 0),
    "CACHE_MAX_RESULTS": ("5", lambda s: s.cache.max_results, 5),
    "CACHE_MAX_BYTES": ("2000000", lambda s: s.cache.max_bytes, 2_000_000),
    "DB_USE_DATABASE": ("false", lambda s: s.database, None),
    "DB_HOST": ("db", lambda s: s.database.host, "db"),
    "DB_PORT": ("6543", lambda s: s.database.port, 6543),
    "DB_USERNAME": ("me", lambda s: s.database.username, "me"),
    "DB_PASSWORD": ("secret", lambda s: s.database.password.strip(), "secret"),
    "DB_DATABASE": ("faces", lambda s: s.database.database, "faces"),
    "DB_POOL_SIZE": ("4", lambda s: s.database.pool_size, 4),
    "DB_START_SECONDS": ("60", lambda s: s.database.start_seconds, 60.0),
    "PROMETHEUS_ENABLED": ("true", lambda s: s.telemetry.prometheus_enabled, True),
    "PROMETHEUS_HOST": ("0.0.0.0", lambda s: s.telemetry.prometheus_host, "0.0.0.0"),
    "PROMETHEUS_PORT": ("9191", lambda s: s.telemetry.prometheus_port, 9191),
    "PROMETHEUS_ON_APP": ("no", lambda s: s.telemetry.prometheus_on_app, False),
    "LOG_FORMAT": ("JSON", lambda s: s.telemetry.log_format, LogFormat.JSON),
    "OTEL_TRACES_EXPORTER": ("console", lambda s: s.telemetry.traces_exporter, "console"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("http://x:4318", lambda s: s.telemetry.traces_exporter, "otlp"),
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": ("http://x:4318", lambda s: s.telemetry.traces_exporter, "otlp"),
}


def test_the_defaults_are_those_of_the_structs_except_what_the_machine_says() -> None:
    settings = read_settings({})
    assert settings.jobs.workers == len(os.sched_getaffinity(0)) + 1
    assert settings.limits == Settings().limits
    assert (settings.app.name, settings.app.debug) == ("facemask", False)
    assert (settings.jobs.ttl, settings.jobs.simulated_delay) == (3600.0, 0.0)


@pytest.mark.parametrize("name", SET)
def test_every_variable_is_read(name: str) -> None:
    raw, look, expected = SET[name]
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
