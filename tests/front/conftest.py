"""Servers for the tests of the HTTP front."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from support.http1.server_process import FrontServer, front_server


def _maker() -> Iterator[Callable[..., FrontServer]]:
    with ExitStack() as stack:
        yield lambda app="fake", **environment: stack.enter_context(front_server(app, **environment))


# Starts a server with settings of its own, by the names of environment variables; ends it with the test, or the module.
make_front = pytest.fixture(_maker, name="make_front")
module_front = pytest.fixture(_maker, scope="module", name="module_front")


@pytest.fixture(scope="session")
def front() -> Iterator[FrontServer]:
    """The service with the fake engine and the settings it comes with."""
    with front_server() as server:
        yield server


@pytest.fixture(scope="session")
def echo() -> Iterator[FrontServer]:
    """The same front before an application that says what it was asked."""
    with front_server("echo") as server:
        yield server
