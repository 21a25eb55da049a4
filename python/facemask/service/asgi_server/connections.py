"""Bounds on a process's connections and on the unsent bytes of responses.

uvicorn keeps its connections in a set that only grows. This one makes the server stop accepting.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

# Accepting resumes when this part of the limit is free again.
_RESUME_MARGIN: Final = 1 / 8
_LISTENERS: Final = 4
# File descriptors for other purposes: the pool, logs, libraries.
_RESERVED_FILES: Final = 128


class ClientConnection(Protocol):
    """What `ConnectionRegistry` needs of a connection."""

    cycle: Any  # the current request; None between two
    transport: Any  # a `ResponseTransport`

    def reset(self) -> None:
        """Close the connection at once and drop unsent bytes."""


class ConnectionRegistry:
    """The open connections, bounded in number and in unsent bytes.

    Above the bytes the connection that has been unread for longest is reset; a single response may have any size.
    """

    def __init__(self, max_connections: int = 2500, max_unsent_bytes: int = 64 * 2**20) -> None:
        self._max_connections = max_connections
        self._max_unsent_bytes = max_unsent_bytes
        self._connections: dict[ClientConnection, None] = {}
        self._unsent: dict[ClientConnection, int] = {}
        self.is_full = False
        self.on_full: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[ClientConnection]:
        return iter(self._connections)

    def add(self, connection: ClientConnection) -> None:
        """Register a new connection."""
        self._connections[connection] = None
        if len(self._connections) >= self._max_connections and not self.is_full:
            self.is_full = True
            self.on_full()

    def discard(self, connection: ClientConnection) -> None:
        """Remove a closed connection."""
        self._connections.pop(connection, None)
        self._unsent.pop(connection, None)
        if len(self._connections) <= self._max_connections * (1 - _RESUME_MARGIN):
            self.is_full = False

    def close_idle(self) -> None:
        """Close connections without a request, among the older half.

        A new connection so has time to send one.
        """
        older = list(self._connections)[: len(self._connections) // 2]
        idle = [connection for connection in older if connection.cycle is None]
        fully_read = [connection for connection in idle if not connection.transport.unread_bytes()]
        for connection in fully_read or idle:  # a client that reads no response blocks nobody
            connection.reset()

    def track_unsent(self, connection: ClientConnection, size: int) -> None:
        """Count bytes of a response that the client does not read at once."""
        self._unsent[connection] = size
        while len(self._unsent) > 1 and sum(self._unsent.values()) > self._max_unsent_bytes:
            oldest = next(iter(self._unsent))
            del self._unsent[oldest]
            oldest.reset()

    def untrack_unsent(self, connection: ClientConnection) -> None:
        """Note that the client has read everything."""
        self._unsent.pop(connection, None)


def duplicate_listener(listener: socket.socket) -> list[socket.socket]:
    """Return a listening socket and duplicates of it.

    uvloop accepts one connection from each per loop iteration: from one alone too few when iterations are long.
    """
    return [listener, *(listener.dup() for _ in range(_LISTENERS - 1))]


class PausableListeners:
    """Stops and resumes accepting.

    New connections wait in the system's backlog meanwhile and are not lost.
    """

    def __init__(self, servers: list[asyncio.Server], build: Callable[[], asyncio.Protocol], backlog: int) -> None:
        # A server closes its socket; a second descriptor keeps the port open.
        sockets = [listener for server in servers for listener in server.sockets]
        self._listeners = [socket.socket(fileno=os.dup(listener.fileno())) for listener in sockets]
        self._build = build
        self._backlog = backlog
        self.servers = servers
        self.is_paused = False

    def pause(self) -> None:
        """Stop accepting."""
        self.is_paused = True
        for server in self.servers:
            server.close()

    async def resume(self) -> list[asyncio.Server]:
        """Accept again, starting with the backlog. Returns the new servers."""
        self.is_paused = False
        create = asyncio.get_running_loop().create_server
        self.servers = []
        for listener in self._listeners:
            if not self.is_paused:
                self.servers.append(await create(self._build, sock=listener.dup(), backlog=self._backlog))
        return self.servers

    def close(self) -> None:
        """Close the port, once the servers are closed as well."""
        for listener in self._listeners:
            listener.close()


def connection_limit(wanted: int) -> int:
    """Return how many connections the limit on open files allows, at most `wanted`.

    The limit is raised first.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _RESERVED_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, max(1, soft - _RESERVED_FILES))
