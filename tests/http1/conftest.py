"""Servers for the tests of HTTP/1.1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from support.http1.server_process import ServerProcess, server_process


def _maker() -> Iterator[Callable[..., ServerProcess]]:
    with ExitStack() as stack:
        yield lambda app="fake", **environment: stack.enter_context(server_process(app, **environment))


# Starts servers with given environment variables; they run until the end of the test, or of the module.
make_server = pytest.fixture(_maker, name="make_server")
module_server = pytest.fixture(_maker, scope="module", name="module_server")


@pytest.fixture(scope="session")
def server() -> Iterator[ServerProcess]:
    """The service with the fake tracer and default settings."""
    with server_process() as server:
        yield server


@pytest.fixture(scope="session")
def echo_server() -> Iterator[ServerProcess]:
    """The same server in front of the echo application."""
    with server_process("echo") as server:
        yield server
