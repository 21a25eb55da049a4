"""The commands of the service: `serve`, `worker`, `migrate` and `health`."""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from facemask.commands.arguments import parse_count, parse_port

_METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# A folder in memory, on Linux. On a disk a counter's increment may wait for the disk, and with it the event loop.
_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - the folder below it has a random name and is the user's own
_MIN_MEMORY_BYTES = 32 * 2**20


def add_service_commands(commands: Any) -> None:
    """Add the subcommands of the service."""
    serve = commands.add_parser("serve", help="run the HTTP service (needs facemask-contours[service])")
    serve.add_argument("--host", default="127.0.0.1", help="default %(default)s")
    serve.add_argument("--port", type=parse_port, default=8000, help="default %(default)s; 0 takes a free one")
    serve.add_argument(
        "--workers", type=int, metavar="N", help="worker threads (default: JOB_WORKERS, else one more than cores)"
    )
    serve.add_argument(
        "--processes",
        type=parse_count,
        default=1,
        metavar="N",
        help="server processes (default 1; more need a database)",
    )
    serve.add_argument("--no-database", action="store_true", help="keep jobs in memory whatever DB_USE_DATABASE says")
    serve.add_argument("--no-worker", action="store_true", help="leave the jobs to `facemask worker` processes")
    serve.set_defaults(run=_serve)
    worker = commands.add_parser("worker", help="work on jobs in the database, without HTTP")
    worker.add_argument("--workers", type=int, metavar="N", help="worker threads (default: as of serve)")
    worker.set_defaults(run=_work, no_database=False)
    migrate = commands.add_parser("migrate", help="bring the database's schema up to date, as every start does")
    migrate.set_defaults(run=_migrate, no_database=False, workers=None)
    health = commands.add_parser("health", help="ask a running service whether it is ready; exit 0 if so")
    health.add_argument("--url", default="http://127.0.0.1:8000", help="where it listens (default %(default)s)")
    health.set_defaults(run=_health)


def _serve(parsed: argparse.Namespace) -> int:
    reason = "jobs in memory are known to one process only"
    option = "--no-worker" if parsed.no_worker else "--processes" if parsed.processes > 1 else ""
    if option and parsed.no_database:
        print(f"facemask: {option} needs a database: {reason}", file=sys.stderr)
        return 2

    def run(service: Any, settings: Any) -> None:
        if option and settings.database is None:
            raise service.SettingsError("DB_USE_DATABASE", "false", f"{option} needs a database: {reason}")
        work, processes = not parsed.no_worker, parsed.processes
        service.serve(settings, parsed.host, parsed.port, work=work, processes=processes)

    with _shared_metrics() if parsed.processes > 1 else nullcontext():
        return _with_service(parsed, run)


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """Set the folder in which server processes share their metrics. prometheus_client reads it on import."""
    if os.environ.get(_METRICS_VARIABLE):
        yield
        return
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - for several processes only

    with TemporaryDirectory(prefix="facemask-metrics-", dir=_memory_folder()) as folder:
        os.environ[_METRICS_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[_METRICS_VARIABLE]


def _memory_folder() -> Path | None:
    """Return the folder in memory if it is large enough; None stands for the system's temporary folder."""
    import shutil  # noqa: PLC0415 - for several processes only

    try:
        is_large = shutil.disk_usage(_MEMORY_FOLDER).free >= _MIN_MEMORY_BYTES
    except OSError:
        return None
    return _MEMORY_FOLDER if is_large and os.access(_MEMORY_FOLDER, os.W_OK) else None


def _work(parsed: argparse.Namespace) -> int:
    return _with_service(parsed, lambda service, settings: service.work(settings, service.require_database(settings)))


def _migrate(parsed: argparse.Namespace) -> int:
    def run(service: Any, settings: Any) -> None:
        applied = service.migrate(service.require_database(settings))
        print("\n".join(applied) if applied else "the schema is up to date")

    return _with_service(parsed, run)


def _with_service(parsed: argparse.Namespace, run: Callable[[Any, Any], None]) -> int:
    """Call `run` with the module of the service's commands and the settings of the environment."""
    # Imports leave hardly any garbage, and a tenth of their time are collections. `freeze_gc` enables them before the
    # first request.
    gc.disable()
    try:
        return _run_service(parsed, run)
    finally:
        gc.enable()


def _run_service(parsed: argparse.Namespace, run: Callable[[Any, Any], None]) -> int:
    # Imported here, because `import facemask` and `facemask trace` have to work without the extra `service`.
    try:
        from facemask.service.processes import commands as service  # noqa: PLC0415
    except ModuleNotFoundError as error:
        print(f"facemask: the service needs {error.name}: pip install 'facemask-contours[service]'", file=sys.stderr)
        return 1
    environment = dict(os.environ)
    if parsed.no_database:
        environment["DB_USE_DATABASE"] = "false"
    if parsed.workers is not None:
        environment["JOB_WORKERS"] = str(parsed.workers)
    try:
        run(service, service.read_settings(environment))
    except (service.SettingsError, service.DatabaseUnreachableError) as error:
        print(f"facemask: {error}", file=sys.stderr)
        return 1
    return 0


def _health(parsed: argparse.Namespace) -> int:
    # HTTP and TLS are for this command only.
    import http.client  # noqa: PLC0415
    import urllib.error  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    url = parsed.url.rstrip("/") + "/health/ready"
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - the user chooses the address
            print(f"ready: {url} answered {response.status}")
    except urllib.error.HTTPError as error:
        print(f"facemask: not ready: {url} answered {error.code}", file=sys.stderr)
        return 1
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"facemask: no answer from {url}: {getattr(error, 'reason', error)}", file=sys.stderr)
        return 1
    return 0
