"""News by LISTEN: wakes who waits, in whichever process the news was made."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

import anyio
import psycopg

from facemask.service.database.pool import Database

_log = logging.getLogger("facemask.service")

# A line that says nothing for so long is asked whether it is alive.
_QUIET_SECONDS = 20.0
_RETRY_SECONDS = 0.5


async def listen(
    database: Database, channels: Mapping[str, Callable[[str], None]], missed: Callable[[], Awaitable[None]]
) -> None:
    """Calls what belongs to a channel with every notification's text, for ever. News may have been missed before the
    line stood: `missed` is awaited each time it does.
    """
    while True:
        try:
            async with await database.connect() as link:
                for channel in channels:
                    await link.execute(f'listen "{channel}"')
                await missed()
                while True:
                    async for news in link.notifies(timeout=_QUIET_SECONDS):
                        channels[news.channel](news.payload)
                    await link.execute("")
        except (psycopg.Error, OSError) as error:
            _log.debug("the line for news is down: %s", error)
        await anyio.sleep(_RETRY_SECONDS)
