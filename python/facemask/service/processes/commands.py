"""The service's commands for the command line."""

from __future__ import annotations

import asyncio

from facemask.service.core.protocol import CoreModule
from facemask.service.database.settings import DatabaseSettings, DatabaseUnreachableError
from facemask.service.environment import SettingsError
from facemask.service.processes.server import serve
from facemask.service.settings import Settings, read_settings

__all__ = [
    "DatabaseUnreachableError",
    "SettingsError",
    "migrate",
    "read_settings",
    "require_database",
    "serve",
    "work",
]


def require_database(settings: Settings) -> DatabaseSettings:
    """Return the database's settings. Raises `SettingsError` when jobs live in memory."""
    if settings.database is None:
        raise SettingsError("DB_USE_DATABASE", "false", "there is no database to work with")
    return settings.database


def work(settings: Settings, database: DatabaseSettings, *, core: CoreModule | None = None) -> None:
    """Run jobs until a stop signal. Raises `DatabaseUnreachableError`."""
    from facemask.service.processes import worker  # noqa: PLC0415 - see `build_jobs`

    worker.work(settings, database, core=core)


def migrate(database: DatabaseSettings) -> list[str]:
    """Apply the pending schema migrations and return their names.

    Raises `DatabaseUnreachableError`.
    """
    from facemask.service.database.schema import migrate as apply_migrations  # noqa: PLC0415 - see `build_jobs`

    return asyncio.run(apply_migrations(database))
