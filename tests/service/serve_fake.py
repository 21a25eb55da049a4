"""A real process with the fake engine: `python serve_fake.py PORT`, `... PORT --no-worker` or `... worker`. Settings
come from the environment.
"""

from __future__ import annotations

import os
import sys

from facemask.service.processes.commands import (
    DatabaseUnreachableError,
    SettingsError,
    read_settings,
    require_database,
    serve,
    work,
)
from fake_engine import FakeEngine

if __name__ == "__main__":
    try:
        settings = read_settings()
        if sys.argv[1] == "worker":
            work(settings, require_database(settings), core=FakeEngine())
        else:
            work, processes = "--no-worker" not in sys.argv, int(os.environ.get("FAKE_PROCESSES", "1"))
            serve(settings, port=int(sys.argv[1]), core=FakeEngine(), work=work, processes=processes)
    except (SettingsError, DatabaseUnreachableError, OSError) as error:
        sys.exit(str(error))
