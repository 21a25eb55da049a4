"""Several server processes behind one address: the parent holds the socket and looks after its children."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from time import monotonic
from types import FrameType

from facemask.service.processes.runtime import SIGNALS, on_signals, signals_held

_PR_SET_PDEATHSIG = 1  # prctl.h
# A child that ends sooner than this would end again: then nothing is served, and the start has failed.
_SOON_SECONDS = 5.0


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
        on_signals(self._tell)
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
        on_signals(signal.SIG_IGN)
        if failed:
            sys.exit(1)

    def _start(self) -> None:
        """A child more, unless the others have been told to stop. A signal that comes meanwhile is heard when it is
        known which children there are.
        """
        with signals_held():
            if self._told:
                return
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
    on_signals(signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:
        serve(first)
