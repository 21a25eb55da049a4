#!/usr/bin/env bash
# Guess: asyncio's transport.abort() ends a connection at once. What was not read is lost, and the client sees a reset.
# What happens: only the process's own buffer is lost. Megabytes that the kernel has taken stay there for as long as
# nobody reads; a client that reads later gets them, and then a clean end, as if the answer had been whole. A reset
# needs SO_LINGER with a time of zero before abort(). asyncio and uvloop do the same.
# Versions: CPython 3.11 and later, uvloop 0.23.0 or asyncio's own loop, Linux.
# Source: asyncio's documentation of BaseTransport.abort ("Buffered data will be lost"); close(2) and socket(7) of Linux.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet uvloop==0.23.0
cat > "$folder/abort.py" <<'PYTHON'
import asyncio
import socket
import struct
import sys

import uvloop

WRITTEN = 8_000_000
RESET = struct.pack("ii", 1, 0)


class Writer(asyncio.Protocol):
    def connection_made(self, transport):
        transport.write(b"x" * WRITTEN)
        asyncio.get_running_loop().call_later(0.3, self.cut, transport)

    def cut(self, transport):
        if lingers:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        transport.abort()


def read_late(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        asyncio.run(asyncio.sleep(1.0))
        got = 0
        try:
            while data := client.recv(1 << 16):
                got += len(data)
        except ConnectionResetError:
            return got, "reset"
        return got, "clean end"


async def measured():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Writer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    found = await loop.run_in_executor(None, read_late, port)
    server.close()
    return found


expected = True
for name, run in (("asyncio", asyncio.run), ("uvloop", uvloop.run)):
    for lingers in (False, True):
        got, end = run(measured())
        print(f"{name}, {'SO_LINGER 0 and ' if lingers else ''}abort(): {got:,} bytes read a second later, then a {end}")
        expected &= end == ("reset" if lingers else "clean end") and (lingers or 0 < got < WRITTEN)
sys.exit(0 if expected else 1)
PYTHON
"$folder/venv/bin/python" "$folder/abort.py"
