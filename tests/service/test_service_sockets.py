"""Listening sockets: an unavailable address is one sentence and exit code 1, an invalid one a usage error."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from facemask import cli
from facemask.service.asgi_server import sockets
from facemask.service.asgi_server.sockets import ListenError, open_listeners
from facemask.service.settings import read_settings
from support.ports import closed_port
from support.postgres_server import DatabaseSettings, database_environment

IN_MEMORY = {"DB_USE_DATABASE": "false"}


@pytest.fixture
def occupied_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def serve(*options: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "facemask", "serve", *options],
        env=os.environ | changes,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("port", ["70000", "65536", "-1", "x", "", "8e3", "\u0663", "0" * 4000 + "1"])
def test_a_port_out_of_range_is_a_usage_error_that_names_the_range(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["serve", "--no-database", f"--port={port}"])
    assert end.value.code == 2
    assert "argument --port: must be a number from 0 to 65535, got" in capsys.readouterr().err


def test_a_taken_port_is_one_sentence(occupied_port: int) -> None:
    done = serve("--no-database", "--port", str(occupied_port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"facemask: cannot listen on 127.0.0.1:{occupied_port}: Address already in use\n"


def test_so_it_is_for_several_processes_and_before_the_database_is_looked_for(
    database: DatabaseSettings, occupied_port: int
) -> None:
    done = serve("--processes", "3", "--port", str(occupied_port), **database_environment(database))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"facemask: cannot listen on 127.0.0.1:{occupied_port}: Address already in use\n"
    with closed_port() as port:
        nobody = DatabaseSettings(host="127.0.0.1", port=port)
        done = serve("--port", str(occupied_port), **database_environment(nobody))
    assert done.stderr.startswith(f"facemask: cannot listen on 127.0.0.1:{occupied_port}: ")


# 192.0.2.0/24 is for documentation: nobody has these addresses. Nor can names end in `invalid`.
@pytest.mark.parametrize("host", ["nobody.invalid", "192.0.2.1", "2001:db8::1", "a" * 70, "1.2.3.4.5"])
@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_host_that_is_not_ours_is_one_sentence(
    host: str, processes: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused before the database is looked for, so none is needed to see it."""
    settings = read_settings({"DB_HOST": "127.0.0.1", "DB_PORT": "1", "DB_START_SECONDS": "0"})
    monkeypatch.setattr("facemask.service.processes.commands.read_settings", lambda _: settings)
    monkeypatch.setattr("facemask.service.processes.server.configure_logging", lambda *_, **__: None)
    assert cli.main(["serve", "--host", host, "--port", "0", "--processes", processes]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    shown = f"[{host}]" if ":" in host else host
    assert said.err.startswith(f"facemask: cannot listen on {shown}:0: ")
    assert said.err.count("\n") == 1
    assert "Errno" not in said.err


def test_a_port_that_only_root_may_have_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied (while attempting to bind on address)")

    monkeypatch.setattr(socket, "create_server", forbidden)
    with pytest.raises(ListenError, match=r"^cannot listen on 127\.0\.0\.1:80: Permission denied$"):
        open_listeners("127.0.0.1", 80)


def test_a_name_with_several_addresses_is_listened_to_on_all_of_them_with_one_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ExitStack() as stack:
        opened = [stack.enter_context(one) for one in open_listeners("localhost", 0)]
        assert len({one.getsockname()[1] for one in opened}) == 1
        for one in opened:
            with socket.create_connection(one.getsockname()[:2], timeout=10):
                pass
    both = [(family, socket.SOCK_STREAM, 6, "", (host, 0)) for family, host in ((socket.AF_INET, "127.0.0.1"),) * 2]
    absent = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [absent, *both])
    (one,) = open_listeners("localhost", 0)
    one.close()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [absent])
    with pytest.raises(ListenError, match="Cannot assign requested address"):
        open_listeners("localhost", 0)


def test_what_was_opened_is_closed_when_another_address_is_taken(
    occupied_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[socket.socket] = []
    create = socket.create_server

    def kept(*given: Any, **named: Any) -> socket.socket:
        opened.append(create(*given, **named))
        return opened[-1]

    monkeypatch.setattr(sockets.socket, "create_server", kept)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, occupied_port)) for host in ("127.0.0.2", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ListenError, match="Address already in use"):
        open_listeners("localhost", occupied_port)
    assert [one.fileno() for one in opened] == [-1]


def test_a_port_out_of_range_is_refused_by_the_service_too() -> None:
    with pytest.raises(ListenError, match="from 0 to 65535"):
        open_listeners("127.0.0.1", 70_000)
