"""LISTEN: notifications of any process wake waiters in every process."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

import anyio
import psycopg

from facemask.service.database.pool import Database

_log = logging.getLogger("facemask.service")

# After so long without a notification the connection is tested.
_IDLE_SECONDS = 20.0
_RETRY_SECONDS = 0.5


async def listen(
    database: Database, channels: Mapping[str, Callable[[str], None]], on_connected: Callable[[], Awaitable[None]]
) -> None:
    """Call a channel's function with the payload of every notification, forever.

    `on_connected` is awaited after each connect: earlier notifications may have been missed.
    """
    while True:
        try:
            async with await database.connect() as connection:
                for channel in channels:
                    await connection.execute(f'listen "{channel}"')
                await on_connected()
                while True:
                    async for notification in connection.notifies(timeout=_IDLE_SECONDS):
                        channels[notification.channel](notification.payload)
                    await connection.execute("")
        except (psycopg.Error, OSError) as error:
            _log.debug("the line for news is down: %s", error)
        await anyio.sleep(_RETRY_SECONDS)
