#!/usr/bin/env bash
# A good engineer would guess: a CapacityLimiter(1) given to `anyio.to_thread.run_sync` keeps it to one thread at a time,
#   as `trio.to_thread.run_sync` does, whose limiter gets its token back when the thread has really ended.
# What happens: with abandon_on_cancel=True the token is given back when the caller leaves, while the thread runs on. Five
#   deadlines around a slow call leave five threads running under a limiter of one that says nothing is borrowed: what
#   should have bounded the damage of a slow disk or resolver lets it grow without a bound.
# Versions: anyio 4.16.0 on asyncio; beside it trio 0.34.0, where the guess holds. Python 3.11 or later.
# Source: anyio/_backends/_asyncio.py, run_sync_in_worker_thread: `async with limiter` ends with the wait, not with the
#   thread.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check anyio==4.16.0 trio==0.34.0
cat > "$folder/limiter.py" <<'PYTHON'
import threading
import time

import anyio
import trio

most = 0
running = 0
lock = threading.Lock()
release = threading.Event()


def held() -> None:
    global most, running
    with lock:
        running += 1
        most = max(most, running)
    release.wait(30)
    with lock:
        running -= 1


async def with_anyio() -> int:
    limiter = anyio.CapacityLimiter(1)
    for _ in range(5):
        with anyio.move_on_after(0.1):
            await anyio.to_thread.run_sync(held, abandon_on_cancel=True, limiter=limiter)
    borrowed = int(limiter.borrowed_tokens)
    release.set()
    return borrowed


async def with_trio() -> int:
    limiter = trio.CapacityLimiter(1)
    for _ in range(5):
        with trio.move_on_after(0.1):
            await trio.to_thread.run_sync(held, abandon_on_cancel=True, limiter=limiter)
    borrowed = limiter.borrowed_tokens
    release.set()
    return borrowed


borrowed = anyio.run(with_anyio)
seen_anyio = (most, borrowed)
print(f"anyio: a limiter of 1, {most} threads at once, {borrowed} tokens borrowed meanwhile")
while running:
    time.sleep(0.01)
most = 0
release.clear()
borrowed = trio.run(with_trio)
seen_trio = (most, borrowed)
print(f"trio:  a limiter of 1, {most} threads at once, {borrowed} tokens borrowed meanwhile")
raise SystemExit(0 if seen_anyio == (5, 0) and seen_trio == (1, 1) else 1)
PYTHON
"$folder/venv/bin/python" "$folder/limiter.py"
