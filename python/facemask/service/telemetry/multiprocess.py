"""Metrics of several server processes in one exposition.

Where `PROMETHEUS_MULTIPROC_DIR` names a folder, every process keeps its numbers in files there. We create the folder
and empty it once per group of processes, which are the children of one parent (uvicorn's or gunicorn's master, a
container's init). Otherwise files of the last run would be counted again. Files of a dead child stay, or its counts
would be lost.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_GROUP_FILE = "group"


def is_multiprocess() -> bool:
    """Return whether several processes share their metrics."""
    return bool(os.environ.get(_FOLDER_VARIABLE))


def join_group() -> None:
    """Create the folder, and empty it in the first process of a group.

    To be called before any metric is created.
    """
    if not is_multiprocess():
        return
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _GROUP_FILE).open("a+", encoding="ascii") as group_file:
        fcntl.flock(group_file, fcntl.LOCK_EX)
        group_file.seek(0)
        if group_file.read() != (group := _group_id()):
            for file in folder.glob("*.db"):
                file.unlink(missing_ok=True)
            group_file.truncate(0)
            group_file.write(group)


def collect_group() -> CollectorRegistry:
    """Return the metrics of all processes. Live gauges of dead processes are deleted."""
    for process in {file.stem.rsplit("_", 1)[1] for file in _folder().glob("gauge_live*_*.db")}:
        if not Path("/proc", process).exists():
            with suppress(FileNotFoundError):  # another process of the group was faster
                mark_process_dead(process)  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _folder() -> Path:
    return Path(os.environ[_FOLDER_VARIABLE])


def _group_id() -> str:
    """Return the parent's process id and start time: ids are reused."""
    parent = os.getppid()
    start = Path(f"/proc/{parent}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    return f"{parent} {start}"
