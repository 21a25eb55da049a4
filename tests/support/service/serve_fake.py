"""The service with the fake tracer in a process of its own, with settings from the environment:

python -m support.service.serve_fake PORT [--no-worker]
python -m support.service.serve_fake worker
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

from support.service.fake_tracer import FakeTracer

if __name__ == "__main__":
    try:
        settings = read_settings()
        if sys.argv[1] == "worker":
            work(settings, require_database(settings), core=FakeTracer())
        else:
            work, processes = "--no-worker" not in sys.argv, int(os.environ.get("FAKE_PROCESSES", "1"))
            serve(settings, port=int(sys.argv[1]), core=FakeTracer(), work=work, processes=processes)
    except (SettingsError, DatabaseUnreachableError, OSError) as error:
        sys.exit(str(error))
