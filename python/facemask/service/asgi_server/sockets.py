"""The service's listening sockets, opened before anything else starts."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import ExitStack

_MAX_PORT = 65535
_BACKLOG = 2048
# Send buffer of accepted connections. By default the system buffers up to 4 MB of unread responses for each.
_SEND_BUFFER = 256 * 1024
# A name may have addresses that this machine lacks, such as ::1 of `localhost` without IPv6.
_ABSENT_ADDRESS = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class ListenError(OSError):
    """An address cannot be listened on; the text says which, and why."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        printable = f"[{host}]" if ":" in host else host
        super().__init__(f"cannot listen on {printable}:{port}: {reason}")


def open_listeners(host: str, port: int) -> list[socket.socket]:
    """Return one socket per address of `host`, all with the same port.

    Port 0 takes a free one. Raises `ListenError`.
    """
    if not 0 <= port <= _MAX_PORT:  # uvloop would take the last 16 bits
        raise ListenError(host, port, f"a port is a number from 0 to {_MAX_PORT}")
    try:
        infos = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:  # a name may also be invalid in the DNS
        raise ListenError(host, port, getattr(error, "strerror", None) or str(error)) from error
    opened: list[socket.socket] = []
    absent: OSError | None = None
    with ExitStack() as stack:
        for family, address in dict.fromkeys((family, address) for family, *_, address in infos):
            bind_address = (address[0], opened[0].getsockname()[1] if opened else port, *address[2:])
            try:
                listener = stack.enter_context(socket.create_server(bind_address, family=family, backlog=_BACKLOG))
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
                opened.append(listener)
            except OSError as error:
                if error.errno not in _ABSENT_ADDRESS:
                    raise ListenError(host, port, _reason(error)) from error
                absent = error
        stack.pop_all()
    if not opened:
        raise ListenError(host, port, _reason(absent) if absent else "it has no address") from absent
    return opened


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
