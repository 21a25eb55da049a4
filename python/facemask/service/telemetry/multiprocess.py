"""Several server processes, one page of metrics: whichever process is asked answers for all.

Where `PROMETHEUS_MULTIPROC_DIR` names a folder, every process keeps its numbers in files there. The folder is made and,
once for each group of processes, emptied by us: a group are the children of one parent (uvicorn's or gunicorn's
master, a container's init). Files of the last run would otherwise be counted again; those of a child that has died are
kept, or its counts would be lost.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

_NAME = "PROMETHEUS_MULTIPROC_DIR"
_MARK = "group"


def together() -> bool:
    """Whether several processes share their metrics."""
    return bool(os.environ.get(_NAME))


def join() -> None:
    """Makes the folder, and empties it when this process is the first of its group. To be called before any metric is
    made.
    """
    if not together():
        return
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _MARK).open("a+", encoding="ascii") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        mark.seek(0)
        if mark.read() != (group := _group()):
            for file in folder.glob("*.db"):
                file.unlink(missing_ok=True)
            mark.truncate(0)
            mark.write(group)


def gathered() -> CollectorRegistry:
    """What all processes have counted. Live gauges of processes that have ended are dropped."""
    for process in {file.stem.rsplit("_", 1)[1] for file in _folder().glob("gauge_live*_*.db")}:
        if not Path("/proc", process).exists():
            with suppress(FileNotFoundError):  # another process of the group was faster
                mark_process_dead(process)  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _folder() -> Path:
    return Path(os.environ[_NAME])


def _group() -> str:
    """The parent's number and when it started: numbers are given anew."""
    parent = os.getppid()
    start = Path(f"/proc/{parent}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    return f"{parent} {start}"
