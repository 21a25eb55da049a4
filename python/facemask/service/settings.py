"""Environment variables -> one frozen `Settings`. A bad value stops the start and says which, what and
why.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

from facemask.service.access import client_address, keys, settings
from facemask.service.access.keys import KeyRing
from facemask.service.access.settings import AccessPolicy
from facemask.service.cache.settings import CachePolicy, Mode
from facemask.service.database.settings import DatabaseSettings
from facemask.service.jobs.settings import JobPolicy
from facemask.service.telemetry.settings import LogFormat, TelemetryPolicy

D = TypeVar("D")
V = TypeVar("V")

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_MEBIBYTE = 2**20
_MAX_TEXT = 100
_MAX_DIGITS = 18  # fits the engine's 64 bits
_MAX_PORT = 65535
# A table holds more than a process's memory.
_DURABLE = JobPolicy(max_results=100_000, max_result_bytes=16 * 2**30)
_DURABLE_CACHE = CachePolicy(max_results=1_000_000, max_bytes=16 * 2**30)
# What a request may take besides receiving its body and waiting for its job.
_SPARE_SECONDS = 30.0
# A band of the hash that differs in one bit is still found; with eight bits none may be.
_MAX_DISTANCE = 7


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the variable, the value and the rule."""

    def __init__(self, name: str, value: str, rule: str) -> None:
        super().__init__(f"{name}={value!r}: {rule}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """Who the service says it is. `debug` logs more and names the exception in a 500 answer."""

    name: str = "facemask"
    version: str = "0"
    debug: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """What one request may cost. Pixel limits of None are the engine's own defaults.

    Attributes:
        body_bytes: largest request body.
        body_seconds: a body must have arrived after this long.
        body_rate: bytes a second that a body must keep up after some seconds; 0: any.
        pixels: largest photo and label map, from the header.
        decode_pixels: largest photo whose pixels are decoded (an embedded crop).
        border: most steps of border between the regions of a label map; each costs up to 400 bytes.
        wait_seconds: longest `?wait=`; more is shortened to it.
        request_seconds: a request with its body, its wait and its answer must be over after this long.
        connections: that are open at once; more wait until one ends.
        response_bytes: largest answer of a job, and largest file that is made of one.

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
    """Everything that can be set. Without a database jobs live in memory."""

    app: AppSettings = field(default_factory=AppSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    jobs: JobPolicy = field(default_factory=JobPolicy)
    cache: CachePolicy = field(default_factory=CachePolicy)
    access: AccessPolicy = field(default_factory=AccessPolicy)
    telemetry: TelemetryPolicy = field(default_factory=TelemetryPolicy)
    database: DatabaseSettings | None = None


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from environment variables; unset and empty ones have their defaults. Raises
    `SettingsError`.
    """
    env = _Environment(environ)
    database = _database(env) if env.switch("DB_USE_DATABASE", default=True) else None
    jobs = _jobs(env, _DURABLE if database else JobPolicy())
    cache = _cache(env, _DURABLE_CACHE if database else CachePolicy(), jobs.ttl)
    return Settings(
        app=_app(env),
        limits=_limits(env),
        jobs=jobs,
        cache=cache,
        access=_access(env),
        telemetry=_telemetry(env),
        database=database,
    )


def _telemetry(env: _Environment) -> TelemetryPolicy:
    default = TelemetryPolicy()
    return TelemetryPolicy(
        prometheus_enabled=env.switch("PROMETHEUS_ENABLED", default=default.prometheus_enabled),
        prometheus_host=env.text("PROMETHEUS_HOST", default.prometheus_host),
        prometheus_port=env.count("PROMETHEUS_PORT", default.prometheus_port, least=0, most=_MAX_PORT),
        prometheus_on_app=env.switch("PROMETHEUS_ON_APP", default=default.prometheus_on_app),
        log_format=env.choice("LOG_FORMAT", default.log_format, LogFormat.names()),
        traces_exporter=_traces_exporter(env),
    )


def _traces_exporter(env: _Environment) -> str:
    """Off unless a standard variable asks for traces: by an exporter, or by an address for them."""
    addressed = env.secret("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or env.secret("OTEL_EXPORTER_OTLP_ENDPOINT")
    exporter = env.text("OTEL_TRACES_EXPORTER", "otlp" if addressed else "none")
    return "" if exporter == "none" or env.switch("OTEL_SDK_DISABLED", default=False) else exporter


def _cache(env: _Environment, default: CachePolicy, ttl: float) -> CachePolicy:
    """An answer is kept no longer after its last use than the job that used it."""
    return CachePolicy(
        mode=env.choice("CACHE_MODE", default.mode, Mode.names()),
        distance=env.count("CACHE_PHASH_DISTANCE", default.distance, least=0, most=_MAX_DISTANCE),
        max_results=env.count("CACHE_MAX_RESULTS", default.max_results),
        max_bytes=env.count("CACHE_MAX_BYTES", default.max_bytes, least=_MEBIBYTE),
        ttl=ttl,
    )


def _access(env: _Environment) -> AccessPolicy:
    default = AccessPolicy()
    return AccessPolicy(
        keys=env.secrets("AUTH_API_KEYS", KeyRing(), keys.read_keys, keys.RULE),
        trusted_proxies=env.parsed("AUTH_TRUSTED_PROXIES", (), client_address.read_networks, client_address.RULE),
        origins=env.parsed("AUTH_CORS_ORIGINS", (), settings.read_origins, settings.ORIGINS_RULE),
        rate=env.number("LIMIT_RATE", default.rate, "requests a second"),
        burst=env.count("LIMIT_BURST", default.burst),
    )


def _database(env: _Environment) -> DatabaseSettings:
    default = DatabaseSettings()
    return DatabaseSettings(
        host=env.text("DB_HOST", default.host),
        port=env.count("DB_PORT", default.port, most=_MAX_PORT),
        username=env.text("DB_USERNAME", default.username),
        password=env.secret("DB_PASSWORD"),
        database=env.text("DB_DATABASE", default.database),
        pool_size=env.count("DB_POOL_SIZE", default.pool_size, least=2),
        start_seconds=env.seconds("DB_START_SECONDS", default.start_seconds),
    )


def _app(env: _Environment) -> AppSettings:
    return AppSettings(
        name=env.text("APP_NAME", "facemask"),
        version=env.text("APP_VERSION", _package_version()),
        debug=env.switch("APP_DEBUG", default=False),
    )


def _limits(env: _Environment) -> LimitSettings:
    default = LimitSettings()
    body_seconds = env.seconds("LIMIT_BODY_SECONDS", default.body_seconds, above_zero=True)
    wait_seconds = env.seconds("LIMIT_WAIT_SECONDS", default.wait_seconds)
    least = body_seconds + wait_seconds
    return LimitSettings(
        body_bytes=env.count("LIMIT_BODY_BYTES", default.body_bytes, least=1024),
        body_seconds=body_seconds,
        body_rate=env.number("LIMIT_BODY_RATE", default.body_rate, "bytes a second"),
        pixels=env.count("LIMIT_PIXELS", default.pixels),
        decode_pixels=env.count("LIMIT_DECODE_PIXELS", default.decode_pixels),
        border=env.count("LIMIT_BORDER", default.border),
        wait_seconds=wait_seconds,
        request_seconds=env.seconds("LIMIT_REQUEST_SECONDS", least + _SPARE_SECONDS, above=least),
        connections=env.count("LIMIT_CONNECTIONS", default.connections, least=16),
        response_bytes=env.count("LIMIT_RESPONSE_BYTES", default.response_bytes, least=_MEBIBYTE),
    )


def _jobs(env: _Environment, default: JobPolicy) -> JobPolicy:
    return JobPolicy(
        ttl=env.seconds("JOB_TTL", default.ttl, above_zero=True),
        queue_size=env.count("JOB_QUEUE_SIZE", default.queue_size, least=0),
        queue_bytes=env.count("JOB_QUEUE_BYTES", default.queue_bytes),
        # One more than processors: a worker that is done waits for the event loop before it has the next job.
        workers=env.count("JOB_WORKERS", _cpu_count() + 1),
        max_results=env.count("JOB_MAX_RESULTS", default.max_results),
        max_result_bytes=env.count("JOB_MAX_RESULT_BYTES", default.max_result_bytes, least=_MEBIBYTE),
        grace_seconds=env.seconds("JOB_GRACE_SECONDS", default.grace_seconds),
        heartbeat_seconds=env.seconds("JOB_HEARTBEAT_SECONDS", default.heartbeat_seconds, above_zero=True),
        max_waiters=env.count("LIMIT_WAITERS", default.max_waiters, least=0),
        simulated_delay=env.seconds("APP_SIMULATED_DELAY", default.simulated_delay),
    )


class _Environment:
    """Typed reading; every method returns its default when the variable is unset or empty."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def _read(self, name: str, default: D, parse: Callable[[str], V | None], rule: str) -> D | V:
        raw = self._environ.get(name, "").strip()
        if not raw:
            return default
        value = parse(raw)
        if value is None:
            raise SettingsError(name, raw, rule)
        return value

    def text(self, name: str, default: str) -> str:
        """One line of text, 100 characters at most: it ends up in answers and logs."""
        rule = f"must be one line of at most {_MAX_TEXT} printable characters"
        return self._read(name, default, lambda raw: raw if raw.isprintable() and len(raw) <= _MAX_TEXT else None, rule)

    def switch(self, name: str, *, default: bool) -> bool:
        """A yes or no."""
        answers = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
        return self._read(name, default, lambda raw: answers.get(raw.lower()), "must be true or false")

    def choice(self, name: str, default: D, values: Mapping[str, D]) -> D:
        """One of some names, in small or capital letters."""
        rule = f"must be {' or '.join(values)}"
        return self._read(name, default, lambda raw: values.get(raw.lower()), rule)

    def secret(self, name: str) -> str:
        """A text that is taken as it is and never shown."""
        return self._environ.get(name, "")

    def count(self, name: str, default: D, *, least: int = 1, most: int = 10**_MAX_DIGITS) -> D | int:
        """A whole number."""

        def parse(raw: str) -> int | None:
            fits = raw.isascii() and raw.isdecimal() and len(raw) <= _MAX_DIGITS and least <= int(raw) <= most
            return int(raw) if fits else None

        bound = "" if most == 10**_MAX_DIGITS else f", at most {most}"
        return self._read(name, default, parse, f"must be a whole number, at least {least}{bound}")

    def parsed(self, name: str, default: D, parse: Callable[[str], D | None], rule: str) -> D:
        """What `parse` makes of a text; None breaks the rule."""
        return self._read(name, default, parse, rule)

    def secrets(self, name: str, default: D, parse: Callable[[str], D | None], rule: str) -> D:
        """As `parsed`, of a text that no message shows."""
        try:
            return self._read(name, default, parse, rule)
        except SettingsError:
            raise SettingsError(name, "...", rule) from None

    def seconds(self, name: str, default: float, *, above_zero: bool = False, above: float = 0.0) -> float:
        """A length of time, fractions allowed; `above` is out of the question, unless it is 0 and may be."""
        return self.number(name, default, "seconds", above=above if above_zero or above else None)

    def number(self, name: str, default: float, unit: str, *, above: float | None = None) -> float:
        """A number that is not negative, fractions allowed."""

        def parse(raw: str) -> float | None:
            try:
                value = float(raw)
            except ValueError:
                return None
            fits = math.isfinite(value) and (value >= 0 if above is None else value > above)
            return value if fits else None

        bound = ", 0 or more" if above is None else f" above {above:g}"
        return self._read(name, default, parse, f"must be a number of {unit}{bound}")


def _cpu_count() -> int:
    """Processors this process may use: a container's set of processors counts, its quota of their time does not."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _package_version() -> str:
    try:
        return version("facemask")
    except PackageNotFoundError:  # run from a source tree
        return "0"
