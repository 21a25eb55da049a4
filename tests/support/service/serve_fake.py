"""The service with the fake tracer in a process of its own, with settings from the environment:

python -m support.service.serve_fake PORT [--no-worker]
python -m support.service.serve_fake worker
"""

from __future__ import annotations

import os
import sys

from facemask.service.commands import DatabaseUnreachable, SettingsError, database_of, read_settings, serve, work

from support.service.fake_tracer import FakeTracer

if __name__ == "__main__":
    try:
        settings = read_settings()
        if sys.argv[1] == "worker":
            work(settings, database_of(settings), engine=FakeTracer())
        else:
            work, processes = "--no-worker" not in sys.argv, int(os.environ.get("FAKE_PROCESSES", "1"))
            serve(settings, port=int(sys.argv[1]), engine=FakeTracer(), work=work, processes=processes)
    except (SettingsError, DatabaseUnreachable, OSError) as error:
        sys.exit(str(error))
