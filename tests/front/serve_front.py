"""`python serve_front.py FRONT APP PORT`: an application behind one of the HTTP fronts that are compared.

APP is `fake` (the service with the fake engine), `service` (with its own) or `echo`. Settings come from the
environment. This file is the one place that knows how a front is started.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "service"), str(HERE)]

FRONTS = ("facemask", "uvicorn-httptools", "uvicorn-h11", "hypercorn", "granian")
HOST = "127.0.0.1"


def fake() -> Any:
    """The service with the fake engine."""
    from facemask.service.app import create_app  # noqa: PLC0415 - each front loads what it needs
    from fake_engine import FakeEngine  # noqa: PLC0415

    return create_app(core=FakeEngine())


def service() -> Any:
    """The service with its own engine, in a process that is set as the service sets its own."""
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
    """The application that says what it was asked."""
    from echo_app import application  # noqa: PLC0415

    return application


class NoJobs:
    """What a server waits for before it ends, where there is nothing to wait for."""

    async def drain(self, grace: float | None = None) -> None:
        """Part of `JobEngine`."""


def own_server(app: Any, port: int = 0) -> Any:
    """The project's own front before any application: `fuzz/front.py` takes its protocol from here too."""
    import uvicorn  # noqa: PLC0415
    from facemask.service.processes.server import DrainingServer, uvicorn_options  # noqa: PLC0415
    from facemask.service.settings import read_settings  # noqa: PLC0415

    bounds = uvicorn_options(read_settings())
    config = uvicorn.Config(
        app, host=HOST, port=port, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=5, **bounds
    )
    jobs: Any = NoJobs()
    return DrainingServer(config, jobs, banner_format=None)


def serve_facemask(app: str, port: int) -> None:
    """The project's own front, started as the service starts it."""
    from facemask.service.processes.server import serve  # noqa: PLC0415
    from facemask.service.settings import read_settings  # noqa: PLC0415
    from fake_engine import FakeEngine  # noqa: PLC0415

    if app == "echo":
        own_server(echo(), port).run()
    else:
        serve(read_settings(), HOST, port, core=FakeEngine() if app == "fake" else None)


def serve_uvicorn(app: str, port: int, http: str) -> None:
    """uvicorn without anything of ours."""
    import uvicorn  # noqa: PLC0415

    lifespan: Any = "off" if app == "echo" else "on"
    config = uvicorn.Config(
        globals()[app](), host=HOST, port=port, http=http, ws="none", lifespan=lifespan, log_config=None
    )
    config.access_log = False
    uvicorn.Server(config).run()


def serve_hypercorn(app: str, port: int) -> None:
    """hypercorn, by its command for asyncio with uvloop."""
    from hypercorn.config import Config  # type: ignore[import-not-found] # noqa: PLC0415
    from hypercorn.run import run  # type: ignore[import-not-found] # noqa: PLC0415

    config = Config()
    config.application_path = f"{__name__ if __name__ != '__main__' else 'serve_front'}:{app}()"
    config.bind = [f"{HOST}:{port}"]
    config.worker_class = "uvloop"
    config.workers = 0
    config.use_reloader = False
    run(config)


def serve_granian(app: str, port: int) -> None:
    """granian with one worker."""
    from granian import Granian  # type: ignore[import-not-found] # noqa: PLC0415

    Granian(
        f"serve_front:{app}",
        address=HOST,
        port=port,
        interface="asgi" if app != "echo" else "asginl",
        factory=True,
        loop="uvloop",
        log_access=False,
        websockets=False,
    ).serve()


def main() -> None:
    """Serves until it is told to stop."""
    front, app, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if front == "facemask":
        serve_facemask(app, port)
    elif front.startswith("uvicorn-"):
        serve_uvicorn(app, port, front.removeprefix("uvicorn-"))
    elif front == "hypercorn":
        serve_hypercorn(app, port)
    elif front == "granian":
        serve_granian(app, port)
    else:
        sys.exit(f"{front}: no such front; there are {', '.join(FRONTS)}")


if __name__ == "__main__":
    main()
