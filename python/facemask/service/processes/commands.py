"""What the command line can have the service do."""

from __future__ import annotations

import asyncio

from facemask.service.core.protocol import CoreModule
from facemask.service.database.settings import DatabaseSettings, DatabaseUnreachableError
from facemask.service.environment import SettingsError
from facemask.service.processes.server import serve
from facemask.service.settings import Settings, read_settings

__all__ = ["DatabaseUnreachableError", "SettingsError", "migrate", "read_settings", "require_database", "serve", "work"]


def require_database(settings: Settings) -> DatabaseSettings:
    """The database. Raises `SettingsError` when jobs are to live in memory."""
    if settings.database is None:
        raise SettingsError("DB_USE_DATABASE", "false", "there is no database to work with")
    return settings.database


def work(settings: Settings, database: DatabaseSettings, *, core: CoreModule | None = None) -> None:
    """Works on jobs until it is told to stop. Raises `DatabaseUnreachableError`."""
    from facemask.service.processes import worker  # noqa: PLC0415 - see `build_jobs`

    worker.work(settings, database, core=core)


def migrate(database: DatabaseSettings) -> list[str]:
    """Brings the schema up to date and returns what was applied. Raises `DatabaseUnreachableError`."""
    from facemask.service.database.schema import migrate as bring_up_to_date  # noqa: PLC0415 - see `build_jobs`

    return asyncio.run(bring_up_to_date(database))
