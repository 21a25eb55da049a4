"""Log lines: formats, colors and ids, and the absence of input."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from facemask.service.database.settings import DatabaseSettings
from facemask.service.settings import Settings, read_settings
from facemask.service.telemetry import repeat_filter
from facemask.service.telemetry.logs import configure_logging, has_colors, is_for_console
from facemask.service.telemetry.settings import LogFormat
from facemask.service.telemetry.startup_banner import flatten_settings, print_banner
from instrumented_app import instrumented_app
from support.service.fake_tracer import FakeTracer, body

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Gives the loggers back as they were."""
    root = logging.getLogger()
    names = ("facemask", "uvicorn", "uvicorn.error")
    before = (root.handlers, root.level, [logging.getLogger(name).level for name in names])
    yield
    root.handlers, level, levels = before
    root.setLevel(level)
    for name, one in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(one)


pytestmark = pytest.mark.usefixtures("restored_logging")


def log_stream(form: LogFormat, *, debug: bool = False, terminal: bool = False) -> io.StringIO:
    stream = Terminal() if terminal else io.StringIO()
    configure_logging(form, debug=debug, stream=stream)
    return stream


def parse_lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_of_a_request_and_its_job_has_the_trace_and_the_job() -> None:
    stream = log_stream(LogFormat.AUTO)
    with instrumented_app(FakeTracer(), traced=False) as service:
        headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        job = service.client.post("/submit?wait=5", json=body(bug=True), headers=headers).json()["id"]
        service.client.get(f"/result/{job}.svg")
    bug, ended, request, result = (line for line in parse_lines(stream) if line["logger"].startswith("facemask"))
    for line in (bug, ended, request):
        assert (line["trace_id"], line["job_id"]) == (TRACE, job)
    assert (bug["level"], bug["exception"].splitlines()[-1]) == ("error", "ZeroDivisionError")
    assert (ended["outcome"], ended["code"], ended["logger"]) == ("error", "internal_error", "facemask.jobs")
    assert (request["route"], request["status"], request["method"]) == ("/api/v1/frontal/crop/submit", 200, "POST")
    assert (result["job_id"], result["problem"], result["status"]) == (job, "job_failed", 409)
    assert re.fullmatch("[0-9a-f]{32}", result["trace_id"])
    assert result["trace_id"] != TRACE


def test_a_library_says_a_thing_once_a_minute_and_then_how_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(repeat_filter, "monotonic", lambda: now)
    stream = log_stream(LogFormat.JSON)
    pool, ours = logging.getLogger("psycopg.pool"), logging.getLogger("facemask.service")

    def outage() -> None:
        pool.warning("error connecting in %r: %s", "facemask", f"refused at {now} 100%")

    for _ in range(120):
        outage()
        pool.warning("another line of code")
        ours.warning("ours")
        now += 0.5
    outage()
    outage()
    said = [line["message"] for line in parse_lines(stream) if line["logger"] == "psycopg.pool"]
    assert said == [
        "error connecting in 'facemask': refused at 1000.0 100%",
        "another line of code",
        "error connecting in 'facemask': refused at 1060.0 100% (119 more like this before)",
    ]
    assert sum(line["message"] == "ours" for line in parse_lines(stream)) == 120


def test_exceptions_that_a_library_logs_all_pass_and_with_debug_everything_does() -> None:
    stream = log_stream(LogFormat.JSON)
    library = logging.getLogger("uvicorn.error")
    for kind in (ValueError, KeyError, KeyError):
        library.error("Exception in ASGI application", exc_info=kind())
    assert [line["exception"] for line in parse_lines(stream)] == ["ValueError", "KeyError", "KeyError"]
    stream = log_stream(LogFormat.JSON, debug=True)
    for _ in range(3):
        library.warning("again")
    assert len(parse_lines(stream)) == 3


def test_requests_of_one_connection_have_traces_of_their_own() -> None:
    stream = log_stream(LogFormat.JSON)
    with instrumented_app(FakeTracer(), traced=False) as service:
        for _ in range(3):
            service.client.get("/status/unknown")
        service.client.get("http://testserver.local/health/live")
    ids = [line["trace_id"] for line in parse_lines(stream)]
    assert len(ids) == len(set(ids)) == 3


@pytest.mark.parametrize("debug", [False, True])
def test_what_an_exception_says_is_only_told_in_debug_mode(debug: bool) -> None:
    stream = log_stream(LogFormat.JSON, debug=debug)
    try:
        try:
            raise ValueError("could not convert 'private-landmark'")  # noqa: TRY301 - two errors, one of the other
        except ValueError as error:
            raise RuntimeError("private too") from error
    except RuntimeError:
        logging.getLogger("some.library").exception("it failed")
    (line,) = parse_lines(stream)
    assert line["exception"].count(__file__) == 2
    assert ("private-landmark" in stream.getvalue()) is debug
    assert ("private too" in stream.getvalue()) is debug


def test_libraries_go_through_the_same_formatter() -> None:
    stream = log_stream(LogFormat.JSON)
    for name in ("uvicorn.error", "procrastinate.worker", "psycopg.pool"):
        logging.getLogger(name).warning("from %s", name)
        logging.getLogger(name).info("not told")
    assert [line["message"] for line in parse_lines(stream)] == [
        "from uvicorn.error",
        "from procrastinate.worker",
        "from psycopg.pool",
    ]


def test_a_terminal_gets_lines_for_people_and_everybody_else_json() -> None:
    for form, terminal, people in (
        (LogFormat.AUTO, True, True),
        (LogFormat.AUTO, False, False),
        (LogFormat.JSON, True, False),
        (LogFormat.CONSOLE, False, True),
    ):
        assert is_for_console(form, Terminal() if terminal else io.StringIO(), {}) is people


@pytest.mark.parametrize(
    ("environ", "terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
    ],
)
def test_colours(environ: dict[str, str], terminal: bool, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal() if terminal else io.StringIO()
    assert has_colors(stream, environ) is expected
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    configure_logging(LogFormat.CONSOLE, debug=False, stream=stream)
    logging.getLogger("facemask").info("a line")
    assert ("\x1b[" in stream.getvalue()) is expected


def test_settings_are_told_and_secrets_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(database=DatabaseSettings(password="geheim", host="db.example"))  # noqa: S106 - of nothing
    told = dict(flatten_settings(settings))
    assert (told["database.password"], told["database.host"], told["jobs.ttl"]) == ("***", "db.example", 3600.0)
    stream = log_stream(LogFormat.JSON)
    print_banner(LogFormat.JSON, "facemask 1", settings)
    assert "geheim" not in stream.getvalue()
    assert parse_lines(stream)[0]["settings"]["database.password"] == "***"
    print_banner(LogFormat.CONSOLE, "facemask 1", settings)
    banner = capsys.readouterr().err
    assert "geheim" not in banner
    assert banner.startswith("facemask 1")
    assert re.search(r"database\.host +db\.example", banner)
    assert "telemetry.prometheus_port" in dict(flatten_settings(read_settings({"DB_USE_DATABASE": "false"})))
