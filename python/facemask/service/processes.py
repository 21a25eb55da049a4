"""Several server processes behind one address: the parent holds the socket and looks after its children."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from time import monotonic
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_PR_SET_PDEATHSIG = 1  # prctl.h
# A child that ends sooner than this would end again: then nothing is served, and the start has failed.
_SOON_SECONDS = 5.0


def listening(host: str, port: int) -> socket.socket:
    """The socket that all processes accept from. Exits the process with 1 when the address cannot be used."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        sys.exit(f"facemask: cannot listen on {host}:{port}: {error}")


class Processes:
    """Runs `serve` in so many children until it is told to stop; signals go on to them. Who dies is replaced. The very
    first is called with True: it greets.
    """

    def __init__(self, serve: Callable[[bool], None], count: int) -> None:
        self._serve = serve
        self._count = count
        self._context = get_context("fork")
        self._children: dict[BaseProcess, float] = {}
        self._told = 0
        self._started = 0

    def run(self) -> None:
        """Returns when all children have ended. Exits with 1 when they cannot be kept up."""
        for number in _SIGNALS:
            signal.signal(number, self._tell)
        for _ in range(self._count):
            self._start()
        failed = False
        while self._children:
            wait([child.sentinel for child in self._children], timeout=1.0)
            for child in [child for child in self._children if not child.is_alive()]:
                lived = monotonic() - self._children.pop(child)
                if not self._told and lived < _SOON_SECONDS:
                    failed = True
                    self._tell(signal.SIGTERM, None)
                elif not self._told:
                    self._start()
        if failed:
            sys.exit(1)

    def _start(self) -> None:
        child = self._context.Process(target=_child, args=(self._serve, os.getpid(), self._started == 0))
        child.start()
        self._started += 1
        self._children[child] = monotonic()

    def _tell(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._told += 1
        for child in self._children:
            child.terminate()


def _child(serve: Callable[[bool], None], parent: int, first: bool) -> None:
    """A session of its own: what is typed at the terminal reaches the parent only, which passes it on once. Where the
    system can do it, a child ends with its parent.
    """
    os.setsid()
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:
        serve(first)
