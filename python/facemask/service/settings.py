"""Environment variables -> one frozen `Settings`.

An invalid value stops the start with a `SettingsError`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from facemask.service.access import client_address, keys
from facemask.service.access import settings as access_settings
from facemask.service.access.keys import KeyRing
from facemask.service.access.settings import AccessSettings
from facemask.service.cache.settings import CacheMode, CacheSettings
from facemask.service.database.settings import DatabaseSettings
from facemask.service.environment import Environment
from facemask.service.jobs.settings import JobSettings
from facemask.service.telemetry.settings import LogFormat, TelemetrySettings

_MEBIBYTE = 2**20
_MAX_PORT = 65535
# A table can hold more than a process's memory.
_POSTGRES_JOBS = JobSettings(max_results=100_000, max_result_bytes=16 * 2**30)
_POSTGRES_CACHE = CacheSettings(max_results=1_000_000, max_bytes=16 * 2**30)
# Time of a request besides receiving its body and waiting for its job.
_OVERHEAD_SECONDS = 30.0
# Part of the contract: photos whose hashes differ in more bits are never called similar.
_MAX_DISTANCE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """Name and version in the API's description.

    `debug` logs more and names the exception in 500 responses.
    """

    name: str = "facemask"
    version: str = "0"
    debug: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """Bounds on the cost of one request.

    Pixel limits of None are the compiled module's defaults.

    Attributes:
        body_bytes: largest request body.
        body_seconds: time within which a body must have arrived.
        body_rate: bytes per second that a body must sustain after some seconds; 0: any.
        pixels: largest photo and label map, from the header.
        decode_pixels: largest photo whose pixels are decoded, to embed its crop or to measure colors.
        border: most border edges between the regions of a label map; each costs up to 400 bytes.
        wait_seconds: longest `?wait=`; longer ones are clamped.
        request_seconds: deadline of a whole request, with its body, its wait and its response.
        connections: most open connections; further ones wait in the backlog.
        response_bytes: largest response of a job, and largest file rendered from one.
    """

    body_bytes: int = 32 * _MEBIBYTE
    body_seconds: float = 30.0
    body_rate: float = 1024.0
    pixels: int | None = None
    decode_pixels: int | None = None
    border: int = 2**19
    wait_seconds: float = 30.0
    request_seconds: float = 90.0
    connections: int = 2500
    response_bytes: int = 64 * _MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Without a database jobs live in memory."""

    app: AppSettings = field(default_factory=AppSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    jobs: JobSettings = field(default_factory=JobSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    access: AccessSettings = field(default_factory=AccessSettings)
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)
    database: DatabaseSettings | None = None


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings; unset and empty variables have their defaults.

    Raises `SettingsError`.
    """
    env = Environment(environ)
    database = _database(env) if env.boolean("DB_USE_DATABASE", default=True) else None
    jobs = _jobs(env, _POSTGRES_JOBS if database else JobSettings())
    cache = _cache(env, _POSTGRES_CACHE if database else CacheSettings(), jobs.ttl)
    return Settings(
        app=_app(env),
        limits=_limits(env),
        jobs=jobs,
        cache=cache,
        access=_access(env),
        telemetry=_telemetry(env),
        database=database,
    )


def _telemetry(env: Environment) -> TelemetrySettings:
    default = TelemetrySettings()
    return TelemetrySettings(
        prometheus_enabled=env.boolean("PROMETHEUS_ENABLED", default=default.prometheus_enabled),
        prometheus_host=env.text("PROMETHEUS_HOST", default.prometheus_host),
        prometheus_port=env.integer("PROMETHEUS_PORT", default.prometheus_port, minimum=0, maximum=_MAX_PORT),
        prometheus_on_app=env.boolean("PROMETHEUS_ON_APP", default=default.prometheus_on_app),
        log_format=env.choice("LOG_FORMAT", default.log_format, LogFormat.names()),
        traces_exporter=_traces_exporter(env),
    )


def _traces_exporter(env: Environment) -> str:
    """Return the exporter's name; empty unless a standard variable asks for traces."""
    endpoint = env.secret("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or env.secret("OTEL_EXPORTER_OTLP_ENDPOINT")
    exporter = env.text("OTEL_TRACES_EXPORTER", "otlp" if endpoint else "none")
    return "" if exporter == "none" or env.boolean("OTEL_SDK_DISABLED", default=False) else exporter


def _cache(env: Environment, default: CacheSettings, ttl: float) -> CacheSettings:
    """Return the cache's settings; responses live as long as jobs."""
    return CacheSettings(
        mode=env.choice("CACHE_MODE", default.mode, CacheMode.names()),
        distance=env.integer("CACHE_PHASH_DISTANCE", default.distance, minimum=0, maximum=_MAX_DISTANCE),
        max_results=env.integer("CACHE_MAX_RESULTS", default.max_results),
        max_bytes=env.integer("CACHE_MAX_BYTES", default.max_bytes, minimum=_MEBIBYTE),
        ttl=ttl,
    )


def _access(env: Environment) -> AccessSettings:
    default = AccessSettings()
    return AccessSettings(
        keys=env.parsed_secret("AUTH_API_KEYS", KeyRing(), keys.parse_keys, keys.RULE),
        trusted_proxies=env.parsed("AUTH_TRUSTED_PROXIES", (), client_address.parse_networks, client_address.RULE),
        origins=env.parsed("AUTH_CORS_ORIGINS", (), access_settings.parse_origins, access_settings.ORIGINS_RULE),
        rate=env.number("LIMIT_RATE", default.rate, "requests a second"),
        burst=env.integer("LIMIT_BURST", default.burst),
    )


def _database(env: Environment) -> DatabaseSettings:
    default = DatabaseSettings()
    return DatabaseSettings(
        host=env.text("DB_HOST", default.host),
        port=env.integer("DB_PORT", default.port, maximum=_MAX_PORT),
        username=env.text("DB_USERNAME", default.username),
        password=env.secret("DB_PASSWORD"),
        database=env.text("DB_DATABASE", default.database),
        pool_size=env.integer("DB_POOL_SIZE", default.pool_size, minimum=2),
        start_seconds=env.seconds("DB_START_SECONDS", default.start_seconds),
    )


def _app(env: Environment) -> AppSettings:
    return AppSettings(
        name=env.text("APP_NAME", "facemask"),
        version=env.text("APP_VERSION", _package_version()),
        debug=env.boolean("APP_DEBUG", default=False),
    )


def _limits(env: Environment) -> LimitSettings:
    default = LimitSettings()
    body_seconds = env.seconds("LIMIT_BODY_SECONDS", default.body_seconds, above_zero=True)
    wait_seconds = env.seconds("LIMIT_WAIT_SECONDS", default.wait_seconds)
    longest = body_seconds + wait_seconds
    return LimitSettings(
        body_bytes=env.integer("LIMIT_BODY_BYTES", default.body_bytes, minimum=1024),
        body_seconds=body_seconds,
        body_rate=env.number("LIMIT_BODY_RATE", default.body_rate, "bytes a second"),
        pixels=env.integer("LIMIT_PIXELS", default.pixels),
        decode_pixels=env.integer("LIMIT_DECODE_PIXELS", default.decode_pixels),
        border=env.integer("LIMIT_BORDER", default.border),
        wait_seconds=wait_seconds,
        request_seconds=env.seconds("LIMIT_REQUEST_SECONDS", longest + _OVERHEAD_SECONDS, above=longest),
        connections=env.integer("LIMIT_CONNECTIONS", default.connections, minimum=16),
        response_bytes=env.integer("LIMIT_RESPONSE_BYTES", default.response_bytes, minimum=_MEBIBYTE),
    )


def _jobs(env: Environment, default: JobSettings) -> JobSettings:
    return JobSettings(
        ttl=env.seconds("JOB_TTL", default.ttl, above_zero=True),
        queue_size=env.integer("JOB_QUEUE_SIZE", default.queue_size, minimum=0),
        queue_bytes=env.integer("JOB_QUEUE_BYTES", default.queue_bytes),
        # One more than processors: an idle worker waits for the event loop to hand it the next job.
        workers=env.integer("JOB_WORKERS", _cpu_count() + 1),
        max_results=env.integer("JOB_MAX_RESULTS", default.max_results),
        max_result_bytes=env.integer("JOB_MAX_RESULT_BYTES", default.max_result_bytes, minimum=_MEBIBYTE),
        grace_seconds=env.seconds("JOB_GRACE_SECONDS", default.grace_seconds),
        heartbeat_seconds=env.seconds("JOB_HEARTBEAT_SECONDS", default.heartbeat_seconds, above_zero=True),
        max_waiters=env.integer("LIMIT_WAITERS", default.max_waiters, minimum=0),
        simulated_delay=env.seconds("APP_SIMULATED_DELAY", default.simulated_delay),
        parser=env.parsed("FACEMASK_PARSER", default.parser, Path, "must be the path of an ONNX file"),
    )


def _cpu_count() -> int:
    """Return the processors this process may use.

    A container's CPU set counts, its CPU time quota does not.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _package_version() -> str:
    try:
        return version("facemask-contours")
    except PackageNotFoundError:  # run from a source tree
        return "0"
