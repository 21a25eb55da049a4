#!/usr/bin/env bash
# A good engineer would guess: a server asked to listen on port 70000 fails, as with asyncio's own loop, which raises
#   OverflowError: "bind(): port must be 0-65535."
# What happens: with uvloop's loop it starts, without a word, on port 4464: the last 16 bits of 70000. So does every server
#   that runs on it and hands the port on, such as uvicorn with a mistyped --port.
# Versions: uvloop 0.23.0; Linux, Python 3.11 or later.
# Source: uvloop/dns.pyx, __convert_pyaddr_to_sockaddr: the number goes to libuv's uv_ip4_addr as a C int, and its
#   htons() keeps 16 bits.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvloop==0.23.0
cat > "$folder/port.py" <<'PYTHON'
import asyncio

import uvloop


async def listen() -> int:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 70000)
    port = server.sockets[0].getsockname()[1]
    server.close()
    return port


try:
    said = str(asyncio.run(listen()))
except OverflowError as error:
    said = f"OverflowError: {error}"
port = uvloop.run(listen())
print(f"asyncio, port 70000: {said}")
print(f"uvloop,  port 70000: listens on {port}")
raise SystemExit(0 if port == 70000 % 65536 and said.startswith("OverflowError") else 1)
PYTHON
"$folder/venv/bin/python" "$folder/port.py"
