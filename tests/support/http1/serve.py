"""`python -m support.http1.serve SERVER APP PORT`: an application behind one of the compared HTTP servers.

APP is `fake` (the service with the fake tracer), `service` (with the compiled one) or `echo`. Settings come from the
environment. Only this module knows how each server is started.
"""

from __future__ import annotations

import sys
from typing import Any

SERVERS = ("facemask", "uvicorn-httptools", "uvicorn-h11", "hypercorn", "granian")
HOST = "127.0.0.1"


def fake() -> Any:
    """The service with the fake tracer."""
    from facemask.service.app import create_app  # noqa: PLC0415 - each server imports only what it needs

    from support.service.fake_tracer import FakeTracer  # noqa: PLC0415

    return create_app(core=FakeTracer())


def service() -> Any:
    """The service with the compiled tracer, in a process that is tuned as the service tunes its own."""
    from facemask.service.app import create_app  # noqa: PLC0415
    from facemask.service.processes.runtime import freeze_gc, tune_malloc  # noqa: PLC0415
    from facemask.service.settings import read_settings  # noqa: PLC0415
    from facemask.service.telemetry.logs import configure_logging  # noqa: PLC0415

    settings = read_settings()
    configure_logging(settings.telemetry.log_format, debug=False)
    app = create_app(settings)
    tune_malloc()
    freeze_gc()
    return app


def echo() -> Any:
    """The application that echoes requests."""
    from support.http1.echo_app import application  # noqa: PLC0415

    return application


class NoJobs:
    """A job engine without jobs, for an application that has none."""

    async def drain(self, grace: float | None = None) -> None:
        """Part of `JobEngine`."""


def facemask_server(app: Any, port: int = 0) -> Any:
    """Our server in front of any ASGI application; `fuzz/http1.py` takes its protocol from here too."""
    import uvicorn  # noqa: PLC0415
    from facemask.service.processes.server import DrainingServer, uvicorn_options  # noqa: PLC0415
    from facemask.service.settings import read_settings  # noqa: PLC0415

    limits = uvicorn_options(read_settings())
    config = uvicorn.Config(
        app, host=HOST, port=port, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=5, **limits
    )
    jobs: Any = NoJobs()
    return DrainingServer(config, jobs, banner_format=None)


def serve_facemask(app: str, port: int) -> None:
    """Our server, started as the service starts it."""
    from facemask.service.processes.server import serve  # noqa: PLC0415
    from facemask.service.settings import read_settings  # noqa: PLC0415

    from support.service.fake_tracer import FakeTracer  # noqa: PLC0415

    if app == "echo":
        facemask_server(echo(), port).run()
    else:
        serve(read_settings(), HOST, port, core=FakeTracer() if app == "fake" else None)


def serve_uvicorn(app: str, port: int, http: str) -> None:
    """Plain uvicorn with the HTTP parser `http`."""
    import uvicorn  # noqa: PLC0415

    lifespan: Any = "off" if app == "echo" else "on"
    config = uvicorn.Config(
        globals()[app](), host=HOST, port=port, http=http, ws="none", lifespan=lifespan, log_config=None
    )
    config.access_log = False
    uvicorn.Server(config).run()


def serve_hypercorn(app: str, port: int) -> None:
    """hypercorn with uvloop and one process."""
    from hypercorn.config import Config  # type: ignore[import-not-found] # noqa: PLC0415
    from hypercorn.run import run  # type: ignore[import-not-found] # noqa: PLC0415

    config = Config()
    config.application_path = f"support.http1.serve:{app}()"
    config.bind = [f"{HOST}:{port}"]
    config.worker_class = "uvloop"
    config.workers = 0
    config.use_reloader = False
    run(config)


def serve_granian(app: str, port: int) -> None:
    """granian with uvloop and one worker."""
    from granian import Granian  # type: ignore[import-not-found] # noqa: PLC0415

    Granian(
        f"support.http1.serve:{app}",
        address=HOST,
        port=port,
        interface="asgi" if app != "echo" else "asginl",
        factory=True,
        loop="uvloop",
        log_access=False,
        websockets=False,
    ).serve()


def main() -> None:
    """Serve until a signal stops the process."""
    server, app, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if server == "facemask":
        serve_facemask(app, port)
    elif server.startswith("uvicorn-"):
        serve_uvicorn(app, port, server.removeprefix("uvicorn-"))
    elif server == "hypercorn":
        serve_hypercorn(app, port)
    elif server == "granian":
        serve_granian(app, port)
    else:
        sys.exit(f"{server}: no such server; there are {', '.join(SERVERS)}")


if __name__ == "__main__":
    main()
