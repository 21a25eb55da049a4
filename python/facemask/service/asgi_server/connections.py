"""The connections of a process: how many there may be, and how much of their answers may lie unsent.

uvicorn keeps its connections in a set. This one stops accepting where a set would only grow.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

# Accepting goes on when so much of the limit is free again.
_ROOM: Final = 1 / 8
_LISTENERS: Final = 4
# Files that are no connections: the pool's, logs, what libraries open.
_SPARE_FILES: Final = 128


class Connection(Protocol):
    """What `Connections` asks of a connection."""

    cycle: Any  # the request at hand; None between two
    transport: Any  # an `AnswerTransport`

    def reset(self) -> None:
        """Ends the connection at once and forgets what lies unsent."""


class Connections:
    """As many connections as `most`, and as many unsent bytes of answers as `unsent_bytes`.

    Beyond the bytes the connection is reset that has not been read for longest; one answer may be as large as it likes.
    """

    def __init__(self, most: int = 2500, unsent_bytes: int = 64 * 2**20) -> None:
        self._most = most
        self._unsent_bytes = unsent_bytes
        self._all: dict[Connection, None] = {}
        self._unsent: dict[Connection, int] = {}
        self.is_full = False
        self.on_full: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._all)

    def add(self, connection: Connection) -> None:
        """Takes a connection in."""
        self._all[connection] = None
        if len(self._all) >= self._most and not self.is_full:
            self.is_full = True
            self.on_full()

    def discard(self, connection: Connection) -> None:
        """Forgets a connection that has ended."""
        self._all.pop(connection, None)
        self._unsent.pop(connection, None)
        if len(self._all) <= self._most * (1 - _ROOM):
            self.is_full = False

    def drop_idle(self) -> None:
        """Ends connections that wait for a request: those of the older half, so that a new one has time to ask."""
        older = list(self._all)[: len(self._all) // 2]
        idle = [connection for connection in older if connection.cycle is None]
        read = [connection for connection in idle if not connection.transport.unread()]
        for connection in read or idle:  # who reads no answer keeps nobody out
            connection.reset()

    def hold_unsent(self, connection: Connection, size: int) -> None:
        """Counts bytes of an answer that the client does not take at once."""
        self._unsent[connection] = size
        while len(self._unsent) > 1 and sum(self._unsent.values()) > self._unsent_bytes:
            oldest = next(iter(self._unsent))
            del self._unsent[oldest]
            oldest.reset()

    def release_unsent(self, connection: Connection) -> None:
        """The client has taken all."""
        self._unsent.pop(connection, None)


def copies(listener: socket.socket) -> list[socket.socket]:
    """A listening socket and duplicates of it. uvloop accepts one connection from each in a turn of its loop: from one
    alone too few when much is to do in a turn.
    """
    return [listener, *(listener.dup() for _ in range(_LISTENERS - 1))]


class Acceptor:
    """Stops and resumes accepting. Whoever connects meanwhile waits in the system's backlog and is not lost."""

    def __init__(self, servers: list[asyncio.Server], build: Callable[[], asyncio.Protocol], backlog: int) -> None:
        # A server closes its socket; a second descriptor keeps the port open.
        sockets = [each for server in servers for each in server.sockets]
        self._listeners = [socket.socket(fileno=os.dup(each.fileno())) for each in sockets]
        self._build = build
        self._backlog = backlog
        self.servers = servers
        self.is_paused = False

    def pause(self) -> None:
        """Accepts nobody any more."""
        self.is_paused = True
        for server in self.servers:
            server.close()

    async def resume(self) -> list[asyncio.Server]:
        """Accepts again, those in the backlog first; returns the new servers."""
        self.is_paused = False
        create = asyncio.get_running_loop().create_server
        self.servers = []
        for listener in self._listeners:
            if not self.is_paused:
                self.servers.append(await create(self._build, sock=listener.dup(), backlog=self._backlog))
        return self.servers

    def close(self) -> None:
        """Gives the port back once the servers are closed as well."""
        for listener in self._listeners:
            listener.close()


def connection_limit(wanted: int) -> int:
    """As many connections as are wanted and the system's limit on open files allows, which is raised first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, max(1, soft - _SPARE_FILES))
