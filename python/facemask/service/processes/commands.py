"""What the command line can have the service do."""

from __future__ import annotations

import asyncio

from facemask.service.core.protocol import CoreModule
from facemask.service.database.settings import DatabaseSettings, DatabaseUnreachable
from facemask.service.processes.server import serve
from facemask.service.settings import Settings, SettingsError, read_settings

__all__ = ["DatabaseUnreachable", "SettingsError", "database_of", "migrate", "read_settings", "serve", "work"]


def database_of(settings: Settings) -> DatabaseSettings:
    """The database. Raises `SettingsError` when jobs are to live in memory."""
    if settings.database is None:
        raise SettingsError("DB_USE_DATABASE", "false", "there is no database to work with")
    return settings.database


def work(settings: Settings, database: DatabaseSettings, *, core: CoreModule | None = None) -> None:
    """Works on jobs until it is told to stop. Raises `DatabaseUnreachable`."""
    from facemask.service.processes import worker  # noqa: PLC0415 - see `build_jobs`

    worker.work(settings, database, core=core)


def migrate(database: DatabaseSettings) -> list[str]:
    """Brings the schema up to date and returns what was applied. Raises `DatabaseUnreachable`."""
    from facemask.service.database.schema import migrate as bring_up_to_date  # noqa: PLC0415 - see `build_jobs`

    return asyncio.run(bring_up_to_date(database))
