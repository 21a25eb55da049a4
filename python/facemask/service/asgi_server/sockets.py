"""The sockets that a service listens on, opened before anything else is started."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import ExitStack

_MAX_PORT = 65535
_BACKLOG = 2048
# Of every connection that is accepted. By itself the system takes up to 4 MB of answers that nobody reads from each.
_SEND_BUFFER = 256 * 1024
# Of the addresses of a name some may not be there, such as ::1 of `localhost` where there is no IPv6.
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class ListenError(OSError):
    """An address cannot be listened on; the text says which, and why."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        shown = f"[{host}]" if ":" in host else host
        super().__init__(f"cannot listen on {shown}:{port}: {reason}")


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """One socket for each address of `host`, all with the same port; port 0 takes a free one. Raises `ListenError`."""
    if not 0 <= port <= _MAX_PORT:  # uvloop would take the last 16 bits of it
        raise ListenError(host, port, f"a port is a number from 0 to {_MAX_PORT}")
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:  # a name may also be one that cannot be written in the DNS
        raise ListenError(host, port, getattr(error, "strerror", None) or str(error)) from error
    opened: list[socket.socket] = []
    missing: OSError | None = None
    with ExitStack() as stack:
        for family, address in dict.fromkeys((family, address) for family, *_, address in found):
            place = (address[0], opened[0].getsockname()[1] if opened else port, *address[2:])
            try:
                listener = stack.enter_context(socket.create_server(place, family=family, backlog=_BACKLOG))
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
                opened.append(listener)
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise ListenError(host, port, _reason(error)) from error
                missing = error
        stack.pop_all()
    if not opened:
        raise ListenError(host, port, _reason(missing) if missing else "it has no address") from missing
    return opened


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
