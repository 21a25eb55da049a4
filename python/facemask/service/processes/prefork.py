"""Prefork supervisor: holds the listening sockets and restarts server processes."""

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

from facemask.service.processes.runtime import STOP_SIGNALS, set_stop_handlers, stop_signals_blocked

_PR_SET_PDEATHSIG = 1  # prctl.h
# A child that ends sooner would end again after a restart: the start has failed.
_MIN_LIFETIME_SECONDS = 5.0


class PreforkSupervisor:
    """Runs `serve` in `count` children until a stop signal, which it forwards.

    Replaces children that die.

    The very first child is called with True: it prints the banner.
    """

    def __init__(self, serve: Callable[[bool], None], count: int) -> None:
        self._serve = serve
        self._count = count
        self._context = get_context("fork")
        self._children: dict[BaseProcess, float] = {}
        self._is_stopping = False
        self._started = 0

    def run(self) -> None:
        """Return when all children have ended.

        Exits with 1 when they cannot be kept running.
        """
        set_stop_handlers(self._stop_children)
        for _ in range(self._count):
            self._start_child()
        has_failed = False
        while self._children:
            wait([child.sentinel for child in self._children], timeout=1.0)
            for child in [child for child in self._children if not child.is_alive()]:
                lifetime = monotonic() - self._children.pop(child)
                if not self._is_stopping and lifetime < _MIN_LIFETIME_SECONDS:
                    has_failed = True
                    self._stop_children(signal.SIGTERM, None)
                elif not self._is_stopping:
                    self._start_child()
        set_stop_handlers(signal.SIG_IGN)
        if has_failed:
            sys.exit(1)

    def _start_child(self) -> None:
        """Start a child, unless the others are stopping.

        A signal meanwhile is handled once the child is known.
        """
        with stop_signals_blocked():
            if self._is_stopping:
                return
            child = self._context.Process(target=_run_child, args=(self._serve, os.getpid(), self._started == 0))
            child.start()
            self._started += 1
            self._children[child] = monotonic()

    def _stop_children(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._is_stopping = True
        for child in self._children:
            child.terminate()


def _run_child(serve: Callable[[bool], None], parent: int, is_first: bool) -> None:
    """Serve in a new session, so that terminal signals reach the parent only.

    The parent forwards them once. On Linux a child ends with its parent.
    """
    os.setsid()
    set_stop_handlers(signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:
        serve(is_first)
