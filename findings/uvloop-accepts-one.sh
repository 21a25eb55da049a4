#!/usr/bin/env bash
# Guess: uvloop is a drop-in for asyncio's event loop, so a listener whose queue holds 500 connections is emptied at
# once, as asyncio does it (it accepts up to `backlog` connections whenever the listener is readable).
# What happens: uvloop accepts one connection in each turn of its loop, whatever waits and whatever `backlog` says. Each
# turn also runs all that is ready on the connections before. So the more work the accepted connections have, the slower
# new ones are accepted: under load they wait in the kernel's queue, and once that is full for a second and more.
# Listening through several duplicates of the socket accepts as many in a turn.
# Versions: uvloop 0.23.0 (libuv 1.52.1), CPython 3.11, Linux.
# Source: libuv pull request 3696 of 2022, "unix: don't accept() connections in a loop" (src/unix/stream.c,
# uv__server_io); asyncio's BaseSelectorEventLoop._accept_connection loops over range(backlog).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvloop==0.23.0
cat > "$folder/accepted.py" <<'PYTHON'
import asyncio
import socket
import sys

import uvloop

WAITING = 500


class Counting(asyncio.Protocol):
    made = 0

    def connection_made(self, transport):
        Counting.made += 1


async def most_in_a_turn(listeners):
    loop = asyncio.get_running_loop()
    first = socket.socket()
    first.bind(("127.0.0.1", 0))
    servers = []
    for sock in [first, *(first.dup() for _ in range(listeners - 1))]:
        servers.append(await loop.create_server(Counting, sock=sock, backlog=2048))
    Counting.made = most = 0
    clients = [socket.create_connection(first.getsockname()) for _ in range(WAITING)]
    while Counting.made < WAITING:
        before = Counting.made
        await asyncio.sleep(0)  # a turn of the loop
        most = max(most, Counting.made - before)
    for closable in (*servers, *clients):
        closable.close()
    return most


seen = (
    asyncio.run(most_in_a_turn(1)),
    uvloop.run(most_in_a_turn(1)),
    uvloop.run(most_in_a_turn(8)),
)
print(f"of {WAITING} waiting connections, accepted in one turn: asyncio {seen[0]}, uvloop {seen[1]}, uvloop with 8 "
      f"duplicates of the socket {seen[2]}")
sys.exit(seen != (WAITING, 1, 8))
PYTHON
"$folder/venv/bin/python" "$folder/accepted.py"
